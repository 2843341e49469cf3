/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/direct.h"

#include <omp.h>

#include "base/failure.h"
#include "data/ahead.h"

enum {
    LEAST_COLUMNS = 8, /* of a piece: products with fewer are slow */
    LEAST_PIECES = 4,  /* of a thread: with fewer, some wait for the last */
};

static size_t room_of(const ri_stream *stream, int threads) {
    return stream->bytes / (size_t)threads / 64 * 64;
}

/* Columns that are fetched together: those of a chunk that is inflated. */
static int64_t unit_of(const ri_dataset *dataset) {
    return ri_dataset_plain(dataset) || dataset->chunk_features < 1 ? 1 : dataset->chunk_features;
}

bool ri_direct_possible(const ri_stream *stream, int threads) {
    const ri_dataset *dataset = stream->dataset;
    if (stream->joined || stream->shard || !ri_dataset_whole(dataset) ||
        !ri_dataset_parallel(dataset))
        return false;
    int64_t p = dataset->p, unit = unit_of(dataset), least = p < LEAST_COLUMNS ? p : LEAST_COLUMNS;
    if (unit > 1 && (threads < 2 || unit > p / (LEAST_PIECES * threads)))
        return false;
    return room_of(stream, threads) / stream->stride >= (size_t)(unit > least ? unit : least);
}

/* A few pieces for each thread. */
static int64_t piece_columns(const ri_stream *stream, int64_t most, int threads) {
    int64_t columns = stream->dataset->p / (LEAST_PIECES * threads);
    int64_t held = (int64_t)(room_of(stream, threads) / stream->stride);
    int64_t unit = unit_of(stream->dataset);
    columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
    columns = columns < most ? columns : most;
    columns = columns < held ? columns : held;
    return columns > unit ? columns / unit * unit : unit;
}

typedef struct piece {
    int64_t from, to;
    char *room;
} piece;

typedef struct direct_job {
    ri_stream *stream;
    int64_t most, columns, pieces; /* columns of a use and of a piece */
    ri_direct_use *use;
    void *context;
} direct_job;

static piece piece_of(const direct_job *job, int64_t t) {
    const int64_t p = job->stream->dataset->p, end = (t + 1) * job->columns;
    return (piece){.from = t * job->columns, .to = end < p ? end : p};
}

static ri_status use_piece(const direct_job *job, const piece *at, ri_error *err) {
    ri_stream *stream = job->stream;
    RI_TRY(ri_dataset_fetch(stream->dataset, at->from, at->to - at->from, at->room, stream->stride,
                            err));
    for (int64_t j = at->from; j < at->to; j++) {
        stream->kept[j] = stream->column[j];
        stream->column[j] = at->room + (size_t)(j - at->from) * stream->stride;
    }
    for (int64_t j = at->from; j < at->to; j += job->most)
        job->use(job->context, j, at->to - j < job->most ? at->to : j + job->most,
                 omp_get_thread_num());
    for (int64_t j = at->from; j < at->to; j++)
        stream->column[j] = stream->kept[j];
    return RI_OK;
}

ri_status ri_direct_scan(ri_stream *stream, int64_t most, int threads, ri_direct_use *use,
                         void *context, double *bytes, ri_error *err) {
    const int64_t p = stream->dataset->p, columns = piece_columns(stream, most, threads);
    const size_t room = room_of(stream, threads);
    direct_job job = {stream, most, columns, (p + columns - 1) / columns, use, context};
    ri_failure failure = RI_NO_FAILURE;
    ri_dataset_keep_rooms(stream->dataset, true);
    ri_ahead ahead;
    ri_ahead_start(&ahead, stream->dataset, columns);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t t = 0; t < job.pieces; t++) {
        if (ri_failure_before(&failure, t))
            continue;
        ri_ahead_reach(&ahead, t);
        ri_error own = {0};
        piece at = piece_of(&job, t);
        at.room = stream->memory + room * (size_t)omp_get_thread_num();
        ri_failure_note(&failure, t, use_piece(&job, &at, &own), &own);
    }
    ri_ahead_stop(&ahead);
    ri_dataset_keep_rooms(stream->dataset, false);
    *bytes += (double)p * (double)stream->stride;
    return ri_failure_tell(&failure, err);
}
