/* SPDX-License-Identifier: BSD-3-Clause
 * Covariates: columns that are always in the model, unpenalised. A column of numbers is one
 * covariate; a column of texts is categorical and becomes one 0/1 covariate for each of its levels
 * but the most frequent, the reference. */
#ifndef RI_DATA_COVARIATES_H
#define RI_DATA_COVARIATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/dataset.h"

typedef struct ri_covariates { /* all zero: none */
    int64_t count;             /* after expansion */
    ri_names name;             /* [count] "age", "sex=M" */
    ri_names source;           /* [count] "age", "sex" */
    ri_names level;            /* [count] "" of a number, else the level that is 1 */
    ri_names reference;        /* [count] "" of a number, else the level that has 0 in all */
    double *value;             /* [count * n] NaN missing */
    size_t capacity;           /* of value */
} ri_covariates;

void ri_covariates_free(ri_covariates *covariates); /* leaves all zero */

/* Adds the column `source`, one text for each of the n samples; `categorical` also where all texts
 * are numbers. RI_BAD_INPUT: all missing, an infinite number, or nearly every sample a level of its
 * own. */
RI_MUST_USE ri_status ri_covariates_add(ri_covariates *covariates, const char *source,
                                        const char *const *text, int64_t n, bool categorical,
                                        ri_error *err);

/* The column `source` of other samples, coded as `model` is: fills those of value [count * n] that
 * come from it. A level that the model does not know is missing, counted in `*unknown`. */
RI_MUST_USE ri_status ri_covariates_code(const ri_covariates *model, const char *source,
                                         const char *const *text, int64_t n, double *value,
                                         int64_t *unknown, ri_error *err);

/* Name of the covariate that is column 5 of a .fam, with the texts "male" and "female". */
#define RI_SEX "SEX"

/* True where sample i of n has a value of every covariate. */
bool ri_covariates_complete(const ri_covariates *covariates, int64_t n, int64_t i);

/* /covariates/NAME of a dataset: numbers, or texts. Appends n texts to the empty list `text`, ""
 * where missing. */
RI_MUST_USE ri_status ri_dataset_covariate(const ri_dataset *dataset, const char *name,
                                           ri_names *text, ri_error *err);

#endif
