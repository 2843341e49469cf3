/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/moments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/candidates.h"

/* Columns of a product that are added up before they meet the gradient: short sums round less. */
enum { GROUP = 64 };
static const double UNIT_ROUNDOFF = 1.2e-16;

void ri_moments_free(ri_moments *a) {
    free(a->matrix);
    free(a->c);
    free(a->g);
    free(a->part);
    free(a->pointer);
    *a = (ri_moments){0};
}

static bool make_room(ri_moments *a, int64_t size) {
    a->stride = (size + 7) / 8 * 8;
    size_t count = (size_t)a->stride, had = a->column_room, again[3] = {had, had, had};
    return ri_renew(&a->c, &a->column_room, count, sizeof *a->c) &&
           ri_renew(&a->g, &again[0], count, sizeof *a->g) &&
           ri_renew(&a->part, &again[1], count, sizeof *a->part) &&
           ri_renew(&a->pointer, &again[2], count, sizeof *a->pointer) &&
           ri_renew(&a->matrix, &a->room, count * count, sizeof *a->matrix);
}

static ri_status open(ri_candidates *c, ri_error *err) {
    ri_moments *a = &c->moments;
    if (!make_room(a, c->size)) {
        ri_moments_free(a);
        return ri_fail_memory(err, "the Gram matrix of a fit",
                              8ULL * (size_t)c->size * (size_t)c->size);
    }
    RI_TRY(ri_gram_standardize(a->source, c->view, a->group, c->feature, c->size, a->matrix,
                               a->stride, &a->known, &c->bytes, err));
    memcpy(a->c, a->start, (size_t)c->size * sizeof *a->c);
    for (int64_t k = 0; k < c->size; k++)
        c->square[k] = a->matrix[k + k * a->stride];
    a->yy = ri_kernel_get()->dot(c->y, c->y, c->train) / (double)c->train;
    return RI_OK;
}

/* Equal columns have equal rows of the matrix: their sums with random weights are as good as any
 * projection. */
static void project(ri_candidates *c, const int64_t *list, int64_t count, const double *u,
                    double *out) {
    ri_moments *a = &c->moments;
    for (int64_t k = 0; k < c->size; k++)
        a->part[k] = u[k % c->train] / sqrt(c->square[k]);
    for (int64_t i = 0; i < count; i++)
        out[i] =
            ri_kernel_get()->dot(a->matrix + (list ? list[i] : i) * a->stride, a->part, c->size);
}

static void shift(ri_candidates *c, int64_t from, int64_t to) {
    ri_moments *a = &c->moments;
    if (from == to)
        return;
    memcpy(a->matrix + to * a->stride, a->matrix + from * a->stride,
           (size_t)c->size * sizeof *a->matrix);
    for (int64_t k = 0; k < c->size; k++)
        a->matrix[to + k * a->stride] = a->matrix[from + k * a->stride];
    a->c[to] = a->c[from];
}

/* g -= G step; returns the sum of |step| sqrt(square). */
static double subtract(ri_candidates *c, const int64_t *list, const double *step, int64_t count) {
    ri_moments *a = &c->moments;
    const ri_kernel *kernel = ri_kernel_get();
    double length = 0;
    for (int64_t i = 0; i < count; i++) {
        a->pointer[i] = a->matrix + list[i] * a->stride;
        length += fabs(step[i]) * sqrt(c->square[list[i]]);
    }
    for (int64_t from = 0; from < count; from += GROUP) {
        memset(a->part, 0, (size_t)c->size * sizeof *a->part);
        kernel->axpy_many(a->pointer + from, step + from,
                          count - from < GROUP ? count - from : GROUP, a->part, c->size);
        kernel->axpy(-1, a->part, a->g, c->size);
    }
    double sums = GROUP + 4 + (double)count / GROUP;
    a->drift += UNIT_ROUNDOFF * (sums * length + 2 * sqrt(a->yy));
    return length;
}

static void reset(ri_candidates *c, const int64_t *list, double *b, int64_t count) {
    ri_moments *a = &c->moments;
    memcpy(a->g, a->c, (size_t)c->size * sizeof *a->g);
    a->drift = 0;
    subtract(c, list, b, count);
}

/* |Z step|^2 / n = step'G step is what the listed gradients lose. */
static double move(ri_candidates *c, const int64_t *list, double *step, int64_t count) {
    ri_moments *a = &c->moments;
    double way = 0;
    for (int64_t i = 0; i < count; i++)
        way += step[i] * a->g[list[i]];
    double length = subtract(c, list, step, count);
    for (int64_t i = 0; i < count; i++)
        way -= step[i] * a->g[list[i]];
    /* what cancellation may have taken away */
    way = fmax(way, 0) + length * (length * a->known.matrix + 2 * a->drift);
    return sqrt(way);
}

static void gradient(ri_candidates *c, const int64_t *list, int64_t count, double *out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = c->moments.g[list[i]];
}

static ri_status gram(ri_candidates *c, const ri_gram_block *want, ri_error *err) {
    const ri_moments *a = &c->moments;
    (void)err;
    for (int64_t k = 0; k < want->count; k++) {
        const double *column = a->matrix + want->enter[k] * a->stride;
        for (int64_t i = 0; i < want->size; i++)
            want->cross[i + k * want->size] = column[want->active[i]];
        for (int64_t i = 0; i < want->count; i++)
            want->own[i + k * want->count] = column[want->enter[i]];
    }
    return RI_OK;
}

static void terms(ri_candidates *c, double *rr, double *ry) {
    const ri_kernel *kernel = ri_kernel_get();
    const ri_moments *a = &c->moments;
    *ry = a->yy - kernel->dot(c->b, a->c, c->size);
    *rr = fmax(*ry - kernel->dot(c->b, a->g, c->size), 0);
}

const ri_column_ops ri_moment_columns = {
    .open = open,
    .project = project,
    .shift = shift,
    .reset = reset,
    .move = move,
    .gradient = gradient,
    .gram = gram,
    .terms = terms,
};
