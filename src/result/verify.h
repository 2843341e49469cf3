/* SPDX-License-Identifier: BSD-3-Clause
 * Recomputes a result from the data with simple code of its own: no kernel, no solver, long double
 * accumulation. */
#ifndef RI_RESULT_VERIFY_H
#define RI_RESULT_VERIFY_H

#include "base/status.h"
#include "cv/record.h"
#include "data/dataset.h"

typedef struct ri_verdict {
    int64_t points;             /* (l1_ratio, fold, alpha) looked at */
    int64_t failed;             /* of them, with a recomputed gap above tol (and 1e-12) */
    double worst_gap;           /* recomputed */
    int32_t worst_fold;         /* where */
    int64_t worst_alpha, worst_path;
    double objective_difference; /* largest relative difference from the stored objective */
    double curve_difference;     /* of fold MSEs, means and standard errors */
    double prediction_difference; /* largest absolute difference / sd of y */
    int64_t leaks;              /* samples in the training rows of the fit that predicts them */
    bool choice_agrees;         /* index_min, index_1se, selected path */
    bool passed;
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
