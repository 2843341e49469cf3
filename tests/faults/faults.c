/* SPDX-License-Identifier: BSD-3-Clause
 * Faults of the machine, for one rank, by LD_PRELOAD. RIATA_FAULT = "WHAT RANK FIRST": from call
 * number FIRST on (0 is the first)
 *
 *   read    reading of a file named *.h5 fails, as from a bad disk
 *   memory  there is no memory for blocks of 1000 bytes and more that riata asks for
 *   send    sending a message fails, as where a connection is lost
 *   disk    a file of a checkpoint cannot be written: there is no space
 *   quota   no file at all can be: the user has no more room
 *   hold    writing one takes until the file named by RIATA_HOLD is there, a minute at most
 *
 * RANK is that of mpirun, or -1 for all. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int calls; /* of the kind that fails; counted by any thread */

static bool fails(const char *what) {
    const char *fault = getenv("RIATA_FAULT"), *own = getenv("OMPI_COMM_WORLD_RANK");
    char name[16];
    int rank, first;
    if (!fault || sscanf(fault, "%15s %d %d", name, &rank, &first) != 3 || strcmp(name, what) != 0)
        return false;
    if (rank >= 0 && rank != (own ? atoi(own) : 0))
        return false;
    return __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) >= first;
}

static bool named(int file, const char *part, const char *end) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    size_t tail = strlen(end);
    return strstr(path, part) && (size_t)length >= tail && strcmp(path + length - tail, end) == 0;
}

/* The function that stands behind; a union, since ISO C has no cast from object to function. */
#define BEHIND(type, name)                                                                         \
    union {                                                                                        \
        void *object;                                                                              \
        type function;                                                                             \
    } behind = {.object = dlsym(RTLD_NEXT, name)}

typedef ssize_t pread_function(int, void *, size_t, off_t);
ssize_t pread(int file, void *bytes, size_t count, off_t offset) {
    BEHIND(pread_function *, "pread");
    if (named(file, "", ".h5") && fails("read")) {
        errno = EIO;
        return -1;
    }
    return behind.function(file, bytes, count, offset);
}

ssize_t pread64(int file, void *bytes, size_t count, off_t offset) {
    return pread(file, bytes, count, offset);
}

typedef void *allocate_function(size_t, size_t);
void *aligned_alloc(size_t alignment, size_t bytes) {
    BEHIND(allocate_function *, "aligned_alloc");
    if (bytes >= 1000 && fails("memory"))
        return NULL;
    return behind.function(alignment, bytes);
}

static void hold_up(void) {
    const char *end = getenv("RIATA_HOLD");
    for (int looks = 0; end && looks < 6000 && access(end, F_OK) != 0; looks++)
        usleep(10000);
}

typedef int fsync_function(int);
int fsync(int file) {
    BEHIND(fsync_function *, "fsync");
    bool unit = named(file, ".checkpoint/unit-", "");
    if (unit && fails("hold"))
        hold_up();
    if (unit && fails("disk")) {
        errno = ENOSPC;
        return -1;
    }
    if (fails("quota")) {
        errno = EDQUOT;
        return -1;
    }
    return behind.function(file);
}

int MPI_Isend(const void *bytes, int count, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *request) {
    if (fails("send")) {
        MPI_Comm_call_errhandler(comm, MPI_ERR_OTHER);
        return MPI_ERR_OTHER;
    }
    return PMPI_Isend(bytes, count, type, to, tag, comm, request);
}
