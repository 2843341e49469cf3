/* SPDX-License-Identifier: BSD-3-Clause
 * Whether reading a file waits for a disk or is only copying. */
#ifndef RI_BASE_CACHED_H
#define RI_BASE_CACHED_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the byte at `at` of the open `file` is in memory already; false also where the file
 * system does not say. */
bool ri_file_cached(int file, uint64_t at);

/* Whether all of these bytes are. Unlike the other look, which starts to read what it misses, this
 * one changes nothing and works on every file system; it takes some microseconds a megabyte. Of a
 * file that is another user's the system tells less: then it is the other look, at both ends. */
bool ri_file_kept(int file, uint64_t at, uint64_t bytes);

/* Has the system read these bytes into its memory, unless they are there; waits for that. Reading
 * them in a row, and throwing them away, takes less of the processor than asking for them by
 * posix_fadvise: the system then keeps them in large pieces. */
void ri_file_ahead(int file, uint64_t at, uint64_t bytes);

#endif
