/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/stages.h"

enum { COLUMNS = 64 };

static void *allocate_shared(void *context, size_t bytes) {
    ri_stages *job = context;
    void *address;
    if (!ri_meeting_wait(job->meeting)) {
        job->dissolved = true;
        return NULL;
    }
    if (ri_block_new(job->cluster, bytes, "the plan", &address, &job->share_error) != RI_OK)
        return NULL;
    job->array[job->arrays] = address;
    job->array_size[job->arrays++] = bytes / (size_t)job->columns;
    return address;
}

/* Once for every rank of the group, also where it failed before. */
static void exchange(ri_stages *job, bool good) {
    if (!job->shards || job->exchanged)
        return;
    job->exchanged = true;
    if (!ri_shards_exchange(job->shards, good, job->array, job->array_size, job->arrays,
                            job->columns))
        job->dissolved = true;
    else if (!ri_meeting_wait(job->meeting))
        job->dissolved = true;
}

static void complete_shared(void *context) {
    ri_stages *job = context;
    if (!ri_meeting_wait(job->meeting))
        job->dissolved = true;
    exchange(job, !job->dissolved);
}

/* Columns that this rank surveys for the plan. */
static void share_out(const ri_stages *job, const ri_problem *problem, ri_share *share) {
    const ri_shards *s = job->shards;
    if (!s) {
        ri_node_part(job->cluster, problem->x.p, COLUMNS, &share->from, &share->to);
        return;
    }
    share->from = s->from[s->rank];
    share->to = s->to[s->rank];
    if (s->node == s->face.nodes - 1 && job->cluster->node_rank == job->cluster->node_ranks - 1)
        share->to = problem->x.p; /* extra columns too */
}

ri_status ri_stages_plan(ri_stages *job, const ri_problem *problem, ri_error *err) {
    ri_cluster *cluster = job->cluster;
    ri_share share = {.allocate = allocate_shared, .complete = complete_shared, .context = job};
    if (cluster->node_ranks == 1 && !job->shards)
        return ri_plan_new(problem, NULL, job->threads, &job->plan, err);
    job->columns = problem->x.p;
    share_out(job, problem, &share);
    ri_status status = ri_plan_new(problem, &share, job->threads, &job->plan, err);
    bool dissolved = job->dissolved;
    if (!dissolved && job->share_error.status != RI_OK) {
        status = job->share_error.status;
        if (err)
            *err = job->share_error;
    }
    if (!dissolved && status != RI_OK)
        ri_meeting_fail(job->meeting, cluster->node_rank);
    exchange(job, false);
    /* whatever came of it: the rank that failed has the sentence */
    return dissolved ? RI_OK : status;
}
