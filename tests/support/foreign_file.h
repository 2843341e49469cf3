/* SPDX-License-Identifier: BSD-3-Clause
 * HDF5 files as other programs write them, made with HDF5 alone. */
#ifndef RI_SUPPORT_FOREIGN_FILE_H
#define RI_SUPPORT_FOREIGN_FILE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/scratch.h"

static inline void foreign_check(int64_t handle_or_result) {
    if (handle_or_result < 0) {
        fprintf(stderr, "a test file could not be written\n");
        abort();
    }
}

static inline scratch_path foreign_new(const char *name) {
    scratch_path path = scratch_file(name);
    hid_t file = H5Fcreate(path.text, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    foreign_check(file);
    foreign_check(H5Fclose(file));
    return path;
}

enum { FOREIGN_LEVEL = 15, FOREIGN_SHUFFLE = 16, FOREIGN_CHECKSUM = 32 };

typedef struct foreign_set {
    const char *path;
    int rank;
    hsize_t dims[3];
    hid_t stored;       /* type in the file */
    hid_t memory;       /* type of `values` */
    const void *values; /* NULL: left unwritten */
    hsize_t chunk[3];   /* 0: contiguous */
    int deflate;        /* level, 0: none; and other filters by FOREIGN_... */
} foreign_set;

static inline void foreign_put(scratch_path path, foreign_set set) {
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = set.rank ? H5Screate_simple(set.rank, set.dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    hid_t list = H5Pcreate(H5P_DATASET_CREATE);
    foreign_check(H5Pset_create_intermediate_group(links, 1));
    if (set.chunk[0])
        foreign_check(H5Pset_chunk(list, set.rank, set.chunk));
    if (set.deflate & FOREIGN_SHUFFLE)
        foreign_check(H5Pset_shuffle(list));
    if (set.deflate & FOREIGN_LEVEL)
        foreign_check(H5Pset_deflate(list, (unsigned)(set.deflate & FOREIGN_LEVEL)));
    if (set.deflate & FOREIGN_CHECKSUM)
        foreign_check(H5Pset_fletcher32(list));
    hid_t data = H5Dcreate2(file, set.path, set.stored, space, links, list, H5P_DEFAULT);
    foreign_check(data);
    if (set.values)
        foreign_check(H5Dwrite(data, set.memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, set.values));
    H5Dclose(data);
    H5Pclose(list);
    H5Pclose(links);
    H5Sclose(space);
    foreign_check(H5Fclose(file));
}

/* Value of sample i, feature j of a dataset with p features; exact as a float. */
static inline double foreign_value(int64_t i, int64_t j, int64_t p) {
    return (double)(i * p + j) / 4 - 100;
}

/* n x p such values at /data/X, of the type, chunks and filters of `set`, and a response at
 * /data/y. */
static inline scratch_path foreign_dataset(const char *name, hsize_t n, hsize_t p,
                                           bool samples_first, foreign_set set) {
    scratch_path path = foreign_new(name);
    double *x = malloc(n * p * sizeof *x), *y = malloc(n * sizeof *y);
    foreign_check(x && y ? 0 : -1);
    for (hsize_t i = 0; i < n; i++) {
        y[i] = (double)(i % 7);
        for (hsize_t j = 0; j < p; j++)
            x[samples_first ? i * p + j : j * n + i] =
                foreign_value((int64_t)i, (int64_t)j, (int64_t)p);
    }
    set.path = "/data/X";
    set.rank = 2;
    set.dims[0] = samples_first ? n : p;
    set.dims[1] = samples_first ? p : n;
    set.memory = H5T_NATIVE_DOUBLE;
    set.values = x;
    foreign_put(path, set);
    foreign_put(path,
                (foreign_set){"/data/y", 1, {n}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, y, {0}, 0});
    free(x);
    free(y);
    return path;
}

/* Replaces or adds an integer attribute of the object at `where`. */
static inline void foreign_integer(scratch_path path, const char *where, const char *name,
                                   int64_t value) {
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    if (H5Aexists_by_name(file, where, name, H5P_DEFAULT) > 0)
        foreign_check(H5Adelete_by_name(file, where, name, H5P_DEFAULT));
    hid_t attribute = H5Acreate_by_name(file, where, name, H5T_STD_I64LE, space, H5P_DEFAULT,
                                        H5P_DEFAULT, H5P_DEFAULT);
    foreign_check(attribute);
    foreign_check(H5Awrite(attribute, H5T_NATIVE_INT64, &value));
    H5Aclose(attribute);
    H5Sclose(space);
    foreign_check(H5Fclose(file));
}

/* The same with text, of fixed length. */
static inline void foreign_text(scratch_path path, const char *where, const char *name,
                                const char *value) {
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t type = H5Tcopy(H5T_C_S1);
    foreign_check(H5Tset_size(type, strlen(value)));
    if (H5Aexists_by_name(file, where, name, H5P_DEFAULT) > 0)
        foreign_check(H5Adelete_by_name(file, where, name, H5P_DEFAULT));
    hid_t attribute =
        H5Acreate_by_name(file, where, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    foreign_check(attribute);
    foreign_check(H5Awrite(attribute, type, value));
    H5Aclose(attribute);
    H5Tclose(type);
    H5Sclose(space);
    foreign_check(H5Fclose(file));
}

static inline void foreign_delete(scratch_path path, const char *what) {
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    foreign_check(H5Ldelete(file, what, H5P_DEFAULT));
    foreign_check(H5Fclose(file));
}

#endif
