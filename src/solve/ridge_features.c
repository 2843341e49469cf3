/* SPDX-License-Identifier: BSD-3-Clause
 * The Gram matrix of the features of a ridge, a sum over chunks of rows of X: which rows make a
 * chunk depends on X alone, so that the sum is the same wherever X is. Of a streamed X windows of
 * several chunks are read, each for all fits. */
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/failure.h"
#include "base/memory.h"
#include "design/gram.h"
#include "kernel/kernel.h"
#include "solve/ridge_pass.h"

enum { CHUNK = 256, TOGETHER = 64 /* features that are read together, unless chunks are larger */ };

typedef struct window { /* rows of all features of X */
    int64_t begin, rows;
    char *stored; /* NULL: X is in memory */
    size_t stride;
    double *panel; /* a chunk of a fit */
    int64_t *from; /* [fits] training rows before the window */
} window;

/* Of a window, in memory or not: whole chunks that take about as much as the blocks of
 * design/gram.h. */
static int64_t window_rows(const ri_matrix *x) {
    const double most = ri_gram_buffer_bytes(ri_matrix_bytes(x));
    const int64_t all = (x->n + CHUNK - 1) / CHUNK;
    const double chunk =
        x->storage == RI_CSC ? 8 * CHUNK : (double)ri_storage_bytes(x->storage, CHUNK);
    const int64_t chunks = (int64_t)(most / (chunk * (double)(ri_matrix_features(x) + 1)));
    return CHUNK * (chunks < 1 ? 1 : chunks < all ? chunks : all);
}

static ri_status read_window(const ri_matrix *x, window *w, int threads, double *bytes,
                             ri_error *err) {
    const int64_t features = ri_matrix_features(x), chunk = x->stream->dataset->chunk_features;
    const int64_t span = x->stream->dataset->compressed && chunk > TOGETHER ? chunk : TOGETHER;
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t from = 0; from < features; from += span) {
        ri_error own = {0};
        const ri_piece part = {from, features - from < span ? features - from : span, w->begin,
                               w->rows};
        ri_status mine =
            ri_stream_rows(x->stream, &part, w->stored + (size_t)from * w->stride, w->stride, &own);
        ri_failure_note(&failure, from, mine, &own);
    }
    *bytes += (double)features * (double)ri_storage_bytes(x->storage, w->rows);
    return ri_failure_tell(&failure, err);
}

/* Column number k of a fit in a chunk of rows, projected and divided. */
static void fill_column(const ri_ridge *fit, int64_t k, const window *w, const ri_view_rows *some,
                        double *z, double *scratch) {
    const ri_view *view = fit->view;
    const ri_matrix *x = &view->columns->x;
    const int64_t j = fit->feature[k], rows = some->to - some->from, span = fit->span.count;
    const char *stored = NULL;
    if (w->stored && j < ri_matrix_features(x))
        stored = w->stored + (size_t)j * w->stride +
                 ri_storage_bytes(x->storage, some->begin - w->begin);
    ri_view_gather_rows(view, j, some, stored, z, scratch);
    for (int64_t t = 0; t < rows; t++)
        z[t] /= fit->factor[k];
    for (int64_t s = 0; s < span; s++)
        ri_kernel_get()->axpy(-fit->part[k * span + s], fit->span.q + s * view->train + some->from,
                              z, rows);
}

/* The rows of a chunk in panels of 8 features. */
static void fill_panels(const ri_ridge *fit, const window *w, const ri_view_rows *some,
                        ri_ridge_room *room) {
    const int64_t rows = some->to - some->from;
#pragma omp parallel for schedule(dynamic, 1) num_threads(room->threads)
    for (int64_t q = 0; q < fit->square.panels; q++) {
        const size_t thread = (size_t)omp_get_thread_num();
        double *scratch = room->scratch + thread * room->one_scratch;
        double *z = room->z + thread * (size_t)room->stride;
        for (int64_t i = 0; i < 8; i++) {
            int64_t k = 8 * q + i;
            double *out = w->panel + q * 8 * rows + i;
            if (k < fit->count)
                fill_column(fit, k, w, some, z, scratch);
            for (int64_t t = 0; t < rows; t++)
                out[8 * t] = k < fit->count ? z[t] : 0;
        }
    }
}

/* All chunks of a window. */
static void add_window(ri_ridge *fit, const window *w, int64_t *from, ri_ridge_room *room) {
    const ri_view *view = fit->view;
    for (int64_t begin = w->begin; begin < w->begin + w->rows; begin += CHUNK) {
        const int64_t left = w->begin + w->rows - begin;
        ri_view_rows some = {*from, *from, begin, left < CHUNK ? left : CHUNK};
        while (some.to < view->train && view->row[some.to] < begin + some.rows)
            some.to++;
        *from = some.to;
        if (some.to == some.from)
            continue;
        fill_panels(fit, w, &some, room);
        ri_square_add(&fit->square, w->panel, some.to - some.from, room->threads);
    }
}

static ri_status add_windows(ri_ridge *fit, int64_t count, window *w, ri_ridge_room *room,
                             ri_poll poll, ri_error *err) {
    const ri_matrix *x = &fit->view->columns->x;
    for (const int64_t most = w->rows; w->begin < x->n; w->begin += most) {
        w->rows = x->n - w->begin < most ? x->n - w->begin : most;
        if (w->stored)
            RI_TRY(read_window(x, w, room->threads, &room->bytes, err));
        for (int64_t f = 0; f < count; f++) {
            if (fit[f].by_rows)
                continue;
            if (poll.ask && poll.ask(poll.context))
                return ri_fail(err, RI_INTERRUPTED, "interrupted");
            add_window(&fit[f], w, &w->from[f], room);
            if (!w->stored)
                room->bytes += ri_matrix_bytes(x) * (double)w->rows / (double)x->n;
        }
    }
    return RI_OK;
}

ri_status ri_ridge_add_features(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                                ri_error *err) {
    const ri_matrix *x = &fit->view->columns->x;
    int64_t width = 0;
    for (int64_t f = 0; f < count; f++)
        if (!fit[f].by_rows && 8 * fit[f].square.panels > width)
            width = 8 * fit[f].square.panels;
    window w = {.rows = window_rows(x)};
    w.stride = x->stream ? ri_storage_bytes(x->storage, w.rows) : 0;
    w.panel = ri_alloc((size_t)(CHUNK * width), sizeof *w.panel);
    w.from = ri_calloc((size_t)count, sizeof *w.from);
    if (x->stream)
        w.stored = ri_alloc((size_t)ri_matrix_features(x), w.stride);
    ri_status status = RI_OK;
    if (w.panel && w.from && (w.stored || !x->stream))
        status = add_windows(fit, count, &w, room, poll, err);
    else
        status = ri_fail_memory(err, "the rows of a Gram matrix",
                                8ULL * (size_t)(CHUNK * width) +
                                    (size_t)ri_matrix_features(x) * w.stride);
    free(w.panel);
    free(w.from);
    free(w.stored);
    return status;
}
