/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { TILE_BYTES = 192 << 10, TILE_MOST = 64, TILE_LEAST = 8 };

typedef struct kept { /* an entry on its way to a request */
    int64_t request, feature;
    double value;
} kept;

typedef struct worker {
    double *decoded; /* [tile * n] */
    double *squared; /* [tile * n] first pass only */
    double *product; /* [tile * vectors] */
    double *moment;  /* [tile * 2 * views] first pass only */
    double *scratch;
    int32_t *missing;    /* [n] */
    double *missing_sum; /* [vectors] */
    kept *list;
    size_t count, capacity;
    double bytes; /* of X read again for moments that cancel */
    bool failed;
} worker;

typedef struct pass_job {
    const ri_columns *columns;
    ri_view *view; /* writable views: first pass only */
    ri_request *request;
    int64_t count, tile, stride;
    double *vector;     /* [count * stride] residuals side by side */
    double *transposed; /* [n * count] for missing rows; NULL where nothing is missing */
    double *sum;        /* [count] of each residual */
    double *weight;     /* [count * stride] first pass only */
    double *weight_transposed;
} pass_job;

static void free_worker(worker *w) {
    free(w->decoded);
    free(w->squared);
    free(w->product);
    free(w->moment);
    free(w->scratch);
    free(w->missing);
    free(w->missing_sum);
    free(w->list);
}

static bool make_worker(worker *w, const pass_job *job) {
    size_t n = (size_t)job->columns->x.n, tile = (size_t)job->tile, vectors = (size_t)job->count;
    *w = (worker){0};
    w->decoded = ri_alloc(tile * n, sizeof(double));
    w->product = ri_alloc(tile * vectors, sizeof(double));
    w->scratch = ri_alloc(ri_scratch_doubles((int64_t)n), sizeof(double));
    w->missing = ri_alloc(n, sizeof *w->missing);
    w->missing_sum = ri_alloc(vectors, sizeof(double));
    bool good = w->decoded && w->product && w->scratch && w->missing && w->missing_sum;
    if (job->view) {
        w->squared = ri_alloc(tile * n, sizeof(double));
        w->moment = ri_alloc(tile * vectors * 2, sizeof(double));
        good = good && w->squared && w->moment;
    }
    return good;
}

/* Sum over the missing rows of column j of every vector, in row order. */
static void sum_missing(const pass_job *job, const double *transposed, int64_t j, worker *w) {
    memset(w->missing_sum, 0, (size_t)job->count * sizeof(double));
    if (!job->columns->missing[j])
        return;
    const ri_matrix *x = &job->columns->x;
    int64_t rows = ri_matrix_missing(x, j, w->missing);
    for (int64_t k = 0; k < rows; k++) {
        const double *at = transposed + (size_t)w->missing[k] * (size_t)job->count;
        for (int64_t b = 0; b < job->count; b++)
            w->missing_sum[b] += at[b];
    }
}

static void decode_tile(const pass_job *job, int64_t from, int64_t columns, worker *w,
                        const double **pointer) {
    const ri_matrix *x = &job->columns->x;
    for (int64_t a = 0; a < columns; a++) {
        double *out = w->decoded + a * x->n;
        ri_matrix_decode(x, from + a, job->columns->shift[from + a], out);
        pointer[a] = out;
    }
}

static void tile_moments(const pass_job *job, int64_t from, int64_t columns, worker *w,
                         const double *const *pointer) {
    int64_t n = job->columns->x.n;
    const ri_kernel *kernel = ri_kernel_get();
    const double *squared[TILE_MOST];
    for (int64_t a = 0; a < columns; a++) {
        double *out = w->squared + a * n;
        for (int64_t i = 0; i < n; i++)
            out[i] = pointer[a][i] * pointer[a][i];
        squared[a] = out;
    }
    double *s = w->moment, *q = w->moment + job->tile * job->count;
    kernel->product(pointer, columns, job->weight, job->stride, job->count, n, s, job->tile);
    kernel->product(squared, columns, job->weight, job->stride, job->count, n, q, job->tile);
    for (int64_t a = 0; a < columns; a++) {
        sum_missing(job, job->weight_transposed, from + a, w);
        for (int64_t b = 0; b < job->count; b++)
            ri_view_moments(&job->view[b], from + a, s[a + b * job->tile], q[a + b * job->tile],
                            w->missing_sum[b], w->scratch, &w->bytes);
    }
}

static void keep(worker *w, int64_t request, int64_t feature, double value) {
    if (!ri_grow(&w->list, &w->capacity, w->count + 1, sizeof *w->list)) {
        w->failed = true;
        return;
    }
    w->list[w->count++] = (kept){request, feature, value};
}

static void screen_column(const pass_job *job, int64_t j, const double *product, worker *w) {
    double penalty = ri_penalty(job->columns, j);
    if (penalty == 0)
        return;
    sum_missing(job, job->transposed, j, w);
    bool centered = job->columns->centered;
    for (int64_t b = 0; b < job->count; b++) {
        const ri_request *request = &job->request[b];
        const ri_view *view = request->view;
        double m = view->mean[j], missing = w->missing_sum[b];
        double c = product[b * job->tile];
        c -= centered ? m * (job->sum[b] - missing) : -m * missing;
        double g = c * view->scale[j] / (double)view->train;
        double size = request->positive ? g : fabs(g);
        if (size >= request->floor * penalty && view->scale[j] != 0)
            keep(w, b, j, g);
    }
}

static void do_tile(const pass_job *job, int64_t tile_index, worker *w) {
    const ri_matrix *x = &job->columns->x;
    int64_t from = tile_index * job->tile;
    int64_t columns = x->p - from < job->tile ? x->p - from : job->tile;
    const double *pointer[TILE_MOST];
    decode_tile(job, from, columns, w, pointer);
    if (job->view)
        tile_moments(job, from, columns, w, pointer);
    ri_kernel_get()->product(pointer, columns, job->vector, job->stride, job->count, x->n,
                             w->product, job->tile);
    for (int64_t a = 0; a < columns; a++)
        screen_column(job, from + a, w->product + a, w);
}

static int compare_entries(const void *a, const void *b) {
    const ri_gradient *left = a, *right = b;
    return (left->feature > right->feature) - (left->feature < right->feature);
}

/* Hands every kept entry to its request; the order of tiles and threads leaves no trace. */
static ri_status deliver(const pass_job *job, worker *workers, int threads, ri_error *err) {
    for (int t = 0; t < threads; t++) {
        if (workers[t].failed)
            return ri_fail_memory(err, "the gradients of a pass", workers[t].count * sizeof(kept));
        for (size_t k = 0; k < workers[t].count; k++)
            job->request[workers[t].list[k].request].count++;
    }
    for (int64_t b = 0; b < job->count; b++) {
        ri_request *request = &job->request[b];
        request->entry = ri_alloc((size_t)request->count, sizeof *request->entry);
        if (!request->entry)
            return ri_fail_memory(err, "the gradients of a pass", (size_t)request->count * 16);
        request->count = 0;
    }
    for (int t = 0; t < threads; t++)
        for (size_t k = 0; k < workers[t].count; k++) {
            const kept *from = &workers[t].list[k];
            ri_request *request = &job->request[from->request];
            request->entry[request->count++] = (ri_gradient){from->feature, from->value};
        }
    for (int64_t b = 0; b < job->count; b++)
        qsort(job->request[b].entry, (size_t)job->request[b].count, sizeof(ri_gradient),
              compare_entries);
    return RI_OK;
}

static double *transpose(const double *vector, int64_t stride, int64_t count, int64_t n) {
    double *out = ri_alloc((size_t)n * (size_t)count, sizeof *out);
    if (out)
        for (int64_t b = 0; b < count; b++)
            for (int64_t i = 0; i < n; i++)
                out[i * count + b] = vector[b * stride + i];
    return out;
}

static bool anything_missing(const ri_columns *columns) {
    return memchr(columns->missing, 1, (size_t)columns->x.p) != NULL;
}

static bool prepare_job(pass_job *job) {
    int64_t n = job->columns->x.n, count = job->count;
    job->stride = (n + 7) / 8 * 8;
    job->tile = TILE_BYTES / (8 * (n ? n : 1));
    job->tile = job->tile > TILE_MOST ? TILE_MOST : job->tile < TILE_LEAST ? TILE_LEAST : job->tile;
    size_t room = (size_t)job->stride * (size_t)count;
    job->vector = ri_calloc(room, sizeof(double));
    job->sum = ri_alloc((size_t)count, sizeof(double));
    if (!job->vector || !job->sum)
        return false;
    for (int64_t b = 0; b < count; b++) {
        memcpy(job->vector + b * job->stride, job->request[b].residual, (size_t)n * sizeof(double));
        job->sum[b] = ri_kernel_get()->sum(job->request[b].residual, n);
        job->request[b].count = 0;
        job->request[b].entry = NULL;
    }
    bool some_missing = anything_missing(job->columns);
    if (some_missing && !(job->transposed = transpose(job->vector, job->stride, count, n)))
        return false;
    if (!job->view)
        return true;
    job->weight = ri_calloc(room, sizeof(double));
    if (!job->weight)
        return false;
    for (int64_t b = 0; b < count; b++)
        memcpy(job->weight + b * job->stride, job->view[b].weight, (size_t)n * sizeof(double));
    if (some_missing)
        job->weight_transposed = transpose(job->weight, job->stride, count, n);
    return !some_missing || job->weight_transposed;
}

static void run_tiles(const pass_job *job, worker *workers, int threads) {
    int64_t tiles = (job->columns->x.p + job->tile - 1) / job->tile;
#pragma omp parallel for schedule(dynamic, 4) num_threads(threads)
    for (int64_t t = 0; t < tiles; t++)
        do_tile(job, t, &workers[omp_get_thread_num()]);
}

static ri_status run_job(pass_job *job, int threads, double *bytes, ri_error *err) {
    if (job->count == 0)
        return RI_OK;
    ri_status status = RI_OK;
    worker *workers = ri_calloc((size_t)threads, sizeof *workers);
    bool good = workers && prepare_job(job);
    for (int t = 0; good && t < threads; t++)
        good = make_worker(&workers[t], job);
    if (good) {
        run_tiles(job, workers, threads);
        status = deliver(job, workers, threads, err);
        const ri_matrix *x = &job->columns->x;
        *bytes += (double)x->p * (double)ri_storage_bytes(x->storage, x->n);
    } else {
        status = ri_fail_memory(err, "a pass over X",
                                (size_t)job->count * (size_t)job->columns->x.n * sizeof(double));
    }
    for (int t = 0; workers && t < threads; t++) {
        *bytes += workers[t].bytes;
        free_worker(&workers[t]);
    }
    free(workers);
    free(job->vector);
    free(job->transposed);
    free(job->sum);
    free(job->weight);
    free(job->weight_transposed);
    return status;
}

ri_status ri_pass_run(const ri_columns *columns, ri_request *request, int64_t count, int threads,
                      double *bytes, ri_error *err) {
    pass_job job = {.columns = columns, .request = request, .count = count};
    return run_job(&job, threads, bytes, err);
}

ri_status ri_pass_first(const ri_columns *columns, ri_view *view, ri_request *request,
                        int64_t count, int threads, double *bytes, ri_error *err) {
    pass_job job = {.columns = columns, .request = request, .count = count, .view = view};
    RI_TRY(run_job(&job, threads, bytes, err));
    for (int64_t f = 0; f < count; f++) {
        view[f].constant = 0;
        for (int64_t j = 0; j < columns->x.p; j++)
            view[f].constant += view[f].scale[j] == 0;
    }
    return RI_OK;
}

ri_status ri_pass_moments(ri_view *view, int64_t count, const int64_t *feature, int64_t features,
                          double *bytes, ri_error *err) {
    if (count == 0 || features == 0)
        return RI_OK;
    const ri_matrix *x = &view->columns->x;
    double *d = ri_alloc((size_t)x->n, sizeof *d);
    double *scratch = ri_alloc(ri_scratch_doubles(x->n), sizeof *scratch);
    int32_t *missing = ri_alloc((size_t)x->n, sizeof *missing);
    bool good = d && scratch && missing;
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t k = 0; good && k < features; k++) {
        int64_t j = feature[k];
        ri_matrix_decode(x, j, view->columns->shift[j], d);
        int64_t rows = ri_matrix_missing(x, j, missing);
        *bytes += ri_view_column_bytes(view);
        for (int64_t f = 0; f < count; f++) {
            double lost = 0;
            for (int64_t m = 0; m < rows; m++)
                lost += view[f].weight[missing[m]];
            ri_view_moments(&view[f], j, kernel->dot(view[f].weight, d, x->n),
                            kernel->dot3(view[f].weight, d, d, x->n), lost, scratch, bytes);
        }
    }
    free(d);
    free(scratch);
    free(missing);
    return good ? RI_OK : ri_fail_memory(err, "moments", (unsigned long long)x->n * 32);
}
