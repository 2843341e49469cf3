/* SPDX-License-Identifier: BSD-3-Clause
 * Loading: the reading half of hdf5_io.h. Nothing in the file is believed: existence, type, shape
 * and size are checked before memory is asked for. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/source.h"
#include "result/hdf5_io.h"

/* Deflate shrinks by 1032 at most, so no sound array is longer than this many file sizes. */
enum { LARGEST_EXPANSION = 1100 };

ri_status ri_h5_damaged(const ri_h5 *h5, hid_t at, const char *name, const char *saying) {
    char group[256] = "";
    if (H5Iget_name(at, group, sizeof group) < 0)
        group[0] = '\0';
    return ri_fail(h5->err, RI_BAD_INPUT,
                   "%s:%s/%s: %s; the file is damaged or was not written by riata", h5->path,
                   strcmp(group, "/") == 0 ? "" : group, name, saying);
}

static bool has_member(hid_t at, const char *name) {
    return H5Lexists(at, name, H5P_DEFAULT) > 0;
}

static ri_status read_group(const ri_h5 *h5, hid_t at, const char *name, hid_t *group) {
    *group = has_member(at, name) ? H5Gopen2(at, name, H5P_DEFAULT) : H5I_INVALID_HID;
    return *group < 0 ? ri_h5_damaged(h5, at, name, "this group is missing") : RI_OK;
}

/* Opens a scalar attribute of a type class; invalid otherwise. */
static hid_t open_attribute(hid_t at, const char *name, H5T_class_t class) {
    if (H5Aexists(at, name) <= 0)
        return H5I_INVALID_HID;
    hid_t attribute = H5Aopen(at, name, H5P_DEFAULT);
    if (attribute < 0)
        return H5I_INVALID_HID;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    bool good = type >= 0 && space >= 0 && H5Tget_class(type) == class &&
                H5Sget_simple_extent_npoints(space) == 1 &&
                (class != H5T_STRING || H5Tis_variable_str(type) == 0);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (!good) {
        H5Aclose(attribute);
        return H5I_INVALID_HID;
    }
    return attribute;
}

static ri_status read_number(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type,
                             void *value) {
    hid_t attribute = open_attribute(at, name, type == RI_H5_F64 ? H5T_FLOAT : H5T_INTEGER);
    bool good = attribute >= 0 && H5Aread(attribute, ri_h5_memory_type(type), value) >= 0;
    if (attribute >= 0)
        H5Aclose(attribute);
    return good ? RI_OK : ri_h5_damaged(h5, at, name, "this attribute, a number, is missing");
}

/* Text in attributes has a fixed length: what lies in HDF5's heap could not be checked here. */
static ri_status read_text(const ri_h5 *h5, hid_t at, const char *name, char *value, size_t room) {
    bool good = false;
    hid_t attribute = open_attribute(at, name, H5T_STRING);
    value[0] = '\0';
    if (attribute >= 0) {
        hid_t type = H5Aget_type(attribute);
        size_t size = H5Tget_size(type);
        good = size > 0 && size <= room && H5Aread(attribute, type, value) >= 0 &&
               memchr(value, '\0', size) != NULL;
        H5Tclose(type);
        H5Aclose(attribute);
    }
    if (!good)
        value[0] = '\0';
    return good ? RI_OK : ri_h5_damaged(h5, at, name, "this attribute, a text, is missing");
}

/* Memory type for variable strings of the same character set as those of `stored`. */
static hid_t name_type_like(hid_t stored) {
    hid_t type = ri_h5_name_type();
    if (type >= 0 && H5Tset_cset(type, H5Tget_cset(stored)) < 0) {
        H5Tclose(type);
        type = H5I_INVALID_HID;
    }
    return type;
}

/* Opens a dataset of a type class and shape; invalid otherwise. */
static hid_t open_array(hid_t at, const char *name, H5T_class_t class, int rank,
                        const hsize_t *dims) {
    hid_t set = has_member(at, name) ? H5Dopen2(at, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (set < 0)
        return H5I_INVALID_HID;
    hsize_t found[2] = {0, 0};
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    bool good = type >= 0 && space >= 0 && H5Tget_class(type) == class &&
                H5Sget_simple_extent_ndims(space) == rank &&
                H5Sget_simple_extent_dims(space, found, NULL) == rank && found[0] == dims[0] &&
                (rank == 1 || found[1] == dims[1]) &&
                (class != H5T_STRING || H5Tis_variable_str(type) > 0);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    if (!good) {
        H5Dclose(set);
        return H5I_INVALID_HID;
    }
    return set;
}

static ri_status wrong_array(const ri_h5 *h5, hid_t at, const char *name, int rank,
                             const hsize_t *dims) {
    char saying[128];
    if (rank == 1)
        snprintf(saying, sizeof saying, "missing, unreadable or not of the %llu values expected",
                 (unsigned long long)dims[0]);
    else
        snprintf(saying, sizeof saying,
                 "missing, unreadable or not of the %llu x %llu values expected",
                 (unsigned long long)dims[0], (unsigned long long)dims[1]);
    return ri_h5_damaged(h5, at, name, saying);
}

/* True where so many elements may be in the file at all; `*count` receives their number. */
static bool is_plausible(const ri_h5 *h5, int rank, const hsize_t *dims, size_t size,
                         size_t *count) {
    size_t bytes;
    *count = 1;
    for (int d = 0; d < rank; d++)
        if (__builtin_mul_overflow(*count, dims[d], count))
            return false;
    return !__builtin_mul_overflow(*count, size, &bytes) &&
           bytes / LARGEST_EXPANSION <= h5->file_bytes;
}

static ri_status read_array(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type, int rank,
                            const hsize_t *dims, bool optional, void *block) {
    size_t count, size = ri_h5_size(type);
    if (optional && !has_member(at, name))
        return RI_OK;
    if (!is_plausible(h5, rank, dims, size, &count))
        return wrong_array(h5, at, name, rank, dims);
    hid_t set = open_array(at, name, type == RI_H5_F64 ? H5T_FLOAT : H5T_INTEGER, rank, dims);
    if (set < 0)
        return wrong_array(h5, at, name, rank, dims);
    void *data = ri_alloc(count, size);
    if (!data) {
        H5Dclose(set);
        return ri_fail_memory(h5->err, name, count * size);
    }
    bool good = H5Dread(set, ri_h5_memory_type(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0;
    H5Dclose(set);
    if (!good) {
        free(data);
        return wrong_array(h5, at, name, rank, dims);
    }
    memcpy(block, &data, sizeof data);
    return RI_OK;
}

static ri_status read_names(const ri_h5 *h5, hid_t at, const char *name, int64_t count,
                            bool optional, ri_names *names) {
    ri_status status = RI_OK;
    size_t elements;
    hsize_t length = (hsize_t)count;
    if (optional && !has_member(at, name))
        return RI_OK;
    if (!is_plausible(h5, 1, &length, sizeof(char *), &elements))
        return wrong_array(h5, at, name, 1, &length);
    hid_t set = open_array(at, name, H5T_STRING, 1, &length);
    if (set < 0)
        return wrong_array(h5, at, name, 1, &length);
    ri_source source = {.name = h5->path, .file = h5->file, .bytes = h5->file_bytes};
    bool starved = false;
    if (count > 0 && !ri_source_heap_holds(&source, set, false, count, &starved)) {
        H5Dclose(set);
        if (starved)
            return ri_fail_memory(h5->err, name, elements * sizeof(char *));
        return wrong_array(h5, at, name, 1, &length);
    }
    hid_t stored = H5Dget_type(set), type = name_type_like(stored);
    char **text = ri_calloc(elements, sizeof *text);
    if (!text)
        status = ri_fail_memory(h5->err, name, elements * sizeof *text);
    else if (type < 0 || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) < 0)
        status = wrong_array(h5, at, name, 1, &length);
    for (int64_t i = 0; text && i < count; i++) {
        const char *word = text[i] ? text[i] : "";
        if (status == RI_OK)
            status = ri_names_add(names, word, strlen(word), h5->err);
        H5free_memory(text[i]);
    }
    free(text);
    if (type >= 0)
        H5Tclose(type);
    H5Tclose(stored);
    H5Dclose(set);
    return status;
}

const ri_h5_way ri_h5_reading = {
    .reading = true,
    .group = read_group,
    .number = read_number,
    .text = read_text,
    .array = read_array,
    .names = read_names,
};
