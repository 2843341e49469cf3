/* SPDX-License-Identifier: BSD-3-Clause
 * Which way the fits of a run go: by passes over X and candidates gathered from it, or by the
 * second moments of all features. Decided by the problem alone, never by threads, ranks or free
 * memory. Each repeat of the folds has second moments of its own, one at a time in memory, so that
 * it is decided for one of them: repeats multiply the cost of either way alike. */
#include <math.h>
#include <string.h>

#include "cv/plan.h"
#include "cv/rates.h"
#include "design/gram.h"

static const double PASS = 50e9; /* passes over X, in floating-point operations a second */

/* Matrices that fit beside X: no larger than the smaller side allows, or small altogether. */
static const double SMALL_MATRIX = 32e6, LARGEST_MATRIX = 4e9;

/* Support at the end of the grid: all of the smaller side on long grids, and no more features than
 * have by chance alone a correlation with the residual, normal of deviation n^-1/2, above the last
 * alpha. */
static double expected_support(const ri_route_shape *s) {
    double n = (double)s->n, p = (double)s->p;
    double by_chance = erfc(s->correlation * s->eps * sqrt(n / 2));
    return fmin(n, p) * fmin(fmin(0.9, 0.3 * log10(1 / s->eps)), by_chance);
}

bool ri_moments_pay(const ri_route_shape *s) {
    double n = (double)s->n, p = (double)s->p, fits = (double)s->fits, alphas = (double)s->alphas;
    double matrix = 8 * p * p;
    if (matrix > LARGEST_MATRIX || (p > n && matrix > SMALL_MATRIX))
        return false;
    double last = expected_support(s), mean = last / 2;
    double moments = 2 * n * p * p / ri_rate_outer +
                     fits * (ri_rate_entry * p * p +
                             alphas * ri_rounds_by_moments * 2 * p * mean / ri_rate_update);
    double passes = fits * (alphas * ri_rounds_by_passes * 2 * n * 2.5 * mean / ri_rate_sweep +
                            n * last * last / ri_rate_product + alphas * 2 * n * p / PASS);
    return moments < passes;
}

bool ri_moments_expected(const ri_problem *problem, double correlation) {
    ri_route_shape shape = {.n = ri_problem_kept(problem),
                            .p = problem->x.p,
                            .fits = problem->l1_ratios * (ri_problem_folds(problem) + 1),
                            .alphas = problem->alphas,
                            .eps = problem->eps > 0 ? problem->eps : 1e-3,
                            .correlation = correlation};
    return problem->settings.solver == RI_SOLVER_AUTO && !ri_problem_loss(problem) &&
           ri_moments_pay(&shape);
}

void ri_moments_memory(const ri_problem *problem, double *rank, double *thread) {
    const int64_t n = problem->x.n, p = problem->x.p;
    *rank = *thread = 0;
    if (!ri_moments_expected(problem, 0) || ri_ridge_only(problem))
        return;
    *rank = ri_gram_bytes(p, ri_problem_folds(problem));
    *thread = 8 * (double)p * (double)p + ri_gram_fit_bytes(n, p, ri_problem_folds(problem));
}

double ri_moments_buffer(const ri_problem *problem) {
    double rank, thread;
    ri_moments_memory(problem, &rank, &thread);
    const bool ridge = ri_ridge_memory(problem) > 0 && problem->x.p <= problem->x.n;
    return rank > 0 || ridge ? 1.1 * ri_gram_buffer_bytes(ri_matrix_bytes(&problem->x)) : 0;
}

/* Of the feature that goes most with the response, where features are standardised and alike; else
 * 0. */
static double largest_correlation(const ri_plan *plan) {
    const ri_problem *problem = plan->problem;
    const double n = (double)plan->kept;
    if (!problem->settings.standardize || !problem->settings.intercept || problem->weight ||
        problem->penalty_factor)
        return 0;
    double mean = 0, square = 0;
    for (int64_t i = 0; i < problem->x.n; i++)
        mean += isnan(problem->y[i]) ? 0 : problem->y[i] / n;
    for (int64_t i = 0; i < problem->x.n; i++) {
        double d = isnan(problem->y[i]) ? 0 : problem->y[i] - mean;
        square += d * d / n;
    }
    return square > 0 ? fmin(1, plan->top / sqrt(square)) : 0;
}

bool ri_plan_by_moments(const ri_plan *plan) {
    const ri_problem *problem = plan->problem;
    const double *alpha = plan->alpha[0];
    double last = alpha[problem->alphas - 1], top = ri_plan_alpha_max(plan, 0);
    if (problem->settings.solver != RI_SOLVER_AUTO || ri_problem_loss(problem) ||
        memchr(plan->missing, 1, (size_t)problem->x.p))
        return false;
    ri_route_shape shape = {.n = plan->kept,
                            .p = problem->x.p,
                            .fits = problem->l1_ratios * (ri_problem_folds(problem) + 1),
                            .alphas = problem->alphas,
                            .eps = last > 0 && top > last ? last / top
                                   : last > 0             ? 1
                                                          : 1e-4,
                            .correlation = largest_correlation(plan)};
    return ri_moments_pay(&shape);
}
