/* SPDX-License-Identifier: BSD-3-Clause
 * Alphas without an l1 term - all of a ridge, and an alpha of 0 at the end of any path - are not
 * walked to but solved by one decomposition of each fit. */
#include "solve/ridge.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cv/batch.h"
#include "solve/certify.h"

enum { MOST_UNPENALIZED = 256 };

bool ri_ridge_pays(const ri_problem *problem) {
    int64_t p = problem->x.p, n = problem->x.n;
    return problem->settings.solver == RI_SOLVER_AUTO && !ri_problem_loss(problem) &&
           !problem->settings.positive && (n < p ? n : p) <= RI_RIDGE_MOST &&
           ri_problem_unpenalized(problem) <= MOST_UNPENALIZED;
}

int64_t ri_ridge_alphas(const ri_plan *plan, const ri_unit *unit) {
    const double *alpha = plan->alpha[unit->path] + unit->first;
    if (!plan->ridge)
        return 0;
    if (plan->problem->l1_ratio[unit->path] == 0)
        return unit->count;
    return unit->count > 0 && alpha[unit->count - 1] == 0;
}

/* l1_ratios whose alphas all are; 0 where they do not pay. */
static int64_t ridge_paths(const ri_problem *problem) {
    int64_t ridges = 0;
    for (int64_t r = 0; r < problem->l1_ratios; r++)
        ridges += problem->l1_ratio[r] == 0;
    return ri_ridge_pays(problem) ? ridges : 0;
}

bool ri_ridge_only(const ri_problem *problem) {
    return ridge_paths(problem) > 0 && ridge_paths(problem) == problem->l1_ratios;
}

double ri_ridge_memory(const ri_problem *problem) {
    bool ridge = ridge_paths(problem) > 0;
    bool zero = problem->alpha_list && problem->alpha_list[problem->alphas - 1] == 0;
    if (!ri_ridge_pays(problem) || !(ridge || zero))
        return 0;
    int64_t alphas = ridge ? problem->alphas : 1;
    return ri_ridge_bytes(problem->x.n, problem->x.p, alphas) +
           16 * (double)problem->x.p * (double)alphas;
}

double ri_ridge_expected(const ri_problem *problem) {
    const int32_t folds = ri_problem_folds(problem);
    const int64_t n = problem->x.n, rows = folds > 1 ? n - n / folds : n; /* of most fits */
    return (double)ridge_paths(problem) / (double)problem->l1_ratios *
           ri_ridge_kept_bytes(rows, problem->x.p, problem->alphas);
}

double ri_ridge_results(const ri_problem *problem) {
    double fits = (double)ridge_paths(problem) * (ri_problem_folds(problem) + 1);
    return 16 * fits * (double)problem->alphas * (double)problem->x.p;
}

bool ri_problem_decomposes(const ri_problem *problem) {
    return ri_ridge_memory(problem) > 0;
}

bool ri_ridge_waits(const ri_batch *b, int64_t u) {
    const ri_stop *stop = b->plan->stop;
    if (b->walked[u] == b->unit[u].count)
        return false;
    return !stop || stop->needed[b->unit[u].path] - b->unit[u].first > b->walked[u];
}

/* Hands the solutions of a fit to its walk, as if that had found them. */
static ri_status hand_over(ri_batch *b, int64_t u, const ri_ridge *fit, ri_error *err) {
    ri_walk *walk = &b->walk[u];
    walk->options.alphas = b->route[u].alphas;
    if (fit->rank >= 0)
        walk->dependent = fit->count - fit->rank;
    for (int64_t a = 0; a < fit->alphas; a++) {
        ri_solution *s = &walk->done[b->route[u].place[b->walked[u] + a]];
        RI_TRY(ri_ridge_solution(fit, a, s, err));
        ri_solution_note(walk, s);
    }
    b->walked[u] = b->unit[u].count;
    walk->end = walk->next = b->route[u].alphas;
    return RI_OK;
}

ri_status ri_ridge_units(ri_batch *b, ri_error *err) {
    int64_t count = 0;
    ri_status status = RI_OK;
    int64_t *unit = ri_alloc((size_t)b->count, sizeof *unit);
    ri_ridge *fit = ri_calloc((size_t)b->count, sizeof *fit);
    if (!unit || !fit) {
        status = ri_fail_memory(err, "the fits of a ridge", (size_t)b->count * sizeof *fit);
        goto done;
    }
    RI_GO(ri_pool_hold_unpenalized(&b->pool, &b->bytes, err));
    for (int64_t u = 0; u < b->count; u++) {
        if (!ri_ridge_waits(b, u))
            continue;
        const ri_unit *of = &b->unit[u];
        unit[count] = u;
        RI_GO(ri_ridge_open(
            &fit[count++], &b->walk[u], b->plan->alpha[of->path] + of->first + b->walked[u],
            of->count - b->walked[u], b->plan->problem->settings.tol, &b->bytes, err));
    }
    if (count > 0) {
        const ri_walk_options *options = &b->walk[unit[0]].options;
        const ri_ridge_means means = {.threads = b->threads,
                                      .poll = {.ask = options->poll, .context = options->context},
                                      .pool = &b->pool};
        RI_GO(ri_ridge_run(fit, count, &means, &b->bytes, err));
    }
    for (int64_t k = 0; k < count; k++)
        RI_GO(hand_over(b, unit[k], &fit[k], err));
done:
    for (int64_t k = 0; fit && k < count; k++)
        ri_ridge_free(&fit[k]);
    free(unit);
    free(fit);
    return status;
}
