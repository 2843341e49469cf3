/* SPDX-License-Identifier: BSD-3-Clause
 * Columns and rows of a stream that are wanted by number, apart from passes. */
#include "data/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"

enum { TOGETHER = 64, GROUP_BYTES = 64 << 20 };

/* Most columns between the first and the last of a group: those of a compressed chunk, which must
 * be read as a whole for any of them. */
static int64_t group_span(const ri_dataset *dataset, size_t stride) {
    int64_t chunk = dataset->chunk_features < dataset->p ? dataset->chunk_features : dataset->p;
    bool good = dataset->compressed && chunk > 0 && (size_t)chunk <= GROUP_BYTES / stride;
    return good ? chunk : TOGETHER;
}

/* The end of the group of features that starts at k: of one chunk, else neighbours. */
static int64_t group_end(const ri_dataset *dataset, const int64_t *feature, int64_t count,
                         int64_t k, int64_t span) {
    int64_t next = k + 1;
    while (next < count && feature[next] - feature[k] < span &&
           (dataset->compressed ? feature[next] / span == feature[k] / span
                                : feature[next] == feature[next - 1] + 1))
        next++;
    return next;
}

typedef struct wanted { /* of ri_stream_read */
    const ri_stream *stream;
    const int64_t *feature;
    void *const *out;
    int64_t span;
} wanted;

static ri_status read_group(const wanted *job, int64_t from, int64_t to, char *block,
                            ri_error *err) {
    const size_t stride = job->stream->stride;
    const ri_dataset *dataset = job->stream->dataset;
    int64_t first = job->feature[from], count = job->feature[to - 1] - first + 1;
    if (dataset->compressed && job->span == dataset->chunk_features) { /* inflated to its place */
        first -= first % job->span;
        count = job->span < dataset->p - first ? job->span : dataset->p - first;
    }
    RI_TRY(ri_dataset_fetch(dataset, first, count, block, stride, err));
    for (int64_t k = from; k < to; k++)
        memcpy(job->out[k], block + (size_t)(job->feature[k] - first) * stride, stride);
    return RI_OK;
}

static ri_status read_groups(const wanted *job, const int64_t *start, int64_t groups,
                             ri_error *err) {
    const ri_dataset *dataset = job->stream->dataset;
    const size_t bytes = (size_t)job->span * job->stream->stride;
    ri_failure failure = RI_NO_FAILURE;
    int threads = ri_dataset_parallel(dataset) && dataset->readers > 0 ? dataset->readers : 1;
    ri_dataset_keep_rooms(dataset, true);
#pragma omp parallel num_threads(threads)
    {
        char *block = ri_alloc(1, bytes);
#pragma omp for schedule(dynamic, 1)
        for (int64_t g = 0; g < groups; g++) {
            ri_error own = {0};
            ri_status mine = block ? read_group(job, start[g], start[g + 1], block, &own)
                                   : ri_fail_memory(&own, "columns of X", bytes);
            ri_failure_note(&failure, g, mine, &own);
        }
        free(block);
    }
    ri_dataset_keep_rooms(dataset, false);
    return ri_failure_tell(&failure, err);
}

static ri_status read_file(const ri_stream *stream, const int64_t *feature, int64_t count,
                           void *const *out, ri_error *err) {
    const ri_dataset *dataset = stream->dataset;
    wanted job = {stream, feature, out, group_span(dataset, stream->stride)};
    int64_t groups = 0, *start = ri_alloc((size_t)count + 1, sizeof *start);
    if (!start)
        return ri_fail_memory(err, "columns of X", 8ULL * (size_t)count);
    start[0] = 0;
    while (start[groups] < count) {
        start[groups + 1] = group_end(dataset, feature, count, start[groups], job.span);
        groups++;
    }
    ri_status status = read_groups(&job, start, groups, err);
    free(start);
    return status;
}

/* Copies what is in memory; the others come from the group of the shard, or from the file. */
static ri_status read_shard(const ri_stream *stream, const int64_t *feature, int64_t count,
                            void *const *out, ri_error *err) {
    const ri_shard *shard = stream->shard;
    int64_t others = 0, *other = ri_alloc((size_t)count, sizeof *other);
    void **place = ri_alloc((size_t)count, sizeof *place);
    ri_status status =
        other && place ? RI_OK : ri_fail_memory(err, "columns of X", 16ULL * (size_t)count);
    for (int64_t k = 0; status == RI_OK && k < count; k++) {
        if (ri_shard_holds(shard, feature[k])) {
            memcpy(out[k], ri_shard_column(shard, feature[k]), stream->stride);
        } else {
            other[others] = feature[k];
            place[others++] = out[k];
        }
    }
    if (status == RI_OK && others > 0)
        status = shard->together ? shard->fetch(shard->context, other, others, place, err)
                                 : read_file(stream, other, others, place, err);
    free(other);
    free(place);
    return status;
}

ri_status ri_stream_read(ri_stream *stream, const int64_t *feature, int64_t count, void *const *out,
                         double *bytes, ri_error *err) {
    *bytes += (double)count * (double)stream->stride;
    if (stream->shard) /* whose rounds have an account of their own */
        return read_shard(stream, feature, count, out, err);
    double started = ri_seconds();
    ri_status status = read_file(stream, feature, count, out, err);
    stream->seconds_reading += ri_seconds() - started;
    return status;
}

const void *ri_stream_look(const ri_stream *stream, int64_t feature) {
    ri_look *look = stream->look;
    const ri_piece column = {feature, 1, 0, stream->dataset->n};
    if (stream->column[feature])
        return stream->column[feature];
    if (look->feature == feature)
        return look->room;
    look->feature = feature;
    ri_error error = {0};
    ri_status status = ri_stream_rows(stream, &column, look->room, stream->stride, &error);
    if (status == RI_OK)
        return look->room;
    memset(look->room, 0, stream->stride);
    if (look->status == RI_OK) {
        look->status = status;
        look->error = error;
    }
    return look->room;
}

ri_status ri_stream_rows(const ri_stream *stream, const ri_piece *part, void *out, size_t stride,
                         ri_error *err) {
    ri_status status;
    if (ri_dataset_parallel(stream->dataset))
        return ri_dataset_fetch_rows(stream->dataset, part, out, stride, err);
#pragma omp critical(riata_stream_rows)
    status = ri_dataset_fetch_rows(stream->dataset, part, out, stride, err);
    return status;
}

ri_status ri_stream_show(ri_stream *stream, int64_t feature, void *room, ri_error *err) {
    if (ri_shard_holds(stream->shard, feature))
        return RI_OK;
    RI_TRY(ri_dataset_fetch(stream->dataset, feature, 1, room, stream->stride, err));
    stream->column[feature] = room;
    return RI_OK;
}

void ri_stream_hide(ri_stream *stream, int64_t feature) {
    stream->column[feature] =
        ri_shard_holds(stream->shard, feature) ? ri_shard_column(stream->shard, feature) : NULL;
}
