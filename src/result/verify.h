/* SPDX-License-Identifier: BSD-3-Clause
 * Recomputes a result from the data with simple code of its own: no kernel, no solver, long double
 * accumulation.
 *
 * For every (l1_ratio, fold, alpha): training rows, weights and moments anew, the objective and the
 * duality gap over all features of the stored coefficients, the predictions of held-out rows; then
 * fold errors, curves and choices. Numbers stored on the original scale carry the rounding of their
 * size (an intercept of 1e10 that of 1e-6): limits allow for it. */
#ifndef RI_RESULT_VERIFY_H
#define RI_RESULT_VERIFY_H

#include "base/status.h"
#include "cv/record.h"
#include "data/dataset.h"

typedef struct ri_verdict {
    int64_t points;     /* (l1_ratio, fold, alpha) looked at */
    int64_t failed;     /* of them, called certified but with a gap above tol (and 1e-12), or
                           called uncertified but with a gap above the one recorded */
    double worst_gap;   /* recomputed; infinite where a coefficient may not be: on a column
                           constant in training, or negative under positivity */
    int32_t worst_fold; /* where */
    int64_t worst_alpha, worst_path;
    double objective_difference; /* from stored objectives and null losses, relative to the larger
                                    of objective and null loss */
    double curve_difference; /* of fold errors, means and standard errors, MSE and MAE, relative to
                                the larger of themselves and the variance (sd) of y */
    double prediction_difference; /* largest absolute difference / sd of y */
    int64_t leaks;      /* samples whose stored prediction is not that of the fit which held
                           them out, and training rows that a fit has too many or too few */
    bool choice_agrees; /* index_min, index_1se, selected path, selection frequencies: what the
                           rules make of the stored curves and fits */
    bool passed;        /* nothing failed or leaked, choices agree, differences <= 1e-8 */
} ri_verdict;

typedef struct ri_verify_options {
    int threads; /* 0: all available */
} ri_verify_options;

/* `err` is used for files that cannot be compared (another dataset: the fingerprint or names
 * differ), not for a result that fails: that is verdict->passed = false and RI_OK. */
RI_MUST_USE ri_status ri_verify(const ri_record *record, const ri_dataset *dataset,
                                const ri_verify_options *options, ri_verdict *verdict,
                                ri_error *err);

#endif
