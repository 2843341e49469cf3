/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/cost.h"

#include <math.h>

#include "cv/memory.h"
#include "cv/passes.h"
#include "cv/plan.h"

/* Floating-point operations a second, measured on one core. */
static const double SWEEP = 3e9;    /* residuals and gradients by columns, where they are stored, */
static const double NARROW = 1.5;   /* so much faster where a value is a byte or less */
static const double PRODUCT = 25e9; /* passes, Gram matrices of entering columns */
static const double OUTER = 33e9;   /* Gram matrices from panels */
static const double UPDATE = 8e9;   /* gradients by a Gram matrix */
static const double SOLVE_NEAR = 4e9, SOLVE_FAR = 1.2e9; /* by a factor in cache, in memory */
static const double CACHE = 8e6;                         /* bytes of such a factor */
static const double ENTRY = 6e-9; /* seconds to standardise an entry of a Gram matrix */

static const double MOMENTS = 3;              /* of a first pass, over those of a residual */
static const double ROUNDS = 3, SOLVES = 3.7; /* of Newton an alpha */
static const double LOOKED_AT = 2.5;          /* columns that a round looks at, over the support */
static const double MIXED = 8;                /* an elastic net descends so much longer */

int64_t ri_cost_units(const ri_problem *problem) {
    int64_t blocks = problem->blocks < problem->alphas ? problem->blocks : problem->alphas;
    return problem->l1_ratios * (problem->folds + 1) * blocks;
}

/* Of all l1_ratios on the average. */
static double mixing(const ri_problem *problem) {
    double sum = 0;
    for (int64_t r = 0; r < problem->l1_ratios; r++)
        sum += problem->l1_ratio && problem->l1_ratio[r] < 1 ? MIXED : 1;
    return sum / (double)problem->l1_ratios;
}

ri_cost ri_cost_of(const ri_problem *problem) {
    ri_passes passes = ri_passes_of(problem);
    double n = (double)problem->x.n, p = (double)problem->x.p, alphas = passes.points;
    double last = ri_memory_support(problem), mean = last / 2, moments, matrices;
    double solve = 4 * last * last < CACHE ? SOLVE_NEAR : SOLVE_FAR;
    double solving = alphas * SOLVES * 2 * (last * last / 3) / solve;
    ri_moments_memory(problem, &moments, &matrices);
    if (moments > 0)
        return (ri_cost){.by_moments = true,
                         .common = 2 * n * p * p / OUTER,
                         .screening = 6 * n * p / PRODUCT + ENTRY * p * p,
                         .descent = alphas * ROUNDS * 2 * p * mean / UPDATE +
                                    last * last * last / 3 / PRODUCT + solving};
    double sweep = SWEEP * (ri_storage_bytes(problem->x.storage, 8) <= 8 ? NARROW : 1);
    double sweeps = alphas * ROUNDS * 2 * n * LOOKED_AT * mean / sweep;
    double gram = n * last * last / PRODUCT;
    double blocks = fmin(problem->blocks, (double)problem->alphas);
    return (ri_cost){.screening = (passes.all + MOMENTS * blocks) * 2 * n * p / PRODUCT,
                     .descent = mixing(problem) * (sweeps + gram + solving)};
}

double ri_cost_seconds(const ri_problem *problem, const ri_cost *cost, int ranks, int threads) {
    double units = (double)ri_cost_units(problem);
    double blocks = fmin(problem->blocks, (double)problem->alphas);
    double own = ceil(units / ranks); /* of the rank with most */
    double turns = ceil(own / threads);
    /* a block costs its share, and about a tenth more to get to its first alpha */
    double block = cost->descent * (1 / blocks + (blocks > 1 ? 0.1 : 0));
    return cost->common / threads + own * cost->screening / (blocks * threads) + turns * block;
}
