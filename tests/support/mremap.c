/* SPDX-License-Identifier: BSD-3-Clause
 * mremap for builds with ThreadSanitizer, which does not follow the real one: blocks that moved
 * would be taken for those that were at their place before. */
#define _GNU_SOURCE 1
#include <string.h>
#include <sys/mman.h>

void *mremap(void *block, size_t bytes, size_t wanted, int flags, ...) {
    (void)flags;
    void *fresh = mmap(NULL, wanted, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED)
        return fresh;
    memcpy(fresh, block, bytes < wanted ? bytes : wanted);
    munmap(block, bytes);
    return fresh;
}
