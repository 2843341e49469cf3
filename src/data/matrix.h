/* SPDX-License-Identifier: BSD-3-Clause
 * X, column-major, in its stored type, and behind its columns a few extra ones as doubles:
 * covariates. X is in memory, or stays in its file (data/stream.h). A view; whoever made the memory
 * frees it. */
#ifndef RI_DATA_MATRIX_H
#define RI_DATA_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "data/stream.h"
#include "kernel/kernel.h"

typedef struct ri_matrix {
    ri_storage storage;
    int64_t n;          /* samples (rows) */
    int64_t p;          /* columns: features, then `extras` */
    size_t stride;      /* bytes from one column to the next, >= ri_storage_bytes(storage, n) */
    const void *values; /* p - extras columns; NULL where they are streamed */
    ri_stream *stream;  /* NULL where all columns are in memory */
    int64_t extras;
    const double *extra; /* [extras * n] NaN missing */
    double entry_bytes;  /* of all entries of a sparse X, beside its columns */
} ri_matrix;

/* Columns that are not extra ones. */
static inline int64_t ri_matrix_features(const ri_matrix *x) {
    return x->p - x->extras;
}

/* Of the features, as they are stored. */
static inline double ri_matrix_bytes(const ri_matrix *x) {
    return x->entry_bytes +
           (double)ri_matrix_features(x) * (double)ri_storage_bytes(x->storage, x->n);
}

/* Stored values: all, or those of a sparse X. */
static inline double ri_matrix_values(const ri_matrix *x) {
    double entries = 0;
    if (x->storage != RI_CSC)
        return (double)x->n * (double)ri_matrix_features(x);
    for (int64_t j = 0; j < ri_matrix_features(x); j++)
        entries += (double)((const ri_csc_column *)(const void *)x->values)[j].entries;
    return entries;
}

/* Of a feature on average. */
static inline double ri_matrix_column_bytes(const ri_matrix *x) {
    return ri_matrix_bytes(x) / (double)(ri_matrix_features(x) > 0 ? ri_matrix_features(x) : 1);
}

static inline ri_storage ri_matrix_storage(const ri_matrix *x, int64_t j) {
    return j < ri_matrix_features(x) ? x->storage : RI_F64;
}

/* Of a streamed X only the columns that are in memory just now, or, with a look, any. */
static inline const void *ri_matrix_column(const ri_matrix *x, int64_t j) {
    int64_t features = ri_matrix_features(x);
    if (j >= features)
        return x->extra + (j - features) * x->n;
    if (x->stream)
        return x->stream->look ? ri_stream_look(x->stream, j) : x->stream->column[j];
    return (const char *)x->values + (size_t)j * x->stride;
}

/* Calls `use` for columns [from, to) of the features, all at once where X is in memory, else block
 * by block. `*bytes` grows by the bytes of X read. */
RI_MUST_USE static inline ri_status ri_matrix_scan(const ri_matrix *x, int64_t from, int64_t to,
                                                   ri_stream_use *use, void *context, double *bytes,
                                                   ri_error *err) {
    if (x->stream)
        return ri_stream_scan(x->stream, from, to, use, context, bytes, err);
    *bytes += (double)(to - from) * ri_matrix_column_bytes(x);
    return use(context, from, to, err);
}

/* Column j as doubles: value - shift, and 0 where missing. Returns the number of missing values. */
static inline int64_t ri_matrix_decode(const ri_matrix *x, int64_t j, double shift, double *out) {
    return ri_kernel_get()->decode[ri_matrix_storage(x, j)](ri_matrix_column(x, j), 0, x->n, shift,
                                                            out);
}

/* Rows of the missing values of column j, ascending: `row` has room for n. Returns their number. */
static inline int64_t ri_matrix_missing(const ri_matrix *x, int64_t j, int32_t *row) {
    return ri_missing_rows(ri_matrix_storage(x, j), ri_matrix_column(x, j), x->n, row);
}

#endif
