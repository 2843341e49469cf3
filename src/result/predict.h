/* SPDX-License-Identifier: BSD-3-Clause
 * Predictions of a refit for a dataset whose features are matched by name. */
#ifndef RI_RESULT_PREDICT_H
#define RI_RESULT_PREDICT_H

#include "base/status.h"
#include "cv/record.h"
#include "data/dataset.h"

typedef struct ri_predict_report {
    int64_t used;    /* features with a coefficient that the dataset has */
    int64_t absent;  /* features with a coefficient that it lacks: their training mean is taken */
    int64_t extra;   /* features of the dataset that the result does not know */
    int64_t swapped; /* genotypes whose alleles a1 and a2 are exchanged: counted as 2 - value */
    int64_t foreign; /* genotypes with other alleles: treated as absent */
    int64_t missing; /* missing values that took the training mean */
    int64_t missing_covariates; /* the same of covariates */
    char first_absent[64], first_foreign[64];
    /* where the dataset has the response */
    int64_t known; /* rows */
    double mse;    /* NaN without known rows */
    double r2;     /* 1 - sum of squares / that of the known responses about their mean, or NaN */
    double error[RI_METRICS]; /* of families other than gaussian: all of theirs */
    char foreign_class[64];   /* binomial: a response that is no class of the result; then nothing
                                 is known of any row */
} ri_predict_report;

/* `covariate` [covariates * dataset->n], NaN missing (NULL without): a missing one takes its
 * training mean. `prediction` receives dataset->n values of the refit of path `path` at its alpha
 * `alpha`: linear predictors, which for the gaussian family are those of the response; ri_mean_of
 * makes means of them. A missing value takes the feature's training mean where the result allows
 * missing values or holds genotypes, and is RI_BAD_INPUT otherwise; so is a dataset that has none
 * of the features.
 */
RI_MUST_USE ri_status ri_predict(const ri_record *record, int64_t path, int64_t alpha,
                                 const ri_dataset *dataset, const double *covariate,
                                 double *prediction, ri_predict_report *report, ri_error *err);

/* The mean of the response that a linear predictor stands for: for two classes the probability of
 * the positive one. */
double ri_mean_of(const ri_record *record, double prediction);

#endif
