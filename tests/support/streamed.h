/* SPDX-License-Identifier: BSD-3-Clause
 * A dataset whose columns are in memory but are read as those of a file are. Include cmocka.h
 * before. */
#ifndef RI_SUPPORT_STREAMED_H
#define RI_SUPPORT_STREAMED_H

#include <stdlib.h>
#include <string.h>

#include "data/dataset_file.h"
#include "data/matrix.h"

typedef struct streamed {
    ri_dataset *dataset;
    ri_stream *stream;
    void *memory; /* of its blocks */
} streamed;

/* What is read, and the first column that cannot be (-1: all can), travel behind the dataset's
 * names of files. */
typedef struct streamed_file {
    ri_dataset dataset; /* first: reading gets a pointer to it */
    const ri_matrix *from;
    int64_t bad;
} streamed_file;

static inline ri_status streamed_read(const ri_dataset *dataset, int64_t from, int64_t count,
                                      void *out, size_t stride, ri_error *err) {
    const streamed_file *file = (const streamed_file *)(const void *)dataset;
    const ri_matrix *x = file->from;
    for (int64_t j = from; j < from + count; j++) {
        if (file->bad >= 0 && j >= file->bad)
            return ri_fail(err, RI_BAD_INPUT, "feature %d is damaged", (int)file->bad);
        memcpy((char *)out + (size_t)(j - from) * stride, ri_matrix_column(x, j),
               ri_storage_bytes(x->storage, x->n));
    }
    return RI_OK;
}

static inline bool streamed_is_plain(const ri_dataset *dataset) {
    (void)dataset;
    return true;
}

static inline bool streamed_is_cached(const ri_dataset *dataset, int64_t feature) {
    assert_true(feature >= 0 && feature < dataset->p);
    return true;
}

static const ri_backing streamed_backing = {.read = streamed_read};
/* The same where threads may read for themselves. */
static const ri_backing streamed_plainly = {.read = streamed_read,
                                            .parallel = streamed_is_plain,
                                            .plain = streamed_is_plain,
                                            .cached = streamed_is_cached};

/* A stream over the columns of x, in blocks of `columns`. */
static inline streamed streamed_open(const ri_matrix *x, int64_t columns, int64_t bad) {
    streamed s = {0};
    streamed_file *file = calloc(1, sizeof *file);
    assert_non_null(file);
    *file = (streamed_file){.from = x, .bad = bad};
    file->dataset = (ri_dataset){.path = (char *)(uintptr_t) "memory",
                                 .n = x->n,
                                 .p = ri_matrix_features(x),
                                 .storage = x->storage};
    file->dataset.file = calloc(1, sizeof *file->dataset.file);
    assert_non_null(file->dataset.file);
    *file->dataset.file = (ri_dataset_file){.backing = &streamed_backing};
    s.dataset = &file->dataset;
    size_t bytes = 3 * (size_t)columns * ri_storage_bytes(x->storage, x->n);
    s.memory = malloc(bytes);
    assert_non_null(s.memory);
    ri_error err;
    assert_int_equal(ri_stream_new(s.dataset, s.memory, bytes, &s.stream, &err), RI_OK);
    return s;
}

static inline void streamed_close(streamed *s) {
    ri_stream_free(s->stream);
    free(s->memory);
    free(s->dataset->file);
    free(s->dataset);
    *s = (streamed){0};
}

#endif
