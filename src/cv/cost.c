/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/cost.h"

#include <math.h>

#include "cv/expected.h"
#include "cv/memory.h"
#include "cv/passes.h"
#include "cv/plan.h"
#include "cv/rates.h"

/* Floating-point operations a second, measured on one core; others are in cv/rates.h. */
static const double PASSING = 25e9;  /* passes with their reading of columns, */
static const double NARROW = 1.5;    /* and so much faster where a value is a byte or less, */
static const double GENOTYPE = 2.5;  /* or a genotype, of which whole numbers tell most */
static const double ENTERING = 1e11; /* Gram matrices of entering columns: all are not recomputed */
static const double SOLVE = 7e9;     /* by a factor */

static const double READING = 7;      /* X in a pass, over multiplying it by a residual */
static const double UNSHARED = 0.6;   /* of what a rank reads, where ranks make passes together: 0.3
                                         to 0.9 were measured */
static const double MOMENTS = 3;      /* of a first pass, over those of a residual */
static const double SOLVES = 3.7;     /* of Newton an alpha */
static const double LOOKED_AT = 2.5;  /* columns that a round looks at, over the support */
static const double SCREENED = 8e-9;  /* seconds of a pass a feature and fit, beside its product, */
static const double LISTED = 17e-9;   /* and of a solve a candidate */
static const double RIDGE = 28;       /* alphas without an l1 term take so much longer */
static const double FACTORING = 20e9; /* a factor of a support anew, as each alpha of an elastic net
                                         has Newton do it, */
static const double SHOOTING = 6e9;   /* or shooting */

/* Sweeps of an alpha over the support where shooting alone is asked for, with 100 alphas on 700
 * samples: 20 to 160 were measured, fewer with more samples and more where alphas are far apart.
 * With a loss that is not a square it is shooting on quadratic models, one after the other. */
static const double SWEEPS = 55, SWEEPS_OF_A_LOSS = 110;

/* Features that a short grid takes up for what they explain. */
static const double EXPLAINING = 20;

int64_t ri_cost_units(const ri_problem *problem) {
    int64_t blocks = problem->blocks < problem->alphas ? problem->blocks : problem->alphas;
    return problem->l1_ratios * (problem->folds + 1) * blocks;
}

/* Seconds of a fit that the ridge term of an elastic net takes more than a lasso: each alpha
 * factors the support anew, or shoots where that is less. */
static double mixed_descent(const ri_problem *problem, double l1_ratio, bool by_moments) {
    enum { PLACES = 20 };
    double n = (double)ri_problem_kept(problem), p = (double)problem->x.p, seconds = 0;
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    const bool may_shoot = !by_moments && problem->settings.solver == RI_SOLVER_AUTO;
    if (!by_moments && ri_problem_shoots(problem))
        return 0;
    for (int k = 1; k <= PLACES; k++) {
        double place = (double)k / PLACES, s = EXPLAINING * place;
        s = fmin(p, s + ri_expected_support(problem, l1_ratio, pow(eps, place)));
        double factor = s * s * s / 3 / FACTORING + (by_moments ? 0 : n * s * s / ri_rate_product);
        double shoot = ri_expected_sweeps(l1_ratio, place) * 4 * s * n / SHOOTING;
        seconds += may_shoot ? fmin(factor, shoot) : factor;
    }
    return seconds / PLACES * (double)problem->alphas;
}

/* Seconds of a fit, of all l1_ratios on the average, where that of a lasso takes so many. */
static double mean_descent(const ri_problem *problem, double lasso, bool by_moments) {
    double sum = 0;
    for (int64_t r = 0; r < problem->l1_ratios; r++) {
        double ratio = problem->l1_ratio ? problem->l1_ratio[r] : 1;
        sum += lasso * (ratio > 0 || by_moments ? 1 : RIDGE);
        if (ratio > 0 && ratio < 1)
            sum += mixed_descent(problem, ratio, by_moments);
    }
    return sum / (double)problem->l1_ratios;
}

/* Seconds of a fit whose support is so large on the average. */
static double shooting_descent(const ri_problem *problem, double alphas, double support) {
    double n = (double)ri_problem_kept(problem);
    double sweeps = ri_problem_loss(problem) ? SWEEPS_OF_A_LOSS : SWEEPS * pow(700 / n, 0.6);
    return sqrt(100 * alphas) * sweeps * 4 * n * support / SHOOTING;
}

/* Supports at the end of the grid and on the average: no more than what explains, and what has by
 * chance alone a correlation with the residual above alpha (cv/by_moments.c). */
static void expect_support(const ri_problem *problem, double *last, double *mean) {
    enum { PLACES = 20 };
    double n = (double)ri_problem_kept(problem), p = (double)problem->x.p;
    double eps = ri_problem_eps(problem, ri_problem_kept(problem)), sum = 0;
    double all = ri_memory_support(problem);
    for (int k = 1; k <= PLACES; k++) {
        double place = (double)k / PLACES;
        double by_chance =
            p * erfc(ri_expected_correlation / ri_expected_left * pow(eps, place) * sqrt(n / 2));
        *last = fmin(all * place, EXPLAINING * place + by_chance);
        sum += *last;
    }
    *mean = sum / PLACES;
}

static bool narrow_storage(const ri_problem *problem) {
    return ri_storage_bytes(problem->x.storage, 8) <= 8;
}

/* Of passes. */
static double product_rate(const ri_problem *problem) {
    if (problem->x.storage == RI_PACKED2 && ri_problem_counts(problem))
        return PASSING * GENOTYPE;
    return PASSING * (narrow_storage(problem) ? NARROW : 1);
}

static ri_cost cost_by_moments(const ri_problem *problem, double alphas) {
    double n = (double)problem->x.n, p = (double)problem->x.p, last, mean;
    expect_support(problem, &last, &mean);
    double lasso = alphas * ri_rounds_by_moments * 2 * p * mean / ri_rate_update +
                   last * last * last / 3 / PASSING +
                   alphas * SOLVES * 2 * (last * last / 3) / SOLVE;
    return (ri_cost){.by_moments = true,
                     .may_by_moments = true,
                     .common = 2 * n * p * p / ri_rate_outer,
                     .screening = 6 * n * p / PASSING + ri_rate_entry * p * p,
                     .descent = mean_descent(problem, lasso, true),
                     .flops = 6 * n * p};
}

ri_cost ri_cost_of(const ri_problem *problem) {
    ri_passes passes = ri_passes_of(problem);
    double n = (double)problem->x.n, p = (double)problem->x.p, alphas = passes.points, last, mean;
    if (ri_moments_expected(problem, ri_expected_correlation))
        return cost_by_moments(problem, alphas);
    expect_support(problem, &last, &mean);
    double solving = alphas * SOLVES * 2 * (last * last / 3) / SOLVE;
    bool narrow = narrow_storage(problem);
    double product = product_rate(problem), sweep = ri_rate_sweep * (narrow ? NARROW : 1);
    double sweeps = alphas * ri_rounds_by_passes * 2 * n * LOOKED_AT * mean / sweep;
    double gram = n * last * last / ENTERING;
    double listed =
        alphas * SOLVES * LISTED * ri_fit_extent_of(problem, RI_MEMORY_EXPECTED).candidates;
    double lasso = sweeps + gram + solving + listed;
    if (ri_problem_shoots(problem))
        lasso = shooting_descent(problem, alphas, mean);
    double blocks = fmin(problem->blocks, (double)problem->alphas);
    double flops = (passes.all + MOMENTS * blocks) * 2 * n * p;
    return (ri_cost){.may_by_moments = ri_moments_expected(problem, 0),
                     .screening = flops / product + flops / (2 * n) * SCREENED,
                     .reading = READING * 2 * n * p / product,
                     .descent = mean_descent(problem, lasso, false),
                     .flops = flops};
}

/* Units of the rank with most. */
static double own_units(const ri_problem *problem, const ri_team *team) {
    return ceil((double)ri_cost_units(problem) / team->ranks);
}

double ri_cost_passing(const ri_problem *problem, const ri_cost *cost, const ri_team *team) {
    double blocks = fmin(problem->blocks, (double)problem->alphas), ranks = team->ranks_on_node;
    double reads = ri_memory_reads(problem, team), own = own_units(problem, team);
    if (team->shard > 1) /* each reads its own features, for the fits of all */
        reads /= team->shard * ranks;
    if (ranks < 2 || cost->by_moments || !ri_memory_together(problem, team))
        return (own * cost->screening / blocks + reads * cost->reading) / team->threads;
    double all = fmin(own * ranks, (double)ri_cost_units(problem)); /* of the node */
    reads *= 1 + (ranks - 1) * UNSHARED;
    return (all * cost->screening / blocks + reads * cost->reading) / (ranks * team->threads);
}

double ri_cost_seconds(const ri_problem *problem, const ri_cost *cost, const ri_team *team) {
    double blocks = fmin(problem->blocks, (double)problem->alphas);
    double turns = ceil(own_units(problem, team) / team->threads);
    /* a block costs its share, and to get to its first alpha in large steps about as much as the
     * whole path: 1.2 paths were measured in the mean of 4, 10 and 16 blocks on 400 x 30,000 */
    double block = cost->descent * (1 / blocks + (blocks > 1 ? 1 : 0));
    return cost->common / team->threads + ri_cost_passing(problem, cost, team) + turns * block;
}
