/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/memory.h"

#include <math.h>

#include "cv/plan.h"
#include "kernel/kernel.h"
#include "solve/walk.h"

/* Program and libraries: measured, proportional set size of a rank. */
static const double PROGRAM = 45e6;

/* Most candidates of all fits together that were met, in units of the rows. */
static const double CANDIDATES = 8;

ri_memory ri_memory_of(const ri_problem *problem) {
    double n = (double)problem->x.n, p = (double)problem->x.p, support = fmin(n, p);
    double points = (double)problem->l1_ratios * (double)problem->alphas;
    double candidates = fmin(p, CANDIDATES * n);
    double column = (double)ri_storage_bytes(problem->x.storage, problem->x.n);
    double results = points * (8 * n + (problem->folds + 1) * 16 * fmin(support, 500));
    double moments, matrices;
    ri_moments_memory(problem, &moments, &matrices);
    return (ri_memory){.shared = 42 * p,
                       .a_rank = PROGRAM + results + moments + 4 * p + candidates * (column + 32),
                       .a_thread = matrices + 8 * (5 * n + 200 * support) + 40 * candidates,
                       /* moments and gradients; residuals; the factor; candidates */
                       .a_fit = 21 * p + 8 * n * (RI_LOOK_AHEAD + 4) + 8 * support * support +
                                16 * candidates};
}

int64_t ri_memory_fits(const ri_problem *problem, double x_bytes, int ranks_per_node, int threads,
                       double memory, double *needed) {
    ri_memory m = ri_memory_of(problem);
    double fixed = x_bytes + m.shared + ranks_per_node * (m.a_rank + threads * m.a_thread);
    *needed = fixed + ranks_per_node * m.a_fit;
    double fits = floor((memory - fixed) / (ranks_per_node * m.a_fit));
    return fits < 1 ? 0 : fits > 1e6 ? 1000000 : (int64_t)fits;
}
