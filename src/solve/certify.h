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

/* The halves of the walk where there is a loss (walk_loss.c): its null model, in ri_walk_start; its
 * window, in ri_walk_solve; its relative duality gap, from the terms over all features and the
 * residuals [n] that their gradients are of. */
RI_MUST_USE ri_status ri_walk_start_loss(ri_walk *walk, ri_workspace *workspace, ri_error *err);
RI_MUST_USE ri_status ri_walk_solve_loss(ri_walk *walk, ri_workspace *workspace, ri_error *err);
double ri_walk_gap_of_loss(const ri_walk *walk, const ri_solution *s, const ri_point *point,
                           const ri_gap_terms *terms, const double *residual);

/* True where the training response does not vary: the intercept alone fits it. */
bool ri_walk_response_constant(const ri_walk *walk);

/* Predictions [held] of the candidates' coefficients; with a loss those of eta. */
void ri_walk_predict_held(const ri_walk *walk, ri_candidates *c, double *prediction);

/* Without Newton the support of a walk is the list of non-zeros: kept, and taken up again. */
RI_MUST_USE ri_status ri_walk_keep_nonzeros(ri_walk *walk, const ri_candidates *c, ri_error *err);
RI_MUST_USE ri_status ri_walk_take_nonzeros(const ri_walk *walk, ri_candidates *c, ri_error *err);

/* Frees gradients and candidates, which a window begun has no more need of: the next pass brings
 * others, and has their room. */
void ri_walk_let_go(ri_walk *walk);

/* Notes in a solution what the walk has found out about features by now. */
void ri_solution_note(const ri_walk *walk, ri_solution *solution);

void ri_solution_free(ri_solution *solution);

#endif
