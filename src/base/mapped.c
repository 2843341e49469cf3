/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* madvise */
#include "base/mapped.h"

#include <linux/magic.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/cached.h"
#include "base/clock.h"

enum {
    POPULATE_READ = 22, /* MADV_POPULATE_READ, of Linux 5.14 and later */
    TRIED = 4,          /* windows until it is clear what they take */
};

static const double COPY_BYTES = 20e9; /* a second, of one core at best */

/* What the handler looks at: a signal knows no other way. */
static ri_mapped *_Atomic shown;
static struct sigaction before;

/* Puts a page of zeros in the place of one that is gone; any other fault is left to whoever was
 * there before. */
static void replace_page(int number, siginfo_t *info, void *unused) {
    (void)unused;
    ri_mapped *mapped = atomic_load(&shown);
    char *at = info->si_addr;
    if (info->si_code > 0 && mapped && at >= mapped->start && at < mapped->start + mapped->bytes) {
        at -= (size_t)(at - mapped->start) % mapped->page;
        atomic_store(&mapped->lost, true);
        if (mmap(at, mapped->page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at)
            return;
    }
    sigaction(number, &before, NULL);
    if (info->si_code <= 0) /* sent by somebody: it does not come again by itself */
        raise(number);
}

static bool may_map(int file, uint64_t *bytes) {
    struct stat size;
    struct statfs system;
    struct rlimit limit;
    if (fstat(file, &size) != 0 || size.st_size < 1 || fstatfs(file, &system) != 0 ||
        getrlimit(RLIMIT_AS, &limit) != 0)
        return false;
    *bytes = (uint64_t)size.st_size;
    return limit.rlim_cur == RLIM_INFINITY &&
           (system.f_type == EXT4_SUPER_MAGIC || system.f_type == XFS_SUPER_MAGIC ||
            system.f_type == BTRFS_SUPER_MAGIC || system.f_type == OVERLAYFS_SUPER_MAGIC ||
            system.f_type == TMPFS_MAGIC);
}

void ri_mapped_open(ri_mapped *mapped, int file) {
    const struct sigaction action = {.sa_sigaction = replace_page, .sa_flags = SA_SIGINFO};
    ri_mapped *nobody = NULL;
    *mapped = (ri_mapped){.file = file, .page = (uint64_t)sysconf(_SC_PAGESIZE)};
    if (!may_map(file, &mapped->bytes))
        return;
    void *start = mmap(NULL, mapped->bytes, PROT_READ, MAP_SHARED, file, 0);
    if (start == MAP_FAILED)
        return;
    mapped->start = start;
    if (!atomic_compare_exchange_strong(&shown, &nobody, mapped)) {
        munmap(start, mapped->bytes);
        mapped->start = NULL;
    } else if (sigaction(SIGBUS, &action, &before) != 0) {
        ri_mapped_close(mapped);
    }
}

/* Whole pages around [at, at + bytes). */
static int advise(const ri_mapped *mapped, uint64_t at, uint64_t bytes, int what) {
    const uint64_t from = at / mapped->page * mapped->page;
    return madvise(mapped->start + from, at + bytes - from, what);
}

const void *ri_mapped_show(ri_mapped *mapped, uint64_t at, uint64_t bytes) {
    if (!mapped->start || bytes < 1 || at > mapped->bytes || bytes > mapped->bytes - at ||
        (atomic_load(&mapped->fast) == 0 && atomic_load(&mapped->slow) >= TRIED) ||
        !ri_file_cached(mapped->file, at) || !ri_file_cached(mapped->file, at + bytes - 1))
        return NULL;
    const double started = ri_seconds();
    if (advise(mapped, at, bytes, POPULATE_READ) != 0) {
        atomic_fetch_add(&mapped->slow, 1);
        return NULL;
    }
    const bool fast = (ri_seconds() - started) * COPY_BYTES < (double)bytes;
    atomic_fetch_add(fast ? &mapped->fast : &mapped->slow, 1);
    return mapped->start + at;
}

bool ri_mapped_hide(ri_mapped *mapped, uint64_t at, uint64_t bytes) {
    (void)advise(mapped, at, bytes, MADV_DONTNEED);
    return !atomic_load(&mapped->lost);
}

void ri_mapped_close(ri_mapped *mapped) {
    if (!mapped->start)
        return;
    sigaction(SIGBUS, &before, NULL);
    munmap(mapped->start, mapped->bytes);
    mapped->start = NULL;
    atomic_store(&shown, NULL);
}
