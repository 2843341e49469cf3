/* SPDX-License-Identifier: BSD-3-Clause
 * Newton's step on the support: with the signs of the support known, the lasso is a linear system,
 * solved by an updated Cholesky factor; features that cross zero leave, violators enter, until the
 * optimality conditions hold on all candidates. Lands on the exact answer (to rounding).
 * Active-set quadratic programming (Nocedal and Wright, Numerical Optimization, 16.5), started
 * along the path as in Osborne, Presnell and Turlach, IMA J. Numer. Anal. 20, 2000. */
#ifndef RI_SOLVE_NEWTON_H
#define RI_SOLVE_NEWTON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "solve/candidates.h"
#include "solve/factor.h"

/* What a fit keeps between windows: its support in the order of the factor. */
typedef struct ri_support {
    ri_factor factor;
    double l2;  /* ridge term inside the factor */
    bool exact; /* as in ri_newton */
    int64_t size;
    int64_t *feature; /* [size] */
    double *b;        /* [size] on the standardised scale */
    size_t capacity, b_capacity;
} ri_support; /* all zero is empty */

void ri_support_free(ri_support *support);

typedef struct ri_newton { /* scratch of one thread */
    int64_t size;          /* of the active set, in factor order */
    int64_t *active;       /* local indices */
    double *sign;
    double *target, *step;
    bool *drop;
    bool *in;       /* [candidates] active */
    int64_t *enter; /* violators */
    bool *accepted;
    size_t active_room, candidate_room;
    double *cross, *own;
    size_t cross_room, own_room;
    int64_t suspect;   /* local index of a column rejected as dependent, or -1 */
    int64_t dependent; /* columns rejected in this window */
    ri_factor *factor; /* of the fit in hand */
    ri_factor idle;    /* empty: memory that a fit left to the next one of this thread */
    double l2;
    bool exact;     /* factor z = L'b: b solves the active system of the last step */
    int64_t rank;   /* most columns that can be independent */
    bool unsigned_; /* no l1 term and no positivity: signs do not matter */
} ri_newton;        /* all zero is empty */

void ri_newton_free(ri_newton *newton);

/* Takes up a fit's support on freshly filled candidates: b and r of `c`, the active set and the
 * factor (rows that are no candidates any more are deleted, missing ones appended). */
RI_MUST_USE ri_status ri_newton_begin(ri_newton *newton, ri_candidates *c, ri_support *support,
                                      const ri_point *point, ri_error *err);

/* Solves at a point from the present state. `*rounds` grows; `*solved` is false where the active
 * set did not settle: shooting takes over, then ri_newton_restart. */
RI_MUST_USE ri_status ri_newton_solve(ri_newton *newton, ri_candidates *c, const ri_point *point,
                                      int32_t *rounds, bool *solved, ri_error *err);

/* Rebuilds active set and factor from the non-zeros of c->b. */
RI_MUST_USE ri_status ri_newton_restart(ri_newton *newton, ri_candidates *c, const ri_point *point,
                                        ri_error *err);

/* Hands the active set back to the fit. */
RI_MUST_USE ri_status ri_newton_end(ri_newton *newton, const ri_candidates *c, ri_support *support,
                                    ri_error *err);

#endif
