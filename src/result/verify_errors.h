/* SPDX-License-Identifier: BSD-3-Clause
 * Errors of the folds and their curves, recomputed by each metric from its definition. */
#ifndef RI_RESULT_VERIFY_ERRORS_H
#define RI_RESULT_VERIFY_ERRORS_H

#include "result/verify_points.h"

typedef struct ri_verify_errors {
    const ri_record *record;
    double **of[RI_METRICS]; /* [paths] -> [folds * alphas]; NULL where the family has none */
} ri_verify_errors;

RI_MUST_USE ri_status ri_verify_errors_new(const ri_record *record, ri_verify_errors *out,
                                           ri_error *err);
void ri_verify_errors_free(ri_verify_errors *errors);

/* Takes up the predictions of a point of a fold; those of the refit say nothing. */
RI_MUST_USE ri_status ri_verify_errors_add(ri_verify_errors *errors, const double *y,
                                           const ri_verify_point *point, ri_error *err);

/* Largest difference of the errors, means and standard errors of path r from those stored, relative
 * to the larger of themselves and, for the squared and the absolute error, the variance or sd
 * `y_sd` of the response; for other metrics 1. */
double ri_verify_curve_difference(const ri_verify_errors *errors, int64_t r, double y_sd);

/* |a - b| relative to the larger of |b| and `scale`; 0 where both are NaN, infinite where one is.
 */
double ri_verify_difference(double a, double b, double scale);

#endif
