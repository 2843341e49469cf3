/* SPDX-License-Identifier: BSD-3-Clause
 * Names of files, put together. */
#ifndef RI_CLI_NAMES_H
#define RI_CLI_NAMES_H

#include <stddef.h>

/* The first `length` bytes of `stem`, then `suffix`; caller frees. NULL without memory. */
char *ri_name_join(const char *stem, size_t length, const char *suffix);

/* "dir/data.h5" (or "dir/data.bed") and "cv" to "data.cv"; caller frees. NULL without memory. */
char *ri_name_default(const char *dataset, const char *command);

#endif
