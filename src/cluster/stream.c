/* SPDX-License-Identifier: BSD-3-Clause
 * X that stays in its file: memory for blocks that the node's ranks share, and a first look. */
#include "data/stream.h"
#include "base/clock.h"
#include "cluster/group.h"

enum { COLUMNS = 64 };

typedef struct looking {
    const ri_dataset *dataset;
    ri_stream *stream;
    ri_meeting *meeting;
    int node_rank;
    bool allow_missing;
    int64_t missing;
} looking;

static ri_status look_at_block(void *context, int64_t from, int64_t to, ri_error *err) {
    looking *job = context;
    const void *values = job->stream->column[from];
    int64_t missing = 0;
    if (ri_meeting_failed_before(job->meeting, job->node_rank))
        return RI_OK; /* an earlier column has the sentence to show */
    RI_TRY(ri_dataset_check(job->dataset, from, to - from, values, job->stream->stride, &missing,
                            err));
    job->missing += missing;
    if (missing > 0 && !job->allow_missing)
        return ri_dataset_missing_error(job->dataset, from, to - from, values, job->stream->stride,
                                        err);
    return RI_OK;
}

/* Every rank its own columns. */
static ri_status look(const ri_cluster *cluster, looking *job, ri_error *err) {
    int64_t from, to, chunk = job->dataset->chunk_features;
    double bytes = 0;
    bool whole = chunk > 0 && chunk <= job->dataset->p / cluster->node_ranks;
    ri_node_part(cluster, job->dataset->p, whole ? chunk : COLUMNS, &from, &to);
    ri_status status = ri_stream_scan(job->stream, from, to, look_at_block, job, &bytes, err);
    if (status != RI_OK)
        ri_meeting_fail(job->meeting, cluster->node_rank);
    return status;
}

/* Memory of the ring and its blocks; each rank makes passes of its own in a part of it. */
static ri_status make_stream(ri_cluster *cluster, const ri_dataset *dataset, size_t bytes,
                             ri_stream **out, ri_error *err) {
    void *memory, *ring = NULL;
    RI_TRY(ri_block_of_x(cluster, bytes, "blocks of X", &memory, err));
    const size_t own = bytes / (size_t)cluster->node_ranks / 64 * 64;
    ri_status status = RI_OK;
    if (cluster->node_ranks > 1) {
        RI_TRY(ri_block_new(cluster, ri_ring_bytes(), "blocks of X", &ring, err));
        if (cluster->node_rank == 0)
            status = ri_ring_open(ring, err);
        RI_TRY(ri_group_agree(cluster->node, status, err));
    }
    RI_TRY(
        ri_stream_new(dataset, (char *)memory + own * (size_t)cluster->node_rank, own, out, err));
    (*out)->ring = ring;
    (*out)->shared = memory;
    (*out)->shared_bytes = bytes;
    return RI_OK;
}

ri_status ri_cluster_stream_x(ri_cluster *cluster, const ri_dataset *dataset, bool allow_missing,
                              size_t bytes, ri_matrix *x, int64_t *missing, ri_error *err) {
    const ri_block *mark = cluster->blocks;
    looking job = {
        .dataset = dataset, .node_rank = cluster->node_rank, .allow_missing = allow_missing};
    double started = ri_seconds();
    *x = (ri_matrix){0};
    *missing = 0;
    ri_status status = ri_meeting_new(cluster, &job.meeting, err);
    if (status == RI_OK)
        status = make_stream(cluster, dataset, bytes, &job.stream, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    RI_GO(ri_cluster_agree(cluster, look(cluster, &job, err), err));
    double seen = (double)job.missing;
    ri_group_reduce(cluster->node, &seen, 1, MPI_SUM);
    *missing = (int64_t)seen;
    *x = (ri_matrix){.storage = dataset->storage,
                     .n = dataset->n,
                     .p = dataset->p,
                     .stride = job.stream->stride,
                     .stream = job.stream};
done:
    cluster->reading = ri_seconds() - started;
    if (status != RI_OK) {
        ri_stream_free(job.stream);
        ri_blocks_release(cluster, mark);
    }
    return status;
}
