/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/direct.h"

#include <omp.h>

#include "base/cached.h"
#include "base/failure.h"
#include "base/mapped.h"
#include "base/pages.h"
#include "data/ahead.h"
#include "data/dataset_file.h"
#include "data/past.h"

enum {
    LEAST_COLUMNS = 8, /* of a piece: products with fewer are slow */
    LEAST_PIECES = 4,  /* of a thread: with fewer, some wait for the last */
};

static const size_t WINDOW_BYTES = 4 << 20; /* shown at once; smaller ones take longer */
static const size_t PAST_BYTES = 2 << 20;   /* read at once; threads begin after the first */

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

/* The file in memory, if there is room for a window of it, and as much around it, for each thread.
 */
static void open_windows(const ri_stream *stream, int threads, ri_mapped *mapped) {
    uint64_t at;
    int file;
    *mapped = (ri_mapped){0};
    if (room_of(stream, threads) >= 2 * WINDOW_BYTES && ri_dataset_cached(stream->dataset) &&
        ri_dataset_find(stream->dataset, 0, 1, &file, &at))
        ri_mapped_open(mapped, file);
    if (mapped->start) /* in place of what blocks have left there */
        ri_pages_drop(stream->memory, stream->bytes);
}

/* A few pieces for each thread, of `most` columns or, where these have less, about so many bytes.
 */
static int64_t piece_columns(const ri_stream *stream, int64_t most, int threads, size_t bytes) {
    int64_t columns = stream->dataset->p / (LEAST_PIECES * threads);
    int64_t held = (int64_t)(room_of(stream, threads) / stream->stride);
    int64_t unit = unit_of(stream->dataset);
    const int64_t many = (int64_t)(bytes / stream->stride) / most * most;
    most = many > most ? many : most;
    columns = columns > LEAST_COLUMNS ? columns : LEAST_COLUMNS;
    columns = columns < most ? columns : most;
    columns = columns < held ? columns : held;
    return columns > unit ? columns / unit * unit : unit;
}

typedef struct direct_job {
    ri_stream *stream;
    ri_mapped mapped;
    ri_past past;
    int64_t most, columns, pieces; /* columns of a use and of a piece */
    size_t room;                   /* of a thread, for what it reads itself */
    ri_direct_use *use;
    void *context;
} direct_job;

/* Columns [from, to), which are in memory from `at` on. */
static void use_columns(const direct_job *job, int64_t from, int64_t to, const void *at) {
    ri_stream *stream = job->stream;
    for (int64_t j = from; j < to; j++) {
        stream->kept[j] = stream->column[j];
        stream->column[j] = (const char *)at + (size_t)(j - from) * stream->stride;
    }
    for (int64_t j = from; j < to; j += job->most)
        job->use(job->context, j, to - j < job->most ? to : j + job->most, omp_get_thread_num());
    for (int64_t j = from; j < to; j++)
        stream->column[j] = stream->kept[j];
}

/* The same of a piece without a copy; false, and nothing done, where it must be read. */
static bool use_window(direct_job *job, int64_t from, int64_t to, ri_status *status,
                       ri_error *err) {
    const uint64_t bytes = (uint64_t)(to - from) * job->stream->stride;
    uint64_t at;
    int file;
    if (!job->mapped.start || !ri_dataset_find(job->stream->dataset, from, to - from, &file, &at))
        return false;
    const void *window = ri_mapped_show(&job->mapped, at, bytes);
    if (!window)
        return false;
    use_columns(job, from, to, window);
    *status = ri_mapped_hide(&job->mapped, at, bytes)
                  ? RI_OK
                  : ri_dataset_fail_columns(job->stream->dataset, from, to - from, err);
    return true;
}

/* Columns that a thread reads at a time to its room. */
static int64_t step_of(const direct_job *job) {
    return unit_of(job->stream->dataset) > 1 ? job->columns : job->most;
}

/* The same of a piece whose bytes in the file are in memory already, or (NULL) are to be read. */
static ri_status use_bytes(direct_job *job, int64_t from, int64_t to, const ri_extent *held,
                           ri_error *err) {
    const ri_stream *stream = job->stream;
    const ri_dataset *dataset = stream->dataset;
    const int64_t step = step_of(job);
    char *room = stream->memory + job->room * (size_t)omp_get_thread_num();
    uint64_t at;
    int file;
    if (held && ri_dataset_find(dataset, from, to - from, &file, &at)) {
        use_columns(job, from, to, held->start + (at - held->at));
        return RI_OK;
    }
    for (int64_t j = from; j < to; j += step) {
        const ri_piece part = {j, to - j < step ? to - j : step, 0, dataset->n};
        RI_TRY(held ? ri_dataset_fetch_held(dataset, &part, held, room, stream->stride, err)
                    : ri_dataset_fetch(dataset, j, part.count, room, stream->stride, err));
        use_columns(job, j, j + part.count, room);
    }
    return RI_OK;
}

static ri_status use_piece(direct_job *job, int64_t t, ri_error *err) {
    const int64_t p = job->stream->dataset->p, from = t * job->columns;
    const int64_t to = p - from < job->columns ? p : from + job->columns;
    ri_status status = RI_OK;
    if (use_window(job, from, to, &status, err))
        return status;
    const ri_extent *held = ri_past_take(&job->past, t);
    status = use_bytes(job, from, to, held, err);
    ri_past_give(&job->past, t);
    return status;
}

/* Whether the cache has lost what a pass left there: X is larger, or others want it. */
static bool is_lost(const ri_stream *stream) {
    ri_extent first;
    int file;
    return stream->left && ri_dataset_extent(stream->dataset, 0, 1, &file, &first) &&
           !ri_file_kept(file, stream->left_at, 1);
}

/* Readers of a file that is not in the system's cache. The rooms of threads are then only as large
 * as they need to be. */
static void open_past(direct_job *job, int threads) {
    ri_stream *stream = job->stream;
    job->past.slots = 0;
    if (job->mapped.start || ri_dataset_cached(stream->dataset))
        return;
    direct_job in_place = *job;
    in_place.columns = piece_columns(stream, job->most, threads, PAST_BYTES);
    const int64_t step = step_of(&in_place);
    const size_t room =
        ((size_t)(step < in_place.columns ? step : in_place.columns) * stream->stride + 63) / 64 *
        64;
    const size_t rooms = room * (size_t)threads;
    if (rooms >= stream->bytes ||
        !ri_past_start(&job->past, stream->dataset, &stream->fill, in_place.columns, threads,
                       (ri_past_room){stream->memory + rooms, stream->bytes - rooms}))
        return;
    job->columns = in_place.columns;
    job->room = room;
}

/* Keeps in mind where the part of the file begins that a pass has left in the cache, which must
 * have the end of it now: not every file system tells. */
static void note_left(ri_stream *stream, uint64_t first, uint64_t last) {
    ri_extent column;
    int file;
    stream->left =
        ri_dataset_extent(stream->dataset, 0, 1, &file, &column) && ri_file_cached(file, last);
    stream->left_at = first;
}

static void close_past(direct_job *job) {
    ri_stream *stream = job->stream;
    ri_past_stop(&job->past);
    stream->bytes_past += job->past.straight_bytes;
    if (job->past.filled[0].bytes > 0)
        note_left(stream, job->past.filled[0].at, job->past.filled[1].at);
}

/* The same where all columns have been read through the cache. */
static void note_all_left(ri_stream *stream) {
    ri_extent first, last;
    int file;
    if (ri_dataset_extent(stream->dataset, 0, 1, &file, &first) &&
        ri_dataset_extent(stream->dataset, stream->dataset->p - 1, 1, &file, &last))
        note_left(stream, first.at, last.at);
}

/* The pieces, dealt to threads in ascending order. */
static ri_status use_pieces(direct_job *job, int threads, ri_ahead *ahead, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t t = 0; t < job->pieces; t++) {
        if (ri_failure_before(&failure, t)) {
            ri_past_end(&job->past);
            continue;
        }
        if (ahead)
            ri_ahead_reach(ahead, t);
        ri_error own = {0};
        ri_failure_note(&failure, t, use_piece(job, t, &own), &own);
    }
    return ri_failure_tell(&failure, err);
}

ri_status ri_direct_scan(ri_stream *stream, int64_t most, int threads, ri_direct_use *use,
                         void *context, double *bytes, ri_error *err) {
    const int64_t p = stream->dataset->p;
    direct_job job = {.stream = stream,
                      .most = most,
                      .room = room_of(stream, threads),
                      .use = use,
                      .context = context};
    if (is_lost(stream)) /* before other looks, which have some of it read */
        ri_fill_lose(&stream->fill);
    open_windows(stream, threads, &job.mapped);
    job.columns = piece_columns(stream, most, threads, job.mapped.start ? WINDOW_BYTES : 0);
    open_past(&job, threads);
    job.pieces = (p + job.columns - 1) / job.columns;
    ri_dataset_keep_rooms(stream->dataset, true);
    ri_ahead ahead;
    const bool past = job.past.slots > 0;
    if (!past)
        ri_ahead_start(&ahead, stream->dataset, job.columns);
    ri_status status = use_pieces(&job, threads, past ? NULL : &ahead, err);
    if (past) {
        close_past(&job);
    } else {
        ri_ahead_stop(&ahead);
        note_all_left(stream);
    }
    ri_dataset_keep_rooms(stream->dataset, false);
    ri_mapped_close(&job.mapped);
    *bytes += (double)p * (double)stream->stride;
    return status;
}
