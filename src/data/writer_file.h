/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of the dataset writer: its state, and attributes and vectors as they are put into the
 * file. Every put returns false after a failure, whose reason the writer then holds. */
#ifndef RI_DATA_WRITER_FILE_H
#define RI_DATA_WRITER_FILE_H

#include <hdf5.h>

#include "data/writer.h"

struct ri_writer {
    char *path, *temporary;
    char *default_response; /* NULL: none named */
    int64_t n, p;
    ri_storage storage;
    hid_t file, x; /* x of a sparse one: the values */
    bool sparse;
    hid_t indices;        /* of a sparse one */
    int64_t *start;       /* [p + 1] the same */
    int64_t features;     /* written so far, the same */
    hid_t dataset, group; /* creation lists: no time stamps */
    hid_t text;           /* variable-length UTF-8 */
    char reason[128];     /* of the first failure, "" before */
};

/* Keeps the system's reason while it is still on HDF5's stack. Returns `ok`. */
bool ri_writer_note(ri_writer *writer, bool ok);

/* RI_OK, or RI_SYSTEM with the sentence "FILE: WHAT cannot be written: REASON". */
ri_status ri_writer_outcome(const ri_writer *writer, bool ok, const char *what, ri_error *err);

/* Attributes of an object. */
bool ri_writer_put_integer(ri_writer *writer, hid_t object, const char *name, int64_t value);
bool ri_writer_put_real(ri_writer *writer, hid_t object, const char *name, double value);
bool ri_writer_put_text(ri_writer *writer, hid_t object, const char *name, const char *value);

/* The type in which values are stored. */
hid_t ri_writer_file_type(ri_storage storage);

/* Group X with room for the entries, and what is known of it once all are written. */
bool ri_writer_create_sparse(ri_writer *writer, int64_t entries);
bool ri_writer_finish_sparse(ri_writer *writer);

/* A one-dimensional dataset, written at once. */
bool ri_writer_put_vector(ri_writer *writer, hid_t where, const char *name, int64_t count,
                          hid_t stored, hid_t memory, const void *values);
bool ri_writer_put_names(ri_writer *writer, hid_t where, const char *name, const ri_names *names);

/* The group, made where it does not exist; negative on failure. */
hid_t ri_writer_enter(ri_writer *writer, const char *name);

#endif
