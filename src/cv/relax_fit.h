/* SPDX-License-Identifier: BSD-3-Clause
 * Least squares on the supports of one fit, along its alphas. Private to this room. */
#ifndef RI_CV_RELAX_FIT_H
#define RI_CV_RELAX_FIT_H

#include "cv/problem.h"
#include "cv/record.h"

typedef struct ri_relaxed_fit {
    double *coefficient; /* [start[alphas]] of the entries of the fit, original scale */
    double *covariate;   /* [alphas * covariates] original scale, or NULL */
    double *intercept;   /* [alphas] original scale */
    double *gap;         /* [alphas] relative norm of the normal equations */
    double *square;      /* [3 * alphas] r1'r1, r1'r0, r0'r0 over n: residuals of fit (1) and least
                            squares (0) on the training rows */
    int64_t dependent;   /* most columns left at 0 */
    int64_t held;
    int32_t *row;        /* [held] rows predicted */
    double *own, *fresh; /* [alphas * held] predictions of the fit and of least squares */
} ri_relaxed_fit;

/* `fold` of the fit as in ri_plan_roles. */
RI_MUST_USE ri_status ri_relaxed_fit_new(const ri_problem *problem, const ri_fit *fit,
                                         int64_t alphas, ri_relaxed_fit *out, ri_error *err);
void ri_relaxed_fit_free(ri_relaxed_fit *fit);

#endif
