/* SPDX-License-Identifier: BSD-3-Clause
 * Rows of a CSV or TSV file, one after another: quoted fields (separators, doubled quotes and line
 * ends inside them), LF, CRLF or CR, UTF-8 with or without a byte order mark, plain or gzip by
 * content. Memory is that of one row. Blank lines are skipped. */
#ifndef RI_DATA_TABLE_READER_H
#define RI_DATA_TABLE_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_table_reader ri_table_reader;

/* A tab in the first line, outside quotes, makes it TSV; else fields are separated by commas. */
RI_MUST_USE ri_status ri_table_reader_open(const char *path, ri_table_reader **out, ri_error *err);
void ri_table_reader_close(ri_table_reader *reader); /* accepts NULL */

/* The next row; `*row` is NULL at the end of the file. Fields of the row are valid until the next
 * call; spaces around unquoted ones are gone. `*line` is where the row starts, from 1. */
RI_MUST_USE ri_status ri_table_reader_next(ri_table_reader *reader, const ri_names **row,
                                           int64_t *line, ri_error *err);

#endif
