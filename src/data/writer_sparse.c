/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse X: values and indices as they come, indptr at the end. */
#include <assert.h>

#include "data/hdf5_common.h"
#include "data/writer_file.h"

static hid_t create_vector(ri_writer *writer, hid_t group, const char *name, hid_t type,
                           int64_t count) {
    hsize_t dims[1] = {(hsize_t)count};
    hid_t space = H5Screate_simple(1, dims, NULL);
    hid_t set = H5Dcreate2(group, name, type, space, H5P_DEFAULT, writer->dataset, H5P_DEFAULT);
    ri_writer_note(writer, set >= 0);
    if (space >= 0)
        H5Sclose(space);
    return set;
}

bool ri_writer_create_sparse(ri_writer *writer, int64_t entries) {
    hid_t group = ri_writer_enter(writer, "X");
    if (group < 0)
        return false;
    writer->indices = create_vector(writer, group, "indices", H5T_STD_I32LE, entries);
    writer->x =
        create_vector(writer, group, "values", ri_writer_file_type(writer->storage), entries);
    bool ok = writer->indices >= 0 && writer->x >= 0 &&
              ri_writer_put_integer(writer, group, "n_samples", writer->n);
    H5Gclose(group);
    return ok;
}

bool ri_writer_finish_sparse(ri_writer *writer) {
    assert(writer->features == writer->p);
    hid_t group = ri_writer_enter(writer, "X");
    bool ok = group >= 0 && ri_writer_put_vector(writer, group, "indptr", writer->p + 1,
                                                 H5T_STD_I64LE, H5T_NATIVE_INT64, writer->start);
    if (group >= 0)
        H5Gclose(group);
    return ok;
}

static bool put_part(ri_writer *writer, hid_t set, int64_t from, int64_t count, hid_t type,
                     const void *values) {
    const hsize_t first[1] = {(hsize_t)from}, length[1] = {(hsize_t)count};
    hid_t memory = H5Screate_simple(1, length, NULL);
    hid_t stored = H5Dget_space(set);
    bool ok = ri_writer_note(
        writer, memory >= 0 && stored >= 0 &&
                    H5Sselect_hyperslab(stored, H5S_SELECT_SET, first, NULL, length, NULL) >= 0 &&
                    H5Dwrite(set, type, memory, stored, H5P_DEFAULT, values) >= 0);
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    return ok;
}

ri_status ri_writer_entries(ri_writer *writer, int64_t count, const int64_t *entries,
                            const int32_t *row, const void *values, ri_error *err) {
    assert(writer->sparse && count <= writer->p - writer->features);
    int64_t from = writer->start[writer->features], total = 0;
    for (int64_t j = 0; j < count; j++) {
        total += entries[j];
        writer->start[++writer->features] = from + total;
    }
    if (total == 0)
        return RI_OK;
    ri_hdf5_quiet before = ri_hdf5_silence();
    bool ok =
        put_part(writer, writer->indices, from, total, H5T_NATIVE_INT32, row) &&
        put_part(writer, writer->x, from, total, ri_hdf5_memory_type(writer->storage), values);
    ri_hdf5_restore(before);
    return ri_writer_outcome(writer, ok, "X", err);
}
