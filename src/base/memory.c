/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* madvise */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>

enum { ALIGNMENT = 64 };

/* Where the system gives large pages to those who ask, one fault stands for 512. */
static const size_t LARGE_PAGE = 2U << 20, LEAST_PAGES = 2;

/* Asks for them within a block, which is about to be used whole; it does no harm to get none. */
static void prefer_large_pages(void *block, size_t bytes) {
    size_t before = (LARGE_PAGE - (uintptr_t)block % LARGE_PAGE) % LARGE_PAGE;
    size_t pages = bytes > before ? (bytes - before) / LARGE_PAGE : 0;
    if (block && pages >= LEAST_PAGES)
        (void)madvise((char *)block + before, pages * LARGE_PAGE, MADV_HUGEPAGE);
}

void *ri_alloc(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX - ALIGNMENT)
        return NULL;
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, bytes ? bytes : ALIGNMENT);
    prefer_large_pages(block, bytes);
    return block;
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
