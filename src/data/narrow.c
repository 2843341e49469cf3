/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/narrow.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    BLOCK_BYTES = 8 << 20, /* of columns of the file, before their rows are picked */
    SPARSEST = 4,          /* a span of columns is read whole where one in so many is wanted */
};

static int64_t count_kept(const bool *keep, int64_t count) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        kept += keep[i];
    return kept;
}

/* `*index` (NULL: all of `count`) becomes the list of the kept ones in the file's numbering. */
static ri_status narrow_index(int32_t **index, const bool *keep, int64_t count, ri_error *err) {
    int64_t kept = count_kept(keep, count), at = 0;
    int32_t *narrow = ri_alloc((size_t)kept, sizeof *narrow);
    if (!narrow)
        return ri_fail_memory(err, "a selection", (size_t)kept * sizeof *narrow);
    for (int64_t i = 0; i < count; i++)
        if (keep[i])
            narrow[at++] = *index ? (*index)[i] : (int32_t)i;
    free(*index);
    *index = narrow;
    return RI_OK;
}

/* Moves the kept of `count` elements to the front; `values` may be NULL. */
static void narrow_values(void *values, size_t size, const bool *keep, int64_t count) {
    char *to = values;
    for (int64_t i = 0; values && i < count; i++)
        if (keep[i]) {
            memmove(to, (char *)values + (size_t)i * size, size);
            to += size;
        }
}

ri_status ri_dataset_narrow_samples(ri_dataset *dataset, const bool *keep, ri_error *err) {
    RI_TRY(narrow_index(&dataset->file->row, keep, dataset->n, err));
    ri_names_keep(&dataset->sample, keep);
    narrow_values(dataset->y, sizeof *dataset->y, keep, dataset->n);
    narrow_values(dataset->weight, sizeof *dataset->weight, keep, dataset->n);
    narrow_values(dataset->fold, sizeof *dataset->fold, keep, dataset->n);
    dataset->n = count_kept(keep, dataset->n);
    return RI_OK;
}

ri_status ri_narrow_names(const ri_dataset *dataset, ri_names *names, ri_error *err) {
    const int32_t *row = dataset->file->row;
    if (!row)
        return RI_OK;
    bool *keep = ri_calloc((size_t)dataset->file->rows, sizeof *keep);
    if (!keep)
        return ri_fail_memory(err, "a selection", (size_t)dataset->file->rows);
    for (int64_t i = 0; i < dataset->n; i++)
        keep[row[i]] = true;
    ri_names_keep(names, keep);
    free(keep);
    return RI_OK;
}

/* Entries of features that are gone go too. */
static ri_status narrow_truth(ri_truth *truth, const bool *keep, int64_t p, ri_error *err) {
    int64_t left = 0, before = 0;
    if (truth->count == 0)
        return RI_OK;
    int32_t *place = ri_alloc((size_t)p, sizeof *place);
    if (!place)
        return ri_fail_memory(err, "a selection", (size_t)p * sizeof *place);
    for (int64_t j = 0; j < p; j++) {
        place[j] = (int32_t)before;
        before += keep[j];
    }
    for (int64_t k = 0; k < truth->count; k++)
        if (keep[truth->feature[k]]) {
            truth->coefficient[left] = truth->coefficient[k];
            truth->feature[left++] = place[truth->feature[k]];
        }
    truth->count = left;
    free(place);
    return RI_OK;
}

ri_status ri_dataset_narrow_features(ri_dataset *dataset, const bool *keep, ri_error *err) {
    const int64_t p = dataset->p;
    RI_TRY(narrow_index(&dataset->file->column, keep, p, err));
    RI_TRY(narrow_truth(&dataset->truth, keep, p, err));
    ri_names *names[] = {&dataset->feature, &dataset->chrom, &dataset->a1, &dataset->a2};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (names[k]->count > 0)
            ri_names_keep(names[k], keep);
    narrow_values(dataset->pos, sizeof *dataset->pos, keep, p);
    dataset->p = count_kept(keep, p);
    return RI_OK;
}

/* --- reading --------------------------------------------------------------------------------- */

static void pick_packed(const uint8_t *in, const int32_t *row, int64_t n, uint8_t *out) {
    memset(out, 0, (size_t)(n + 3) / 4);
    for (int64_t i = 0; i < n; i++) {
        unsigned code = in[row[i] / 4] >> (2 * (row[i] % 4)) & 3u;
        out[i / 4] = (uint8_t)(out[i / 4] | code << (2 * (i % 4)));
    }
}

/* The rows that the dataset shows of one column of the file; without a list, all. */
static void pick_rows(const ri_dataset *dataset, const char *in, char *out) {
    const int32_t *row = dataset->file->row;
    const int64_t n = dataset->n;
    size_t size = ri_storage_bytes(dataset->storage, 1);
    if (!row) {
        memcpy(out, in, ri_storage_bytes(dataset->storage, n));
    } else if (dataset->storage == RI_PACKED2) {
        pick_packed((const uint8_t *)in, row, n, (uint8_t *)out);
    } else {
        for (int64_t i = 0; i < n; i++)
            memcpy(out + (size_t)i * size, in + (size_t)row[i] * size, size);
    }
}

static int64_t column_of(const ri_dataset *dataset, int64_t j) {
    return dataset->file->column ? dataset->file->column[j] : j;
}

/* How many features from `from` on are read at once: their columns lie in a span of the file of at
 * most `most`, and are a good part of it. */
static int64_t span_length(const ri_dataset *dataset, int64_t from, int64_t to, int64_t most) {
    int64_t first = column_of(dataset, from), end = from + 1;
    while (end < to) {
        int64_t span = column_of(dataset, end) - first + 1;
        if (span > most || span > SPARSEST * (end - from + 1))
            break;
        end++;
    }
    return end - from;
}

ri_status ri_narrow_read(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                         size_t stride, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    const size_t bytes = ri_storage_bytes(dataset->storage, file->rows);
    const int64_t most = 1 + (int64_t)(BLOCK_BYTES / bytes), to = from + count;
    int64_t room = column_of(dataset, to - 1) - column_of(dataset, from) + 1;
    room = room < most ? room : most;
    char *block = ri_alloc((size_t)room, bytes), *place = out;
    if (!block)
        return ri_fail_memory(err, "a block of features", (size_t)room * bytes);
    ri_status status = RI_OK;
    while (from < to && status == RI_OK) {
        int64_t now = span_length(dataset, from, to, room);
        int64_t first = column_of(dataset, from);
        int64_t span = column_of(dataset, from + now - 1) - first + 1;
        status = file->backing->read(dataset, first, span, block, bytes, err);
        for (int64_t j = 0; j < now && status == RI_OK; j++, place += stride)
            pick_rows(dataset, block + (size_t)(column_of(dataset, from + j) - first) * bytes,
                      place);
        from += now;
    }
    free(block);
    return status;
}
