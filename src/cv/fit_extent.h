/* SPDX-License-Identifier: BSD-3-Clause
 * What fits are expected to hold: supports, candidates, factors; from shape and options. */
#ifndef RI_CV_FIT_EXTENT_H
#define RI_CV_FIT_EXTENT_H

#include <stdbool.h>

#include "cv/problem.h"

/* As simulated data of many shapes were measured (the sum is within 15 % of the peak), or more than
 * any of them took. */
typedef enum ri_memory_case { RI_MEMORY_EXPECTED, RI_MEMORY_MOST, RI_MEMORY_CASES } ri_memory_case;

/* What a fit holds at the end of the grid, on the average of all l1_ratios, and what one does that
 * has most. */
typedef struct ri_fit_extent {
    double support;    /* features */
    double candidates; /* features */
    double factor;     /* bytes */
    double results;    /* copies of its coefficients beside the factor; 0: others count them */
    double gradients;  /* that a pass keeps for its next window */
    double compared;   /* candidates known to be no twins */
    bool spread;       /* alphas are so far apart that windows fail */
    double most_support, most_candidates;
    double gathered; /* most candidates of a window that gathers what it works on: it shoots; */
    double gathers;  /* those on the average of all windows */
    double stored;   /* most of one that does not */
} ri_fit_extent;

/* Of each case, in the order of ri_memory_case. A problem whose shape, grid and l1_ratios stay as
 * they are may keep them (ri_problem.extent): plans of many layouts ask often. */
void ri_fit_extent_find(const ri_problem *problem, ri_fit_extent at[RI_MEMORY_CASES]);

/* The one that the problem keeps; else found anew. */
ri_fit_extent ri_fit_extent_of(const ri_problem *problem, ri_memory_case which);

#endif
