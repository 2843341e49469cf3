/* SPDX-License-Identifier: BSD-3-Clause
 * The file holds no time stamps, so that equal inputs give equal bytes. X is one contiguous block
 * on a page boundary: a range of features is one read, and can be mapped. */
#include "data/writer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/hdf5_common.h"
#include "data/writer_file.h"

enum {
    PAGE_BYTES = 4096,
    TILE_BYTES = 8 << 20, /* of a block put into order before it is written */
};

hid_t ri_writer_file_type(ri_storage storage) {
    switch (storage) {
    case RI_F64:
        return H5T_IEEE_F64LE;
    case RI_F32:
        return H5T_IEEE_F32LE;
    case RI_I8:
        return H5T_STD_I8LE;
    default:
        return H5T_STD_U8LE;
    }
}

static size_t element_bytes(ri_storage storage) {
    return storage == RI_F64 ? sizeof(double) : storage == RI_F32 ? sizeof(float) : 1;
}

static bool create_x(ri_writer *writer, bool genotype) {
    size_t row = ri_storage_bytes(writer->storage, writer->n) / element_bytes(writer->storage);
    hsize_t dims[2] = {(hsize_t)writer->p, row};
    hid_t space = H5Screate_simple(2, dims, NULL);
    writer->x = H5Dcreate2(writer->file, "X", ri_writer_file_type(writer->storage), space,
                           H5P_DEFAULT, writer->dataset, H5P_DEFAULT);
    bool ok = ri_writer_note(writer, writer->x >= 0);
    if (space >= 0)
        H5Sclose(space);
    if (ok && writer->storage == RI_PACKED2)
        ok = ri_writer_put_text(writer, writer->x, "encoding", "packed2") &&
             ri_writer_put_integer(writer, writer->x, "n_samples", writer->n);
    if (ok && writer->storage == RI_DOSAGE)
        ok = ri_writer_put_text(writer, writer->x, "encoding", "dosage");
    return ok && (!genotype || ri_writer_put_integer(writer, writer->x, "genotype", 1));
}

static bool create_file(ri_writer *writer) {
    writer->dataset = H5Pcreate(H5P_DATASET_CREATE);
    writer->group = H5Pcreate(H5P_GROUP_CREATE);
    writer->text = H5Tcopy(H5T_C_S1);
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    /* No sieve: a block of rows is many short pieces, better written one by one than by reading
     * and writing back what lies around them. */
    hid_t access = ri_hdf5_access(0);
    bool ok = access >= 0 && H5Pset_obj_track_times(creation, 0) >= 0 &&
              H5Pset_obj_track_times(writer->dataset, 0) >= 0 &&
              H5Pset_obj_track_times(writer->group, 0) >= 0 &&
              H5Tset_size(writer->text, H5T_VARIABLE) >= 0 &&
              H5Tset_cset(writer->text, H5T_CSET_UTF8) >= 0 &&
              H5Pset_alignment(access, 64 * PAGE_BYTES, PAGE_BYTES) >= 0 &&
              /* The oldest format with checksums on its own structures: damage is noticed. */
              H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18) >= 0;
    if (ok)
        writer->file = H5Fcreate(writer->temporary, H5F_ACC_TRUNC, creation, access);
    ok = ri_writer_note(writer, ok && writer->file >= 0);
    if (creation >= 0)
        H5Pclose(creation);
    if (access >= 0)
        H5Pclose(access);
    return ok && ri_writer_put_integer(writer, writer->file, "riata_format", 1);
}

static bool close_handles(ri_writer *writer) {
    if (writer->dataset >= 0)
        H5Pclose(writer->dataset);
    if (writer->group >= 0)
        H5Pclose(writer->group);
    if (writer->text >= 0)
        H5Tclose(writer->text);
    bool ok = writer->x < 0 || ri_writer_note(writer, H5Dclose(writer->x) >= 0);
    ok = (writer->indices < 0 || ri_writer_note(writer, H5Dclose(writer->indices) >= 0)) && ok;
    return (writer->file < 0 || ri_writer_note(writer, H5Fclose(writer->file) >= 0)) && ok;
}

/* Frees the writer, not its file. */
static void free_writer(ri_writer *writer) {
    free(writer->path);
    free(writer->temporary);
    free(writer->default_response);
    free(writer->start);
    free(writer);
}

static void discard(ri_writer *writer) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    close_handles(writer);
    ri_hdf5_restore(before);
    unlink(writer->temporary);
    free_writer(writer);
}

/* `entries` < 0: dense. */
static ri_status open_writer(const char *path, int64_t n, int64_t p, int64_t entries,
                             ri_storage storage, bool genotype, ri_writer **out, ri_error *err) {
    *out = NULL;
    if (n < 1 || p < 1 ||
        (uint64_t)p > (uint64_t)INT64_MAX / ri_storage_bytes(storage, n < 1 ? 1 : n))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: a dataset of %lld samples and %lld features cannot be written", path,
                       (long long)n, (long long)p);
    RI_TRY(ri_output_prepare(path, err));
    ri_writer *writer = malloc(sizeof *writer);
    if (!writer)
        return ri_fail_memory(err, "a dataset writer", sizeof *writer);
    *writer = (ri_writer){.path = strdup(path),
                          .temporary = ri_output_temporary(path),
                          .n = n,
                          .p = p,
                          .storage = storage,
                          .sparse = entries >= 0,
                          .file = -1,
                          .x = -1,
                          .indices = -1,
                          .dataset = -1,
                          .group = -1,
                          .text = -1};
    writer->start = writer->sparse ? ri_calloc((size_t)p + 1, sizeof *writer->start) : NULL;
    if (!writer->path || !writer->temporary || (writer->sparse && !writer->start)) {
        free_writer(writer);
        return ri_fail_memory(err, "a file name", strlen(path));
    }
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok = create_file(writer) && (writer->sparse ? ri_writer_create_sparse(writer, entries)
                                                     : create_x(writer, genotype));
    ri_hdf5_restore(before);
    ri_status status = ri_writer_outcome(writer, ok, "the file", err);
    if (ok)
        *out = writer;
    else
        discard(writer);
    return status;
}

ri_status ri_writer_open(const char *path, int64_t n, int64_t p, ri_storage storage, bool genotype,
                         ri_writer **out, ri_error *err) {
    return open_writer(path, n, p, -1, storage, genotype, out, err);
}

ri_status ri_writer_open_sparse(const char *path, int64_t n, int64_t p, int64_t entries,
                                ri_storage storage, ri_writer **out, ri_error *err) {
    return open_writer(path, n, p, entries, storage, false, out, err);
}

/* Writes a block of features x elements that is packed in memory. */
static bool put_block(ri_writer *writer, const hsize_t from[2], const hsize_t count[2],
                      const void *values) {
    hid_t memory = H5Screate_simple(2, count, NULL);
    hid_t stored = H5Dget_space(writer->x);
    bool ok = ri_writer_note(
        writer, memory >= 0 && stored >= 0 &&
                    H5Sselect_hyperslab(stored, H5S_SELECT_SET, from, NULL, count, NULL) >= 0 &&
                    H5Dwrite(writer->x, ri_hdf5_memory_type(writer->storage), memory, stored,
                             H5P_DEFAULT, values) >= 0);
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    return ok;
}

/* How many features of `bytes` each make a tile. */
static int64_t tile_features(size_t bytes, int64_t count) {
    int64_t fit = bytes < TILE_BYTES ? (int64_t)(TILE_BYTES / bytes) : 1;
    return fit < count ? fit : count;
}

ri_status ri_writer_columns(ri_writer *writer, int64_t from, int64_t count, const void *values,
                            size_t stride, ri_error *err) {
    assert(from >= 0 && count >= 0 && count <= writer->p - from);
    const size_t bytes = ri_storage_bytes(writer->storage, writer->n);
    const hsize_t row = bytes / element_bytes(writer->storage);
    const bool packed = stride == bytes;
    int64_t tile = packed ? count : tile_features(bytes, count);
    char *buffer = packed ? NULL : ri_alloc((size_t)tile, bytes);
    if (!packed && !buffer)
        return ri_fail_memory(err, "a block of features", (size_t)tile * bytes);
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok = true;
    for (int64_t at = 0; at < count && ok; at += tile) {
        int64_t now = tile < count - at ? tile : count - at;
        const char *source = (const char *)values + (size_t)at * stride;
        for (int64_t j = 0; j < now && !packed; j++)
            memcpy(buffer + (size_t)j * bytes, source + (size_t)j * stride, bytes);
        ok = put_block(writer, (hsize_t[2]){(hsize_t)(from + at), 0},
                       (hsize_t[2]){(hsize_t)now, row}, packed ? source : buffer);
    }
    ri_hdf5_restore(before);
    free(buffer);
    return ri_writer_outcome(writer, ok, "X", err);
}

/* Rows of all p features to columns of `features` of them, in `storage`; eight columns at a time,
 * so that a line of the cache is read once. Returns the offset of a finite value that overflows
 * single precision, or -1. */
static int64_t transpose(const double *values, int64_t rows, int64_t p, int64_t features,
                         ri_storage storage, void *out) {
    double *f64 = out;
    float *f32 = out;
    int8_t *i8 = out;
    int64_t overflow = -1;
    for (int64_t first = 0; first < features; first += 8) {
        int64_t end = first + 8 < features ? first + 8 : features;
        for (int64_t i = 0; i < rows; i++)
            for (int64_t j = first; j < end; j++) {
                double value = values[i * p + j];
                if (storage == RI_F64) {
                    f64[j * rows + i] = value;
                    continue;
                }
                if (storage == RI_I8) {
                    i8[j * rows + i] = isnan(value) ? INT8_MIN : (int8_t)value;
                    continue;
                }
                f32[j * rows + i] = (float)value;
                if (isinf(f32[j * rows + i]) && !isinf(value))
                    overflow = i * p + j;
            }
    }
    return overflow;
}

ri_status ri_writer_rows(ri_writer *writer, int64_t from, int64_t count, const double *values,
                         ri_error *err) {
    assert(from >= 0 && count >= 0 && count <= writer->n - from);
    assert(writer->storage == RI_F64 || writer->storage == RI_F32 || writer->storage == RI_I8);
    if (count == 0)
        return RI_OK;
    const size_t bytes = (size_t)count * element_bytes(writer->storage);
    const int64_t tile = tile_features(bytes, writer->p);
    void *buffer = ri_alloc((size_t)tile, bytes);
    if (!buffer)
        return ri_fail_memory(err, "a block of samples", (size_t)tile * bytes);
    int64_t overflow = -1;
    bool ok = true;
    ri_hdf5_quiet before = ri_hdf5_silence();
    for (int64_t at = 0; at < writer->p && ok && overflow < 0; at += tile) {
        int64_t now = tile < writer->p - at ? tile : writer->p - at;
        overflow = transpose(values + at, count, writer->p, now, writer->storage, buffer);
        if (overflow >= 0)
            overflow += at;
        else
            ok = put_block(writer, (hsize_t[2]){(hsize_t)at, (hsize_t)from},
                           (hsize_t[2]){(hsize_t)now, (hsize_t)count}, buffer);
    }
    ri_hdf5_restore(before);
    free(buffer);
    if (overflow >= 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: feature %lld, sample %lld is %g, too large for f32; store f64",
                       writer->path, (long long)(overflow % writer->p + 1),
                       (long long)(from + overflow / writer->p + 1), values[overflow]);
    return ri_writer_outcome(writer, ok, "X", err);
}

ri_status ri_writer_samples(ri_writer *writer, const ri_names *id, ri_error *err) {
    assert(id->count == writer->n);
    ri_hdf5_quiet before = ri_hdf5_silence();
    hid_t group = ri_writer_enter(writer, "samples");
    bool ok = group >= 0 && ri_writer_put_names(writer, group, "id", id);
    if (group >= 0)
        H5Gclose(group);
    ri_hdf5_restore(before);
    return ri_writer_outcome(writer, ok, "/samples/id", err);
}

ri_status ri_writer_features(ri_writer *writer, const ri_names *id, const ri_names *chrom,
                             const ri_names *a1, const ri_names *a2, const int64_t *pos,
                             ri_error *err) {
    assert(id->count == writer->p);
    ri_hdf5_quiet before = ri_hdf5_silence();
    hid_t group = ri_writer_enter(writer, "features");
    bool ok = group >= 0 && ri_writer_put_names(writer, group, "id", id) &&
              (!chrom || ri_writer_put_names(writer, group, "chrom", chrom)) &&
              (!a1 || ri_writer_put_names(writer, group, "a1", a1)) &&
              (!a2 || ri_writer_put_names(writer, group, "a2", a2)) &&
              (!pos || ri_writer_put_vector(writer, group, "pos", writer->p, H5T_STD_I64LE,
                                            H5T_NATIVE_INT64, pos));
    if (group >= 0)
        H5Gclose(group);
    ri_hdf5_restore(before);
    return ri_writer_outcome(writer, ok, "/features", err);
}

/* One dataset NAME in a group that holds several: names of the user's making, so clashes and
 * characters that HDF5 keeps for itself are expected. Either `values` or `label` is given. */
static ri_status put_named(ri_writer *writer, const char *where, const char *name,
                           const double *values, const ri_names *label, ri_error *err) {
    char *link = ri_hdf5_link_name(name);
    if (!link)
        return ri_fail_memory(err, "a name", strlen(name));
    ri_hdf5_quiet before = ri_hdf5_silence();
    hid_t group = ri_writer_enter(writer, where);
    bool taken = group >= 0 && H5Lexists(group, link, H5P_DEFAULT) > 0;
    bool ok = group >= 0 && !taken &&
              (label ? ri_writer_put_names(writer, group, link, label)
                     : ri_writer_put_vector(writer, group, link, writer->n, H5T_IEEE_F64LE,
                                            H5T_NATIVE_DOUBLE, values));
    if (group >= 0)
        H5Gclose(group);
    ri_hdf5_restore(before);
    free(link);
    if (taken)
        return ri_fail(err, RI_BAD_INPUT, "%s: /%s already has '%s'; rename one of the two",
                       writer->path, where, name);
    return ri_writer_outcome(writer, ok, where, err);
}

static ri_status make_default(ri_writer *writer, const char *name, ri_error *err) {
    free(writer->default_response);
    writer->default_response = ri_hdf5_link_name(name);
    return writer->default_response ? RI_OK : ri_fail_memory(err, "a name", strlen(name));
}

ri_status ri_writer_response(ri_writer *writer, const char *name, const double *y, bool is_default,
                             ri_error *err) {
    RI_TRY(put_named(writer, "y", name, y, NULL, err));
    return is_default ? make_default(writer, name, err) : RI_OK;
}

ri_status ri_writer_response_text(ri_writer *writer, const char *name, const ri_names *text,
                                  bool is_default, ri_error *err) {
    RI_TRY(put_named(writer, "y", name, NULL, text, err));
    return is_default ? make_default(writer, name, err) : RI_OK;
}

ri_status ri_writer_group(ri_writer *writer, const char *name, const ri_names *label,
                          ri_error *err) {
    return put_named(writer, "groups", name, NULL, label, err);
}

ri_status ri_writer_covariate(ri_writer *writer, const char *name, const double *value,
                              const ri_names *text, ri_error *err) {
    return put_named(writer, "covariates", name, value, text, err);
}

ri_status ri_writer_weights(ri_writer *writer, const double *weight, ri_error *err) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok = ri_writer_put_vector(writer, writer->file, "weights", writer->n, H5T_IEEE_F64LE,
                                   H5T_NATIVE_DOUBLE, weight);
    ri_hdf5_restore(before);
    return ri_writer_outcome(writer, ok, "/weights", err);
}

ri_status ri_writer_truth(ri_writer *writer, const ri_truth *truth, ri_error *err) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    hid_t group = ri_writer_enter(writer, "truth");
    bool ok = group >= 0 &&
              ri_writer_put_vector(writer, group, "features", truth->count, H5T_STD_I64LE,
                                   H5T_NATIVE_INT64, truth->feature) &&
              ri_writer_put_vector(writer, group, "coefficients", truth->count, H5T_IEEE_F64LE,
                                   H5T_NATIVE_DOUBLE, truth->coefficient) &&
              ri_writer_put_real(writer, group, "intercept", truth->intercept) &&
              ri_writer_put_real(writer, group, "noise_sd", truth->noise_sd);
    if (group >= 0)
        H5Gclose(group);
    ri_hdf5_restore(before);
    return ri_writer_outcome(writer, ok, "/truth", err);
}

ri_status ri_writer_close(ri_writer *writer, bool keep, ri_error *err) {
    if (!writer)
        return RI_OK;
    if (!keep) {
        discard(writer);
        return RI_OK;
    }
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok =
        !writer->default_response ||
        ri_writer_put_text(writer, writer->file, "default_response", writer->default_response);
    ok = ok && (!writer->sparse || ri_writer_finish_sparse(writer));
    ok = close_handles(writer) && ok;
    ri_hdf5_restore(before);
    ri_status status = ri_writer_outcome(writer, ok, "the file", err);
    if (ok)
        status = ri_output_commit(writer->temporary, writer->path, err);
    else
        unlink(writer->temporary);
    free_writer(writer);
    return status;
}
