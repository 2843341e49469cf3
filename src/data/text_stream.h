/* SPDX-License-Identifier: BSD-3-Clause
 * Lines of a text file of any size, plain or gzip by content, and numbers within a line. Memory is
 * that of the longest line. To be used in the C locale (data/c_locale.h). */
#ifndef RI_DATA_TEXT_STREAM_H
#define RI_DATA_TEXT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ri_text_stream ri_text_stream;

RI_MUST_USE ri_status ri_text_stream_open(const char *path, ri_text_stream **out, ri_error *err);
void ri_text_stream_close(ri_text_stream *stream); /* accepts NULL */

/* Back to the first line. */
RI_MUST_USE ri_status ri_text_stream_rewind(ri_text_stream *stream, ri_error *err);

/* The next line without its end (LF or CRLF) and without a byte order mark, to be changed at will
 * until the next call; NULL at the end of the file. Bytes 0 are refused. `*number` counts from 1.
 */
RI_MUST_USE ri_status ri_text_stream_next(ri_text_stream *stream, char **line, int64_t *number,
                                          ri_error *err);

/* False where the last line returned had no line end, so that the file may be cut off in it. */
bool ri_text_stream_ended(const ri_text_stream *stream);

/* Skips blanks and reads a number that ends at a blank, at the end or at `border` (0: none); moves
 * `*at` behind it. False where there is no such number. */
bool ri_take_number(char **at, char border, double *value);
bool ri_take_integer(char **at, char border, int64_t *value);

/* Moves `*at` to the next character that is no blank; false at the end of the line. */
bool ri_skip_blanks(char **at);

#endif
