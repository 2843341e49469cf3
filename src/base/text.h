/* SPDX-License-Identifier: BSD-3-Clause
 * Text <-> number, and lists of names held in one block. */
#ifndef RI_BASE_TEXT_H
#define RI_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { RI_NUMBER_TEXT = 32 };

/* Shortest decimal text that reads back to the same double ("nan", "inf", "-inf" otherwise).
 * Returns `text`, which has RI_NUMBER_TEXT bytes. */
char *ri_format_number(double value, char *text);

/* The whole of `text` (spaces around allowed) as a finite or infinite number; false otherwise. */
bool ri_parse_number(const char *text, double *value);
bool ri_parse_integer(const char *text, int64_t *value);
/* A size in bytes: a number with K, M, G or T (powers of 1000) or nothing behind it, above 0. */
bool ri_parse_bytes(const char *text, double *bytes);

/* True for the spellings of a missing value: "", NA, N/A, NaN, nan, null, NULL, "." (any case). */
bool ri_is_missing_text(const char *text);

/* A growing list of strings; all zero is the empty list. Index order is insertion order. */
typedef struct ri_names {
    int64_t count;
    int64_t *offset; /* [count] into `bytes` */
    char *bytes;     /* NUL-terminated strings, one after another */
    size_t offset_capacity, byte_capacity, byte_count;
} ri_names;

RI_MUST_USE ri_status ri_names_add(ri_names *names, const char *text, size_t length, ri_error *err);
/* Appends all names of `from`. */
RI_MUST_USE ri_status ri_names_copy(ri_names *to, const ri_names *from, ri_error *err);
const char *ri_names_get(const ri_names *names, int64_t index);
/* Drops the names that are not marked (count flags), and gives back the memory that is left over.
 */
void ri_names_keep(ri_names *names, const bool *keep);
/* Gives back memory that was taken ahead of names that did not come. */
void ri_names_trim(ri_names *names);
void ri_names_free(ri_names *names); /* leaves the empty list */

/* Look-up from string to index in a list that must outlive it and not change. */
typedef struct ri_name_index ri_name_index;
/* Where a string occurs twice, `duplicate` (may be NULL) receives the later index of the first such
 * pair, else -1; look-up finds the first. */
RI_MUST_USE ri_status ri_name_index_new(const ri_names *names, ri_name_index **out,
                                        int64_t *duplicate, ri_error *err);
int64_t ri_name_index_find(const ri_name_index *index, const char *text); /* -1: not there */
void ri_name_index_free(ri_name_index *index);

#endif
