/* SPDX-License-Identifier: BSD-3-Clause
 * X from its file to one copy a node: memory first, then every rank its own columns. */
#include <math.h>

#include "cluster/group.h"

enum { CACHE_LINE = 64, COLUMNS = 64, SPARE_PERCENT = 2 };
#define CHUNK_BYTES ((size_t)64 << 20)

/* Columns that start on a cache line, where that costs little. */
static size_t column_stride(const ri_dataset *dataset) {
    size_t exact = ri_storage_bytes(dataset->storage, dataset->n);
    size_t round = (exact + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    return (round - exact) * 100 < exact * SPARE_PERCENT ? round : exact;
}

/* Whole chunks of the file go to one rank: none is decompressed twice. */
static int64_t part_align(const ri_cluster *cluster, const ri_dataset *dataset) {
    int64_t chunk = dataset->chunk_features;
    return chunk > 0 && chunk <= dataset->p / cluster->node_ranks ? chunk : COLUMNS;
}

static ri_status check_memory(const ri_cluster *cluster, const ri_dataset *dataset, double x_bytes,
                              double extra_bytes, ri_error *err) {
    double beyond = fmax(0, extra_bytes), available = ri_memory_available();
    ri_group_reduce(cluster->node, &beyond, 1, MPI_SUM);
    ri_group_reduce(cluster->node, &available, 1, MPI_MIN);
    ri_status status = RI_OK;
    if (x_bytes + beyond > available)
        status =
            ri_fail(err, RI_SYSTEM,
                    "%s: not enough memory on %s: %.1f MB needed (X %.1f MB, the run of %d ranks "
                    "%.1f MB), %.1f MB available; use fewer ranks a node, a smaller storage type, "
                    "or more memory",
                    dataset->path, cluster->host, (x_bytes + beyond) / 1e6, x_bytes / 1e6,
                    cluster->node_ranks, beyond / 1e6, available / 1e6);
    return ri_group_agree(cluster->world, status, err);
}

typedef struct reading {
    const ri_cluster *cluster;
    const ri_dataset *dataset;
    bool allow_missing;
    char *values; /* of column 0 */
    size_t stride;
    ri_meeting *meeting;
    int64_t missing;
} reading;

static ri_status read_chunk(reading *job, int64_t from, int64_t count, ri_error *err) {
    int64_t missing = 0;
    void *values = job->values + (size_t)from * job->stride;
    RI_TRY(ri_dataset_read(job->dataset, from, count, values, job->stride, &missing, err));
    job->missing += missing;
    if (missing > 0 && !job->allow_missing)
        return ri_dataset_missing_error(job->dataset, from, count, values, job->stride, err);
    return RI_OK;
}

/* This rank's columns. Where an earlier rank has failed, the rest is not worth reading; a later
 * one's failure is no reason to stop, as an earlier column may have the sentence to show. */
static ri_status read_part(reading *job, ri_error *err) {
    int64_t from, to, align = part_align(job->cluster, job->dataset);
    int64_t step = (int64_t)(CHUNK_BYTES / (job->stride ? job->stride : 1));
    ri_node_part(job->cluster, job->dataset->p, align, &from, &to);
    step = step > align ? step / align * align : step > 0 ? step : 1;
    while (from < to && !ri_meeting_failed_before(job->meeting, job->cluster->node_rank)) {
        int64_t count = to - from < step ? to - from : step;
        ri_status status = read_chunk(job, from, count, err);
        if (status != RI_OK) {
            ri_meeting_fail(job->meeting, job->cluster->node_rank);
            return status;
        }
        from += count;
    }
    return RI_OK;
}

ri_status ri_cluster_read_x(ri_cluster *cluster, const ri_dataset *dataset, bool allow_missing,
                            double extra_bytes, ri_matrix *x, int64_t *missing, ri_error *err) {
    const ri_block *mark = cluster->blocks;
    ri_status status;
    void *values;
    size_t bytes;
    reading job = {.cluster = cluster,
                   .dataset = dataset,
                   .allow_missing = allow_missing,
                   .stride = column_stride(dataset)};
    *x = (ri_matrix){0};
    if (missing)
        *missing = 0;
    if (__builtin_mul_overflow((size_t)dataset->p, job.stride, &bytes))
        return ri_fail(err, RI_SYSTEM, "%s: X is larger than any memory", dataset->path);
    RI_TRY(check_memory(cluster, dataset, (double)bytes, extra_bytes, err));
    status = ri_meeting_new(cluster, &job.meeting, err);
    if (status == RI_OK)
        status = ri_block_new(cluster, bytes, "X", &values, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    job.values = values;
    status = read_part(&job, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    double seen = (double)job.missing;
    ri_group_reduce(cluster->node, &seen, 1, MPI_SUM);
    if (missing)
        *missing = (int64_t)seen;
    *x = (ri_matrix){.storage = dataset->storage,
                     .n = dataset->n,
                     .p = dataset->p,
                     .stride = job.stride,
                     .values = values};
done:
    if (status != RI_OK)
        ri_blocks_release(cluster, mark);
    return status;
}
