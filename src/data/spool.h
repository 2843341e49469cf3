/* SPDX-License-Identifier: BSD-3-Clause
 * Columns on their way into a dataset, in a file without a name: how many there will be is known
 * only when the last one is in. */
#ifndef RI_DATA_SPOOL_H
#define RI_DATA_SPOOL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef struct ri_spool {
    FILE *file; /* NULL: not open */
    size_t column_bytes;
    int64_t count; /* columns */
} ri_spool;

/* On the file system of `beside`, the file that is to be written in the end. */
RI_MUST_USE ri_status ri_spool_open(const char *beside, size_t column_bytes, ri_spool *out,
                                    ri_error *err);
RI_MUST_USE ri_status ri_spool_add(ri_spool *spool, const void *column, ri_error *err);
/* To be called once, between the last add and the first read. */
RI_MUST_USE ri_status ri_spool_finish(ri_spool *spool, ri_error *err);
/* Columns [from, from + count), `stride` bytes apart (at least column_bytes). */
RI_MUST_USE ri_status ri_spool_read(const ri_spool *spool, int64_t from, int64_t count, void *out,
                                    size_t stride, ri_error *err);
void ri_spool_close(ri_spool *spool); /* accepts an all-zero one */

#endif
