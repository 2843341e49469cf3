/* SPDX-License-Identifier: BSD-3-Clause
 * Bytes of a text file, plain or gzip by content, a chunk at a time: what text_stream.h cuts into
 * lines and table_reader.h into rows, which quotes may spread over lines. Without a byte order
 * mark; bytes 0 and other compressions are refused. */
#ifndef RI_DATA_TEXT_BYTES_H
#define RI_DATA_TEXT_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

#include "base/status.h"

typedef struct ri_text_bytes {
    char *path;
    gzFile file;
    char *chunk;
    size_t at, fill; /* bytes [at, fill) of the chunk are not used yet */
    bool begun;
    bool exhausted; /* no more bytes in the file */
} ri_text_bytes;

RI_MUST_USE ri_status ri_text_bytes_open(const char *path, ri_text_bytes *out, ri_error *err);
void ri_text_bytes_close(ri_text_bytes *bytes); /* accepts an all-zero one; leaves all zero */

/* Once all are used: the next ones, or `exhausted`. `line` is that of the next byte, from 1. */
RI_MUST_USE ri_status ri_text_bytes_next(ri_text_bytes *bytes, int64_t line, ri_error *err);

/* Back to the first byte. */
RI_MUST_USE ri_status ri_text_bytes_rewind(ri_text_bytes *bytes, ri_error *err);

#endif
