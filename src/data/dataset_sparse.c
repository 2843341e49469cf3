/* SPDX-License-Identifier: BSD-3-Clause
 * Nothing of the file is believed: starts must rise up to the number of entries, and the samples of
 * a feature within it, before they are used as places. */
#include "data/dataset_sparse.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/hdf5_common.h"

enum { PATH_TEXT = 256, BLOCK_ENTRIES = 1 << 20 };

static bool is_group(const ri_source *source, const char *path) {
    if (!ri_source_has(source, path))
        return false;
    hid_t object = H5Oopen(source->file, path, H5P_DEFAULT);
    bool group = object >= 0 && H5Iget_type(object) == H5I_GROUP;
    if (object >= 0)
        H5Oclose(object);
    return group;
}

static ri_status read_samples(ri_dataset *dataset, ri_error *err) {
    const ri_source *source = &dataset->file->source;
    bool found = false;
    int64_t n = 0;
    hid_t object = H5Oopen(source->file, dataset->x_path, H5P_DEFAULT);
    ri_status status =
        ri_source_integer(source, object, dataset->x_path, "n_samples", &n, &found, err);
    H5Oclose(object);
    RI_TRY(status);
    if (!found || n < 1 || n > INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: attribute n_samples is %s%lld", dataset->path,
                       dataset->x_path, found ? "" : "missing or ", (long long)n);
    dataset->n = n;
    return RI_OK;
}

static ri_status open_vector(const ri_dataset *dataset, const char *name, ri_source_set *set,
                             ri_error *err) {
    const ri_source *source = &dataset->file->source;
    char path[PATH_TEXT];
    snprintf(path, sizeof path, "%s/%s", dataset->x_path, name);
    RI_TRY(ri_source_dataset(source, path, set, err));
    RI_TRY(ri_source_numeric(source, path, set, err));
    if (set->rank != 1)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is a matrix; a vector is needed", dataset->path,
                       path);
    return RI_OK;
}

static ri_status check_start(const ri_dataset *dataset, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    const int64_t *start = file->start, p = dataset->p;
    int64_t entries = (int64_t)file->x.dims[0];
    for (int64_t j = 0; j < p; j++)
        if (start[0] != 0 || start[j + 1] < start[j] || start[j + 1] - start[j] > dataset->n)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s:%s/indptr: goes from %lld to %lld at feature %lld; it must begin "
                           "with 0 and rise by no more than the %lld samples",
                           dataset->path, dataset->x_path, (long long)start[j],
                           (long long)start[j + 1], (long long)j + 1, (long long)dataset->n);
    if (start[p] != entries || (int64_t)file->entry.dims[0] != entries)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: has %lld values and %lld indices, but indptr ends with %lld",
                       dataset->path, dataset->x_path, (long long)entries,
                       (long long)file->entry.dims[0], (long long)start[p]);
    return RI_OK;
}

static ri_status choose_type(ri_dataset *dataset, ri_error *err) {
    const ri_source_set *x = &dataset->file->x, *entry = &dataset->file->entry;
    bool byte = x->class == H5T_INTEGER && x->size == 1 && x->is_signed;
    bool real = x->class == H5T_FLOAT && x->size >= 4;
    if (!(byte || real) || entry->class != H5T_INTEGER)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: sparse values are f64, f32 or i8, and indices integers",
                       dataset->path, dataset->x_path);
    dataset->storage = byte ? RI_I8 : x->size == 4 ? RI_F32 : RI_F64;
    dataset->file->memory = ri_hdf5_memory_type(dataset->storage);
    return RI_OK;
}

ri_status ri_sparse_open(ri_dataset *dataset, ri_error *err) {
    ri_dataset_file *file = dataset->file;
    char path[PATH_TEXT];
    int64_t starts = -1;
    if (!dataset->own_layout || !is_group(&file->source, dataset->x_path))
        return RI_OK;
    RI_TRY(read_samples(dataset, err));
    snprintf(path, sizeof path, "%s/indptr", dataset->x_path);
    RI_TRY(ri_source_integers(&file->source, path, &starts, "features", &file->start, err));
    if (starts < 2 || starts - 1 > INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: has %lld values", dataset->path, path,
                       (long long)starts);
    dataset->p = starts - 1;
    RI_TRY(open_vector(dataset, "indices", &file->entry, err));
    RI_TRY(open_vector(dataset, "values", &file->x, err));
    RI_TRY(choose_type(dataset, err));
    RI_TRY(check_start(dataset, err));
    dataset->sparse = true;
    dataset->compressed = file->x.filtered;
    dataset->file_bytes = file->x.stored_bytes + file->entry.stored_bytes;
    return RI_OK;
}

void ri_sparse_close(ri_dataset_file *file) {
    ri_source_set_close(&file->entry);
    free(file->start);
    file->start = NULL;
}

/* --- entries -----------------------------------------------------------------------------------
 */

/* The entries of features [from, from + count) of the file; their samples are checked. */
static ri_status read_entries(const ri_dataset *dataset, int64_t from, int64_t count, int32_t *row,
                              void *value, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    const int64_t *start = file->start + from;
    int64_t entries = start[count] - start[0];
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok = ri_hdf5_read_part(file->entry.id, start[0], entries, H5T_NATIVE_INT32, row) &&
              ri_hdf5_read_part(file->x.id, start[0], entries, file->memory, value);
    ri_hdf5_restore(before);
    if (!ok)
        return ri_dataset_fail_columns(dataset, from, count, err);
    for (int64_t j = 0; j < count; j++)
        for (int64_t k = start[j]; k < start[j + 1]; k++) {
            int32_t i = row[k - start[0]];
            if (i < 0 || i >= file->rows || (k > start[j] && i <= row[k - start[0] - 1]))
                return ri_fail(err, RI_BAD_INPUT,
                               "%s:%s/indices: entry %lld, of feature %lld, is %d; samples must "
                               "rise within a feature, from 0 to %lld",
                               dataset->path, dataset->x_path, (long long)k + 1,
                               (long long)(from + j) + 1, (int)i, (long long)file->rows - 1);
        }
    return RI_OK;
}

/* Features from `from` on whose entries make a block. */
static int64_t block_features(const ri_dataset_file *file, int64_t from, int64_t to) {
    int64_t end = from + 1;
    while (end < to && file->start[end + 1] - file->start[from] <= BLOCK_ENTRIES)
        end++;
    return end - from;
}

ri_status ri_sparse_read(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                         size_t stride, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    const size_t size = ri_storage_bytes(dataset->storage, 1);
    const int64_t most = BLOCK_ENTRIES > file->rows ? BLOCK_ENTRIES : file->rows;
    ri_status status = RI_OK;
    int32_t *row = ri_alloc((size_t)most, sizeof *row);
    char *value = ri_alloc((size_t)most, size), *place = out;
    if (!row || !value)
        status = ri_fail_memory(err, "a block of entries", (size_t)most * (size + 4));
    for (int64_t j = from, now; j < from + count && status == RI_OK; j += now) {
        now = block_features(file, j, from + count);
        status = read_entries(dataset, j, now, row, value, err);
        for (int64_t a = j; a < j + now && status == RI_OK; a++, place += stride) {
            memset(place, 0, (size_t)file->rows * size);
            for (int64_t k = file->start[a]; k < file->start[a + 1]; k++) {
                int64_t at = k - file->start[j];
                memcpy(place + (size_t)row[at] * size, value + (size_t)at * size, size);
            }
        }
    }
    free(row);
    free(value);
    return status;
}

int64_t ri_dataset_entries(const ri_dataset *dataset, int64_t from, int64_t count) {
    const ri_dataset_file *file = dataset->file;
    int64_t entries = 0;
    if (!file->column)
        return file->start[from + count] - file->start[from];
    for (int64_t j = from; j < from + count; j++)
        entries += file->start[file->column[j] + 1] - file->start[file->column[j]];
    return entries;
}

/* 1 missing, 2 infinite. */
static int classify(ri_storage type, const void *value, int64_t k) {
    double v = ri_element(type, value, k);
    return isnan(v) ? 1 : isinf(v) ? 2 : 0;
}

/* Moves the entries of kept samples to the front, under their new numbers; returns how many. */
static int64_t keep_rows(const int32_t *place, int64_t entries, int32_t *row, char *value,
                         size_t size) {
    int64_t kept = 0;
    for (int64_t k = 0; k < entries; k++) {
        int32_t to = place ? place[row[k]] : row[k];
        if (to < 0)
            continue;
        row[kept] = to;
        memmove(value + (size_t)kept * size, value + (size_t)k * size, size);
        kept++;
    }
    return kept;
}

/* New number of every sample of the file, -1 where it is left out; NULL where all are kept. */
static ri_status find_places(const ri_dataset *dataset, int32_t **place, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    *place = NULL;
    if (!file->row)
        return RI_OK;
    *place = ri_alloc((size_t)file->rows, sizeof **place);
    if (!*place)
        return ri_fail_memory(err, "a selection", (size_t)file->rows * sizeof **place);
    memset(*place, 0xff, (size_t)file->rows * sizeof **place);
    for (int64_t i = 0; i < dataset->n; i++)
        (*place)[file->row[i]] = (int32_t)i;
    return RI_OK;
}

ri_status ri_dataset_read_entries(const ri_dataset *dataset, int64_t from, int64_t count,
                                  int64_t *kept, int32_t *row, void *value, int64_t *missing,
                                  ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    const size_t size = ri_storage_bytes(dataset->storage, 1);
    char *at = value;
    int32_t *place;
    RI_TRY(find_places(dataset, &place, err));
    ri_status status = RI_OK;
    *missing = 0;
    /* at one go where nothing is left out, else feature by feature */
    if (!file->column)
        status = read_entries(dataset, from, count, row, at, err);
    for (int64_t j = from; j < from + count && status == RI_OK; j++) {
        int64_t column = file->column ? file->column[j] : j;
        int64_t entries = file->start[column + 1] - file->start[column];
        if (file->column)
            status = read_entries(dataset, column, 1, row, at, err);
        if (status != RI_OK)
            break;
        kept[j - from] = keep_rows(place, entries, row, at, size);
        for (int64_t k = 0; k < kept[j - from] && status == RI_OK; k++) {
            int found = classify(dataset->storage, at, k);
            *missing += found == 1;
            if (found == 2)
                status = ri_dataset_fail_element(dataset, j, row[k],
                                                 "is infinite; remove or correct it", err);
        }
        row += entries;
        at += (size_t)entries * size;
    }
    free(place);
    return status;
}
