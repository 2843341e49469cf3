/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* preadv2, mincore */
#include "base/cached.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

static ssize_t look(int file, uint64_t at) {
    char byte;
    const struct iovec into = {.iov_base = &byte, .iov_len = 1};
    return preadv2(file, &into, 1, (off_t)at, RWF_NOWAIT);
}

bool ri_file_cached(int file, uint64_t at) {
    return look(file, at) == 1;
}

/* False where the other look says that the byte is not there. */
static bool may_be_cached(int file, uint64_t at) {
    return look(file, at) == 1 || errno == EOPNOTSUPP;
}

bool ri_file_kept(int file, uint64_t at, uint64_t bytes) {
    enum { PAGES = 1024 };
    unsigned char in_memory[PAGES];
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end = at + bytes;
    bool all = true;
    for (uint64_t next = at / page * page; all && next < end; next += PAGES * page) {
        const size_t some = (size_t)(end - next < PAGES * page ? end - next : PAGES * page);
        void *start = mmap(NULL, some, PROT_READ, MAP_SHARED, file, (off_t)next);
        if (start == MAP_FAILED)
            return false;
        all = mincore(start, some, in_memory) == 0;
        for (size_t k = 0; all && k < (some + page - 1) / page; k++)
            all = in_memory[k] & 1;
        munmap(start, some);
    }
    return all && bytes > 0 && may_be_cached(file, at) && may_be_cached(file, end - 1);
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
