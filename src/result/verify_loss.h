/* SPDX-License-Identifier: BSD-3-Clause
 * The losses of the families other than gaussian, their null models and their dual points, in long
 * double and from their definitions: loss = half the unit deviance. */
#ifndef RI_RESULT_VERIFY_LOSS_H
#define RI_RESULT_VERIFY_LOSS_H

#include "result/verify_rows.h"

long double ri_verify_mean(ri_family family, long double eta);
long double ri_verify_loss(ri_family family, long double y, long double eta);

/* Null model of rows with `response` and `basis`, by damped Newton in the basis: rows->y becomes
 * its root-weighted residuals, and the null loss and residual are set. */
RI_MUST_USE ri_status ri_verify_null_model(ri_verify_rows *rows, ri_error *err);

/* Projected root-weighted residuals, brought into the domain of the conjugate by a part of the null
 * model's, where they are outside. */
void ri_verify_enter_domain(const ri_verify_rows *rows, long double *r);

/* Value of the dual's loss term for residuals r, times `scale`. */
long double ri_verify_dual_loss(const ri_verify_rows *rows, const double *r, long double scale);

#endif
