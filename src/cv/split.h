/* SPDX-License-Identifier: BSD-3-Clause
 * Training and test samples. Test samples take part in nothing - no fit, no fold, no moment, no
 * grid - until the model that was chosen without them is asked to predict them. For the solver they
 * are rows without a response. */
#ifndef RI_CV_SPLIT_H
#define RI_CV_SPLIT_H

#include "cv/problem.h"
#include "cv/record.h"

/* How test samples are drawn: `fraction` of those with a response, by names and seed, so that the
 * order of rows does not matter; stratified by the response as folds are (cv/problem.h), or in
 * whole groups, which come as near to the fraction as they can. */
typedef struct ri_split_rule {
    double fraction; /* above 0, below 1 */
    uint64_t seed;
    bool stratified;
    const ri_names *sample;
    const int32_t *group; /* [n] or NULL */
    int64_t groups;
} ri_split_rule;

/* test[i] = 1 for the rows drawn among those with a response, else 0. RI_BAD_INPUT: fewer than 2
 * training samples or no test sample would be left. */
RI_MUST_USE ri_status ri_split_draw(const ri_split_rule *rule, int64_t n, const double *y,
                                    uint8_t *test, ri_error *err);

/* Fills the errors of record->test, whose rows are known, at the alpha chosen: `y` [n] has the
 * responses of the test rows, and those of `problem` its weights. */
RI_MUST_USE ri_status ri_split_judge(const ri_problem *problem, const double *y, ri_record *record,
                                     ri_error *err);

#endif
