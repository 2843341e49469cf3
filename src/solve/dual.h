/* SPDX-License-Identifier: BSD-3-Clause
 * Dual points of a loss, and the duality gap that they prove.
 *
 *   primal:  1/n sum_i w_i loss(y_i, eta_i) + sum_j f_j (l1 |b_j| + l2 b_j^2 / 2)
 *   dual:    1/n sum_i w_i (A*(y_i) - A*(y_i - u_i)) - (ridge terms),
 *            |z_j'(w u) / n| <= l1 f_j, and = 0 for the intercept and for f_j = 0
 *
 * A point begins with the residuals u = y - mean of a solution. It is projected, so that it is
 * orthogonal to intercept and unpenalised columns to rounding; where that leads out of the domain
 * of A*, it is mixed with the residuals of the null model, which are inside and orthogonal as well.
 * What remains, scaling to feasibility, depends on all features, and follows their pass: a scale in
 * [0, 1] keeps y - u in its interval. With the ridge term the dual is that of the augmented
 * problem, as for the squared error (candidates.h). */
#ifndef RI_SOLVE_DUAL_H
#define RI_SOLVE_DUAL_H

#include <stdint.h>

#include "base/status.h"
#include "design/view.h"
#include "solve/candidates.h"
#include "solve/loss.h"

typedef struct ri_dual { /* of a fit */
    const ri_loss *loss;
    const ri_view *view;  /* borrowed */
    const double *y;      /* [train] responses, borrowed */
    double null_loss;     /* mean loss of the null model */
    double null_residual; /* root of the mean square of its residuals */
    int64_t directions;
    double *basis; /* [directions * train] root-weighted, orthonormal: intercept, unpenalised */
    double *inner; /* [train] root-weighted residuals of the null model */
} ri_dual;         /* all zero is empty */

/* `free_columns` are the unpenalised ones, gathered; `residual` [train] is root-weighted, of the
 * null model. */
RI_MUST_USE ri_status ri_dual_new(ri_dual *dual, const ri_candidates *free_columns,
                                  const double *residual, ri_error *err);
void ri_dual_free(ri_dual *dual);

/* Makes root-weighted residuals u [train] a dual point, but for its scale. */
void ri_dual_project(const ri_dual *dual, double *u);

/* The dual's first term for a point u [train], root-weighted, times `scale`. */
double ri_dual_value(const ri_dual *dual, const double *u, double scale);

/* Relative duality gap: `u` as above; of `terms` norm1, norm2, ratio and conjugate; `primal_loss`
 * is the mean loss. Not below 0, and 0 where the null loss is 0. */
double ri_dual_gap(const ri_dual *dual, const double *u, const ri_gap_terms *terms,
                   double primal_loss, const ri_point *point);

#endif
