/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/together.h"

#include "base/clock.h"

void ri_together_join(ri_together *together, ri_cluster *cluster, ri_plan *plan, int64_t fits,
                      int threads, ri_watch *watch) {
    const ri_columns *columns = ri_plan_columns(plan);
    double all = (double)fits;
    void *memory = NULL;
    ri_error unsaid;
    *together = (ri_together){0};
    if (cluster->node_ranks == 1)
        return;
    ri_group_reduce(cluster->node, &all, 1, MPI_SUM);
    size_t bytes = all > 0 ? ri_joint_bytes(&columns->x, (int64_t)all, cluster->node_ranks) : 0;
    if (bytes == 0 || ri_block_new(cluster, bytes, "passes over X", &memory, &unsaid) != RI_OK)
        return;
    ri_status status = RI_OK;
    if (cluster->node_rank == 0)
        status = ri_joint_open(memory, &columns->x, (int64_t)all, cluster->node_ranks, &unsaid);
    if (ri_group_agree(cluster->node, status, &unsaid) != RI_OK)
        return;
    ri_joint_join(&together->joint, memory, columns, cluster->node_rank, threads);
    together->joint.idle = ri_watch_idle;
    together->joint.context = watch;
    together->joined = true;
    ri_plan_join(plan, &together->joint);
}

void ri_together_leave(ri_together *together, ri_plan *plan, ri_watch *watch) {
    double begun = ri_seconds();
    if (!together->joined)
        return;
    ri_plan_join(plan, NULL);
    ri_joint_leave(&together->joint, &together->served);
    together->joined = false;
    together->screening = ri_seconds() - begun - together->joint.waited;
    watch->latest[0].bytes_read += together->served;
}
