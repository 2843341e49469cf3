/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *ri_alloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
}

void *ri_calloc(size_t count, size_t size) {
    void *block = ri_alloc(count, size);
    if (block)
        memset(block, 0, count * size);
    return block;
}

int ri_grow(void *block, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity)
        return 1;
    size_t grown = *capacity + *capacity / 2 + 16;
    if (grown < needed)
        grown = needed;
    void *fresh = ri_alloc(grown, size);
    if (!fresh)
        return 0;
    void *old;
    memcpy(&old, block, sizeof old);
    if (old)
        memcpy(fresh, old, *capacity * size);
    free(old);
    memcpy(block, &fresh, sizeof fresh);
    *capacity = grown;
    return 1;
}

int ri_renew(void *block, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity && *capacity > 0)
        return 1;
    void *old;
    memcpy(&old, block, sizeof old);
    free(old);
    size_t room = needed + needed / 16 + 1;
    void *fresh = ri_alloc(room, size);
    memcpy(block, &fresh, sizeof fresh);
    *capacity = fresh ? room : 0;
    return fresh != NULL;
}

void ri_memory_trim(void) {
    malloc_trim(0);
}
