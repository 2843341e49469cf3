/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/feed_hdf5.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/hdf5_common.h"

enum { PATH_TEXT = 512 };
static const double EXACT_INTEGERS = 9007199254740992.0; /* 2^53 */

typedef struct hdf5_feed {
    ri_source source;
    ri_source_set values, indices;
    bool by_features;
    int64_t *start; /* [lines + 1] indptr */
    int64_t *index; /* [RI_FEED_ENTRY_BLOCK] */
    int64_t lines;  /* samples, or features where by_features */
    int64_t next;   /* entry, or sample of a dense matrix, to be read */
    int64_t end;    /* entries end here */
    int64_t line;   /* of the next entry */
} hdf5_feed;

static void close_feed(ri_feed *feed) {
    hdf5_feed *self = feed->context;
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_source_set_close(&self->values);
    ri_source_set_close(&self->indices);
    ri_source_close(&self->source);
    ri_hdf5_restore(before);
    free(self->start);
    free(self->index);
    free(self);
}

ri_status ri_feed_hdf5_open(const char *path, const char *matrix, ri_feed *out, ri_error *err) {
    *out = (ri_feed){.n = -1, .p = -1, .close = close_feed};
    size_t room = strlen(path) + strlen(matrix) + 2;
    hdf5_feed *self = out->context = calloc(1, sizeof *self);
    out->place = malloc(room);
    if (!self || !out->place) {
        free(self);
        out->close = NULL;
        return ri_fail_memory(err, "a matrix", sizeof *self);
    }
    *self = (hdf5_feed){.source = {.file = -1}, .values = {.id = -1}, .indices = {.id = -1}};
    snprintf(out->place, room, "%s:%s", path, matrix);
    return ri_source_open(path, &self->source, err);
}

ri_source *ri_feed_hdf5_source(const ri_feed *feed) {
    return &((hdf5_feed *)feed->context)->source;
}

static ri_status fail_damaged(const ri_feed *feed, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s: cannot be read; the file may be truncated or damaged",
                   feed->place);
}

/* 64-bit integers that a double cannot hold are refused. */
static ri_status check_exact(const ri_feed *feed, const ri_source_set *set, const double *value,
                             int64_t count, ri_error *err) {
    if (set->class != H5T_INTEGER || set->size < 8)
        return RI_OK;
    for (int64_t k = 0; k < count; k++)
        if (value[k] >= EXACT_INTEGERS || value[k] <= -EXACT_INTEGERS)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: has an integer beyond 2^53, which would be rounded; store it as "
                           "f64 if that is meant",
                           feed->place);
    return RI_OK;
}

/* --- dense ---------------------------------------------------------------------------------------
 */

static ri_status restart_dense(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)from, (void)to, (void)err;
    ((hdf5_feed *)feed->context)->next = 0;
    return RI_OK;
}

static ri_status next_dense(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    hdf5_feed *self = feed->context;
    int64_t left = feed->n - self->next;
    block->count = left < block->capacity ? left : block->capacity;
    if (block->count == 0)
        return RI_OK;
    const hsize_t from[2] = {(hsize_t)self->next, 0};
    const hsize_t count[2] = {(hsize_t)block->count, (hsize_t)feed->p};
    ri_hdf5_quiet before = ri_hdf5_silence();
    hid_t memory = H5Screate_simple(2, count, NULL);
    hid_t stored = H5Dget_space(self->values.id);
    bool ok =
        memory >= 0 && stored >= 0 &&
        H5Sselect_hyperslab(stored, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 &&
        H5Dread(self->values.id, H5T_NATIVE_DOUBLE, memory, stored, H5P_DEFAULT, block->value) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    ri_hdf5_restore(before);
    self->next += block->count;
    if (!ok)
        return fail_damaged(feed, err);
    return check_exact(feed, &self->values, block->value, block->count * feed->p, err);
}

ri_status ri_feed_hdf5_dense(ri_feed *feed, const char *matrix, ri_error *err) {
    hdf5_feed *self = feed->context;
    RI_TRY(ri_source_dataset(&self->source, matrix, &self->values, err));
    RI_TRY(ri_source_numeric(&self->source, matrix, &self->values, err));
    const hsize_t *dims = self->values.dims;
    if (self->values.rank != 2 || dims[0] != (hsize_t)feed->n || dims[1] != (hsize_t)feed->p)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is %llu x %llu, but obs and var name %lld samples and %lld features",
                       feed->place, (unsigned long long)dims[0], (unsigned long long)dims[1],
                       (long long)feed->n, (long long)feed->p);
    feed->order = RI_FEED_SAMPLES;
    feed->restart = restart_dense;
    feed->next = next_dense;
    return RI_OK;
}

/* --- sparse --------------------------------------------------------------------------------------
 */

static ri_status restart_sparse(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)err;
    hdf5_feed *self = feed->context;
    if (!self->by_features) {
        from = 0;
        to = self->lines;
    }
    self->line = from;
    self->next = self->start[from];
    self->end = self->start[to < self->lines ? to : self->lines];
    return RI_OK;
}

static ri_status next_sparse(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    hdf5_feed *self = feed->context;
    const int64_t across = self->by_features ? feed->n : feed->p;
    int64_t left = self->end - self->next;
    block->count = left < RI_FEED_ENTRY_BLOCK ? left : RI_FEED_ENTRY_BLOCK;
    if (block->count == 0)
        return RI_OK;
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok = ri_hdf5_read_part(self->indices.id, self->next, block->count, H5T_NATIVE_INT64,
                                self->index) &&
              ri_hdf5_read_part(self->values.id, self->next, block->count, H5T_NATIVE_DOUBLE,
                                block->value);
    ri_hdf5_restore(before);
    if (!ok)
        return fail_damaged(feed, err);
    for (int64_t k = 0; k < block->count; k++, self->next++) {
        int64_t index = self->index[k];
        while (self->next >= self->start[self->line + 1])
            self->line++;
        if (index < 0 || index >= across)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s/indices: entry %lld is %lld, but there are %lld %s, counted from 0",
                           feed->place, (long long)self->next + 1, (long long)index,
                           (long long)across, self->by_features ? "samples" : "features");
        block->entry_sample[k] = (int32_t)(self->by_features ? index : self->line);
        block->entry_feature[k] = (int32_t)(self->by_features ? self->line : index);
    }
    return check_exact(feed, &self->values, block->value, block->count, err);
}

static ri_status open_vector(const ri_source *source, const char *group, const char *name,
                             ri_source_set *out, int64_t *count, ri_error *err) {
    char path[PATH_TEXT];
    snprintf(path, sizeof path, "%s/%s", group, name);
    RI_TRY(ri_source_dataset(source, path, out, err));
    RI_TRY(ri_source_numeric(source, path, out, err));
    if (out->rank != 1)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is a matrix; a vector is needed", source->name,
                       path);
    *count = (int64_t)out->dims[0];
    return RI_OK;
}

static ri_status check_start(const ri_feed *feed, int64_t values, int64_t indices, ri_error *err) {
    const hdf5_feed *self = feed->context;
    const int64_t *start = self->start;
    if (indices != values)
        return ri_fail(err, RI_BAD_INPUT, "%s: has %lld values but %lld indices", feed->place,
                       (long long)values, (long long)indices);
    for (int64_t k = 0; k < self->lines; k++)
        if (start[0] != 0 || start[k + 1] < start[k])
            return ri_fail(err, RI_BAD_INPUT,
                           "%s/indptr: goes from %lld to %lld at %s %lld; it must begin with 0 and "
                           "not fall",
                           feed->place, (long long)start[k], (long long)start[k + 1],
                           self->by_features ? "feature" : "sample", (long long)k + 1);
    if (start[self->lines] != values)
        return ri_fail(err, RI_BAD_INPUT, "%s/indptr: ends with %lld, but there are %lld values",
                       feed->place, (long long)start[self->lines], (long long)values);
    return RI_OK;
}

ri_status ri_feed_hdf5_sparse(ri_feed *feed, const char *matrix, bool by_features, ri_error *err) {
    hdf5_feed *self = feed->context;
    char path[PATH_TEXT];
    int64_t values = 0, indices = 0, starts = (by_features ? feed->p : feed->n) + 1;
    self->by_features = by_features;
    self->lines = starts - 1;
    snprintf(path, sizeof path, "%s/indptr", matrix);
    RI_TRY(ri_source_integers(&self->source, path, &starts,
                              by_features ? "features (and one more)" : "samples (and one more)",
                              &self->start, err));
    RI_TRY(open_vector(&self->source, matrix, "indices", &self->indices, &indices, err));
    RI_TRY(open_vector(&self->source, matrix, "data", &self->values, &values, err));
    if (self->indices.class != H5T_INTEGER)
        return ri_fail(err, RI_BAD_INPUT, "%s/indices: holds no integers", feed->place);
    RI_TRY(check_start(feed, values, indices, err));
    self->index = ri_alloc(RI_FEED_ENTRY_BLOCK, sizeof *self->index);
    if (!self->index)
        return ri_fail_memory(err, "a block of indices", RI_FEED_ENTRY_BLOCK * 8ULL);
    feed->order = RI_FEED_ENTRIES;
    feed->restart = restart_sparse;
    feed->next = next_sparse;
    return RI_OK;
}
