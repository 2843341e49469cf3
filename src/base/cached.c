/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* preadv2 */
#include "base/cached.h"

#include <sys/uio.h>
#include <unistd.h>

bool ri_file_cached(int file, uint64_t at) {
    char byte;
    const struct iovec into = {.iov_base = &byte, .iov_len = 1};
    return preadv2(file, &into, 1, (off_t)at, RWF_NOWAIT) == 1;
}

void ri_file_ahead(int file, uint64_t at, uint64_t bytes) {
    enum { PIECE = 128 << 10 }; /* stays in the cache of a core */
    char piece[PIECE];
    for (uint64_t next = at + bytes; at < next; at += PIECE) {
        size_t wanted = next - at < PIECE ? (size_t)(next - at) : PIECE;
        if (ri_file_cached(file, at) && ri_file_cached(file, at + wanted - 1))
            continue;
        if (pread(file, piece, wanted, (off_t)at) <= 0)
            return; /* whoever needs the bytes says so */
    }
}
