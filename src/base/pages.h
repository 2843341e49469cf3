/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of whole pages for what grows large: they grow without a second block beside them, and
 * what is freed goes back to the system at once. */
#ifndef RI_BASE_PAGES_H
#define RI_BASE_PAGES_H

#include <stddef.h>

/* Resizes `block` (NULL with `bytes` 0: a new one) from `bytes` to `wanted` > 0 bytes; what both
 * have in common stays, the rest is zero. The block may move. NULL where there is no memory: then
 * `block` is left as it is. */
void *ri_pages_resize(void *block, size_t bytes, size_t wanted);

/* `bytes` as last resized to. NULL is nothing to free. */
void ri_pages_free(void *block, size_t bytes);

/* The pages that lie whole in [block, block + bytes) count as memory of this process no more until
 * they are used again; what they held is lost. Memory of its own, or shared with other processes.
 */
void ri_pages_drop(void *block, size_t bytes);

#endif
