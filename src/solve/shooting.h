/* SPDX-License-Identifier: BSD-3-Clause
 * Shooting: cyclic coordinate descent (Fu, J. Comput. Graph. Stat. 7, 1998; Friedman et al., J.
 * Stat. Softw. 33, 2010) on a growing working set, the only columns it gathers, with Anderson
 * extrapolation of the sweeps (Bertrand and Massias, AISTATS 2021), taken only where it lowers the
 * objective. A working set is solved no closer than it is worth (Massias, Gramfort and Salmon, ICML
 * 2018). */
#ifndef RI_SOLVE_SHOOTING_H
#define RI_SOLVE_SHOOTING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "solve/candidates.h"
#include "solve/factor.h"

typedef struct ri_shooting { /* scratch of one thread */
    int64_t size;            /* of the working set */
    int64_t *work;           /* local indices */
    double *history;         /* [(DEPTH + 1) * size] */
    double *step;
    double *known;        /* [train] the residual that the last gradients of all belong to, */
    double known_way;     /* and the way of r up to there */
    int64_t *free_column; /* unpenalised columns */
    int64_t free_count;
    ri_factor free_factor; /* of their Gram */
    size_t work_room, history_room, step_room, known_room, free_room;
} ri_shooting; /* all zero is empty */

void ri_shooting_free(ri_shooting *shooting);

/* Solves at a point from the present b and r, in at most `most_sweeps`. `*sweeps` grows; `*solved`
 * says whether the gap on the candidates reached the target. */
RI_MUST_USE ri_status ri_shooting_solve(ri_shooting *shooting, ri_candidates *c,
                                        const ri_point *point, int32_t most_sweeps, int32_t *sweeps,
                                        bool *solved, ri_error *err);

/* The objective at the present b and r of gathered candidates. */
double ri_shooting_objective(const ri_candidates *c, const ri_point *point);

#endif
