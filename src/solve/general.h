/* SPDX-License-Identifier: BSD-3-Clause
 * Solves losses other than the squared error on the candidates: proximal Newton. At the present
 * point the loss is replaced by its quadratic model, a weighted least squares problem with the
 * curvatures as weights; that one, with its penalty, is solved by the engines of the squared error
 * (Newton's step on the support, or shooting) on the columns that take part; a line search on the
 * true objective makes every step a descent.
 * Lee, Sun and Saunders, SIAM J. Optim. 24, 2014; Friedman, Hastie and Tibshirani, J. Stat. Softw.
 * 33, 2010, section 3. */
#ifndef RI_SOLVE_GENERAL_H
#define RI_SOLVE_GENERAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "solve/candidates.h"
#include "solve/dual.h"
#include "solve/newton.h"
#include "solve/shooting.h"

typedef struct ri_general { /* scratch of one thread */
    const ri_dual *dual;    /* of the fit in hand */
    bool shooting;          /* solve models by shooting alone */
    double intercept;       /* of the present point; its coefficients are those of the candidates */
    double *fit;            /* [train] root-weighted Z b */
    double *eta;            /* [train] */
    double *u;              /* [train] root-weighted residuals y - mean */
    double *point;          /* [train] the dual point made of them */
    double *way;            /* [train] root-weighted Z step */
    double *root;           /* [train] roots of the curvatures */
    double *target;         /* [train] response of the quadratic model */
    double loss;            /* mean loss of the present point */
    double *step;           /* [candidates] */
    int64_t *work;          /* [candidates] those that take part */
    int64_t size;
    int64_t *column; /* [size + 1] features of the model */
    size_t train_room, candidate_room;
    ri_candidates model; /* the quadratic model's columns: the intercept first */
    ri_view view;        /* as which it sees its rows */
    ri_columns columns;
    ri_newton newton;
    ri_shooting shoot;
    int64_t dependent; /* columns rejected as linearly dependent, at most */
} ri_general;          /* all zero is empty */

void ri_general_free(ri_general *w);

/* Takes up gathered candidates with their coefficients, and an intercept. `dual` may lack its
 * basis: only l1 = l2 = 0 then. */
RI_MUST_USE ri_status ri_general_begin(ri_general *w, ri_candidates *c, const ri_dual *dual,
                                       double intercept, ri_error *err);

/* Solves at a point from the present one. `*gap` is the relative duality gap over the candidates at
 * the end; at l1 = l2 = 0 their largest gradient relative to the null model's residuals. `*solved`
 * says whether it reached the target. w->point is the dual point that the gap was found with, or
 * the residuals at l1 = l2 = 0. */
RI_MUST_USE ri_status ri_general_solve(ri_general *w, ri_candidates *c, const ri_point *point,
                                       int32_t *rounds, double *gap, bool *solved, ri_error *err);

#endif
