/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of rows of the features that any walk uses are decoded, a row after the other; each walk
 * then standardises its rows of a block, 8 at a time, and multiplies them by its solutions. Of a
 * streamed X blocks have more rows, so that what is read of a column is not too little. */
#include "solve/walk_predict.h"

#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/failure.h"
#include "base/memory.h"
#include "kernel/kernel.h"

enum {
    ROWS = 8, /* of a panel, */
    ALPHAS = 8,
    MOST_ROWS = 512, /* of a block, a multiple of 8 */
    LEAST_ROWS = 64,
    MOST_WIDTH = 64, /* features of a chunk that are read together */
};
static const double BLOCK_BYTES = 16e6;
static const double SOLUTION_BYTES = 256e6; /* of walks that share a read */

/* The features that a walk's solutions use, ascending, and their places in the order in which they
 * enter: what a group of alphas needs of them comes first there. */
typedef struct used {
    const ri_walk *walk;
    int64_t *feature; /* [count] */
    int64_t *column;  /* [count] of a block */
    int64_t *entry;   /* [count] */
    double *center, *scale;
    int64_t count, groups;
    int64_t *begin; /* [groups + 1] first of each group's rows of `b`, a row for each feature */
    double *b;      /* [begin[groups] * ALPHAS] coefficients, interleaved */
} used;

typedef struct held_job {
    const ri_columns *columns;
    used *used; /* [walks] */
    int64_t walks;
    int64_t *feature; /* [size] that any walk uses, ascending */
    int64_t size, stride, rows;
    int64_t most;  /* features of a walk */
    int64_t width; /* features that are read together of a streamed X */
} held_job;

typedef struct worker {
    double *decoded; /* [8 * rows] columns, one after the other */
    double *block;   /* [rows * stride] */
    double *panel;   /* [most * ROWS] */
    char *stored;    /* [width] columns of `rows`, of a streamed X: features [from, to) */
    int64_t from, to;
} worker;

static void free_used(used *u) {
    free(u->feature);
    free(u->column);
    free(u->entry);
    free(u->center);
    free(u->scale);
    free(u->begin);
    free(u->b);
}

static ri_status fail(ri_error *err, size_t bytes) {
    return ri_fail_memory(err, "the predictions of a fit", bytes);
}

/* Place of each feature in their order, for the time being in place[] (else all -1). */
static void order_features(const ri_walk *walk, int64_t *place, used *u) {
    for (int64_t a = 0; a < walk->unpredicted; a++) {
        const ri_solution *s = &walk->done[a];
        for (int64_t i = 0; i < s->count; i++)
            if (place[s->feature[i]] < 0)
                place[s->feature[i]] = u->count++;
        u->begin[a / ALPHAS + 1] = u->begin[a / ALPHAS] + u->count;
    }
}

static ri_status list_used(const ri_walk *walk, int64_t *place, used *u, ri_error *err) {
    const ri_view *view = walk->view;
    u->walk = walk;
    u->groups = (walk->unpredicted + ALPHAS - 1) / ALPHAS;
    u->begin = ri_calloc((size_t)u->groups + 1, sizeof *u->begin);
    if (!u->begin)
        return fail(err, 8 * (size_t)u->groups);
    order_features(walk, place, u);
    size_t rows = (size_t)u->begin[u->groups], count = (size_t)u->count;
    u->b = ri_calloc(rows * ALPHAS, sizeof *u->b);
    u->feature = ri_alloc(count, sizeof *u->feature);
    u->column = ri_alloc(count, sizeof *u->column);
    u->entry = ri_alloc(count, sizeof *u->entry);
    u->center = ri_alloc(count, sizeof *u->center);
    u->scale = ri_alloc(count, sizeof *u->scale);
    if (!u->b || !u->feature || !u->column || !u->entry || !u->center || !u->scale)
        return fail(err, 8 * rows * ALPHAS);
    for (int64_t a = 0; a < walk->unpredicted; a++) {
        const ri_solution *s = &walk->done[a];
        double *b = u->b + u->begin[a / ALPHAS] * ALPHAS + a % ALPHAS;
        for (int64_t i = 0; i < s->count; i++)
            b[place[s->feature[i]] * ALPHAS] = s->b[i];
    }
    for (int64_t j = 0, k = 0; j < view->columns->x.p; j++) {
        if (place[j] < 0)
            continue;
        u->feature[k] = j;
        u->entry[k] = place[j];
        u->center[k] = view->columns->centered ? view->mean[j] : 0;
        u->scale[k++] = view->scale[j];
        place[j] = -1;
    }
    return RI_OK;
}

/* The columns of a block; place[] as above. */
static void list_columns(held_job *job, int64_t *place) {
    for (int64_t w = 0; w < job->walks; w++)
        for (int64_t k = 0; k < job->used[w].count; k++)
            place[job->used[w].feature[k]] = 0;
    for (int64_t j = 0; j < job->columns->x.p; j++)
        if (place[j] == 0) {
            place[j] = job->size;
            job->feature[job->size++] = j;
        }
    for (int64_t w = 0; w < job->walks; w++) {
        used *u = &job->used[w];
        for (int64_t k = 0; k < u->count; k++)
            u->column[k] = place[u->feature[k]];
        job->most = u->count > job->most ? u->count : job->most;
    }
    for (int64_t k = 0; k < job->size; k++)
        place[job->feature[k]] = -1;
    job->stride = (job->size + 7) / 8 * 8;
}

/* Rows of a block, of which each of the threads has one. */
static void size_blocks(held_job *job, int threads) {
    const ri_matrix *x = &job->columns->x;
    double row = 8 * (double)(job->stride + 8), rows = BLOCK_BYTES / row, most = MOST_ROWS;
    job->width = 1;
    if (x->stream) {
        const ri_dataset *dataset = x->stream->dataset;
        int64_t chunk = dataset->compressed ? dataset->chunk_features : 1;
        job->width = chunk < 1 ? 1 : chunk > MOST_WIDTH ? MOST_WIDTH : chunk;
        rows = ri_gram_buffer_bytes(ri_matrix_bytes(x)) / 2 / threads / row;
        most = (double)(x->n + 7);
    }
    rows = rows > most ? most : rows;
    job->rows = rows < LEAST_ROWS ? LEAST_ROWS : (int64_t)rows / 8 * 8;
}

/* Rows of a feature, where X is streamed, as stored; NULL after a failure. */
static const void *read_feature(const held_job *job, int64_t j, int64_t begin, int64_t rows,
                                worker *w, ri_error *err) {
    const ri_matrix *x = &job->columns->x;
    const size_t stride = ri_storage_bytes(x->storage, job->rows);
    if (j < w->from || j >= w->to) {
        w->from = j / job->width * job->width;
        w->to = w->from + job->width;
        w->to = w->to < ri_matrix_features(x) ? w->to : ri_matrix_features(x);
        const ri_piece piece = {w->from, w->to - w->from, begin, rows};
        if (ri_stream_rows(x->stream, &piece, w->stored, stride, err) != RI_OK)
            return NULL;
    }
    return w->stored + (size_t)(j - w->from) * stride;
}

static ri_status decode_rows(const held_job *job, int64_t j, int64_t begin, int64_t rows, worker *w,
                             double *out, ri_error *err) {
    const ri_matrix *x = &job->columns->x;
    const bool read = x->stream && j < ri_matrix_features(x);
    const void *column = read ? read_feature(job, j, begin, rows, w, err) : ri_matrix_column(x, j);
    if (!column)
        return err->status;
    ri_kernel_get()->decode[ri_matrix_storage(x, j)](column, read ? 0 : begin, rows,
                                                     job->columns->shift[j], out);
    return RI_OK;
}

static ri_status decode_block(const held_job *job, int64_t begin, int64_t rows, worker *w,
                              ri_error *err) {
    w->from = w->to = 0;
    for (int64_t k = 0; k < job->size; k += 8) {
        int64_t width = job->size - k < 8 ? job->size - k : 8;
        for (int64_t a = 0; a < width; a++)
            RI_TRY(
                decode_rows(job, job->feature[k + a], begin, rows, w, w->decoded + a * rows, err));
        for (int64_t t = 0; t < rows; t++)
            for (int64_t a = 0; a < width; a++)
                w->block[t * job->stride + k + a] = w->decoded[t + a * rows];
    }
    return RI_OK;
}

/* The first of a walk's held-out rows that is not before `row`. */
static int64_t find_row(const ri_view *view, int64_t row) {
    const int32_t *held = view->row + view->train;
    int64_t low = 0, high = view->held;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (held[middle] < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Held-out rows [first, next), at most 8, of a block that begins at row `begin`. */
static void predict_panel(const held_job *job, const used *u, int64_t first, int64_t next,
                          int64_t begin, const worker *w) {
    const ri_walk *walk = u->walk;
    const int32_t *held = walk->view->row + walk->view->train;
    const double *row[ROWS];
    for (int64_t i = 0; i < ROWS; i++) /* rows that are not there repeat the last one */
        row[i] = w->block + (held[first + i < next ? first + i : next - 1] - begin) * job->stride;
    for (int64_t k = 0; k < u->count; k++) {
        double *to = w->panel + u->entry[k] * ROWS;
        const double center = u->center[k], scale = u->scale[k];
        for (int64_t i = 0; i < ROWS; i++)
            to[i] = (row[i][u->column[k]] - center) * scale;
    }
    for (int64_t q = 0; q < u->groups; q++) {
        double sum[ROWS * ALPHAS] = {0};
        ri_kernel_get()->outer(w->panel, 0, 1, u->b + u->begin[q] * ALPHAS,
                               u->begin[q + 1] - u->begin[q], sum);
        for (int64_t a = q * ALPHAS; a < (q + 1) * ALPHAS && a < walk->unpredicted; a++)
            for (int64_t i = first; i < next; i++)
                walk->done[a].prediction[i] += sum[i - first + ROWS * (a % ALPHAS)];
    }
}

static ri_status predict_block(const held_job *job, int64_t begin, worker *w, ri_error *err) {
    int64_t left = job->columns->x.n - begin, rows = left < job->rows ? left : job->rows;
    bool decoded = false;
    for (int64_t k = 0; k < job->walks; k++) {
        const used *u = &job->used[k];
        int64_t first = find_row(u->walk->view, begin),
                last = find_row(u->walk->view, begin + rows);
        if (first < last && !decoded) {
            RI_TRY(decode_block(job, begin, rows, w, err));
            decoded = true;
        }
        for (; first < last; first += ROWS)
            predict_panel(job, u, first, first + ROWS < last ? first + ROWS : last, begin, w);
    }
    return RI_OK;
}

static bool make_worker(const held_job *job, worker *w) {
    const ri_matrix *x = &job->columns->x;
    size_t rows = (size_t)job->rows, stored = ri_storage_bytes(x->storage, job->rows);
    *w = (worker){.decoded = ri_alloc(8 * rows, sizeof *w->decoded),
                  .block = ri_alloc(rows * (size_t)job->stride, sizeof *w->block),
                  .panel = ri_alloc((size_t)job->most * ROWS, sizeof *w->panel),
                  .stored = x->stream ? ri_alloc((size_t)job->width, stored) : NULL};
    return w->decoded && w->block && w->panel && (w->stored || !x->stream);
}

static void free_worker(worker *w) {
    free(w->decoded);
    free(w->block);
    free(w->panel);
    free(w->stored);
}

static ri_status predict(const held_job *job, int threads, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
    size_t bytes = 8 * (size_t)(job->rows * job->stride);
#pragma omp parallel num_threads(threads)
    {
        worker w;
        bool good = make_worker(job, &w);
#pragma omp for schedule(dynamic, 1)
        for (int64_t begin = 0; begin < job->columns->x.n; begin += job->rows) {
            ri_error own = {0};
            ri_status mine = good ? predict_block(job, begin, &w, &own) : fail(&own, bytes);
            ri_failure_note(&failure, begin, mine, &own);
        }
        free_worker(&w);
    }
    return ri_failure_tell(&failure, err);
}

/* Those of the first walks whose solutions are not too much together; their number is `*taken`. */
static ri_status predict_some(ri_walk *const *walk, int64_t count, int64_t *place, int threads,
                              int64_t *taken, double *bytes, ri_error *err) {
    const ri_columns *columns = walk[0]->view->columns;
    held_job job = {.columns = columns,
                    .used = ri_calloc((size_t)count, sizeof *job.used),
                    .feature = ri_alloc((size_t)columns->x.p, sizeof *job.feature)};
    ri_status status = RI_OK;
    double size = 0;
    if (!job.used || !job.feature)
        status = fail(err, 8 * (size_t)columns->x.p);
    for (; status == RI_OK && job.walks < count && size < SOLUTION_BYTES; job.walks++) {
        used *u = &job.used[job.walks];
        status = list_used(walk[job.walks], place, u, err);
        size += 8.0 * ALPHAS * (double)(u->begin ? u->begin[u->groups] : 0);
    }
    if (status == RI_OK) {
        list_columns(&job, place);
        size_blocks(&job, threads);
        status = predict(&job, threads, err);
        *bytes += (double)job.size * ri_matrix_column_bytes(&columns->x);
    }
    for (int64_t w = 0; job.used && w < job.walks; w++)
        free_used(&job.used[w]);
    *taken = job.walks;
    free(job.used);
    free(job.feature);
    return status;
}

ri_status ri_walks_predict(ri_walk *const *walk, int64_t count, int threads, double *bytes,
                           ri_error *err) {
    if (count == 0)
        return RI_OK;
    int64_t p = walk[0]->view->columns->x.p;
    int64_t *place = ri_alloc((size_t)p, sizeof *place);
    if (!place)
        return fail(err, 8 * (size_t)p);
    for (int64_t j = 0; j < p; j++)
        place[j] = -1;
    ri_status status = RI_OK;
    for (int64_t done = 0, taken; done < count && status == RI_OK; done += taken) {
        status = predict_some(walk + done, count - done, place, threads, &taken, bytes, err);
        for (int64_t w = 0; w < taken && status == RI_OK; w++)
            walk[done + w]->unpredicted = 0;
    }
    free(place);
    return status;
}
