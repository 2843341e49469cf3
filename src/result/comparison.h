/* SPDX-License-Identifier: BSD-3-Clause
 * Models side by side: fitted to the same training samples, alpha chosen on the same folds, judged
 * on the same test samples, over several draws of these. On disk and in words.
 *
 * PREFIX.h5: @riata_comparison_format i64 = 1, @riata_version; group /comparison with @dataset,
 * @response, @fingerprint u64, @n (samples with a response), @p, @train, @folds, @repeats, @truths
 * i64, @test_chosen, @test_fraction f64, @test_seed, @seed u64; datasets model (M) names; alpha,
 * l1_ratio, features, true_features (NaN without a truth), rmse, mae, r2, certified f64 (M,
 * repeats), repeat r with test seed test_seed + r. Group /run: seconds f64 (M, repeats) of fitting
 * and choosing. */
#ifndef RI_RESULT_COMPARISON_H
#define RI_RESULT_COMPARISON_H

#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef enum ri_compared {
    RI_COMPARED_RMSE,
    RI_COMPARED_MAE,
    RI_COMPARED_R2,
    RI_COMPARED_FEATURES, /* with a coefficient */
    RI_COMPARED_FOUND,    /* of them with a true one */
    RI_COMPARED_ALPHA,
    RI_COMPARED_L1_RATIO,
    RI_COMPARED_CERTIFIED, /* 1: every point, 0 */
    RI_COMPARED_SECONDS,
    RI_COMPARED_COLUMNS
} ri_compared;

/* In the order in which they are shown. */
typedef enum ri_model {
    RI_MODEL_LEAST_SQUARES,
    RI_MODEL_RIDGE,
    RI_MODEL_LASSO,
    RI_MODEL_ELASTIC_NET,
    RI_MODEL_FIXED, /* the lasso at an alpha that was given */
    RI_MODELS
} ri_model;

typedef struct ri_comparison {
    char dataset[1024], response[256], test_chosen[16];
    uint64_t fingerprint, test_seed, seed;
    int64_t n, p, train, folds, repeats, truths;
    double test_fraction, fixed_alpha;
    int64_t models;          /* RI_MODELS, or one less without a fixed alpha */
    double *value;           /* [models * RI_COMPARED_COLUMNS * repeats] */
    char command_line[2048]; /* fact of the run */
} ri_comparison;

/* Room for `models` and `repeats`, which are set. */
RI_MUST_USE ri_status ri_comparison_new(ri_comparison *comparison, ri_error *err);
void ri_comparison_free(ri_comparison *comparison);

const char *ri_model_name(ri_model model);        /* "least squares", ... */
const char *ri_compared_name(ri_compared column); /* "rmse", ...: in every file */

/* [repeats] of a model. */
double *ri_comparison_column(const ri_comparison *comparison, ri_model model, ri_compared column);

/* Mean over repeats and its standard error: sd / sqrt(repeats); NaN with one. */
void ri_comparison_mean(const ri_comparison *comparison, ri_model model, ri_compared column,
                        double *mean, double *error);

/* Mean of a's RMSE less b's over repeats, pair by pair, and its standard error. */
void ri_comparison_difference(const ri_comparison *comparison, ri_model a, ri_model b, double *mean,
                              double *error);

/* Of the choices over the draws, which a mean of would be none; of an even number the lower one of
 * the two in the middle. NaN without memory. */
double ri_comparison_median(const ri_comparison *comparison, ri_model model, ri_compared column);

/* What the table means, in words: a line for each thing. */
void ri_comparison_say(const ri_comparison *comparison, FILE *out);

/* The table, and what it means. */
void ri_comparison_print(const ri_comparison *comparison, FILE *out);

/* PREFIX.h5, PREFIX.json, PREFIX.comparison.tsv (a line for each model) and PREFIX.repeats.tsv (one
 * for each model and repeat). */
RI_MUST_USE ri_status ri_comparison_write(const ri_comparison *comparison, const char *prefix,
                                          ri_error *err);

/* PREFIX.h5 alone. */
RI_MUST_USE ri_status ri_comparison_store(const ri_comparison *comparison, const char *prefix,
                                          ri_error *err);

/* Fills `comparison` from such a file, of which nothing is believed; ri_comparison_free in any
 * case. RI_BAD_INPUT where it is something else, or damaged. */
RI_MUST_USE ri_status ri_comparison_read(const char *path, ri_comparison *comparison,
                                         ri_error *err);

#endif
