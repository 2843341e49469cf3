/* SPDX-License-Identifier: BSD-3-Clause
 * One pass over X for what a user should know before a run: missing values and constant features.
 */
#ifndef RI_DATA_SURVEY_H
#define RI_DATA_SURVEY_H

#include "data/dataset.h"

typedef struct ri_survey {
    int64_t missing_values;   /* in X */
    int64_t missing_features; /* features that have any */
    int64_t most_missing;     /* the feature with the most, or -1 */
    int64_t most_missing_count;
    int64_t constant_features; /* one value in all rows, or none at all */
    int64_t first_constant;    /* or -1 */
    double least, largest;     /* over all values; NaN where there are none */
} ri_survey;

/* Reads X in blocks of features of a few megabytes. */
RI_MUST_USE ri_status ri_dataset_survey(const ri_dataset *dataset, ri_survey *survey,
                                        ri_error *err);

#endif
