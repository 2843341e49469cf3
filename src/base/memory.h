/* SPDX-License-Identifier: BSD-3-Clause
 * Overflow-checked allocation. Every block is 64-byte aligned and freed by free(). */
#ifndef RI_BASE_MEMORY_H
#define RI_BASE_MEMORY_H

#include <stddef.h>

/* `count` elements of `size` bytes, uninitialised; at least one byte is allocated, so that NULL
 * always means failure (overflow or no memory). */
void *ri_alloc(size_t count, size_t size);

/* The same, filled with zeros. */
void *ri_calloc(size_t count, size_t size);

/* Grows `*block` (of `*capacity` elements, moved by copy) to hold at least `needed`, by at least
 * half. On failure returns 0 and leaves both untouched. `block` points to a pointer of any type. */
int ri_grow(void *block, size_t *capacity, size_t needed, size_t size);

/* Sees to it that `*block` holds at least `needed` elements, without keeping what was in them. On
 * failure returns 0 and leaves an empty block. */
int ri_renew(void *block, size_t *capacity, size_t needed, size_t size);

/* Gives pages that freed blocks have left empty back to the system. */
void ri_memory_trim(void);

#endif
