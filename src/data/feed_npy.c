/* SPDX-License-Identifier: BSD-3-Clause
 * A NumPy array as a feed: (samples, features), or the other way round when told. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/npy.h"

typedef struct npy_feed {
    ri_npy npy;
    int64_t next; /* line of the block that comes */
} npy_feed;

static ri_status restart(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)from, (void)to, (void)err;
    ((npy_feed *)feed->context)->next = 0;
    return RI_OK;
}

static ri_status next(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    npy_feed *self = feed->context;
    bool samples = feed->order == RI_FEED_SAMPLES;
    int64_t lines = samples ? feed->n : feed->p, length = samples ? feed->p : feed->n;
    int64_t left = lines - self->next;
    block->count = left < block->capacity ? left : block->capacity;
    int64_t from = self->next * length;
    self->next += block->count;
    return ri_npy_read(&self->npy, from, block->count * length, block->value, err);
}

static void close_feed(ri_feed *feed) {
    npy_feed *self = feed->context;
    ri_npy_close(&self->npy);
    free(self);
}

ri_status ri_feed_npy(const char *path, const ri_matrix_options *options, ri_feed *out,
                      ri_error *err) {
    *out = (ri_feed){.restart = restart, .next = next, .close = close_feed};
    RI_TRY(ri_feed_begin(out, path, sizeof(npy_feed), err));
    npy_feed *self = out->context;
    RI_TRY(ri_npy_open(path, &self->npy, err));
    if (self->npy.rank != 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has 1 dimension; a matrix of samples and features is needed", path);
    out->features_first = options->transpose;
    out->n = self->npy.dims[options->transpose];
    out->p = self->npy.dims[!options->transpose];
    /* what lies together is a row of the file, or in Fortran order a column */
    bool samples = self->npy.fortran == options->transpose;
    out->order = samples ? RI_FEED_SAMPLES : RI_FEED_FEATURES;
    return RI_OK;
}
