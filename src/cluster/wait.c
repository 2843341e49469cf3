/* SPDX-License-Identifier: BSD-3-Clause
 * Waiting. MPI libraries spin on a core while they wait; ranks here may wait for seconds (for the
 * slowest unit, for rank 0's files), on a node whose cores others need. So every wait is a test
 * and, after a short while, a sleep. */
#include <sched.h>
#include <time.h>

#include "base/clock.h"
#include "cluster/group.h"

enum {
    SHORT_SLEEPS = 1000,
    SHORT_NS = 50000,
    LONG_NS = 1000000,
};

/* Seconds of looks one after another, then seconds until the first sleep of looks that let others
 * have the core in between. A long message comes in pieces, each only when both ends look for it.
 */
static const double LOOKING = 1e-3, YIELDING = 20e-3;

void ri_group_wait(MPI_Request *request, ri_idle idle, void *context) {
    double begun = ri_seconds();
    for (int sleeps = 0;;) {
        int done = 0;
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
        if (done)
            return;
        if (idle)
            idle(context);
        double waited = sleeps > 0 ? YIELDING : ri_seconds() - begun;
        if (waited < LOOKING)
            continue;
        if (waited < YIELDING) {
            sched_yield();
            continue;
        }
        struct timespec pause = {.tv_nsec = sleeps < SHORT_SLEEPS ? SHORT_NS : LONG_NS};
        nanosleep(&pause, NULL);
        sleeps += sleeps < SHORT_SLEEPS;
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
