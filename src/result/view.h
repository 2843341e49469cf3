/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers that tables, pictures and the summary share, each derived from the record in one place;
 * and names made safe to print. Private to this room. */
#ifndef RI_RESULT_VIEW_H
#define RI_RESULT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "cv/criteria.h"
#include "cv/record.h"

/* Largest relative gap at an alpha, over all folds and the refit; NaN where one of them is. */
double ri_path_gap(const ri_record *record, const ri_path *path, int64_t alpha);

/* "10", or of repeated folds "5 x 10". */
enum { RI_FOLDS_TEXT = 32 };
char *ri_record_folds_text(const ri_record *record, char text[RI_FOLDS_TEXT]);

/* The error of the curve, "MSE" or what --metric says; and what ri_path_r2 is called. */
const char *ri_record_error(const ri_record *record);
const char *ri_record_share(const ri_record *record);

/* Mean over folds of the null model's held-out error by the metric of the curve, folds without one
 * left out; NaN without folds. */
double ri_path_null_error(const ri_record *record, const ri_path *path);

/* Mean over folds of the null model's held-out MSE; NaN without folds. */
double ri_path_null_mse(const ri_record *record, const ri_path *path);

/* 1 - error / that of the null model: the share of the held-out variance that is predicted, or, of
 * families other than gaussian, of the held-out deviance; NaN without folds. */
double ri_path_r2(const ri_record *record, const ri_path *path, int64_t alpha);

/* A feature with a coefficient other than 0. */
typedef struct ri_effect {
    int64_t feature;
    double coefficient;  /* original scale */
    double standardized; /* coefficient x population sd of the feature */
} ri_effect;

/* All effects of the refit at an alpha, strongest |standardized| first, ties in file order. The
 * caller frees `*out`. */
RI_MUST_USE ri_status ri_path_effects(const ri_record *record, const ri_path *path, int64_t alpha,
                                      ri_effect **out, int64_t *count, ri_error *err);

/* True coefficient of each feature, [p]; NULL where the truth is not known, or no memory. */
double *ri_record_truth(const ri_record *record);

/* "l1_ratio 0.5", of a relaxed path ", gamma 0.25", of an adaptive one ", first alpha 0.1". Returns
 * `text`, of RI_LABEL_TEXT bytes. */
enum { RI_LABEL_TEXT = 64 };
char *ri_path_label(const ri_path *path, char *text);

/* True where some path is a relaxed one. */
bool ri_record_relaxed(const ri_record *record);

/* True where the paths are those of an adaptive lasso. */
bool ri_record_adaptive(const ri_record *record);

/* Copy of a name with control characters made spaces and bytes that are not UTF-8 question marks,
 * so that it keeps tables, JSON and SVG valid. The caller frees it; NULL without memory. */
char *ri_text_clean(const char *text);

/* The same into a buffer, with ".." in the middle where it has more than `columns` characters.
 * Returns `out`, of RI_SHORT_TEXT bytes; columns <= 200. */
enum { RI_SHORT_TEXT = 816 };
char *ri_text_shorten(const char *text, size_t columns, char *out);

#endif
