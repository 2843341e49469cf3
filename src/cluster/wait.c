/* SPDX-License-Identifier: BSD-3-Clause
 * Waiting. MPI libraries spin on a core while they wait; ranks here may wait for seconds (for the
 * slowest unit, for rank 0's files), on a node whose cores others need. So every wait is a test
 * and, after a short while, a sleep. */
#include <sched.h>
#include <time.h>

#include "cluster/group.h"

enum {
    YIELDS = 200, /* looks before the first sleep: messages that are already on their way */
    SHORT_SLEEPS = 1000,
    SHORT_NS = 50000,
    LONG_NS = 1000000,
};

void ri_group_wait(MPI_Request *request, ri_idle idle, void *context) {
    for (int looks = 0;; looks += looks < YIELDS + SHORT_SLEEPS) {
        int done = 0;
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done)
            return;
        if (idle)
            idle(context);
        if (looks < YIELDS) {
            sched_yield();
            continue;
        }
        struct timespec pause = {.tv_nsec = looks < YIELDS + SHORT_SLEEPS ? SHORT_NS : LONG_NS};
        nanosleep(&pause, NULL);
    }
}

void ri_group_meet(MPI_Comm comm, ri_idle idle, void *context) {
    if (comm == MPI_COMM_NULL)
        return;
    MPI_Request request;
    MPI_Ibarrier(comm, &request);
    ri_group_wait(&request, idle, context);
}

void ri_group_share(MPI_Comm comm, void *bytes, size_t length, int root) {
    const size_t most = (size_t)1 << 30; /* counts are int */
    if (comm == MPI_COMM_NULL)
        return;
    for (size_t at = 0; at < length; at += most) {
        MPI_Request request;
        size_t part = length - at < most ? length - at : most;
        MPI_Ibcast((char *)bytes + at, (int)part, MPI_BYTE, root, comm, &request);
        ri_group_wait(&request, NULL, NULL);
    }
}

void ri_group_reduce(MPI_Comm comm, double *value, int count, MPI_Op op) {
    if (comm == MPI_COMM_NULL)
        return;
    MPI_Request request;
    MPI_Iallreduce(MPI_IN_PLACE, value, count, MPI_DOUBLE, op, comm, &request);
    ri_group_wait(&request, NULL, NULL);
}
