/* SPDX-License-Identifier: BSD-3-Clause
 * Bytes of a file where the system's cache has them, without a copy: a mapping of the whole file,
 * of which a few windows are shown at a time, so that little of it counts as memory of this
 * process. A file that is cut off while it is shown would end the process by SIGBUS: zeros appear
 * in place of what is gone, and whoever hides the window is told. */
#ifndef RI_BASE_MAPPED_H
#define RI_BASE_MAPPED_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct ri_mapped {
    char *start; /* NULL: nothing is mapped, all is to be read */
    uint64_t bytes, page;
    int file;              /* borrowed */
    atomic_bool lost;      /* something that was shown was gone */
    atomic_int slow, fast; /* windows that took longer than a copy, or not */
} ri_mapped;

/* Maps the open `file`, unless that is no gain or not safe: on file systems over a network, where
 * the size of memory is limited (ulimit -v), and beside another mapping of this process. Main
 * thread. */
void ri_mapped_open(ri_mapped *mapped, int file);

/* Where bytes [at, at + bytes) are until they are hidden; NULL where they are to be read, since
 * they are not in the system's cache or a mapping takes longer than a copy (the cache of older
 * systems is in pages of 4 KB). Any thread whose signals are not blocked. As memory of this process
 * counts what is shown and up to 2 MB on either side of it. */
const void *ri_mapped_show(ri_mapped *mapped, uint64_t at, uint64_t bytes);

/* False where bytes that were shown, here or elsewhere, may have been wrong. */
bool ri_mapped_hide(ri_mapped *mapped, uint64_t at, uint64_t bytes);

void ri_mapped_close(ri_mapped *mapped);

#endif
