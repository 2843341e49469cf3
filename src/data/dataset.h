/* SPDX-License-Identifier: BSD-3-Clause
 * A dataset: names, responses and covariates in memory, X on disk and read by column ranges. It may
 * be a part of what its file holds (data/selection.h), or PLINK files (data/plink.h).
 *
 * riata's own HDF5 layout (attribute riata_format = 1 on the root group):
 *   /X              dims (p, n), each feature contiguous; f64, f32, i8 (-128 missing) or
 *                   u8 hundredths of a dosage (255 missing, attribute "encoding" = "dosage");
 *                   or u8 (p, ceil(n/4)), 2 bits a genotype in .bed order, attributes
 *                   "encoding" = "packed2", "n_samples" = n.
 *                   Attribute "genotype" = 1 where values count copies of allele a1.
 *                   Or sparse: a group of indptr i64 (p+1), indices i32 and values f64, f32 or i8:
 *                   what is not 0 of feature j are entries indptr[j] .. indptr[j+1] - 1, samples
 *                   (from 0) ascending; attribute "n_samples" = n. SciPy's csc_matrix of n x p.
 *   /y/NAME         f64 (n), NaN missing, or UTF-8 (n), names of classes; the first in alphabetical
 * order is the default, or the one named by attribute "default_response" of the root group
 *   /samples/id     UTF-8 (n)
 *   /features/id    UTF-8 (p), and for genotypes chrom, a1, a2 (UTF-8), pos (i64)
 *   /covariates/NAME f64 (n), NaN missing, or UTF-8 (n), categorical; /groups/NAME UTF-8 (n);
 * /weights f64 (n); /folds i32 (n)  (optional) /truth          optional: features i64 (s),
 * coefficients f64 (s) on the original scale, attributes intercept, noise_sd Any other HDF5 file is
 * opened by naming the paths of X and y. */
#ifndef RI_DATA_DATASET_H
#define RI_DATA_DATASET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/extent.h"
#include "kernel/kernel.h"

typedef enum ri_layout {
    RI_LAYOUT_AUTO,
    RI_LAYOUT_FEATURES_FIRST, /* dims (p, n): the column-major n x p of R, Julia, MATLAB */
    RI_LAYOUT_SAMPLES_FIRST,  /* dims (n, p): h5py's usual; read with a transposition */
} ri_layout;

typedef struct ri_open_options {
    const char *x_path;     /* NULL: /X of riata's own layout */
    const char *y_path;     /* NULL: from /y */
    const char *response;   /* NULL: the default response of /y */
    ri_layout layout;       /* for a foreign X */
    bool response_optional; /* predict, info: a dataset without a response is fine */
} ri_open_options;

typedef struct ri_truth {
    int64_t count;       /* 0: no truth in the file */
    int64_t *feature;    /* [count] column indices */
    double *coefficient; /* [count] original scale */
    double intercept, noise_sd;
} ri_truth;

typedef struct ri_dataset {
    char *path;   /* file name as given */
    char *x_path; /* dataset inside the file */
    int64_t n, p;
    ri_storage storage; /* type in memory after reading (i16.. u8 counts become the nearest) */
    bool sparse;        /* only what is not 0 is stored; `storage` is the type of the values */
    bool genotype;      /* values count copies of a1: a missing one is imputed by the mean */
    bool own_layout;    /* riata_format = 1 */
    bool samples_first; /* stored (n, p): reading transposes */
    ri_names sample,
        feature; /* always n and p entries: made up as "1", "2", ... where not stored */
    bool sample_named, feature_named; /* false: made up */
    ri_names chrom, a1, a2;           /* p entries or empty */
    int64_t *pos;                     /* [p] or NULL */
    ri_names response_names;          /* all responses of the file */
    char *response;                   /* the one opened, or NULL */
    double *y;                        /* [n], NaN missing; NULL where there is none */
    ri_names level;                   /* texts that 0, 1, ... of y stand for; empty: numbers */
    double *weight;                   /* [n] or NULL */
    int32_t *fold;                    /* [n] or NULL */
    ri_names group_names;             /* available group columns */
    ri_names covariate_names;         /* available covariates */
    ri_truth truth;
    int readers;                           /* threads that may decompress X; 0: one */
    int64_t chunk_features, chunk_samples; /* 0, 0: contiguous */
    int64_t compressed;                    /* 1 where a filter is set */
    uint64_t file_bytes;                   /* stored size of X in the file */
    struct ri_dataset_file *file;          /* what holds X; private to data */
} ri_dataset;

/* For a program, before anything else here: HDF5 is not to clean up at exit, which it does with
 * noise on stderr after a damaged file, and by crashing after a full disk. Whoever leaves HDF5
 * files of their own open to be closed at exit must not call it. */
void ri_dataset_skip_exit_cleanup(void);

/* `options` may be NULL: all defaults. To be called, like all that follows, by one thread at a
 * time (HDF5). */
RI_MUST_USE ri_status ri_dataset_open(const char *path, const ri_open_options *options,
                                      ri_dataset **out, ri_error *err);
void ri_dataset_close(ri_dataset *dataset); /* accepts NULL */

/* Another response of response_names in place of the present one. */
RI_MUST_USE ri_status ri_dataset_take_response(ri_dataset *dataset, const char *name,
                                               ri_error *err);

/* Reads features [from, from + count) to `out`, column by column, `stride` bytes apart, in
 * dataset->storage. Inf anywhere is RI_BAD_INPUT naming file, dataset, row and column; missing
 * values are left in place (see ri_missing_policy) and counted into `*missing` (may be NULL). */
RI_MUST_USE ri_status ri_dataset_read(const ri_dataset *dataset, int64_t from, int64_t count,
                                      void *out, size_t stride, int64_t *missing, ri_error *err);

/* What is done with a feature whose column is in memory. */
typedef void ri_dataset_look(void *context, int64_t feature, const void *column);

/* Reads all features as ri_dataset_read does, some megabytes at a time, and shows each to `look`,
 * in ascending order. */
RI_MUST_USE ri_status ri_dataset_each(const ri_dataset *dataset, ri_dataset_look *look,
                                      void *context, ri_error *err);

/* As ri_dataset_read, without a look at the values. */
RI_MUST_USE ri_status ri_dataset_fetch(const ri_dataset *dataset, int64_t from, int64_t count,
                                       void *out, size_t stride, ri_error *err);

typedef struct ri_piece { /* of X */
    int64_t from, count;  /* features */
    int64_t row, rows;    /* samples; row is a multiple of 8 */
} ri_piece;

/* The same of some rows of some features; any number of threads where several may fetch, else one.
 * `stride` is at least the bytes of so many rows. */
RI_MUST_USE ri_status ri_dataset_fetch_rows(const ri_dataset *dataset, const ri_piece *part,
                                            void *out, size_t stride, ri_error *err);

/* Whether several threads may fetch at a time from now on. */
bool ri_dataset_parallel(const ri_dataset *dataset);

/* Whether it shows all samples and features of its file. */
bool ri_dataset_whole(const ri_dataset *dataset);

/* Whether fetching is no more than a copy from the file, for several threads at a time: columns lie
 * there as they are in memory. */
bool ri_dataset_plain(const ri_dataset *dataset);

/* Where it is so: whether features [from, from + count) lie one after the other in `*file`, from
 * byte `*at` on, and may be used there. The file stays the dataset's. */
bool ri_dataset_find(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                     uint64_t *at);

/* The bytes of `*file` that hold features [from, from + count) and not much else, if they lie
 * together; `start` is left out. */
bool ri_dataset_extent(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                       ri_extent *out);

/* As ri_dataset_fetch_rows, of all rows, where that extent, or one of more features, has been
 * read. */
RI_MUST_USE ri_status ri_dataset_fetch_held(const ri_dataset *dataset, const ri_piece *part,
                                            const ri_extent *held, void *out, size_t stride,
                                            ri_error *err);

/* Where several threads may fetch: whether the system has the file in memory, by a look at some
 * features. */
bool ri_dataset_cached(const ri_dataset *dataset);

/* The same: has the system read features [from, from + count) into its memory, and waits for it. */
void ri_dataset_ahead(const ri_dataset *dataset, int64_t from, int64_t count);

/* Whether threads keep the room in which they inflate from one fetch to the next, or free it. One
 * thread, while none fetches. */
void ri_dataset_keep_rooms(const ri_dataset *dataset, bool keep);

/* Bytes of X that this process has inflated so far; 0 where HDF5 does it. */
double ri_dataset_inflated(const ri_dataset *dataset);

/* The look by itself, at features [from, from + count) in memory: as ri_dataset_read. */
RI_MUST_USE ri_status ri_dataset_check(const ri_dataset *dataset, int64_t from, int64_t count,
                                       const void *values, size_t stride, int64_t *missing,
                                       ri_error *err);

/* A sparse dataset only: how many entries features [from, from + count) have in the file. */
int64_t ri_dataset_entries(const ri_dataset *dataset, int64_t from, int64_t count);

/* A sparse dataset only: the entries of features [from, from + count), of feature j from place
 * ri_dataset_entries(dataset, from, j - from) on, kept[j - from] of them (samples that the dataset
 * does not show are left out, and their places unused). `row` and `value` have room for all. Inf is
 * RI_BAD_INPUT, missing values are counted. */
RI_MUST_USE ri_status ri_dataset_read_entries(const ri_dataset *dataset, int64_t from,
                                              int64_t count, int64_t *kept, int32_t *row,
                                              void *value, int64_t *missing, ri_error *err);

/* The first NaN of a column range already in memory as one sentence (RI_BAD_INPUT), for datasets
 * where missing values are not allowed. */
RI_MUST_USE ri_status ri_dataset_missing_error(const ri_dataset *dataset, int64_t from,
                                               int64_t count, const void *values, size_t stride,
                                               ri_error *err);

/* The same for one value that is known to be missing. */
ri_status ri_dataset_fail_missing(const ri_dataset *dataset, int64_t feature, int64_t sample,
                                  ri_error *err);

/* Group labels of column NAME, appended to the empty list `label` (to be freed also after a
 * failure); and those of the column FID, none where there is no such column. */
RI_MUST_USE ri_status ri_dataset_labels(const ri_dataset *dataset, const char *name,
                                        ri_names *label, ri_error *err);
RI_MUST_USE ri_status ri_dataset_families(const ri_dataset *dataset, ri_names *family,
                                          ri_error *err);

/* Group labels of column NAME, as indices 0 .. groups-1 in order of first appearance; caller frees
 * `*group` (n). */
RI_MUST_USE ri_status ri_dataset_group(const ri_dataset *dataset, const char *name, int32_t **group,
                                       int64_t *groups, ri_error *err);

/* Fingerprint of shape, names, response and (first and last columns of) X. */
RI_MUST_USE ri_status ri_dataset_fingerprint(const ri_dataset *dataset, uint64_t *fingerprint,
                                             ri_error *err);

#endif
