/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* preadv2 */
#include "base/cached.h"

#include <sys/uio.h>

bool ri_file_cached(int file, uint64_t at) {
    char byte;
    const struct iovec into = {.iov_base = &byte, .iov_len = 1};
    return preadv2(file, &into, 1, (off_t)at, RWF_NOWAIT) == 1;
}
