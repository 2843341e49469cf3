/* SPDX-License-Identifier: BSD-3-Clause
 * How often X is read, as expected: a pass for each window of alphas (solve/walk.h) of the unit
 * with most of them, since the units in hand share passes. */
#ifndef RI_CV_PASSES_H
#define RI_CV_PASSES_H

#include "cv/problem.h"

/* By the plan of all units, for shifts and for the first gradients; and by each batch of units, for
 * moments and gradients, before its first window. */
enum { RI_PLAN_READS = 2, RI_BATCH_READS = 1 };

typedef struct ri_passes {
    double points;  /* of a fit: its alphas, and those that lead the way (cv/batch.h) */
    double windows; /* of the unit with most, with those that fail */
    double all;     /* of all units of a fit */
} ri_passes;

ri_passes ri_passes_of(const ri_problem *problem);

#endif
