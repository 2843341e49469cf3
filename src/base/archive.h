/* SPDX-License-Identifier: BSD-3-Clause
 * A file that is written and read by the same calls, so that one function lists what is in it. It
 * goes in blocks, each with its length and a hash of all bytes so far: what was read is what was
 * written, and a file that is cut short, altered or followed by other bytes is noticed before
 * anybody uses a byte of the block in question. For machines of one byte order and type sizes. */
#ifndef RI_BASE_ARCHIVE_H
#define RI_BASE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef struct ri_archive {
    FILE *file; /* borrowed */
    bool reads;
    uint8_t *block;
    size_t used, at; /* bytes in the block; of them read */
    uint64_t hash;
    bool last;        /* the block in hand is the last one */
    ri_error failure; /* the first one; after it nothing is written, and zeros are read */
} ri_archive;

/* Begins at the file's position. */
RI_MUST_USE ri_status ri_archive_open(ri_archive *archive, FILE *file, bool reads, ri_error *err);

/* Writes what is left, or makes sure that nothing is left to be read; tells the first failure, by
 * which what was read is void. RI_BAD_INPUT: damaged; RI_SYSTEM: no memory, cannot be read or
 * written. */
RI_MUST_USE ri_status ri_archive_close(ri_archive *archive, ri_error *err);

/* Reads and drops what is left. */
void ri_archive_skip(ri_archive *archive);

/* Writes `bytes` bytes from `at`, or reads them there. */
void ri_archive_bytes(ri_archive *archive, void *at, size_t bytes);

/* A whole number that must lie between `least` and `most`; where it does not, reading fails and it
 * is `least`. */
void ri_archive_count(ri_archive *archive, int64_t *count, int64_t least, int64_t most);
void ri_archive_int(ri_archive *archive, int *value, int least, int most);
void ri_archive_flag(ri_archive *archive, bool *flag);
void ri_archive_double(ri_archive *archive, double *value);

/* `count` elements of `size` bytes in `*block`, a pointer of any type; reading frees what was there
 * and allocates. */
void ri_archive_array(ri_archive *archive, void *block, int64_t count, size_t size);

/* The same, of numbers from 0 to `most` - 1. */
void ri_archive_indices(ri_archive *archive, int64_t **block, int64_t count, int64_t most);

/* Notes a failure, unless there is one: the contents do not fit `what`. */
void ri_archive_refuse(ri_archive *archive, const char *what);

static inline bool ri_archive_good(const ri_archive *archive) {
    return archive->failure.status == RI_OK;
}

#endif
