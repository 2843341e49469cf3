/* SPDX-License-Identifier: BSD-3-Clause
 * The backing of datasets in HDF5 files: columns of X, and group labels. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset_file.h"
#include "data/dataset_sparse.h"
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
    hid_t x = file->route.x >= 0 ? file->route.x : file->x.id;
    hid_t stored = H5Dget_space(x);
    bool ok = memory >= 0 && stored >= 0 &&
              H5Sselect_hyperslab(memory, H5S_SELECT_SET, origin, NULL, count, NULL) >= 0 &&
              H5Sselect_hyperslab(stored, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 &&
              H5Dread(x, file->memory, memory, stored, file->route.transfer, out) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    return ok;
}

static bool read_columns(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                         size_t stride) {
    const size_t size = H5Tget_size(dataset->file->memory);
    return read_block(dataset, (hsize_t[2]){(hsize_t)from, 0},
                      (hsize_t[2]){(hsize_t)count,
                                   ri_storage_bytes(dataset->storage, dataset->file->rows) / size},
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
    return rows < dataset->file->rows ? rows : dataset->file->rows;
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
    for (int64_t i = 0; i < dataset->file->rows && *ok; i += rows) {
        int64_t now = rows < dataset->file->rows - i ? rows : dataset->file->rows - i;
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
        for (int64_t i = 0; i < dataset->file->rows; i++)
            if (column[i] == (double)INT32_MIN)
                column[i] = (double)NAN;
    }
}

static bool reads_raw(const ri_dataset *dataset) {
    ri_dataset_file *file = dataset->file;
    if (file->route.x >= 0)
        return false;
    if (!file->raw.asked && !dataset->sparse) {
        ri_hdf5_quiet before = ri_hdf5_silence();
        ri_raw_open(&file->source, &file->x, file->memory, &file->raw);
        ri_hdf5_restore(before);
    }
    /* rows of a contiguous dataset are turned into columns block by block, below */
    return file->raw.asked && file->raw.file >= 0 && (file->raw.list || !dataset->samples_first);
}

static bool reads_plainly(const ri_dataset *dataset) {
    return reads_raw(dataset) && !dataset->samples_first && ri_raw_plain(&dataset->file->raw);
}

static bool find_columns(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                         uint64_t *at) {
    *file = dataset->file->raw.file;
    return ri_raw_find(&dataset->file->raw, from, count, at);
}

static bool find_extent(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                        ri_extent *out) {
    if (!reads_raw(dataset))
        return false;
    *file = dataset->file->raw.file;
    return ri_raw_extent(&dataset->file->raw, dataset->samples_first ? 1 : 0, from, count, out);
}

static bool raw_cached(const ri_dataset *dataset, int64_t feature) {
    return ri_raw_cached(&dataset->file->raw, dataset->samples_first ? 1 : 0, feature);
}

static void read_ahead(const ri_dataset *dataset, int64_t from, int64_t count) {
    if (reads_raw(dataset))
        ri_raw_ahead(&dataset->file->raw, dataset->samples_first ? 1 : 0, from, count);
}

/* Elements [row, row + rows) of each column, in bytes of packed ones. */
static ri_status read_raw(const ri_dataset *dataset, const ri_piece *part, const ri_extent *held,
                          void *out, size_t stride, ri_error *err) {
    ri_raw *raw = &dataset->file->raw;
    const int features = dataset->samples_first ? 1 : 0;
    int64_t failed[2];
    ri_raw_block block = {.out = out, .held = held};
    block.from[features] = part->from;
    block.count[features] = part->count;
    block.step[features] = stride;
    block.from[1 - features] = part->row;
    block.count[1 - features] = part->rows;
    block.step[1 - features] = raw->size;
    if (ri_raw_read(raw, &block, dataset->readers > 0 ? dataset->readers : 1, failed))
        return RI_OK;
    if (failed[0] < 0)
        return ri_fail_memory(err, "a chunk of X", (unsigned long long)part->count * stride);
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: dataset %s cannot be read: the %s at feature %lld, %s %lld, is damaged or "
                   "truncated; copy the file anew",
                   dataset->path, dataset->x_path, raw->list ? "chunk that starts" : "part",
                   (long long)failed[features] + 1,
                   dataset->storage == RI_PACKED2 ? "byte" : "sample",
                   (long long)failed[1 - features] + 1);
}

static ri_status read_held(const ri_dataset *dataset, const ri_piece *part, const ri_extent *held,
                           void *out, size_t stride, ri_error *err) {
    const int64_t rows = dataset->file->raw.dims[dataset->samples_first ? 0 : 1];
    const ri_piece whole = {part->from, part->count, 0, rows};
    return read_raw(dataset, &whole, held, out, stride, err);
}

static ri_status read_x(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                        size_t stride, ri_error *err) {
    assert(stride % H5Tget_size(dataset->file->memory) == 0);
    if (dataset->sparse)
        return ri_sparse_read(dataset, from, count, out, stride, err);
    if (reads_raw(dataset)) {
        return read_held(dataset, &(ri_piece){from, count, 0, dataset->n}, NULL, out, stride, err);
    }
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
        return ri_dataset_fail_columns(dataset, from, count, err);
    if (dataset->file->x.integer_na)
        restore_integer_na(dataset, out, count, stride);
    return RI_OK;
}

static ri_status read_x_rows(const ri_dataset *dataset, const ri_piece *part, void *out,
                             size_t stride, ri_error *err) {
    ri_piece bytes = *part;
    if (!reads_raw(dataset))
        return ri_dataset_pick_rows(dataset, part, out, stride, err);
    if (dataset->storage == RI_PACKED2) {
        bytes.row = (int64_t)ri_storage_bytes(RI_PACKED2, part->row);
        bytes.rows = (int64_t)ri_storage_bytes(RI_PACKED2, part->rows);
    }
    return read_raw(dataset, &bytes, NULL, out, stride, err);
}

static ri_status read_group(const ri_dataset *dataset, const char *name, ri_names *label,
                            ri_error *err) {
    ri_status status;
    char *link = ri_hdf5_link_name(name);
    size_t room = strlen(name) + sizeof "/groups/_";
    char *path = malloc(room);
    ri_hdf5_quiet before = ri_hdf5_silence();
    if (!link || !path) {
        status = ri_fail_memory(err, "a name", room);
        goto done;
    }
    snprintf(path, room, "/groups/%s", link);
    if (dataset->group_names.count == 0 || !ri_source_has(&dataset->file->source, path))
        status = ri_dataset_unknown_name(dataset, "group column", name, &dataset->group_names, err);
    else
        status = ri_source_names(&dataset->file->source, path, dataset->file->rows, "samples",
                                 label, err);
done:
    ri_hdf5_restore(before);
    free(link);
    free(path);
    return status;
}

static ri_status read_numbers(const ri_dataset *dataset, const char *path, ri_names *text,
                              ri_error *err) {
    double *value = NULL;
    int64_t rows = dataset->file->rows;
    RI_TRY(ri_source_doubles(&dataset->file->source, path, &rows, "samples", &value, err));
    ri_status status = ri_dataset_number_texts(value, rows, text, err);
    free(value);
    return status;
}

static ri_status read_covariate(const ri_dataset *dataset, const char *name, ri_names *text,
                                ri_error *err) {
    const ri_source *source = &dataset->file->source;
    ri_source_set set;
    size_t room = strlen(name) + sizeof "/covariates/";
    char *path = malloc(room);
    if (!path)
        return ri_fail_memory(err, "a name", room);
    snprintf(path, room, "/covariates/%s", name);
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_status status = ri_source_dataset(source, path, &set, err);
    if (status == RI_OK) {
        bool words = set.class == H5T_STRING;
        ri_source_set_close(&set);
        status = words ? ri_source_names(source, path, dataset->file->rows, "samples", text, err)
                       : read_numbers(dataset, path, text, err);
    }
    ri_hdf5_restore(before);
    free(path);
    return status;
}

static void close_file(ri_dataset_file *file) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_raw_close(&file->raw);
    ri_source_set_close(&file->x);
    ri_sparse_close(file);
    ri_source_close(&file->source);
    ri_hdf5_restore(before);
}

const ri_backing ri_backing_hdf5 = {.read = read_x,
                                    .group = read_group,
                                    .covariate = read_covariate,
                                    .close = close_file,
                                    .parallel = reads_raw,
                                    .plain = reads_plainly,
                                    .find = find_columns,
                                    .extent = find_extent,
                                    .read_held = read_held,
                                    .cached = raw_cached,
                                    .ahead = read_ahead,
                                    .read_rows = read_x_rows};
