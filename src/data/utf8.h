/* SPDX-License-Identifier: BSD-3-Clause
 * Names go on into HDF5 and JSON, which take UTF-8 only. */
#ifndef RI_DATA_UTF8_H
#define RI_DATA_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* True where the bytes are UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool ri_utf8_valid(const char *bytes, size_t length);

#endif
