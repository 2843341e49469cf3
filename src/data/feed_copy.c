/* SPDX-License-Identifier: BSD-3-Clause
 * The second pass over a feed: values to X of a dataset. Entries that come in any order are put
 * into columns for a range of features at a time, as many as fit a fixed amount of memory, with one
 * pass for each range. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/feed_block.h"
#include "data/writer.h"

enum {
    RANGE_ENTRIES = 1 << 24, /* of 12 bytes */
    COLUMN_BYTES = 1 << 22,
};

static void narrow(const double *value, int64_t count, ri_storage storage, void *out) {
    if (storage == RI_F64)
        memcpy(out, value, (size_t)count * sizeof *value);
    for (int64_t i = 0; i < count && storage == RI_F32; i++)
        ((float *)out)[i] = (float)value[i];
    for (int64_t i = 0; i < count && storage == RI_I8; i++)
        ((int8_t *)out)[i] = isnan(value[i]) ? INT8_MIN : (int8_t)value[i];
}

static ri_status fail_changed(const ri_feed *feed, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s: the file changed while it was read; import it again",
                   feed->place);
}

/* --- whole samples or features ------------------------------------------------------------------
 */

static ri_status copy_dense(ri_feed *feed, ri_writer *writer, ri_storage storage, ri_error *err) {
    ri_status status;
    ri_feed_block block = {0};
    const bool samples = feed->order == RI_FEED_SAMPLES;
    const int64_t lines = samples ? feed->n : feed->p;
    const size_t bytes = ri_storage_bytes(storage, feed->n);
    void *stored = NULL;
    RI_GO(ri_feed_block_new(feed, &block, err));
    stored = ri_alloc(samples ? 0 : (size_t)block.capacity, bytes);
    if (!stored) {
        status = ri_fail_memory(err, "a block of X", (size_t)block.capacity * bytes);
        goto done;
    }
    RI_GO(feed->restart(feed, 0, INT64_MAX, err));
    for (int64_t done = 0; done < lines; done += block.count) {
        RI_GO(feed->next(feed, &block, err));
        if (block.count == 0 || block.count > lines - done) {
            status = fail_changed(feed, err);
            goto done;
        }
        if (samples) {
            RI_GO(ri_writer_rows(writer, done, block.count, block.value, err));
        } else {
            narrow(block.value, block.count * feed->n, storage, stored);
            RI_GO(ri_writer_columns(writer, done, block.count, stored, bytes, err));
        }
    }
done:
    free(stored);
    ri_feed_block_free(&block);
    return status;
}

/* --- entries
 * -------------------------------------------------------------------------------------- */

/* The entries of features [from, to), feature after feature. */
typedef struct feature_range {
    int64_t from, to;
    int64_t *start; /* [to - from + 1] */
    int64_t *fill;  /* [to - from] */
    int32_t *sample;
    double *value;
} feature_range;

static void free_range(feature_range *range) {
    free(range->start);
    free(range->fill);
    free(range->sample);
    free(range->value);
}

/* As many features from `from` as fit. */
static ri_status open_range(feature_range *range, const ri_feed *feed, const ri_feed_survey *survey,
                            int64_t from, ri_error *err) {
    int64_t entries = 0;
    *range = (feature_range){.from = from, .to = from};
    while (range->to < feed->p &&
           (range->to == from || entries + survey->count[range->to] <= RANGE_ENTRIES))
        entries += survey->count[range->to++];
    size_t features = (size_t)(range->to - from);
    range->start = ri_calloc(features + 1, sizeof *range->start);
    range->fill = ri_calloc(features, sizeof *range->fill);
    range->sample = ri_alloc((size_t)entries, sizeof *range->sample);
    range->value = ri_alloc((size_t)entries, sizeof *range->value);
    if (!range->start || !range->fill || !range->sample || !range->value) {
        free_range(range);
        return ri_fail_memory(err, "a range of features", (unsigned long long)entries * 12);
    }
    for (int64_t j = 0; j < range->to - from; j++)
        range->start[j + 1] = range->start[j] + survey->count[from + j];
    return RI_OK;
}

static ri_status fill_range(feature_range *range, ri_feed *feed, ri_feed_block *block,
                            ri_error *err) {
    RI_TRY(feed->restart(feed, range->from, range->to, err));
    do {
        RI_TRY(feed->next(feed, block, err));
        for (int64_t k = 0; k < block->count; k++) {
            int64_t j = block->entry_feature[k] - range->from;
            if (j < 0 || j >= range->to - range->from)
                continue;
            int64_t at = range->start[j] + range->fill[j]++;
            if (at >= range->start[j + 1])
                return fail_changed(feed, err);
            range->sample[at] = block->entry_sample[k];
            range->value[at] = block->value[k];
        }
    } while (block->count > 0);
    for (int64_t j = 0; j < range->to - range->from; j++)
        if (range->fill[j] != range->start[j + 1] - range->start[j])
            return fail_changed(feed, err);
    return RI_OK;
}

typedef struct entry {
    int32_t sample;
    double value;
} entry;

static int by_sample(const void *a, const void *b) {
    int32_t first = ((const entry *)a)->sample, second = ((const entry *)b)->sample;
    return (first > second) - (first < second);
}

/* Samples ascending, none twice. */
static ri_status sort_column(feature_range *range, const ri_feed *feed, int64_t j, ri_error *err) {
    int64_t from = range->start[j], count = range->start[j + 1] - from;
    int32_t *sample = range->sample + from;
    double *value = range->value + from;
    bool ascending = true;
    for (int64_t k = 1; k < count; k++)
        ascending &= sample[k - 1] < sample[k];
    if (ascending)
        return RI_OK;
    entry *sorted = ri_alloc((size_t)count, sizeof *sorted);
    if (!sorted)
        return ri_fail_memory(err, "a feature", (unsigned long long)count * sizeof *sorted);
    for (int64_t k = 0; k < count; k++)
        sorted[k] = (entry){sample[k], value[k]};
    qsort(sorted, (size_t)count, sizeof *sorted, by_sample);
    int64_t twice = -1;
    for (int64_t k = 0; k < count; k++) {
        sample[k] = sorted[k].sample;
        value[k] = sorted[k].value;
        if (k > 0 && sample[k] == sample[k - 1])
            twice = sample[k];
    }
    free(sorted);
    char text[RI_PLACE_TEXT];
    if (twice >= 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s has two entries; add or remove them where the file was made",
                       feed->place, ri_feed_say(feed, twice, range->from + j, text));
    return RI_OK;
}

/* Columns to X, through one as doubles and a block of them as stored. */
static ri_status put_range(const feature_range *range, const ri_feed *feed, ri_writer *writer,
                           ri_storage storage, ri_error *err) {
    ri_status status = RI_OK;
    const size_t bytes = ri_storage_bytes(storage, feed->n);
    int64_t most = 1 + (int64_t)(COLUMN_BYTES / bytes), all = range->to - range->from;
    most = most < all ? most : all;
    double *column = ri_alloc((size_t)feed->n, sizeof *column);
    char *stored = ri_alloc((size_t)most, bytes);
    if (!column || !stored)
        status = ri_fail_memory(err, "a block of features", (size_t)most * bytes);
    for (int64_t from = 0; from < all && status == RI_OK; from += most) {
        int64_t count = most < all - from ? most : all - from;
        for (int64_t j = from; j < from + count; j++) {
            memset(column, 0, (size_t)feed->n * sizeof *column);
            for (int64_t k = range->start[j]; k < range->start[j + 1]; k++)
                column[range->sample[k]] = range->value[k];
            narrow(column, feed->n, storage, stored + (size_t)(j - from) * bytes);
        }
        status = ri_writer_columns(writer, range->from + from, count, stored, bytes, err);
    }
    free(column);
    free(stored);
    return status;
}

/* The entries that are not 0. */
static ri_status put_sparse(feature_range *range, ri_writer *writer, ri_storage storage,
                            ri_error *err) {
    int64_t features = range->to - range->from, kept = 0;
    for (int64_t j = 0; j < features; j++) {
        int64_t before = kept;
        for (int64_t k = range->start[j]; k < range->start[j + 1]; k++)
            if (range->value[k] != 0.0) { /* true for NaN */
                range->sample[kept] = range->sample[k];
                range->value[kept++] = range->value[k];
            }
        range->fill[j] = kept - before;
    }
    void *stored = ri_alloc((size_t)kept, ri_storage_bytes(storage, 1));
    if (!stored)
        return ri_fail_memory(err, "a range of features", (unsigned long long)kept * 8);
    narrow(range->value, kept, storage, stored);
    ri_status status = ri_writer_entries(writer, features, range->fill, range->sample, stored, err);
    free(stored);
    return status;
}

static ri_status copy_entries(ri_feed *feed, const ri_feed_survey *survey, ri_writer *writer,
                              ri_storage storage, bool sparse, ri_error *err) {
    ri_status status;
    ri_feed_block block = {0};
    feature_range range = {0};
    RI_GO(ri_feed_block_new(feed, &block, err));
    for (int64_t from = 0; from < feed->p; from = range.to) {
        free_range(&range);
        RI_GO(open_range(&range, feed, survey, from, err));
        RI_GO(fill_range(&range, feed, &block, err));
        for (int64_t j = 0; j < range.to - range.from; j++)
            RI_GO(sort_column(&range, feed, j, err));
        RI_GO(sparse ? put_sparse(&range, writer, storage, err)
                     : put_range(&range, feed, writer, storage, err));
    }
done:
    free_range(&range);
    ri_feed_block_free(&block);
    return status;
}

ri_status ri_feed_copy(ri_feed *feed, const ri_feed_survey *survey, ri_writer *writer,
                       ri_storage storage, bool sparse, ri_error *err) {
    if (feed->order == RI_FEED_ENTRIES)
        return copy_entries(feed, survey, writer, storage, sparse, err);
    return copy_dense(feed, writer, storage, err);
}
