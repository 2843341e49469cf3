/* SPDX-License-Identifier: BSD-3-Clause
 * What the two halves of the walk share: solving a window (walk.c) and certifying it
 * (certify.c), and the walk by second moments (walk_moments.c) which does both. */
#ifndef RI_SOLVE_CERTIFY_H
#define RI_SOLVE_CERTIFY_H

#include "solve/walk.h"

/* Tolerance asked for at alpha a; what only leads the way need not be exact. */
double ri_tolerance_at(const ri_walk *walk, int64_t a);

/* l1 and l2 at alpha a, and the gap on the candidates at which to stop. */
ri_point ri_point_at(const ri_walk *walk, int64_t a);

/* Gradient (per penalty factor) that makes a candidate of alphas from `here` down to `low`. */
double ri_threshold_between(const ri_walk_options *o, double here, double low, double reach);

/* Copies the present state of the candidates into a solution: rounds, stalled and own_gap stay. */
RI_MUST_USE ri_status ri_solution_store(const ri_walk *walk, ri_candidates *c, ri_solution *s,
                                        ri_error *err);

void ri_solution_free(ri_solution *solution);

#endif
