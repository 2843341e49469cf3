/* SPDX-License-Identifier: BSD-3-Clause
 * What X of a file is: its type, and which of its dimensions are the samples. */
#include <stdlib.h>
#include <string.h>

#include "data/dataset_file.h"
#include "data/dataset_sparse.h"
#include "data/hdf5_common.h"

enum {
    CACHE_SLOTS = 12421, /* a prime, some times the number of chunks cached */
    CACHE_BYTES = 256 << 20,
};

static ri_status choose_encoded(ri_dataset *dataset, const char *encoding, ri_error *err) {
    const ri_source_set *x = &dataset->file->x;
    if (strcmp(encoding, "packed2") == 0)
        dataset->storage = RI_PACKED2;
    else if (strcmp(encoding, "dosage") == 0)
        dataset->storage = RI_DOSAGE;
    else
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: attribute encoding is '%.100s'; this version of riata reads packed2 "
                       "and dosage",
                       dataset->path, dataset->x_path, encoding);
    if (x->class != H5T_INTEGER || x->size != 1 || x->is_signed)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: encoding %s needs unsigned 8-bit integers",
                       dataset->path, dataset->x_path, encoding);
    return RI_OK;
}

/* The smallest type in memory that holds every value of the stored type exactly (64-bit integers:
 * up to 2^53). In 8-bit integers -128 means missing to riata, but only to riata: elsewhere it is a
 * value, unless the numbers are said to be genotypes. */
static ri_storage choose_plain(const ri_dataset *dataset) {
    const ri_source_set *x = &dataset->file->x;
    if (x->class == H5T_FLOAT)
        return x->size == 8 ? RI_F64 : RI_F32;
    if (x->size == 1 && x->is_signed && (dataset->own_layout || dataset->genotype))
        return RI_I8;
    return x->size <= 2 ? RI_F32 : RI_F64;
}

static ri_status choose_storage(ri_dataset *dataset, ri_error *err) {
    ri_dataset_file *file = dataset->file;
    char *encoding = NULL;
    int64_t genotype = 0;
    bool found;
    RI_TRY(ri_source_numeric(&file->source, dataset->x_path, &file->x, err));
    RI_TRY(ri_source_integer(&file->source, file->x.id, dataset->x_path, "genotype", &genotype,
                             &found, err));
    dataset->genotype = genotype != 0;
    ri_status status = RI_OK;
    if (dataset->own_layout)
        RI_TRY(
            ri_source_text(&file->source, file->x.id, dataset->x_path, "encoding", &encoding, err));
    if (encoding)
        status = choose_encoded(dataset, encoding, err);
    else
        dataset->storage = choose_plain(dataset);
    free(encoding);
    file->memory = ri_hdf5_memory_type(dataset->storage);
    return status;
}

ri_status ri_dataset_open_x(ri_dataset *dataset, ri_error *err) {
    ri_source_set *x = &dataset->file->x;
    RI_TRY(ri_sparse_open(dataset, err));
    if (dataset->sparse)
        return RI_OK;
    RI_TRY(ri_source_dataset(&dataset->file->source, dataset->x_path, x, err));
    if (x->rank != 2 || x->dims[0] == 0 || x->dims[1] == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: has %d dimension%s and %llu values; a matrix of samples and "
                       "features is needed",
                       dataset->path, dataset->x_path, x->rank, x->rank == 1 ? "" : "s",
                       (unsigned long long)(x->dims[0] * x->dims[1]));
    dataset->compressed = x->filtered;
    dataset->file_bytes = x->stored_bytes;
    return choose_storage(dataset, err);
}

/* Both dimensions, with the number of samples of packed genotypes in place of their bytes. */
static ri_status read_dims(const ri_dataset *dataset, int64_t dims[2], ri_error *err) {
    const ri_source_set *x = &dataset->file->x;
    if (x->dims[0] > INT32_MAX || x->dims[1] > INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: is %llu x %llu; at most %d samples or features can be read",
                       dataset->path, dataset->x_path, (unsigned long long)x->dims[0],
                       (unsigned long long)x->dims[1], INT32_MAX);
    dims[0] = (int64_t)x->dims[0];
    dims[1] = (int64_t)x->dims[1];
    if (dataset->storage != RI_PACKED2)
        return RI_OK;
    int64_t samples = 0;
    bool found;
    RI_TRY(ri_source_integer(&dataset->file->source, x->id, dataset->x_path, "n_samples", &samples,
                             &found, err));
    if (!found || samples < 1 || samples > INT32_MAX ||
        ri_storage_bytes(RI_PACKED2, samples) != (size_t)x->dims[1])
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: attribute n_samples is %s%lld, which does not make %llu bytes of "
                       "2-bit genotypes",
                       dataset->path, dataset->x_path, found ? "" : "missing or ",
                       (long long)samples, (unsigned long long)x->dims[1]);
    dims[1] = samples;
    return RI_OK;
}

static ri_status find_layout(const ri_dataset *dataset, const int64_t dims[2], int64_t length,
                             ri_layout *layout, ri_error *err) {
    static const char hint[] = "--layout features-first or --layout samples-first";
    const char *path = dataset->path, *x = dataset->x_path;
    const long long first = dims[0], second = dims[1];
    if (dataset->own_layout)
        *layout = RI_LAYOUT_FEATURES_FIRST;
    if (*layout != RI_LAYOUT_AUTO)
        return RI_OK;
    if (length < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: is %lld x %lld, and without a response either may be the samples; "
                       "give %s",
                       path, x, first, second, hint);
    if (first == second && first == length)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: is square (%lld x %lld), so that either may be the samples; give %s",
                       path, x, first, second, hint);
    if (length != first && length != second)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: is %lld x %lld, but the response %s has %lld values; one of the two "
                       "dimensions must be the samples",
                       path, x, first, second, dataset->response, (long long)length);
    *layout = length == second ? RI_LAYOUT_FEATURES_FIRST : RI_LAYOUT_SAMPLES_FIRST;
    return RI_OK;
}

/* A chunk that is cut by the range of one read is wanted again by the next one: keeps as many
 * chunks as hold one feature, where that is not too much, and in any case one. */
static ri_status cache_chunks(ri_dataset *dataset, ri_error *err) {
    ri_source_set *x = &dataset->file->x;
    if (x->chunk[0] == 0)
        return RI_OK;
    const int along = dataset->samples_first ? 0 : 1;
    const size_t chunk = (size_t)(x->chunk[0] * x->chunk[1]) * x->size;
    size_t bytes;
    if (__builtin_mul_overflow(chunk, x->dims[along] / x->chunk[along] + 1, &bytes) ||
        bytes > CACHE_BYTES)
        bytes = CACHE_BYTES;
    hid_t list = H5Pcreate(H5P_DATASET_ACCESS);
    herr_t bad = H5Pset_chunk_cache(list, CACHE_SLOTS, bytes > chunk ? bytes : chunk, 1.0);
    /* The list counts only when the dataset is not open yet. */
    ri_source_set_close(x);
    x->id = bad < 0 ? -1 : H5Dopen2(dataset->file->source.file, dataset->x_path, list);
    H5Pclose(list);
    if (x->id < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: dataset %s cannot be read; the file may be truncated", dataset->path,
                       dataset->x_path);
    return RI_OK;
}

ri_status ri_dataset_orient(ri_dataset *dataset, ri_layout layout, int64_t length, ri_error *err) {
    const ri_source_set *x = &dataset->file->x;
    int64_t dims[2];
    if (!dataset->sparse) {
        RI_TRY(read_dims(dataset, dims, err));
        RI_TRY(find_layout(dataset, dims, length, &layout, err));
        const int samples = layout == RI_LAYOUT_SAMPLES_FIRST ? 0 : 1;
        dataset->samples_first = samples == 0;
        dataset->n = dims[samples];
        dataset->p = dims[1 - samples];
        dataset->chunk_samples = (int64_t)x->chunk[samples];
        dataset->chunk_features = (int64_t)x->chunk[1 - samples];
    }
    dataset->file->rows = dataset->n;
    if (length >= 0 && length != dataset->n)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the response %s has %lld values, but %s has %lld samples%s",
                       dataset->path, dataset->response, (long long)length, dataset->x_path,
                       (long long)dataset->n, dataset->own_layout ? "" : "; is --layout right?");
    if ((uint64_t)dataset->p > (uint64_t)INT64_MAX / ri_storage_bytes(dataset->storage, dataset->n))
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is larger than any memory", dataset->path,
                       dataset->x_path);
    return dataset->sparse ? RI_OK : cache_chunks(dataset, err);
}
