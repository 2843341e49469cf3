/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* mremap */
#include "base/pages.h"

#include <sys/mman.h>

void *ri_pages_resize(void *block, size_t bytes, size_t wanted) {
    void *fresh =
        block ? mremap(block, bytes, wanted, MREMAP_MAYMOVE)
              : mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return fresh == MAP_FAILED ? NULL : fresh;
}

void ri_pages_free(void *block, size_t bytes) {
    if (block)
        munmap(block, bytes);
}
