/* SPDX-License-Identifier: BSD-3-Clause
 * X from its file to one copy a node: memory first, then every rank its own columns. */
#include <math.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cluster/group.h"
#include "cluster/mpi_io.h"

enum { CACHE_LINE = 64, COLUMNS = 64, SPARE_PERCENT = 2 };
#define CHUNK_BYTES ((size_t)64 << 20)

/* Columns that start on a cache line, where that costs little. */
static size_t column_stride(const ri_dataset *dataset) {
    size_t exact = ri_storage_bytes(dataset->storage, dataset->n);
    size_t round = (exact + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    return (round - exact) * 100 < exact * SPARE_PERCENT ? round : exact;
}

/* Whole chunks of the file go to one rank: none is decompressed twice. */
static int64_t part_align(const ri_cluster *cluster, const ri_dataset *dataset, int64_t features) {
    int64_t chunk = dataset->chunk_features;
    return chunk > 0 && chunk <= features / cluster->node_ranks ? chunk : COLUMNS;
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
    ri_some_features some;
    char *values; /* of the first of them */
    size_t stride;
    ri_meeting *meeting;
    int64_t missing;
} reading;

static ri_status read_chunk(reading *job, int64_t from, int64_t count, ri_error *err) {
    int64_t missing = 0;
    void *values = job->values + (size_t)(from - job->some.from) * job->stride;
    RI_TRY(ri_dataset_read(job->dataset, from, count, values, job->stride, &missing, err));
    job->missing += missing;
    if (missing > 0 && !job->some.allow_missing)
        return ri_dataset_missing_error(job->dataset, from, count, values, job->stride, err);
    return RI_OK;
}

/* This rank's columns. Where an earlier rank has failed, the rest is not worth reading; a later
 * one's failure is no reason to stop, as an earlier column may have the sentence to show. */
static ri_status read_part(reading *job, ri_error *err) {
    int64_t from, to, features = job->some.to - job->some.from;
    int64_t align = part_align(job->cluster, job->dataset, features);
    int64_t step = (int64_t)(CHUNK_BYTES / (job->stride ? job->stride : 1));
    ri_node_part(job->cluster, features, align, &from, &to);
    from += job->some.from;
    to += job->some.from;
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

static ri_status read_through(reading *job, ri_error *err) {
    ri_mpi_io io;
    ri_status status = ri_mpi_io_open(job->cluster, job->dataset, &io, err);
    if (status == RI_OK)
        status = read_part(job, err);
    else
        ri_meeting_fail(job->meeting, job->cluster->node_rank);
    ri_mpi_io_close(job->dataset, &io);
    return status;
}

/* --- sparse: entries in shared memory, columns that point at them in memory of each rank --------
 */

typedef struct sparse_reading {
    const ri_cluster *cluster;
    const ri_dataset *dataset;
    bool allow_missing;
    int64_t *kept;  /* [p] entries of each feature that are in use */
    int64_t *start; /* [p + 1] their places; of this rank */
    int32_t *row;
    char *value;
    ri_meeting *meeting;
    int64_t missing;
} sparse_reading;

static ri_status read_sparse_chunk(sparse_reading *job, int64_t from, int64_t count,
                                   ri_error *err) {
    const ri_dataset *dataset = job->dataset;
    size_t size = ri_storage_bytes(dataset->storage, 1);
    int64_t missing, first = job->start[from];
    RI_TRY(ri_dataset_read_entries(dataset, from, count, job->kept + from, job->row + first,
                                   job->value + (size_t)first * size, &missing, err));
    job->missing += missing;
    if (missing == 0 || job->allow_missing)
        return RI_OK;
    for (int64_t j = from; j < from + count; j++)
        for (int64_t k = 0; k < job->kept[j]; k++)
            if (isnan(ri_element(dataset->storage, job->value, job->start[j] + k)))
                return ri_dataset_fail_missing(dataset, j, job->row[job->start[j] + k], err);
    return RI_OK;
}

static ri_status read_sparse_part(sparse_reading *job, ri_error *err) {
    int64_t from, to, rank = job->cluster->node_rank;
    int64_t most = (int64_t)(CHUNK_BYTES / 12);
    ri_node_part(job->cluster, job->dataset->p, COLUMNS, &from, &to);
    while (from < to && !ri_meeting_failed_before(job->meeting, (int)rank)) {
        int64_t end = from + 1;
        while (end < to && job->start[end + 1] - job->start[from] <= most)
            end++;
        ri_status status = read_sparse_chunk(job, from, end - from, err);
        if (status != RI_OK) {
            ri_meeting_fail(job->meeting, (int)rank);
            return status;
        }
        from = end;
    }
    return RI_OK;
}

static void point_columns(const sparse_reading *job, ri_csc_column *column) {
    size_t size = ri_storage_bytes(job->dataset->storage, 1);
    for (int64_t j = 0; j < job->dataset->p; j++)
        column[j] = (ri_csc_column){.entries = job->kept[j],
                                    .row = job->row + job->start[j],
                                    .value = job->value + (size_t)job->start[j] * size,
                                    .type = job->dataset->storage};
}

static ri_status place_entries(sparse_reading *job, ri_error *err) {
    int64_t p = job->dataset->p;
    job->start = ri_calloc((size_t)p + 1, sizeof *job->start);
    if (!job->start)
        return ri_fail_memory(err, "the columns of X", (unsigned long long)p * 8);
    for (int64_t j = 0; j < p; j++)
        job->start[j + 1] = job->start[j] + ri_dataset_entries(job->dataset, j, 1);
    return RI_OK;
}

static ri_status read_sparse(ri_cluster *cluster, const ri_dataset *dataset, bool allow_missing,
                             double extra_bytes, ri_matrix *x, int64_t *missing, ri_error *err) {
    const ri_block *mark = cluster->blocks;
    void *shared, *column;
    ri_status status;
    sparse_reading job = {.cluster = cluster, .dataset = dataset, .allow_missing = allow_missing};
    const size_t p = (size_t)dataset->p, size = ri_storage_bytes(dataset->storage, 1);
    RI_GO(ri_cluster_agree(cluster, place_entries(&job, err), err));
    const size_t entries = (size_t)job.start[p];
    const size_t bytes = p * sizeof *job.kept + entries * (sizeof *job.row + size);
    double own = (double)(p * (sizeof *job.start + sizeof(ri_csc_column)));
    RI_GO(check_memory(cluster, dataset, (double)bytes, extra_bytes + own, err));
    status = ri_meeting_new(cluster, &job.meeting, err);
    if (status == RI_OK)
        status = ri_block_of_x(cluster, bytes, "X", &shared, err);
    if (status == RI_OK)
        status =
            ri_block_private(cluster, p * sizeof(ri_csc_column), "the columns of X", &column, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    job.kept = shared;
    job.value = (char *)(job.kept + p); /* doubles first: what is wider stays aligned */
    job.row = (int32_t *)(void *)(job.value + (size == 1 ? 0 : entries * size));
    if (size == 1)
        job.value = (char *)(job.row + entries);
    status = read_sparse_part(&job, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    double seen = (double)job.missing;
    ri_group_reduce(cluster->node, &seen, 1, MPI_SUM);
    if (missing)
        *missing = (int64_t)seen;
    point_columns(&job, column);
    *x = (ri_matrix){.storage = RI_CSC,
                     .n = dataset->n,
                     .p = dataset->p,
                     .stride = sizeof(ri_csc_column),
                     .values = column,
                     .entry_bytes = (double)(entries * (sizeof *job.row + size))};
done:
    free(job.start);
    if (status != RI_OK)
        ri_blocks_release(cluster, mark);
    return status;
}

ri_status ri_read_features(ri_cluster *cluster, const ri_dataset *dataset,
                           const ri_some_features *some, double extra_bytes, ri_matrix *x,
                           int64_t *missing, ri_error *err) {
    const ri_block *mark = cluster->blocks;
    double started = ri_seconds();
    ri_status status;
    void *values;
    size_t bytes;
    reading job = {
        .cluster = cluster, .dataset = dataset, .some = *some, .stride = column_stride(dataset)};
    *x = (ri_matrix){0};
    if (missing)
        *missing = 0;
    if (dataset->sparse) {
        status = read_sparse(cluster, dataset, some->allow_missing, extra_bytes, x, missing, err);
        goto done;
    }
    if (__builtin_mul_overflow((size_t)(some->to - some->from), job.stride, &bytes))
        return ri_fail(err, RI_SYSTEM, "%s: X is larger than any memory", dataset->path);
    RI_TRY(check_memory(cluster, dataset, (double)bytes, extra_bytes, err));
    status = ri_meeting_new(cluster, &job.meeting, err);
    if (status == RI_OK)
        status = ri_block_of_x(cluster, bytes, "X", &values, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    job.values = values;
    status = read_through(&job, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    double seen = (double)job.missing;
    ri_group_reduce(cluster->node, &seen, 1, MPI_SUM);
    if (missing)
        *missing = (int64_t)seen;
    *x = (ri_matrix){.storage = dataset->storage,
                     .n = dataset->n,
                     .p = some->to - some->from,
                     .stride = job.stride,
                     .values = values};
done:
    cluster->reading = ri_seconds() - started;
    if (status != RI_OK)
        ri_blocks_release(cluster, mark);
    return status;
}

ri_status ri_cluster_read_x(ri_cluster *cluster, const ri_dataset *dataset, bool allow_missing,
                            double extra_bytes, ri_matrix *x, int64_t *missing, ri_error *err) {
    const ri_some_features all = {0, dataset->p, allow_missing};
    return ri_read_features(cluster, dataset, &all, extra_bytes, x, missing, err);
}
