/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of X from whatever holds them to memory, and the search for what must not be in them. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset_file.h"
#include "data/narrow.h"

/* Missing values of a column; `*infinite` is the row of the first infinite one, or -1. */
static int64_t scan_f64(const double *column, int64_t n, int64_t *infinite) {
    int64_t unusual = 0, missing = 0;
    for (int64_t i = 0; i < n; i++)
        unusual += !(fabs(column[i]) <= DBL_MAX);
    for (int64_t i = 0; i < n && unusual > 0; i++) {
        if (isinf(column[i]) && *infinite < 0)
            *infinite = i;
        missing += isnan(column[i]) != 0;
    }
    return missing;
}

static int64_t scan_f32(const float *column, int64_t n, int64_t *infinite) {
    int64_t unusual = 0, missing = 0;
    for (int64_t i = 0; i < n; i++)
        unusual += !(fabsf(column[i]) <= FLT_MAX);
    for (int64_t i = 0; i < n && unusual > 0; i++) {
        if (isinf(column[i]) && *infinite < 0)
            *infinite = i;
        missing += isnan(column[i]) != 0;
    }
    return missing;
}

static int64_t count_byte(const uint8_t *column, int64_t n, uint8_t byte) {
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++)
        found += column[i] == byte;
    return found;
}

/* Pairs of bits that are 01, of the first n. */
static int64_t count_packed(const uint8_t *column, int64_t n) {
    int64_t found = 0;
    for (int64_t k = 0; k < n / 4; k++)
        found += __builtin_popcount(column[k] & ~(column[k] >> 1) & 0x55u);
    if (n % 4) {
        unsigned last = column[n / 4] & ((1u << 2 * (n % 4)) - 1);
        found += __builtin_popcount(last & ~(last >> 1) & 0x55u);
    }
    return found;
}

static int64_t scan_column(ri_storage storage, const void *column, int64_t n, int64_t *infinite) {
    *infinite = -1;
    switch (storage) {
    case RI_F64:
        return scan_f64(column, n, infinite);
    case RI_F32:
        return scan_f32(column, n, infinite);
    case RI_I8:
        return count_byte(column, n, 0x80);
    case RI_DOSAGE:
        return count_byte(column, n, 255);
    default:
        return count_packed(column, n);
    }
}

ri_status ri_dataset_fail_columns(const ri_dataset *dataset, int64_t from, int64_t count,
                                  ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: dataset %s cannot be read (features %lld to %lld); the file may be "
                   "truncated or damaged",
                   dataset->path, dataset->x_path, (long long)from + 1, (long long)(from + count));
}

ri_status ri_dataset_fail_element(const ri_dataset *dataset, int64_t feature, int64_t sample,
                                  const char *what, ri_error *err) {
    char names[2][140] = {"", ""};
    if (dataset->feature_named)
        snprintf(names[0], sizeof names[0], " ('%.100s')",
                 ri_names_get(&dataset->feature, feature));
    if (dataset->sample_named)
        snprintf(names[1], sizeof names[1], " ('%.100s')", ri_names_get(&dataset->sample, sample));
    return ri_fail(err, RI_BAD_INPUT, "%s:%s: feature %lld%s, sample %lld%s %s", dataset->path,
                   dataset->x_path, (long long)feature + 1, names[0], (long long)sample + 1,
                   names[1], what);
}

ri_status ri_dataset_fetch(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                           size_t stride, ri_error *err) {
    assert(from >= 0 && count >= 0 && count <= dataset->p - from);
    assert(stride >= ri_storage_bytes(dataset->storage, dataset->n));
    if (count == 0)
        return RI_OK;
    if (dataset->file->row || dataset->file->column)
        return ri_narrow_read(dataset, from, count, out, stride, err);
    return dataset->file->backing->read(dataset, from, count, out, stride, err);
}

ri_status ri_dataset_pick_rows(const ri_dataset *dataset, const ri_piece *part, void *to,
                               size_t stride, ri_error *err) {
    char *out = to;
    const size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    char *column = ri_alloc(1, bytes);
    ri_status status = column ? RI_OK : ri_fail_memory(err, "a column of X", bytes);
    for (int64_t k = 0; k < part->count && status == RI_OK; k++, out += stride) {
        status = ri_dataset_fetch(dataset, part->from + k, 1, column, bytes, err);
        if (status == RI_OK)
            memcpy(out, column + ri_storage_bytes(dataset->storage, part->row),
                   ri_storage_bytes(dataset->storage, part->rows));
    }
    free(column);
    return status;
}

ri_status ri_dataset_fetch_rows(const ri_dataset *dataset, const ri_piece *part, void *out,
                                size_t stride, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    assert(part->row % 8 == 0 && part->row + part->rows <= dataset->n);
    if (file->row || file->column || !file->backing->read_rows)
        return ri_dataset_pick_rows(dataset, part, out, stride, err);
    return file->backing->read_rows(dataset, part, out, stride, err);
}

bool ri_dataset_parallel(const ri_dataset *dataset) {
    bool (*parallel)(const ri_dataset *) = dataset->file->backing->parallel;
    return parallel && parallel(dataset);
}

bool ri_dataset_whole(const ri_dataset *dataset) {
    return !dataset->file->row && !dataset->file->column;
}

bool ri_dataset_plain(const ri_dataset *dataset) {
    const ri_dataset_file *file = dataset->file;
    return file->backing->plain && ri_dataset_whole(dataset) && file->backing->plain(dataset);
}

bool ri_dataset_find(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                     uint64_t *at) {
    const ri_backing *backing = dataset->file->backing;
    return backing->find && ri_dataset_plain(dataset) &&
           backing->find(dataset, from, count, file, at);
}

bool ri_dataset_extent(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                       ri_extent *out) {
    const ri_backing *backing = dataset->file->backing;
    return backing->extent && ri_dataset_whole(dataset) &&
           backing->extent(dataset, from, count, file, out);
}

ri_status ri_dataset_fetch_held(const ri_dataset *dataset, const ri_piece *part,
                                const ri_extent *held, void *out, size_t stride, ri_error *err) {
    return dataset->file->backing->read_held(dataset, part, held, out, stride, err);
}

bool ri_dataset_cached(const ri_dataset *dataset) {
    enum { LOOKS = 32 };
    for (int64_t k = 0; k < LOOKS; k++)
        if (!dataset->file->backing->cached(dataset, (dataset->p - 1) * k / (LOOKS - 1)))
            return false;
    return true;
}

void ri_dataset_ahead(const ri_dataset *dataset, int64_t from, int64_t count) {
    if (dataset->file->backing->ahead && !dataset->file->column)
        dataset->file->backing->ahead(dataset, from, count);
}

void ri_dataset_keep_rooms(const ri_dataset *dataset, bool keep) {
    ri_raw_keep_rooms(&dataset->file->raw, keep);
}

double ri_dataset_inflated(const ri_dataset *dataset) {
    return dataset->file->raw.inflated;
}

ri_status ri_dataset_read(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                          size_t stride, int64_t *missing, ri_error *err) {
    if (missing)
        *missing = 0;
    RI_TRY(ri_dataset_fetch(dataset, from, count, out, stride, err));
    return ri_dataset_check(dataset, from, count, out, stride, missing, err);
}

ri_status ri_dataset_check(const ri_dataset *dataset, int64_t from, int64_t count,
                           const void *values, size_t stride, int64_t *missing, ri_error *err) {
    if (missing)
        *missing = 0;
    for (int64_t j = 0; j < count; j++) {
        int64_t infinite;
        int64_t found = scan_column(dataset->storage, (const char *)values + (size_t)j * stride,
                                    dataset->n, &infinite);
        if (infinite >= 0)
            return ri_dataset_fail_element(dataset, from + j, infinite,
                                           "is infinite; remove or correct it", err);
        if (missing)
            *missing += found;
    }
    return RI_OK;
}

ri_status ri_dataset_fail_missing(const ri_dataset *dataset, int64_t feature, int64_t sample,
                                  ri_error *err) {
    return ri_dataset_fail_element(
        dataset, feature, sample,
        "is missing (NaN); use --missing mean, or remove the feature or sample", err);
}

ri_status ri_dataset_missing_error(const ri_dataset *dataset, int64_t from, int64_t count,
                                   const void *values, size_t stride, ri_error *err) {
    for (int64_t j = 0; j < count; j++) {
        const void *column = (const char *)values + (size_t)j * stride;
        int64_t infinite;
        if (scan_column(dataset->storage, column, dataset->n, &infinite) == 0)
            continue;
        int64_t i = 0;
        while (!isnan(ri_element(dataset->storage, column, i)))
            i++;
        return ri_dataset_fail_missing(dataset, from + j, i, err);
    }
    return RI_OK;
}

ri_status ri_dataset_each(const ri_dataset *dataset, ri_dataset_look *look, void *context,
                          ri_error *err) {
    enum { BLOCK_BYTES = 8 << 20 };
    size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / (bytes + 1));
    block = block < dataset->p ? block : dataset->p;
    char *values = ri_alloc((size_t)block, bytes);
    ri_status status = RI_OK;
    if (!values)
        return ri_fail_memory(err, "a block of features", (uint64_t)block * bytes);
    for (int64_t from = 0; from < dataset->p; from += block) {
        int64_t count = block < dataset->p - from ? block : dataset->p - from;
        RI_GO(ri_dataset_read(dataset, from, count, values, bytes, NULL, err));
        for (int64_t j = 0; j < count; j++)
            look(context, from + j, values + (size_t)j * bytes);
    }
done:
    free(values);
    return status;
}
