/* SPDX-License-Identifier: BSD-3-Clause
 * Pieces of error sentences about text files: offending text made short and printable, and the
 * nearest of the names that exist. */
#ifndef RI_DATA_WORDING_H
#define RI_DATA_WORDING_H

#include "base/status.h"
#include "base/text.h"

enum { RI_EXCERPT_TEXT = 48 };

typedef struct ri_excerpt {
    char text[RI_EXCERPT_TEXT];
} ri_excerpt;

/* The first characters of `text` (UTF-8 is not cut inside a character), "..." where it goes on, and
 * '?' for control characters. */
ri_excerpt ri_excerpt_of(const char *text);

/* RI_BAD_INPUT for a column that does not exist: names `option`, the nearest column, or the first
 * ones where none is near. */
ri_status ri_fail_unknown_column(ri_error *err, const char *path, const char *option,
                                 const char *name, const ri_names *columns);

#endif
