/* SPDX-License-Identifier: BSD-3-Clause
 * An HDF5 file open for reading. Nothing in it is believed: sizes are held against the length of
 * the file before memory is asked for, types are looked at before data are read, and what does not
 * fit is RI_BAD_INPUT with a sentence that names file and dataset. */
#ifndef RI_DATA_SOURCE_H
#define RI_DATA_SOURCE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_source {
    const char *name; /* of the file, as given; must outlive the source */
    hid_t file;       /* negative: closed */
    uint64_t bytes;   /* length of the file */
} ri_source;

RI_MUST_USE ri_status ri_source_open(const char *name, ri_source *out, ri_error *err);
void ri_source_close(ri_source *source);

/* True where an object can be found under `path`. */
bool ri_source_has(const ri_source *source, const char *path);

/* Up to ten datasets of the file as text, "/X (100 x 20), /y (20)", or "no dataset". Returns
 * `text`. */
const char *ri_source_describe(const ri_source *source, char *text, size_t size);

/* Appends the names of the datasets in a group, in alphabetical order; none where the group does
 * not exist. */
RI_MUST_USE ri_status ri_source_members(const ri_source *source, const char *group, ri_names *out,
                                        ri_error *err);

/* An open dataset of one or two dimensions that the file can really hold. */
typedef struct ri_source_set {
    hid_t id; /* negative: closed */
    int rank;
    hsize_t dims[2];   /* 1 where the rank ends */
    H5T_class_t class; /* of the base type, for enumerations */
    size_t size;       /* bytes of an element */
    bool is_signed;    /* integers */
    bool integer_na;   /* R's NA: the smallest 32-bit integer is missing */
    H5D_layout_t layout;
    hsize_t chunk[2]; /* 0, 0: not chunked */
    bool filtered;
    uint64_t stored_bytes;
} ri_source_set;

RI_MUST_USE ri_status ri_source_dataset(const ri_source *source, const char *path,
                                        ri_source_set *out, ri_error *err);
void ri_source_set_close(ri_source_set *set);

/* RI_BAD_INPUT unless the dataset holds numbers that a double can take: integers, or floats of at
 * most 8 bytes. */
RI_MUST_USE ri_status ri_source_numeric(const ri_source *source, const char *path,
                                        const ri_source_set *set, ri_error *err);

/* A vector, also as a matrix of one row or column. `count` < 0 on entry takes any length,
 * otherwise it is the length needed, of `unit` ("samples"). Caller frees `*out`. */
RI_MUST_USE ri_status ri_source_doubles(const ri_source *source, const char *path, int64_t *count,
                                        const char *unit, double **out, ri_error *err);
RI_MUST_USE ri_status ri_source_integers(const ri_source *source, const char *path, int64_t *count,
                                         const char *unit, int64_t **out, ri_error *err);
/* Text, of fixed or variable length, appended to the empty list `out`. */
RI_MUST_USE ri_status ri_source_names(const ri_source *source, const char *path, int64_t count,
                                      const char *unit, ri_names *out, ri_error *err);

/* True where each of `count` texts of variable length in a contiguous or chunked dataset is in the
 * file as long as its reference says. Chunks behind a filter other than deflate, shuffle and
 * checksum are not looked into. Also false without the memory to look: `*starved` is then true. */
bool ri_source_heap_holds(const ri_source *source, hid_t set, bool chunked, int64_t count,
                          bool *starved);

/* Attributes of one element of an object that was found under `path`. Where there is none,
 * `*found` is false and the value untouched. */
RI_MUST_USE ri_status ri_source_integer(const ri_source *source, hid_t object, const char *path,
                                        const char *name, int64_t *value, bool *found,
                                        ri_error *err);
RI_MUST_USE ri_status ri_source_real(const ri_source *source, hid_t object, const char *path,
                                     const char *name, double *value, bool *found, ri_error *err);
/* Caller frees `*value`, which is NULL where there is no such attribute. */
RI_MUST_USE ri_status ri_source_text(const ri_source *source, hid_t object, const char *path,
                                     const char *name, char **value, ri_error *err);

#endif
