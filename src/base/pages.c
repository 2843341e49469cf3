/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* mremap */
#include "base/pages.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

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

void ri_pages_drop(void *block, size_t bytes) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), past = (uintptr_t)block % page;
    const size_t skipped = past ? page - past : 0;
    if (bytes >= skipped + page)
        (void)madvise((char *)block + skipped, (bytes - skipped) / page * page, MADV_DONTNEED);
}
