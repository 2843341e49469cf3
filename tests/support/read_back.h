/* SPDX-License-Identifier: BSD-3-Clause
 * What is in a dataset file, read through HDF5 alone: none of riata's own reading is trusted. */
#ifndef RI_SUPPORT_READ_BACK_H
#define RI_SUPPORT_READ_BACK_H

#include <hdf5.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* All values as doubles, in file order; caller frees. */
static inline double *read_back(const char *file, const char *path, int64_t *count) {
    hid_t handle = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = H5Dopen2(handle, path, H5P_DEFAULT);
    hid_t space = H5Dget_space(set);
    *count = (int64_t)H5Sget_simple_extent_npoints(space);
    double *values = calloc((size_t)*count + 1, sizeof *values);
    if (!values || H5Dread(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0)
        abort();
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(handle);
    return values;
}

/* Entry `index` of a list of strings; caller frees. */
static inline char *read_back_name(const char *file, const char *path, int64_t index) {
    hid_t handle = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = H5Dopen2(handle, path, H5P_DEFAULT);
    hid_t space = H5Dget_space(set);
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    size_t count = (size_t)H5Sget_simple_extent_npoints(space);
    char **names = calloc(count, sizeof *names);
    if (!names || H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, names) < 0)
        abort();
    char *name = strdup(names[index]);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, names);
    free(names);
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(handle);
    return name;
}

static inline double read_back_attribute(const char *file, const char *object, const char *name) {
    double value;
    hid_t handle = H5Fopen(file, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t attribute = H5Aopen_by_name(handle, object, name, H5P_DEFAULT, H5P_DEFAULT);
    if (attribute < 0 || H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) < 0)
        abort();
    H5Aclose(attribute);
    H5Fclose(handle);
    return value;
}

#endif
