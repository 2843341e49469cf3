/* SPDX-License-Identifier: BSD-3-Clause
 * Text files that are compressed by gzip, as streams. */
#ifndef RI_BASE_GZIP_H
#define RI_BASE_GZIP_H

#include <stdbool.h>
#include <stdio.h>

/* True for names that end in ".gz". */
bool ri_gzip_named(const char *path);

/* As fopen: a stream of the plain text. `mode` is "r", which also reads files that are not
 * compressed, or "w". NULL with errno set; damaged files are read errors (EIO). */
FILE *ri_gzip_open(const char *path, const char *mode);

#endif
