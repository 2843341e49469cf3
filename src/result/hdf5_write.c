/* SPDX-License-Identifier: BSD-3-Clause
 * Storing: the writing half of hdf5_io.h. Objects carry no times, so that equal records give equal
 * groups. Arrays over 64 KB are chunked, shuffled and deflated; smaller ones are contiguous. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "result/hdf5_io.h"

enum { CONTIGUOUS_BYTES = 64 * 1024, CHUNK_BYTES = 256 * 1024, DEFLATE_LEVEL = 1 };

hid_t ri_h5_memory_type(ri_h5_type type) {
    switch (type) {
    case RI_H5_F64:
        return H5T_NATIVE_DOUBLE;
    case RI_H5_I64:
        return H5T_NATIVE_INT64;
    case RI_H5_I32:
        return H5T_NATIVE_INT32;
    case RI_H5_U64:
        return H5T_NATIVE_UINT64;
    default:
        return H5T_NATIVE_UINT8;
    }
}

hid_t ri_h5_file_type(ri_h5_type type) {
    switch (type) {
    case RI_H5_F64:
        return H5T_IEEE_F64LE;
    case RI_H5_I64:
        return H5T_STD_I64LE;
    case RI_H5_I32:
        return H5T_STD_I32LE;
    case RI_H5_U64:
        return H5T_STD_U64LE;
    default:
        return H5T_STD_U8LE;
    }
}

size_t ri_h5_size(ri_h5_type type) {
    return type == RI_H5_U8 ? 1 : type == RI_H5_I32 ? 4 : 8;
}

hid_t ri_h5_name_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 &&
        (H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        type = H5I_INVALID_HID;
    }
    return type;
}

static ri_status cannot_write(const ri_h5 *h5, const char *name) {
    return ri_fail(h5->err, RI_SYSTEM, "%s: cannot write '%s' (is the disk full?)", h5->path, name);
}

static ri_status write_group(const ri_h5 *h5, hid_t at, const char *name, hid_t *group) {
    *group = H5I_INVALID_HID;
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0)
        *group = H5Gcreate2(at, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (creation >= 0)
        H5Pclose(creation);
    return *group < 0 ? cannot_write(h5, name) : RI_OK;
}

static ri_status write_attribute(const ri_h5 *h5, hid_t at, const char *name, hid_t file_type,
                                 hid_t memory_type, const void *value) {
    bool good = false;
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(at, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute >= 0) {
        good = H5Awrite(attribute, memory_type, value) >= 0;
        good &= H5Aclose(attribute) >= 0;
    }
    H5Sclose(space);
    return good ? RI_OK : cannot_write(h5, name);
}

static ri_status write_number(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type,
                              void *value) {
    return write_attribute(h5, at, name, ri_h5_file_type(type), ri_h5_memory_type(type), value);
}

static ri_status write_text(const ri_h5 *h5, hid_t at, const char *name, char *value, size_t room) {
    (void)room;
    hid_t type = H5Tcopy(H5T_C_S1);
    bool good = type >= 0 && H5Tset_size(type, strlen(value) + 1) >= 0 &&
                H5Tset_cset(type, H5T_CSET_UTF8) >= 0;
    ri_status status =
        good ? write_attribute(h5, at, name, type, type, value) : cannot_write(h5, name);
    if (type >= 0)
        H5Tclose(type);
    return status;
}

/* Rows of a chunk are whole where they are short enough. */
static bool set_chunks(hid_t creation, int rank, const hsize_t *dims, size_t size) {
    hsize_t chunk[2];
    hsize_t room = CHUNK_BYTES / size;
    for (int d = rank - 1; d >= 0; d--) {
        chunk[d] = dims[d] < room ? dims[d] : room;
        room = room / chunk[d] > 1 ? room / chunk[d] : 1;
    }
    return H5Pset_chunk(creation, rank, chunk) >= 0 && H5Pset_shuffle(creation) >= 0 &&
           H5Pset_deflate(creation, DEFLATE_LEVEL) >= 0;
}

static bool store(hid_t at, const char *name, hid_t file_type, hid_t memory_type, int rank,
                  const hsize_t *dims, size_t deflate_size, const void *data) {
    bool good = false;
    hsize_t bytes = deflate_size;
    for (int d = 0; d < rank; d++)
        bytes *= dims[d];
    hid_t space = H5Screate_simple(rank, dims, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    if (space >= 0 && creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0 &&
        (bytes <= CONTIGUOUS_BYTES || set_chunks(creation, rank, dims, deflate_size))) {
        hid_t set = H5Dcreate2(at, name, file_type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
        if (set >= 0) {
            good = H5Dwrite(set, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
            good &= H5Dclose(set) >= 0;
        }
    }
    if (creation >= 0)
        H5Pclose(creation);
    if (space >= 0)
        H5Sclose(space);
    return good;
}

static ri_status write_array(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type, int rank,
                             const hsize_t *dims, bool optional, void *block) {
    const void *data;
    memcpy(&data, block, sizeof data);
    if (!data && optional)
        return RI_OK;
    bool good = data && store(at, name, ri_h5_file_type(type), ri_h5_memory_type(type), rank, dims,
                              ri_h5_size(type), data);
    return good ? RI_OK : cannot_write(h5, name);
}

static ri_status write_names(const ri_h5 *h5, hid_t at, const char *name, int64_t count,
                             bool optional, ri_names *names) {
    if (names->count == 0 && optional)
        return RI_OK;
    if (names->count != count)
        return cannot_write(h5, name);
    const char **pointer = ri_alloc((size_t)count, sizeof *pointer);
    if (!pointer)
        return ri_fail_memory(h5->err, "a list of names", (size_t)count * sizeof *pointer);
    for (int64_t i = 0; i < count; i++)
        pointer[i] = ri_names_get(names, i);
    hid_t type = ri_h5_name_type();
    hsize_t length = (hsize_t)count;
    /* Strings live in HDF5's heap, which no filter sees: 0 keeps the list contiguous. */
    bool good = type >= 0 && store(at, name, type, type, 1, &length, 0, pointer);
    if (type >= 0)
        H5Tclose(type);
    free(pointer);
    return good ? RI_OK : cannot_write(h5, name);
}

const ri_h5_way ri_h5_writing = {
    .reading = false,
    .group = write_group,
    .number = write_number,
    .text = write_text,
    .array = write_array,
    .names = write_names,
};
