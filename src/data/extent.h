/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RI_DATA_EXTENT_H
#define RI_DATA_EXTENT_H

#include <stdint.h>

/* Bytes [at, at + bytes) of a file, and where in memory they are; whoever holds them says for how
 * long. */
typedef struct ri_extent {
    uint64_t at, bytes;
    const char *start;
} ri_extent;

#endif
