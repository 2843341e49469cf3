/* SPDX-License-Identifier: BSD-3-Clause
 * Before a pass: which residuals all of X is multiplied by, as they are or rounded, and where the
 * others lie between them. */
#include "design/pass_job.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/joint.h"
#include "kernel/kernel.h"

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

/* Which residuals of a request all of X is multiplied by, and where the others lie. */
static void open_window(const ri_pass_job *job, const ri_request *request, ri_pass_window *own) {
    const ri_columns *columns = job->columns;
    const ri_view *view = request->view;
    int64_t n = columns->x.n, last = request->count - 1;
    const double *at_last = request->residual + last * n;
    *own = (ri_pass_window){.least_floor = INFINITY};
    for (int64_t t = 0; t <= last; t++)
        own->sum[t] = ri_kernel_get()->sum(request->residual + t * n, n);
    if (!request->known || !columns->centered || !columns->standardized || view->stretch)
        return;
    double known_off = 0, last_off = 0; /* of the gradients that are known */
    if (ri_coarse_apply(columns)) {
        known_off = ri_coarse_round(view, request->known, false, NULL, NULL).off;
        last_off = job->coarse ? ri_coarse_round(view, at_last, false, NULL, NULL).off : 0;
    }
    for (; own->near < last && request->answer[own->near].floor > 0; own->near++) {
        const double *v = request->residual + own->near * n;
        ri_between *at = &own->between[own->near];
        *at = ri_between_find(view, v, request->known, at_last);
        at->rest += fabs(at->known) * known_off + fabs(at->last) * last_off;
        own->most_known = fmax(own->most_known, fabs(at->known) * (1 + 1e-6));
        own->most_last = fmax(own->most_last, fabs(at->last));
        own->most_rest = fmax(own->most_rest, at->rest);
        own->least_floor = fmin(own->least_floor, request->answer[own->near].floor);
    }
}

/* Coarse products would spare nothing where every feature is kept; and where other processes help
 * with a single fit, they do more. */
static bool is_coarse(const ri_pass_job *job) {
    const bool helped = job->columns->joint && job->count == 1 && job->request[0].known;
    bool coarse = !job->view && !helped && ri_coarse_apply(job->columns);
    for (int64_t q = 0; q < job->count; q++) {
        coarse = coarse && !job->request[q].view->stretch;
        for (int64_t t = 0; t < job->request[q].count; t++)
            coarse = coarse && job->request[q].answer[t].floor > 0;
    }
    return coarse;
}

/* Vectors of which a feature is asked for only where it is close to parallel to them. */
static bool is_high(const ri_pass_job *job) {
    bool high = job->coarse;
    for (int64_t q = 0; high && q < job->count; q++) {
        const ri_request *request = &job->request[q];
        high = request->once && !request->known;
        for (int64_t t = 0; high && t < request->count; t++)
            high = ri_coarse_high(request->view, request->residual + t * job->columns->x.n,
                                  request->answer[t].floor);
    }
    return high;
}

static bool open_windows(ri_pass_job *job, int threads) {
    job->window = ri_calloc((size_t)job->count, sizeof *job->window);
    if (!job->window)
        return false;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t q = 0; q < job->count; q++)
        open_window(job, &job->request[q], &job->window[q]);
    for (int64_t q = 0; q < job->count; q++) {
        job->window[q].vector = job->vectors;
        job->request[q].multiplied = job->request[q].count - job->window[q].near;
        job->vectors += job->request[q].multiplied;
    }
    return true;
}

static bool make_room_to_round(ri_pass_job *job) {
    const size_t vectors = (size_t)job->vectors;
    job->rounding = ri_calloc(vectors, sizeof *job->rounding);
    job->digit = ri_calloc(vectors, (size_t)ri_digit_bytes(job->columns->x.n));
    return job->rounding && job->digit;
}

static bool prepare_vectors(ri_pass_job *job) {
    int64_t n = job->columns->x.n;
    if (job->coarse && !make_room_to_round(job))
        return false;
    job->vector = ri_calloc((size_t)job->stride * (size_t)job->vectors, sizeof(double));
    job->sum = ri_alloc((size_t)job->vectors, sizeof(double));
    if (!job->vector || !job->sum)
        return false;
    for (int64_t q = 0, b = 0; q < job->count; q++) {
        ri_request *request = &job->request[q];
        for (int64_t t = 0; t < request->count; t++) {
            request->answer[t].count = 0;
            request->answer[t].entry = NULL;
            if (t < job->window[q].near)
                continue;
            const double *v = request->residual + t * n;
            double *to = job->vector + b * job->stride;
            if (job->coarse)
                job->rounding[b] = ri_coarse_round(request->view, v, job->high, to,
                                                   job->digit + b * ri_digit_bytes(n));
            else
                memcpy(to, v, (size_t)n * sizeof *v);
            job->sum[b++] = ri_kernel_get()->sum(to, n);
        }
    }
    return true;
}

bool ri_pass_prepare(ri_pass_job *job, int threads) {
    int64_t n = job->columns->x.n;
    job->stride = (n + 7) / 8 * 8;
    job->coarse = is_coarse(job);
    job->high = is_high(job);
    if (!open_windows(job, threads) || !prepare_vectors(job))
        return false;
    bool some_missing = anything_missing(job->columns);
    if (some_missing && !(job->transposed = transpose(job->vector, job->stride, job->vectors, n)))
        return false;
    if (!job->view)
        return true;
    job->weight = ri_calloc((size_t)job->stride * (size_t)job->count, sizeof(double));
    if (!job->weight)
        return false;
    for (int64_t b = 0; b < job->count; b++)
        memcpy(job->weight + b * job->stride, job->view[b].weight, (size_t)n * sizeof(double));
    if (some_missing)
        job->weight_transposed = transpose(job->weight, job->stride, job->count, n);
    return !some_missing || job->weight_transposed;
}

void ri_pass_discard(ri_pass_job *job) {
    free(job->window);
    free(job->vector);
    free(job->transposed);
    free(job->sum);
    free(job->rounding);
    free(job->digit);
    free(job->weight);
    free(job->weight_transposed);
}
