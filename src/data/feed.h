/* SPDX-License-Identifier: BSD-3-Clause
 * X of a foreign file as it comes: whole samples, whole features, or the entries of a sparse matrix
 * in any order. It is read from the start as often as asked, in blocks, so that memory does not
 * grow with the file. One file of src/data makes the feed of one format (feed_*.c). */
#ifndef RI_DATA_FEED_H
#define RI_DATA_FEED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/import.h"

typedef enum ri_feed_order {
    RI_FEED_SAMPLES,  /* blocks of whole samples: p values each */
    RI_FEED_FEATURES, /* blocks of whole features: n values each */
    RI_FEED_ENTRIES,  /* blocks of entries; what does not occur is 0 */
} ri_feed_order;

enum { RI_FEED_ENTRY_BLOCK = 1 << 16 };

typedef struct ri_feed_block {
    int64_t count;          /* of samples, features or entries; 0: the end */
    double *value;          /* row after row of whole samples or features, or entries */
    int64_t capacity;       /* samples or features that `value` has room for */
    int32_t *entry_sample;  /* [RI_FEED_ENTRY_BLOCK] for entries */
    int32_t *entry_feature; /* the same */
} ri_feed_block;

typedef struct ri_feed ri_feed;
struct ri_feed {
    char *place; /* "data.h5ad:/X" for messages */
    ri_feed_order order;
    int64_t n, p;             /* -1 while unknown; final after the first pass */
    ri_names sample, feature; /* n and p names, unique or not, or empty; final with n and p */
    bool features_first;      /* of the file: for messages and the report */
    void *context;

    /* Back to the start. Entries of features outside of [from, to) need not be given again. */
    ri_status (*restart)(ri_feed *feed, int64_t from, int64_t to, ri_error *err);
    ri_status (*next)(ri_feed *feed, ri_feed_block *block, ri_error *err);
    /* The response that is part of the file itself, n values; NULL where the format has none. */
    ri_status (*response)(ri_feed *feed, double *y, ri_error *err);
    void (*close)(ri_feed *feed); /* frees the context */
};

RI_MUST_USE ri_status ri_feed_npy(const char *path, const ri_matrix_options *options, ri_feed *out,
                                  ri_error *err);
RI_MUST_USE ri_status ri_feed_mtx(const char *path, const ri_matrix_options *options, ri_feed *out,
                                  ri_error *err);
RI_MUST_USE ri_status ri_feed_svm(const char *path, const ri_matrix_options *options, ri_feed *out,
                                  ri_error *err);
RI_MUST_USE ri_status ri_feed_table(const char *path, const ri_matrix_options *options,
                                    ri_feed *out, ri_error *err);
RI_MUST_USE ri_status ri_feed_h5ad(const char *path, const ri_matrix_options *options, ri_feed *out,
                                   ri_error *err);
RI_MUST_USE ri_status ri_feed_10x(const char *path, const ri_matrix_options *options, ri_feed *out,
                                  ri_error *err);

/* For those that make a feed: a context of `size` bytes, all zero, and the path as its place. On
 * failure there is nothing for `close` to do. */
RI_MUST_USE ri_status ri_feed_begin(ri_feed *feed, const char *path, size_t size, ri_error *err);

void ri_feed_close(ri_feed *feed); /* accepts an all-zero one */

/* "sample 3 ('s3'), feature 17 ('gene')", counted from 1, into `text`, which is returned. */
enum { RI_PLACE_TEXT = 192 };
char *ri_feed_say(const ri_feed *feed, int64_t sample, int64_t feature, char *text);

/* --- what a first pass finds ---------------------------------------------------------------- */

typedef struct ri_feed_survey {
    int64_t missing, constant;
    int64_t entries;        /* values that are not 0 */
    int64_t *count;         /* [p] entries of each feature; for RI_FEED_ENTRIES only */
    bool fits_i8, fits_f32; /* every value exactly */
} ri_feed_survey;

/* Reads all of it: n, p and names are final afterwards. Infinite values are refused, and missing
 * ones unless `allow_missing`. */
RI_MUST_USE ri_status ri_feed_scan(ri_feed *feed, bool allow_missing, ri_feed_survey *out,
                                   ri_error *err);
void ri_feed_survey_free(ri_feed_survey *survey);

/* --- and what a second one does ----------------------------------------------------------------
 */

struct ri_writer;

/* Copies all values to X of the writer, which is `sparse` only for RI_FEED_ENTRIES and then has
 * room for survey->entries + survey->missing. Equal entries of a sparse matrix are refused. */
RI_MUST_USE ri_status ri_feed_copy(ri_feed *feed, const ri_feed_survey *survey,
                                   struct ri_writer *writer, ri_storage storage, bool sparse,
                                   ri_error *err);

#endif
