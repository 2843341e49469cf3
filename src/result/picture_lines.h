/* SPDX-License-Identifier: BSD-3-Clause
 * Standardised coefficients along the chosen path, one line for each feature that is not zero
 * everywhere. Private to this room. */
#ifndef RI_RESULT_PICTURE_LINES_H
#define RI_RESULT_PICTURE_LINES_H

#include "base/status.h"
#include "cv/record.h"
#include "result/picture.h"

typedef struct ri_path_line {
    int64_t feature;
    double chosen; /* |standardised coefficient| at the selected alpha */
    double most;   /* and its largest over the path */
} ri_path_line;

typedef struct ri_path_lines {
    ri_path_line *line; /* [count] strongest first */
    int64_t count;
    int64_t drawn; /* the first of them, which have values */
    double *value; /* [drawn * alphas] */
    ri_range range;
} ri_path_lines;

/* At most `most` lines are drawn. */
RI_MUST_USE ri_status ri_path_lines_new(const ri_record *record, int64_t most, ri_path_lines *out,
                                        ri_error *err);
void ri_path_lines_free(ri_path_lines *lines);

#endif
