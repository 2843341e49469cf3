/* SPDX-License-Identifier: BSD-3-Clause
 * Predicted time of cross-validation, from shape and options. The constants are those of one core
 * (AVX-512, 50 to 100 GFLOP/s of fused multiply-adds between registers); `riata plan --calibrate`
 * measures how much slower another machine is. */
#ifndef RI_CV_COST_H
#define RI_CV_COST_H

#include "cv/memory.h"
#include "cv/problem.h"

/* Seconds of one thread. */
typedef struct ri_cost {
    bool by_moments;           /* second moments of all features, in place of passes */
    bool may_by_moments;       /* or so, where the response goes less with X than is expected */
    double common;             /* once on every rank: second moments */
    double screening, descent; /* of one fit along all alphas */
    double reading;            /* of X once, for whatever number of fits */
    double flops;              /* of its residuals and all of X, as in ri_ledger */
} ri_cost;

ri_cost ri_cost_of(const ri_problem *problem);

/* Fits and blocks of alphas to solve. */
int64_t ri_cost_units(const ri_problem *problem);

/* Wall-clock seconds of a team that has a core for each thread: of passes over X, and of all. The
 * rank with most units decides, but for passes that the ranks of a node make together: those are
 * the work of all of them. */
double ri_cost_passing(const ri_problem *problem, const ri_cost *cost, const ri_team *team);
double ri_cost_seconds(const ri_problem *problem, const ri_cost *cost, const ri_team *team);

#endif
