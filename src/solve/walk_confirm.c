/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of rows of a few columns are decoded once for all windows; a residual loses its columns in
 * ascending order, whatever the blocks. */
#include "solve/walk_confirm.h"

#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/certify.h"

enum { COLUMNS = 64, ROWS = 512, LEAST_ROWS = 64 };

/* Back to the last certified solution; without memory for it from further on. */
static void drop_waiting(ri_walk *walk) {
    ri_support *support = &walk->support;
    const ri_solution *s = walk->next > 0 ? &walk->done[walk->next - 1] : NULL;
    size_t count = s ? (size_t)s->count : 0;
    for (int64_t a = 0; a < walk->waiting; a++)
        ri_solution_free(&walk->done[walk->waits_from + a]);
    walk->waiting = 0;
    walk->unpredicted = walk->unpredicted < walk->next ? walk->unpredicted : walk->next;
    if (!ri_grow(&support->feature, &support->capacity, count + 1, sizeof *support->feature) ||
        !ri_grow(&support->b, &support->b_capacity, count + 1, sizeof *support->b))
        return;
    ri_factor_clear(&support->factor);
    support->exact = false;
    support->size = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        support->feature[i] = s->feature[i];
        support->b[i] = s->b[i];
    }
}

bool ri_walk_recall(ri_walk *walk) {
    if (walk->recalled && walk->next != walk->waits_from)
        drop_waiting(walk);
    walk->recalled = walk->waiting > 0;
    walk->window = walk->waiting < RI_LOOK_AHEAD ? walk->waiting : RI_LOOK_AHEAD;
    for (int64_t t = 0; t < walk->window; t++) {
        walk->pending[t] = walk->done[walk->next + t];
        walk->done[walk->next + t] = (ri_solution){0};
    }
    walk->waiting -= walk->window;
    walk->waits_from += walk->window;
    return walk->window > 0;
}

/* The features that a window uses, and what each of its residuals loses per unit of d. */
typedef struct used {
    ri_walk *walk;
    int64_t *feature; /* [count] ascending */
    double *loss;     /* [count * window] of a residual one after another */
    double offset[RI_LOOK_AHEAD];
    int64_t count, at; /* at: the first that a scan has not met */
} used;

typedef struct residual_job {
    const ri_columns *columns;
    used *used; /* [walks] */
    int64_t walks, rows;
    int threads;
} residual_job;

static ri_status fail(ri_error *err, size_t bytes) {
    return ri_fail_memory(err, "the residuals of a fit", bytes);
}

/* `place` [p] holds -1, before and after. */
static ri_status list_used(ri_walk *walk, int64_t *place, used *u, ri_error *err) {
    const ri_view *view = walk->view;
    int64_t p = view->columns->x.p;
    u->walk = walk;
    for (int64_t t = 0; t < walk->window; t++)
        for (int64_t i = 0; i < walk->pending[t].count; i++) {
            u->count += place[walk->pending[t].feature[i]] < 0;
            place[walk->pending[t].feature[i]] = 0;
        }
    u->feature = ri_alloc((size_t)u->count, sizeof *u->feature);
    u->loss = ri_calloc((size_t)(u->count * walk->window), sizeof *u->loss);
    if (!u->feature || !u->loss)
        return fail(err, 8 * (size_t)(u->count * (walk->window + 1)));
    for (int64_t j = 0, k = 0; j < p; j++)
        if (place[j] == 0) {
            place[j] = k;
            u->feature[k++] = j;
        }
    for (int64_t t = 0; t < walk->window; t++) {
        const ri_solution *s = &walk->pending[t];
        for (int64_t i = 0; i < s->count; i++) {
            int64_t j = s->feature[i];
            double slope = s->b[i] * view->scale[j];
            u->loss[place[j] + t * u->count] = -slope;
            u->offset[t] += view->columns->centered ? slope * view->mean[j] : 0;
        }
    }
    for (int64_t k = 0; k < u->count; k++)
        place[u->feature[k]] = -1;
    return RI_OK;
}

/* Rows of the windows' responses, from which everything is subtracted. */
static void begin_rows(const residual_job *job, int64_t row, int64_t rows) {
    for (int64_t w = 0; w < job->walks; w++) {
        const ri_walk *walk = job->used[w].walk;
        for (int64_t t = 0; t < walk->window; t++)
            for (int64_t i = row; i < row + rows; i++)
                walk->residual[t * job->columns->x.n + i] = walk->response[i] - walk->y_mean;
    }
}

/* Rows of columns [from, to), at most COLUMNS; each walk's first of them is at[w]. */
static void subtract_block(const residual_job *job, const int64_t *at, int64_t from, int64_t to,
                           int64_t row, int64_t rows, double *decoded) {
    const ri_kernel *kernel = ri_kernel_get();
    const ri_matrix *x = &job->columns->x;
    const double *pointer[COLUMNS];
    bool ready[COLUMNS] = {false};
    for (int64_t w = 0; w < job->walks; w++) {
        const used *u = &job->used[w];
        int64_t count = 0;
        for (int64_t k = at[w]; k < u->count && u->feature[k] < to; k++) {
            int64_t j = u->feature[k];
            double *d = decoded + (j - from) * rows;
            if (!ready[j - from])
                kernel->decode[ri_matrix_storage(x, j)](ri_matrix_column(x, j), row, rows,
                                                        job->columns->shift[j], d);
            ready[j - from] = true;
            pointer[count++] = d;
        }
        if (count > 0)
            kernel->update(pointer, count, u->loss + at[w], u->count, u->walk->residual + row, x->n,
                           u->walk->window, rows);
    }
}

/* All rows lose columns [from, to), threads over blocks of rows. */
static ri_status subtract_columns(void *context, int64_t from, int64_t to, ri_error *err) {
    const residual_job *job = context;
    const int64_t n = job->columns->x.n;
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel num_threads(job->threads)
    {
        double *decoded = ri_alloc((size_t)(COLUMNS * job->rows), sizeof *decoded);
        int64_t *at = ri_alloc((size_t)job->walks, sizeof *at);
        ri_error own = {0};
        if (!decoded || !at)
            ri_failure_note(&failure, 0, fail(&own, (size_t)(8 * COLUMNS * job->rows)), &own);
#pragma omp for schedule(dynamic, 1)
        for (int64_t row = 0; row < n; row += job->rows) {
            int64_t rows = n - row < job->rows ? n - row : job->rows;
            for (int64_t w = 0; at && w < job->walks; w++)
                at[w] = job->used[w].at;
            for (int64_t j = from; decoded && at && j < to; j += COLUMNS) {
                int64_t next = to - j < COLUMNS ? to : j + COLUMNS;
                subtract_block(job, at, j, next, row, rows, decoded);
                for (int64_t w = 0; w < job->walks; w++)
                    while (at[w] < job->used[w].count && job->used[w].feature[at[w]] < next)
                        at[w]++;
            }
        }
        free(decoded);
        free(at);
    }
    for (int64_t w = 0; w < job->walks; w++)
        while (job->used[w].at < job->used[w].count && job->used[w].feature[job->used[w].at] < to)
            job->used[w].at++;
    return ri_failure_tell(&failure, err);
}

/* Weights the training rows of a window, clears the others, and sets the terms of the gap. */
static ri_status finish(const used *u, ri_error *err) {
    const ri_kernel *kernel = ri_kernel_get();
    ri_walk *walk = u->walk;
    const ri_view *view = walk->view;
    int64_t n = view->columns->x.n;
    double *r = ri_alloc((size_t)view->train, sizeof *r);
    if (!r)
        return fail(err, 8 * (size_t)view->train);
    for (int64_t t = 0; t < walk->window; t++) {
        double *out = walk->residual + t * n, train = (double)view->train;
        ri_solution *s = &walk->pending[t];
        for (int64_t i = 0; i < view->train; i++)
            r[i] = view->root[i] * (out[view->row[i]] + u->offset[t]);
        memset(out, 0, (size_t)n * sizeof *out);
        for (int64_t i = 0; i < view->train; i++)
            out[view->row[i]] = view->root[i] * r[i];
        s->rr = kernel->dot(r, r, view->train) / train;
        s->ry = kernel->dot(r, walk->y, view->train) / train;
        s->loss = 0.5 * s->rr;
    }
    free(r);
    return RI_OK;
}

static ri_status compute(residual_job *job, double *bytes, ri_error *err) {
    const ri_matrix *x = &job->columns->x;
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(static) num_threads(job->threads)
    for (int64_t row = 0; row < x->n; row += job->rows)
        begin_rows(job, row, x->n - row < job->rows ? x->n - row : job->rows);
    RI_TRY(ri_matrix_scan(x, 0, ri_matrix_features(x), subtract_columns, job, bytes, err));
    if (x->extras > 0)
        RI_TRY(subtract_columns(job, ri_matrix_features(x), x->p, err));
#pragma omp parallel for schedule(dynamic, 1) num_threads(job->threads)
    for (int64_t w = 0; w < job->walks; w++) {
        ri_error own = {0};
        ri_status mine = finish(&job->used[w], &own);
        ri_failure_note(&failure, w, mine, &own);
    }
    return ri_failure_tell(&failure, err);
}

ri_status ri_walks_residuals(ri_walk *const *walk, int64_t count, int threads, double *bytes,
                             ri_error *err) {
    if (count == 0)
        return RI_OK;
    const ri_columns *columns = walk[0]->view->columns;
    size_t p = (size_t)columns->x.p;
    int64_t rows = columns->x.n / (4 * threads) / 8 * 8;
    residual_job job = {.columns = columns,
                        .used = ri_calloc((size_t)count, sizeof *job.used),
                        .walks = count,
                        .rows = rows < LEAST_ROWS ? LEAST_ROWS
                                : rows > ROWS     ? ROWS
                                                  : rows,
                        .threads = threads};
    int64_t *place = ri_alloc(p, sizeof *place);
    ri_status status = job.used && place ? RI_OK : fail(err, 8 * p);
    for (size_t j = 0; status == RI_OK && j < p; j++)
        place[j] = -1;
    for (int64_t w = 0; w < count && status == RI_OK; w++)
        status = list_used(walk[w], place, &job.used[w], err);
    if (status == RI_OK)
        status = compute(&job, bytes, err);
    for (int64_t w = 0; job.used && w < count; w++) {
        free(job.used[w].feature);
        free(job.used[w].loss);
    }
    free(job.used);
    free(place);
    return status;
}
