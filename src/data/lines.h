/* SPDX-License-Identifier: BSD-3-Clause
 * Lines of a small text file (.fam, .bim, --pheno, truth) split into fields. Blank lines are
 * skipped; files compressed by gzip are read as what they hold; a byte order mark and carriage
 * returns at line ends are taken away. */
#ifndef RI_DATA_LINES_H
#define RI_DATA_LINES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef enum ri_split {
    RI_SPLIT_BLANKS, /* at runs of spaces and tabs */
    RI_SPLIT_HEADER, /* at every tab where the first line has one (fields may be empty), else at
                        runs of spaces */
} ri_split;

typedef struct ri_lines {
    const char *path; /* as given; must stay valid */
    FILE *file;
    ri_split split;
    bool at_tabs;
    int64_t line;  /* of the fields below, from 1 */
    int64_t count; /* fields; 0 at the end of the file */
    char **field;  /* [count], valid until the next line */
    size_t field_capacity, text_capacity;
    char *text;
} ri_lines;

RI_MUST_USE ri_status ri_lines_open(const char *path, ri_split split, ri_lines *out, ri_error *err);
RI_MUST_USE ri_status ri_lines_next(ri_lines *lines, ri_error *err);
void ri_lines_close(ri_lines *lines); /* accepts an all-zero one */

#endif
