/* SPDX-License-Identifier: BSD-3-Clause
 * Ranks of a node that make passes over their X in memory together (design/joint.h). Private to
 * this room. */
#ifndef RI_CLUSTER_TOGETHER_H
#define RI_CLUSTER_TOGETHER_H

#include "cluster/group.h"
#include "cluster/watch.h"
#include "design/joint.h"

typedef struct ri_together {
    ri_joint joint;
    bool joined;
    double served;    /* bytes of X read for others, when this rank was done */
    double screening; /* seconds of that, less those that it waited in passes of its own */
} ri_together;

/* Begins passes together where they pay, for ranks that have `fits` fits each in hand at a time,
 * maybe different numbers of them; where there is no room for what that takes, every rank makes its
 * own as before. While it waits in a pass, it looks after the watch. Collective over the node;
 * whatever has failed, a rank that joined has to leave. */
void ri_together_join(ri_together *together, ri_cluster *cluster, ri_plan *plan, int64_t fits,
                      int threads, ri_watch *watch);

/* Helps the others for as long as they work; what that read of X is added to the watch. */
void ri_together_leave(ri_together *together, ri_plan *plan, ri_watch *watch);

#endif
