/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/pass.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "data/direct.h"
#include "design/joint.h"
#include "design/pass_job.h"
#include "kernel/kernel.h"

static void free_worker(ri_pass_worker *w) {
    ri_pieces_free(&w->blocks);
    free(w->squared);
    free(w->product);
    free(w->near);
    free(w->whole);
    free(w->list_near);
    free(w->list_whole);
    free(w->moment);
    free(w->scratch);
    free(w->missing);
    free(w->missing_sum);
    free(w->lost);
    free(w->list);
}

static bool make_worker(ri_pass_worker *w, const ri_pass_job *job) {
    size_t n = (size_t)job->columns->x.n, vectors = (size_t)job->vectors;
    *w = (ri_pass_worker){0};
    ri_pieces_clear(&w->blocks, sizeof(ri_pass_block));
    w->product = ri_alloc((size_t)RI_PASS_TILE * vectors, sizeof(double));
    w->near = ri_alloc((size_t)RI_PASS_TILE * RI_MOST_RESIDUALS, sizeof(double));
    w->scratch = ri_alloc(ri_scratch_doubles((int64_t)n), sizeof(double));
    w->missing = ri_alloc(n, sizeof *w->missing);
    w->missing_sum = ri_alloc(vectors, sizeof(double));
    w->lost = ri_alloc((size_t)RI_PASS_TILE * vectors, sizeof(double));
    w->list_near = ri_calloc((size_t)job->count, sizeof *w->list_near);
    w->list_whole = ri_calloc((size_t)job->count, sizeof *w->list_whole);
    w->list = ri_calloc((size_t)job->count, sizeof *w->list);
    bool good = w->list && w->product && w->near && w->scratch && w->missing && w->missing_sum &&
                w->lost && w->list_near && w->list_whole;
    if (job->coarse) {
        w->whole = ri_alloc((size_t)RI_PASS_TILE * vectors, sizeof *w->whole);
        good = good && w->whole;
    }
    if (job->view) {
        w->moment = ri_alloc(RI_PASS_TILE * 2 * (size_t)job->count, sizeof(double));
        good = good && w->moment;
    }
    if (job->view && job->columns->x.storage == RI_CSC) {
        w->squared = ri_alloc(RI_PASS_LEAST_TILE * n, sizeof(double));
        good = good && w->squared;
    }
    return good;
}

int64_t ri_pass_missing_rows(const ri_pass_job *job, int64_t j, ri_pass_worker *w) {
    const ri_matrix *x = &job->columns->x;
    if (!job->columns->missing[j])
        return 0;
    return ri_matrix_missing(x, j, w->missing);
}

void ri_pass_sum_missing(const ri_pass_job *job, const double *transposed, int64_t j,
                         ri_pass_worker *w) {
    memset(w->missing_sum, 0, (size_t)job->vectors * sizeof(double));
    int64_t rows = ri_pass_missing_rows(job, j, w);
    for (int64_t k = 0; k < rows; k++) {
        const double *at = transposed + (size_t)w->missing[k] * (size_t)job->vectors;
        for (int64_t b = 0; b < job->vectors; b++)
            w->missing_sum[b] += at[b];
    }
}

void ri_pass_multiply_list(const ri_columns *columns, const int64_t *feature, int64_t count,
                           const ri_vectors *r, double *c, int64_t ldc) {
    const ri_matrix *x = &columns->x;
    const void *column[RI_PASS_TILE];
    double shift[RI_PASS_TILE];
    for (int64_t a = 0; a < count; a++) {
        column[a] = ri_matrix_column(x, feature[a]);
        shift[a] = columns->shift[feature[a]];
    }
    ri_kernel_get()->stored_product[x->storage](column, shift, count, r->first, r->stride, r->count,
                                                x->n, c, ldc);
}

/* stored_product or stored_squares of kernel/kernel.h. */
typedef void multiply_stored(const void *const *column, const double *shift, int64_t columns,
                             const double *r, int64_t ldr, int64_t residuals, int64_t n, double *c,
                             int64_t ldc);

static void multiply_by(multiply_stored *multiply, const ri_columns *columns, int64_t from,
                        int64_t count, const ri_vectors *r, double *c, int64_t ldc) {
    const ri_matrix *x = &columns->x;
    for (int64_t at = 0; at < count; at += RI_PASS_TILE) {
        const int64_t part = count - at < RI_PASS_TILE ? count - at : RI_PASS_TILE;
        const void *column[RI_PASS_TILE];
        for (int64_t a = 0; a < part; a++)
            column[a] = ri_matrix_column(x, from + at + a);
        multiply(column, columns->shift + from + at, part, r->first, r->stride, r->count, x->n,
                 c + at, ldc);
    }
}

void ri_pass_multiply(const ri_columns *columns, int64_t from, int64_t count,
                      const ri_vectors *vectors, double *c, int64_t ldc) {
    multiply_by(ri_kernel_get()->stored_product[columns->x.storage], columns, from, count, vectors,
                c, ldc);
}

void ri_pass_multiply_squares(const ri_columns *columns, int64_t from, int64_t count,
                              const ri_vectors *vectors, double *c, int64_t ldc) {
    multiply_by(ri_kernel_get()->stored_squares[columns->x.storage], columns, from, count, vectors,
                c, ldc);
}

/* Those of a tile with rounded residuals, but for the shifts. */
static void multiply_coarsely(const ri_pass_job *job, int64_t from, int64_t columns,
                              ri_pass_worker *w) {
    const ri_matrix *x = &job->columns->x;
    const ri_digits digits = {job->digit, ri_digit_bytes(x->n), job->vectors, job->high};
    const void *column[RI_PASS_TILE];
    for (int64_t a = 0; a < columns; a++)
        column[a] = ri_matrix_column(x, from + a);
    ri_kernel_get()->digit_products(column, columns, &digits, x->n, w->whole, RI_PASS_TILE);
    for (int64_t b = 0; b < job->vectors; b++)
        for (int64_t a = 0; a < columns; a++)
            w->product[a + b * RI_PASS_TILE] =
                job->rounding[b].unit * (double)w->whole[a + b * RI_PASS_TILE];
}

/* The products of a tile with the residuals that all of X is multiplied by. */
static void multiply_tile(const ri_pass_job *job, int64_t from, int64_t columns,
                          ri_pass_worker *w) {
    const ri_vectors all = {job->vector, job->stride, job->vectors};
    if (job->coarse) {
        multiply_coarsely(job, from, columns, w);
        return;
    }
    if (!job->made) {
        ri_pass_multiply(job->columns, from, columns, &all, w->product, RI_PASS_TILE);
        return;
    }
    for (int64_t b = 0; b < job->vectors; b++)
        memcpy(w->product + b * RI_PASS_TILE,
               job->made + b * ri_matrix_features(&job->columns->x) + from,
               (size_t)columns * sizeof *w->product);
}

/* What a tile needs beside columns comes from memory while those are multiplied. */
static void fetch_views(const ri_pass_job *job, int64_t from, int64_t columns) {
    enum { LINE = 8 }; /* doubles */
    for (int64_t q = 0; q < job->count; q++) {
        const ri_view *view = job->request[q].view;
        for (int64_t a = from; a < from + columns; a += LINE) {
            __builtin_prefetch(view->mean + a, 0, 2);
            __builtin_prefetch(view->scale + a, 0, 2);
        }
        for (int64_t a = from; a < from + columns; a += 2 * LINE)
            __builtin_prefetch(job->request[q].gradient + a, 1, 2);
    }
}

/* w->lost[a + b * RI_PASS_TILE]: the sum of vector b over the missing rows of column from + a. */
static void sum_lost(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w) {
    memset(w->lost, 0, (size_t)(RI_PASS_TILE * job->vectors) * sizeof *w->lost);
    for (int64_t a = 0; a < columns; a++) {
        if (!job->columns->missing[from + a])
            continue;
        ri_pass_sum_missing(job, job->transposed, from + a, w);
        for (int64_t b = 0; b < job->vectors; b++)
            w->lost[a + b * RI_PASS_TILE] = w->missing_sum[b];
    }
}

/* The products of a tile with vector b, of a fit with that view. */
static void standardise_tile(const ri_pass_job *job, const ri_view *view, int64_t from,
                             int64_t columns, int64_t b, ri_pass_worker *w) {
    const double *shift = job->columns->shift + from, *mean = view->mean + from;
    const double *scale = view->scale + from, *lost = w->lost + b * RI_PASS_TILE;
    const double sum = job->sum[b], train = (double)view->train;
    double *restrict c = w->product + b * RI_PASS_TILE;
    for (int64_t a = 0; job->coarse && a < columns; a++)
        c[a] -= shift[a] * (sum - lost[a]);
    for (int64_t a = 0; job->columns->centered && a < columns; a++)
        c[a] = (c[a] - mean[a] * (sum - lost[a])) * scale[a] / train;
    for (int64_t a = 0; !job->columns->centered && a < columns; a++)
        c[a] = (c[a] - -mean[a] * lost[a]) * scale[a] / train;
}

static void do_tile(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w) {
    if (job->view)
        ri_pass_sum_moments(job, from, columns, w);
    fetch_views(job, from, columns);
    multiply_tile(job, from, columns, w);
    sum_lost(job, from, columns, w);
    for (int64_t q = 0; q < job->count; q++) {
        const int64_t first = job->window[q].vector;
        for (int64_t b = first; b < first + job->request[q].multiplied; b++)
            standardise_tile(job, job->request[q].view, from, columns, b, w);
    }
    ri_pass_screen(job, from, columns, w);
}

static ri_status run_tiles(void *context, int64_t from, int64_t to, ri_error *err) {
    (void)err; /* a worker that fails says so at the end */
    const ri_pass_job *job = context;
    int64_t share = (to - from) / (4 * job->threads),
            tile = share < RI_PASS_TILE ? share : RI_PASS_TILE;
    tile = tile > RI_PASS_LEAST_TILE ? tile : RI_PASS_LEAST_TILE; /* a few for each thread */
    int64_t tiles = (to - from + tile - 1) / tile;
#pragma omp parallel num_threads(job->threads)
    {
        ri_pass_worker *own = &job->workers[omp_get_thread_num()];
#pragma omp for schedule(dynamic, 1) nowait
        for (int64_t t = 0; t < tiles; t++) {
            int64_t first = from + t * tile, left = to - first;
            do_tile(job, first, left < tile ? left : tile, own);
        }
        ri_pass_compute_waiting(job, own);
    }
    return RI_OK;
}

static void run_piece(void *context, int64_t from, int64_t to, int thread) {
    const ri_pass_job *job = context;
    do_tile(job, from, to - from, &job->workers[thread]);
    ri_pass_compute_waiting(job, &job->workers[thread]);
}

static ri_status run_columns(ri_pass_job *job, double *bytes, ri_error *err) {
    const ri_matrix *x = &job->columns->x;
    ri_joint *joint = job->columns->joint;
    if (joint && !job->coarse && (!job->view || ri_pass_sum_together(job, bytes)) &&
        ri_joint_multiply(joint, RI_JOINT_VALUES, job->vector, job->vectors, &job->made, bytes)) {
        ri_status status = run_tiles(job, 0, ri_matrix_features(x), err);
        ri_joint_finish(joint, bytes);
        return status;
    }
    if (x->stream && ri_direct_possible(x->stream, job->threads))
        return ri_direct_scan(x->stream, RI_PASS_TILE, job->threads, run_piece, job, bytes, err);
    return ri_matrix_scan(x, 0, ri_matrix_features(x), run_tiles, job, bytes, err);
}

static ri_status run_job(ri_pass_job *job, int threads, double *bytes, ri_error *err) {
    if (job->count == 0)
        return RI_OK;
    ri_status status = RI_OK;
    ri_pass_worker *workers = ri_calloc((size_t)threads, sizeof *workers);
    bool good = workers && ri_pass_prepare(job, threads);
    for (int t = 0; good && t < threads; t++)
        good = make_worker(&workers[t], job);
    job->workers = workers;
    job->threads = threads;
    if (good) {
        status = run_columns(job, bytes, err);
        if (status == RI_OK)
            status = ri_pass_deliver(job, err);
    } else {
        status = ri_fail_memory(err, "a pass over X",
                                (size_t)job->count * (size_t)job->columns->x.n * sizeof(double));
    }
    for (int t = 0; workers && t < threads; t++) {
        *bytes += workers[t].bytes;
        free_worker(&workers[t]);
    }
    free(workers);
    ri_pass_discard(job);
    return status;
}

/* Whose columns are split over nodes that now make passes together, or NULL. */
static const ri_shard *shard_of(const ri_columns *columns) {
    const ri_stream *stream = columns->x.stream;
    return stream && stream->shard && stream->shard->together ? stream->shard : NULL;
}

bool ri_pass_keeps_gradients(const ri_columns *columns) {
    return shard_of(columns) != NULL;
}

ri_status ri_pass_run(const ri_columns *columns, ri_request *request, int64_t count, int threads,
                      double *bytes, ri_error *err) {
    const ri_shard *shard = shard_of(columns);
    if (shard)
        return shard->pass(shard->context, NULL, request, count, bytes, err);
    ri_pass_job job = {.columns = columns, .request = request, .count = count};
    return run_job(&job, threads, bytes, err);
}

ri_status ri_pass_first(const ri_columns *columns, ri_view *view, ri_request *request,
                        int64_t count, int threads, double *bytes, ri_error *err) {
    ri_pass_job job = {.columns = columns, .request = request, .count = count, .view = view};
    const ri_shard *shard = shard_of(columns);
    RI_TRY(shard ? shard->pass(shard->context, view, request, count, bytes, err)
                 : run_job(&job, threads, bytes, err));
    for (int64_t f = 0; f < count; f++) {
        view[f].constant = 0;
        for (int64_t j = 0; j < columns->x.p; j++)
            view[f].constant += view[f].scale[j] == 0;
    }
    return RI_OK;
}
