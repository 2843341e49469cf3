/* SPDX-License-Identifier: BSD-3-Clause
 * A barrier of the node's ranks in their shared memory. Not MPI's: a rank that failed would have to
 * guess how many more barriers the others will enter. */
#include <sched.h>
#include <stdatomic.h>
#include <time.h>

#include "cluster/group.h"

enum { NOBODY = 0, YIELDS = 1000, SLEEP_NS = 100000 };

struct ri_meeting {
    int members;
    atomic_int arrived;
    atomic_int round;  /* counts completed meetings */
    atomic_int failed; /* lowest node rank that failed, plus 1; NOBODY */
};

ri_status ri_meeting_new(ri_cluster *cluster, ri_meeting **out, ri_error *err) {
    void *address;
    *out = NULL;
    RI_TRY(ri_block_new(cluster, sizeof **out, "the meeting point of a node", &address, err));
    *out = address;
    if (cluster->node_rank == 0)
        (*out)->members = cluster->node_ranks;
    ri_group_meet(cluster->node, NULL, NULL);
    return RI_OK;
}

bool ri_meeting_wait(ri_meeting *meeting) {
    int round = atomic_load(&meeting->round);
    if (atomic_fetch_add(&meeting->arrived, 1) + 1 == meeting->members) {
        atomic_store(&meeting->arrived, 0);
        atomic_store(&meeting->round, round + 1);
        return true;
    }
    for (int looks = 0; atomic_load(&meeting->round) == round; looks += looks < YIELDS) {
        /* A rank may have failed after this round was complete: then the round counts, as it did
         * for the ranks that looked earlier. */
        if (atomic_load(&meeting->failed) != NOBODY)
            return atomic_load(&meeting->round) != round;
        if (looks < YIELDS)
            sched_yield();
        else
            nanosleep(&(struct timespec){.tv_nsec = SLEEP_NS}, NULL);
    }
    return true;
}

void ri_meeting_fail(ri_meeting *meeting, int node_rank) {
    int lowest = atomic_load(&meeting->failed);
    while ((lowest == NOBODY || lowest > node_rank + 1) &&
           !atomic_compare_exchange_weak(&meeting->failed, &lowest, node_rank + 1))
        ;
}

bool ri_meeting_failed_before(const ri_meeting *meeting, int node_rank) {
    int lowest = atomic_load(&meeting->failed);
    return lowest != NOBODY && lowest <= node_rank;
}
