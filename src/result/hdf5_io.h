/* SPDX-License-Identifier: BSD-3-Clause
 * One description of the result file serves both directions: hdf5.c walks the record and calls the
 * functions of a table, which store a value (hdf5_write.c) or load it (hdf5_read.c). What is
 * written and what is read can so never drift apart. Private to this room. */
#ifndef RI_RESULT_HDF5_IO_H
#define RI_RESULT_HDF5_IO_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "cv/record.h"

typedef enum ri_h5_type { RI_H5_F64, RI_H5_I64, RI_H5_I32, RI_H5_U64, RI_H5_U8 } ri_h5_type;

typedef struct ri_h5 ri_h5;

/* `at` is an open group, `name` a member or attribute of it. */
typedef struct ri_h5_way {
    bool reading;
    /* Creates or opens a group; the caller closes it with H5Gclose. */
    ri_status (*group)(const ri_h5 *h5, hid_t at, const char *name, hid_t *group);
    /* Attributes: one number; one string of at most `room` bytes. */
    ri_status (*number)(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type, void *value);
    ri_status (*text)(const ri_h5 *h5, hid_t at, const char *name, char *value, size_t room);
    /* Datasets. `block` points to a pointer to the elements, allocated when reading. An optional
     * array is left out where the pointer is NULL, and the pointer stays NULL where the file has
     * none; the same holds for an empty optional list of names. */
    ri_status (*array)(const ri_h5 *h5, hid_t at, const char *name, ri_h5_type type, int rank,
                       const hsize_t *dims, bool optional, void *block);
    ri_status (*names)(const ri_h5 *h5, hid_t at, const char *name, int64_t count, bool optional,
                       ri_names *names);
} ri_h5_way;

struct ri_h5 {
    const ri_h5_way *way;
    const char *path;    /* of the file, for messages */
    hid_t file;          /* reading */
    uint64_t file_bytes; /* reading: its size */
    ri_error *err;
};

extern const ri_h5_way ri_h5_writing, ri_h5_reading;

/* Type in memory and in the file (little-endian), and bytes of an element. */
hid_t ri_h5_memory_type(ri_h5_type type);
hid_t ri_h5_file_type(ri_h5_type type);
size_t ri_h5_size(ri_h5_type type);

/* A UTF-8 string of variable length, for lists of names; the caller closes it. */
hid_t ri_h5_name_type(void);

/* Stores or loads everything below the root group. Writing changes nothing of the record. */
ri_status ri_h5_walk(const ri_h5 *h5, hid_t file, ri_record *record);

/* Its group /run. */
ri_status ri_h5_walk_run(const ri_h5 *h5, hid_t at, ri_run_facts *run);

/* Makes a new file, whole or not at all: attribute `format` (i64 1), the version, and what `fill`
 * writes below the root group. */
typedef ri_status ri_h5_fill(const ri_h5 *h5, hid_t file, void *context);
ri_status ri_h5_create(const char *path, const char *format, ri_h5_fill *fill, void *context,
                       ri_error *err);

/* Opens a file for reading and walks it from its root group on; HDF5 itself stays silent. */
RI_MUST_USE ri_status ri_h5_load(const char *path, ri_h5_fill *walk, void *context, ri_error *err);

/* RI_OK where attribute riata_WHAT_format is one that this version reads. */
RI_MUST_USE ri_status ri_h5_check_format(const ri_h5 *h5, hid_t file, const char *what);

/* The group of stability selection, of the record's first path, where there is one. */
ri_status ri_h5_walk_stability(const ri_h5 *h5, hid_t at, ri_record *record);

/* The group of the weights of an adaptive lasso, where there is one. */
ri_status ri_h5_walk_adaptive(const ri_h5 *h5, hid_t at, const ri_record *record,
                              ri_adaptive *adaptive);

/* What a file must keep for the record to be safe to use; RI_OK at once when writing. */
ri_status ri_h5_check_count(const ri_h5 *h5, hid_t at, const char *name, int64_t value,
                            int64_t least, int64_t most);
ri_status ri_h5_check_members(const ri_h5 *h5, hid_t at, int64_t expected);
ri_status ri_h5_check_shape(const ri_h5 *h5, hid_t at, const ri_record *record);
ri_status ri_h5_check_rows(const ri_h5 *h5, hid_t at, const ri_record *record);
ri_status ri_h5_check_start(const ri_h5 *h5, hid_t at, const int64_t *start, int64_t alphas,
                            int64_t p);
ri_status ri_h5_check_features(const ri_h5 *h5, hid_t at, const ri_fit *fit, int64_t alphas,
                               int64_t p);

/* RI_BAD_INPUT with "FILE:/result/NAME: SAYING; the file is damaged ...". */
ri_status ri_h5_damaged(const ri_h5 *h5, hid_t at, const char *name, const char *saying);

/* What the family brings (hdf5_family.c): words and classes, in /result; null models' errors, in a
 * fit; errors of the folds and curves of metrics that only some families have, in a path. */
RI_MUST_USE ri_status ri_h5_walk_family(const ri_h5 *h5, hid_t at, ri_record *record);
RI_MUST_USE ri_status ri_h5_walk_null_errors(const ri_h5 *h5, hid_t at, ri_family family,
                                             ri_fit *fit);
RI_MUST_USE ri_status ri_h5_walk_errors(const ri_h5 *h5, hid_t at, const ri_record *record,
                                        ri_path *path);

#endif
