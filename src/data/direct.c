/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/direct.h"

#include <omp.h>

#include "base/failure.h"

enum { LEAST_COLUMNS = 8 }; /* of a piece: products with fewer are slow */

static size_t room_of(const ri_stream *stream, int threads) {
    return stream->bytes / (size_t)threads / 64 * 64;
}

bool ri_direct_possible(const ri_stream *stream, int threads) {
    int64_t p = stream->dataset->p, least = p < LEAST_COLUMNS ? p : LEAST_COLUMNS;
    return !stream->joined && !stream->shard && ri_dataset_plain(stream->dataset) &&
           room_of(stream, threads) >= (size_t)least * stream->stride &&
           ri_dataset_cached(stream->dataset);
}

/* A few pieces for each thread. */
static int64_t piece_columns(const ri_stream *stream, int64_t most, int threads) {
    int64_t columns = stream->dataset->p / (4 * threads);
    int64_t held = (int64_t)(room_of(stream, threads) / stream->stride);
    columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
    columns = columns < most ? columns : most;
    return columns < held ? columns : held;
}

typedef struct piece {
    int64_t from, to;
    char *room;
} piece;

static ri_status use_piece(ri_stream *stream, const piece *at, ri_direct_use *use, void *context,
                           ri_error *err) {
    RI_TRY(ri_dataset_fetch(stream->dataset, at->from, at->to - at->from, at->room, stream->stride,
                            err));
    for (int64_t j = at->from; j < at->to; j++) {
        stream->kept[j] = stream->column[j];
        stream->column[j] = at->room + (size_t)(j - at->from) * stream->stride;
    }
    use(context, at->from, at->to, omp_get_thread_num());
    for (int64_t j = at->from; j < at->to; j++)
        stream->column[j] = stream->kept[j];
    return RI_OK;
}

ri_status ri_direct_scan(ri_stream *stream, int64_t most, int threads, ri_direct_use *use,
                         void *context, double *bytes, ri_error *err) {
    const int64_t p = stream->dataset->p, columns = piece_columns(stream, most, threads);
    const int64_t pieces = (p + columns - 1) / columns;
    const size_t room = room_of(stream, threads);
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t t = 0; t < pieces; t++) {
        int64_t end = (t + 1) * columns;
        if (ri_failure_before(&failure, t))
            continue;
        ri_error own = {0};
        piece at = {.from = t * columns,
                    .to = end < p ? end : p,
                    .room = stream->memory + room * (size_t)omp_get_thread_num()};
        ri_failure_note(&failure, t, use_piece(stream, &at, use, context, &own), &own);
    }
    *bytes += (double)p * (double)stream->stride;
    return ri_failure_tell(&failure, err);
}
