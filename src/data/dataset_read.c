/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of X from file to memory, and the search for what must not be in them. */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset_file.h"
#include "data/hdf5_common.h"

enum {
    BLOCK_BYTES = 16 << 20, /* of rows read before they are turned into columns */
    CHUNK_BYTES = 64 << 20, /* the same, where chunks ask for more */
};

/* Reads dims [from0, +count0) x [from1, +count1) of X into rows of `row` elements each. */
static bool read_block(const ri_dataset *dataset, const hsize_t from[2], const hsize_t count[2],
                       hsize_t row, void *out) {
    const ri_dataset_file *file = dataset->file;
    const hsize_t origin[2] = {0, 0}, extent[2] = {count[0], row};
    hid_t memory = H5Screate_simple(2, extent, NULL);
    hid_t stored = H5Dget_space(file->x.id);
    bool ok = memory >= 0 && stored >= 0 &&
              H5Sselect_hyperslab(memory, H5S_SELECT_SET, origin, NULL, count, NULL) >= 0 &&
              H5Sselect_hyperslab(stored, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 &&
              H5Dread(file->x.id, file->memory, memory, stored, H5P_DEFAULT, out) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    return ok;
}

static bool read_columns(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                         size_t stride) {
    const size_t size = H5Tget_size(dataset->file->memory);
    return read_block(
        dataset, (hsize_t[2]){(hsize_t)from, 0},
        (hsize_t[2]){(hsize_t)count, ri_storage_bytes(dataset->storage, dataset->n) / size},
        stride / size, out);
}

/* Rows of `count` elements to columns `stride` bytes apart, in squares that stay in the cache. */
static void transpose(const char *in, int64_t rows, int64_t count, size_t size, char *out,
                      size_t stride) {
    enum { EDGE = 32 };
    for (int64_t i0 = 0; i0 < rows; i0 += EDGE)
        for (int64_t j0 = 0; j0 < count; j0 += EDGE) {
            int64_t i1 = i0 + EDGE < rows ? i0 + EDGE : rows;
            int64_t j1 = j0 + EDGE < count ? j0 + EDGE : count;
            for (int64_t j = j0; j < j1; j++) {
                char *column = out + (size_t)j * stride;
                for (int64_t i = i0; i < i1; i++) {
                    const char *element = in + (size_t)(i * count + j) * size;
                    char *place = column + (size_t)i * size;
                    if (size == 8)
                        memcpy(place, element, 8);
                    else if (size == 4)
                        memcpy(place, element, 4);
                    else
                        *place = *element;
                }
            }
        }
}

/* Rows of a block: about BLOCK_BYTES, and whole chunks where they are not too large. */
static int64_t block_rows(const ri_dataset *dataset, size_t row_bytes) {
    int64_t rows = row_bytes < BLOCK_BYTES ? (int64_t)(BLOCK_BYTES / row_bytes) : 1;
    int64_t chunk = dataset->chunk_samples;
    if (chunk > 0 && (uint64_t)chunk <= CHUNK_BYTES / row_bytes)
        rows = rows < chunk ? chunk : rows / chunk * chunk;
    return rows < dataset->n ? rows : dataset->n;
}

static ri_status read_transposed(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                                 size_t stride, bool *ok, ri_error *err) {
    const size_t size = H5Tget_size(dataset->file->memory);
    const size_t row_bytes = (size_t)count * size;
    const int64_t rows = block_rows(dataset, row_bytes);
    char *buffer = ri_alloc((size_t)rows, row_bytes);
    if (!buffer)
        return ri_fail_memory(err, "a block of samples", (unsigned long long)rows * row_bytes);
    *ok = true;
    for (int64_t i = 0; i < dataset->n && *ok; i += rows) {
        int64_t now = rows < dataset->n - i ? rows : dataset->n - i;
        *ok = read_block(dataset, (hsize_t[2]){(hsize_t)i, (hsize_t)from},
                         (hsize_t[2]){(hsize_t)now, (hsize_t)count}, (hsize_t)count, buffer);
        if (*ok)
            transpose(buffer, now, count, size, (char *)out + (size_t)i * size, stride);
    }
    free(buffer);
    return RI_OK;
}

/* R writes the missing value of its integers as the smallest one. */
static void restore_integer_na(const ri_dataset *dataset, void *out, int64_t count, size_t stride) {
    for (int64_t j = 0; j < count; j++) {
        double *column = (double *)((char *)out + (size_t)j * stride);
        for (int64_t i = 0; i < dataset->n; i++)
            if (column[i] == (double)INT32_MIN)
                column[i] = (double)NAN;
    }
}

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

/* "FILE:/X: feature 17 ('rs123'), sample 5 ('s5') <what>". */
static ri_status fail_element(const ri_dataset *dataset, int64_t feature, int64_t sample,
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

ri_status ri_dataset_read(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                          size_t stride, int64_t *missing, ri_error *err) {
    assert(from >= 0 && count >= 0 && count <= dataset->p - from);
    assert(stride >= ri_storage_bytes(dataset->storage, dataset->n));
    assert(stride % H5Tget_size(dataset->file->memory) == 0);
    if (missing)
        *missing = 0;
    if (count == 0)
        return RI_OK;
    ri_status status = RI_OK;
    bool ok = false;
    ri_hdf5_quiet before = ri_hdf5_silence();
    if (dataset->samples_first)
        status = read_transposed(dataset, from, count, out, stride, &ok, err);
    else
        ok = read_columns(dataset, from, count, out, stride);
    ri_hdf5_restore(before);
    RI_TRY(status);
    if (!ok)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: dataset %s cannot be read (features %lld to %lld); the file may be "
                       "truncated or damaged",
                       dataset->path, dataset->x_path, (long long)from + 1,
                       (long long)(from + count));
    if (dataset->file->x.integer_na)
        restore_integer_na(dataset, out, count, stride);
    for (int64_t j = 0; j < count; j++) {
        int64_t infinite;
        int64_t found = scan_column(dataset->storage, (const char *)out + (size_t)j * stride,
                                    dataset->n, &infinite);
        if (infinite >= 0)
            return fail_element(dataset, from + j, infinite, "is infinite; remove or correct it",
                                err);
        if (missing)
            *missing += found;
    }
    return RI_OK;
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
        return fail_element(dataset, from + j, i,
                            "is missing (NaN); use --missing mean, or remove the feature or sample",
                            err);
    }
    return RI_OK;
}
