/* SPDX-License-Identifier: BSD-3-Clause
 * Attributes that are the fields of a struct, as a list: each in the file under its own name, and
 * of the type that it has in C. Private to this room. */
#ifndef RI_RESULT_HDF5_FACTS_H
#define RI_RESULT_HDF5_FACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "result/hdf5_io.h"

typedef enum ri_h5_kind {
    RI_H5_NUMBER,
    RI_H5_FLAG, /* bool, in the file u8 0 or 1 */
    RI_H5_TEXT  /* an array of char */
} ri_h5_kind;

typedef struct ri_h5_fact {
    const char *name;
    ri_h5_kind kind;
    ri_h5_type type; /* of a number */
    size_t offset, size;
} ri_h5_fact;

/* A field of a struct of type `owner`; any other type than these does not compile. */
#define RI_H5_FACT(owner, field)                                                                   \
    {                                                                                              \
#field, RI_H5_KIND(((owner *)0)->field), RI_H5_TYPE(((owner *)0)->field),                  \
            offsetof(owner, field), sizeof(((owner *)0)->field)                                    \
    }
/* clang-format off */
#define RI_H5_KIND(value) \
    _Generic(value, bool: RI_H5_FLAG, char *: RI_H5_TEXT, default: RI_H5_NUMBER)
#define RI_H5_TYPE(value) \
    _Generic(value, double: RI_H5_F64, int64_t: RI_H5_I64, int32_t: RI_H5_I32, \
             uint64_t: RI_H5_U64, bool: RI_H5_U8, char *: RI_H5_U8)
/* clang-format on */

/* A bool, in the file u8 0 or 1. */
RI_MUST_USE ri_status ri_h5_walk_flag(const ri_h5 *h5, hid_t at, const char *name, bool *flag);

/* Stores or loads them in their order. */
RI_MUST_USE ri_status ri_h5_walk_facts(const ri_h5 *h5, hid_t at, const ri_h5_fact *fact,
                                       size_t facts, void *owner);

/* An enumeration of 0 .. words - 1, in the file as its word. */
RI_MUST_USE ri_status ri_h5_walk_word(const ri_h5 *h5, hid_t at, const char *name, int words,
                                      const char *(*word)(int), int *value);

#endif
