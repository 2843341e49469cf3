/* SPDX-License-Identifier: BSD-3-Clause
 * Memory that the ranks of a node share. MPI's own shared windows are not used: their backing file
 * may be larger than the file system it lies on (containers give /dev/shm 64 MB), and the first
 * write past its end is a SIGBUS. Here the space is looked at first and then reserved, so that a
 * lack of room is an error with a sentence; and the name is gone as soon as all ranks have the file
 * open, so that nothing is left behind by a run that is killed. */
#define _GNU_SOURCE 1 /* mkostemp */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/memory.h"
#include "cluster/group.h"

enum {
    PAGE = 4096,
    LARGE_PAGE = 2 << 20,
    COLLAPSE = 25 /* MADV_COLLAPSE of Linux 6.1, which the headers of some systems lack */
};

void ri_part_of(int64_t count, int64_t align, int64_t index, int64_t parts, int64_t *from,
                int64_t *to) {
    int64_t groups = (count + align - 1) / align, each = groups / parts, more = groups % parts;
    int64_t first = index * each + (index < more ? index : more);
    int64_t last = first + each + (index < more);
    *from = first * align < count ? first * align : count;
    *to = last * align < count ? last * align : count;
}

void ri_node_part(const ri_cluster *cluster, int64_t count, int64_t align, int64_t *from,
                  int64_t *to) {
    ri_part_of(count, align, cluster->node_rank, cluster->node_ranks, from, to);
}

/* A new file of `bytes` in `folder`, if it has the room. */
static ri_status create_file(const char *folder, size_t bytes, char path[PATH_MAX], int *file,
                             ri_error *err) {
    struct statvfs space;
    if (statvfs(folder, &space) != 0)
        return ri_fail(err, RI_SYSTEM, "%s cannot be used: %s", folder, strerror(errno));
    double room = (double)space.f_bavail * (double)space.f_frsize;
    if (room < (double)bytes)
        return ri_fail(err, RI_SYSTEM, "%s has %.0f MB free", folder, room / 1e6);
    if (snprintf(path, PATH_MAX, "%s/riata-XXXXXX", folder) >= PATH_MAX)
        return ri_fail(err, RI_SYSTEM, "%.64s...: name too long", folder);
    *file = mkostemp(path, O_CLOEXEC);
    if (*file < 0)
        return ri_fail(err, RI_SYSTEM, "%s is not writable: %s", folder, strerror(errno));
    if (ftruncate(*file, (off_t)bytes) != 0) {
        ri_fail(err, RI_SYSTEM, "%s: a file of %.0f MB is refused: %s", folder, (double)bytes / 1e6,
                strerror(errno));
        unlink(path);
        return RI_SYSTEM;
    }
    return RI_OK;
}

/* Room in the file for bytes [from, to); an errno. */
static int allocate(int file, int64_t from, int64_t to) {
    int code = 0;
    if (to <= from)
        return 0;
    do {
        code = posix_fallocate(file, (off_t)from, (off_t)(to - from));
    } while (code == EINTR);
    return code;
}

/* The bytes of a file that this rank reserves. */
static void part_of_pages(const ri_cluster *cluster, size_t bytes, int64_t *from, int64_t *to) {
    ri_node_part(cluster, (int64_t)bytes, bytes < LARGE_PAGE ? PAGE : LARGE_PAGE, from, to);
}

/* Lets large pages stand behind this rank's part of a file in memory that has none yet: two thirds
 * more of X can be read in the same time. Systems rarely give files large pages of their own
 * accord, but Linux does where it is asked to, for a part that has at least a page. Whatever is
 * refused will have small ones. */
static void ask_large_pages(const ri_cluster *cluster, int file, char *memory, size_t bytes) {
    int64_t from, to;
    part_of_pages(cluster, bytes, &from, &to);
    to = to / LARGE_PAGE * LARGE_PAGE;
    for (int64_t at = from; at < to; at += LARGE_PAGE) {
        if (allocate(file, at, at + PAGE) != 0)
            return;
        if (at == from && madvise(memory + at, LARGE_PAGE, COLLAPSE) != 0)
            return;
    }
    if (from < to)
        (void)madvise(memory + from, (size_t)(to - from), COLLAPSE);
}

/* Every rank reserves a part of its own: in parallel, and near its own cores where memory has a
 * place. */
static ri_status reserve(const ri_cluster *cluster, int file, size_t bytes, const char *folder,
                         ri_error *err) {
    int64_t from, to;
    part_of_pages(cluster, bytes, &from, &to);
    int code = allocate(file, from, to);
    if (code)
        return ri_fail(err, RI_SYSTEM, "%s: %.0f MB cannot be reserved: %s", folder,
                       (double)bytes / 1e6, strerror(code));
    return RI_OK;
}

static ri_status fail_to_map(size_t bytes, ri_error *err) {
    return ri_fail(err, RI_SYSTEM, "%.0f MB cannot be mapped: %s", (double)bytes / 1e6,
                   strerror(errno));
}

/* Memory of this process alone. */
static ri_status map_private(size_t bytes, void **address, ri_error *err) {
    *address = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (*address == MAP_FAILED) {
        *address = NULL;
        return fail_to_map(bytes, err);
    }
    madvise(*address, bytes, MADV_HUGEPAGE); /* advice: where it is refused nothing is lost */
    return RI_OK;
}

/* Maps a file where a large page can begin. */
static ri_status map_file(int file, size_t bytes, void **address, ri_error *err) {
    size_t whole = (bytes + PAGE - 1) / PAGE * PAGE, room = whole + LARGE_PAGE;
    *address = NULL;
    char *space = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED)
        return fail_to_map(bytes, err);
    size_t before = (LARGE_PAGE - (uintptr_t)space % LARGE_PAGE) % LARGE_PAGE;
    char *start = space + before;
    if (mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == MAP_FAILED) {
        ri_status status = fail_to_map(bytes, err);
        munmap(space, room);
        return status;
    }
    if (before > 0)
        munmap(space, before);
    munmap(start + whole, room - before - whole);
    madvise(start, bytes, MADV_HUGEPAGE);
    *address = start;
    return RI_OK;
}

/* The whole way in one folder; all ranks of the node succeed or fail together. */
static ri_status share_in(const ri_cluster *cluster, const char *folder, size_t bytes, bool large,
                          void **address, ri_error *err) {
    char path[PATH_MAX] = "";
    int file = -1;
    ri_status status = RI_OK;
    *address = NULL;
    if (cluster->node_rank == 0)
        status = create_file(folder, bytes, path, &file, err);
    RI_GO(ri_group_agree(cluster->node, status, err));
    ri_group_share(cluster->node, path, sizeof path, 0);
    if (cluster->node_rank != 0) {
        file = open(path, O_RDWR | O_CLOEXEC);
        if (file < 0)
            status =
                ri_fail(err, RI_SYSTEM, "%s, made by rank 0 of this node, cannot be opened: %s",
                        path, strerror(errno));
    }
    status = ri_group_agree(cluster->node, status, err);
    if (cluster->node_rank == 0)
        unlink(path);
    if (status != RI_OK)
        goto done;
    status = map_file(file, bytes, address, err);
    if (status == RI_OK && large)
        ask_large_pages(cluster, file, *address, bytes);
    if (status == RI_OK)
        status = reserve(cluster, file, bytes, folder, err);
    status = ri_group_agree(cluster->node, status, err);
done:
    if (file >= 0)
        close(file);
    if (status != RI_OK && *address) {
        munmap(*address, bytes);
        *address = NULL;
    }
    return status;
}

static ri_status share_anywhere(const ri_cluster *cluster, const char *what, size_t bytes,
                                bool large, void **address, ri_error *err) {
    const char *temporary = getenv("TMPDIR");
    ri_error first, second;
    if (share_in(cluster, "/dev/shm", bytes, large, address, &first) == RI_OK)
        return RI_OK;
    if (!temporary || !*temporary)
        temporary = "/tmp";
    if (share_in(cluster, temporary, bytes, large, address, &second) == RI_OK)
        return RI_OK;
    return ri_fail(
        err, RI_SYSTEM,
        "%s: no room for %.0f MB shared by the %d ranks of %s: %.300s; %.300s; make room, "
        "or set TMPDIR to a folder with room, or use one rank a node with more threads",
        what, (double)bytes / 1e6, cluster->node_ranks, cluster->host, first.text, second.text);
}

static ri_status new_block(ri_cluster *cluster, size_t bytes, bool large, const char *what,
                           void **address, ri_error *err) {
    *address = NULL;
    if (bytes == 0)
        bytes = 1;
    ri_block *block = ri_calloc(1, sizeof *block);
    ri_status status = block ? RI_OK : ri_fail_memory(err, what, sizeof *block);
    RI_GO(ri_group_agree(cluster->node, status, err));
    if (cluster->node_ranks > 1)
        status = share_anywhere(cluster, what, bytes, large, address, err);
    else if (map_private(bytes, address, NULL) != RI_OK)
        status = ri_fail_memory(err, what, bytes);
    if (status != RI_OK)
        goto done;
    *block = (ri_block){.next = cluster->blocks, .address = *address, .bytes = bytes};
    cluster->blocks = block;
    return RI_OK;
done:
    free(block);
    return status;
}

ri_status ri_block_new(ri_cluster *cluster, size_t bytes, const char *what, void **address,
                       ri_error *err) {
    return new_block(cluster, bytes, false, what, address, err);
}

ri_status ri_block_of_x(ri_cluster *cluster, size_t bytes, const char *what, void **address,
                        ri_error *err) {
    return new_block(cluster, bytes, true, what, address, err);
}

ri_status ri_block_private(ri_cluster *cluster, size_t bytes, const char *what, void **address,
                           ri_error *err) {
    ri_block *block = ri_calloc(1, sizeof *block);
    *address = NULL;
    if (!block || map_private(bytes ? bytes : 1, address, NULL) != RI_OK) {
        free(block);
        return ri_fail_memory(err, what, bytes);
    }
    *block = (ri_block){.next = cluster->blocks, .address = *address, .bytes = bytes ? bytes : 1};
    cluster->blocks = block;
    return RI_OK;
}

void ri_blocks_release(ri_cluster *cluster, const ri_block *mark) {
    while (cluster->blocks && cluster->blocks != mark) {
        ri_block *block = cluster->blocks;
        cluster->blocks = block->next;
        munmap(block->address, block->bytes);
        free(block);
    }
}

void ri_cluster_release(ri_cluster *cluster) {
    ri_blocks_release(cluster, NULL);
}
