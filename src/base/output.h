/* SPDX-License-Identifier: BSD-3-Clause
 * Files that appear whole: written beside their final name, then renamed. */
#ifndef RI_BASE_OUTPUT_H
#define RI_BASE_OUTPUT_H

#include <stdio.h>

#include "base/status.h"

/* Creates the missing parent directories of `path` and checks that a file can be created there.
 * Temporaries of `path` that processes left behind which are no more are removed, here and by
 * ri_output_open: what is killed cannot do so itself. */
RI_MUST_USE ri_status ri_output_prepare(const char *path, ri_error *err);

/* Temporary name beside `path` (unique to this process); caller frees. NULL without memory. */
char *ri_output_temporary(const char *path);

/* Flushes `temporary` to disk and renames it to `path`; on failure removes it. */
RI_MUST_USE ri_status ri_output_commit(const char *temporary, const char *path, ri_error *err);

/* fopen / commit in one: `*file` writes to a temporary, compressed where the name ends in .gz;
 * ri_output_close commits, or, with `keep` = 0, discards. `path` must stay valid in between. */
typedef struct ri_output {
    FILE *file;
    const char *path;
    char *temporary;
} ri_output;
RI_MUST_USE ri_status ri_output_open(const char *path, ri_output *out, ri_error *err);
RI_MUST_USE ri_status ri_output_close(ri_output *out, int keep, ri_error *err);

#endif
