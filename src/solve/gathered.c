/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/gathered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/candidates.h"

void ri_gathered_free(ri_gathered *a) {
    free(a->z);
    free(a->z_held);
    free(a->column);
    free(a->r);
    free(a->before);
    free(a->pointer);
    free(a->block);
    ri_coded_free(&a->coded);
    *a = (ri_gathered){0};
}

bool ri_gathered_make_room(ri_candidates *c) {
    ri_gathered *a = &c->gathered;
    size_t rows = (size_t)c->train, had = a->row_room, size = (size_t)c->size;
    size_t held = size * (size_t)c->held, again = had;
    a->stride = (c->train + 7) / 8 * 8;
    bool good = ri_renew(&a->r, &a->row_room, rows, sizeof *a->r) &&
                ri_renew(&a->before, &again, rows, sizeof *a->before);
    had = again = a->column_room;
    return good && ri_coded_make_room(&a->coded, c->size, c->train) &&
           ri_renew(&a->column, &a->column_room, size, sizeof *a->column) &&
           ri_renew(&a->pointer, &again, size, sizeof *a->pointer) &&
           ri_renew(&a->z, &a->z_room, size * (size_t)a->stride, sizeof *a->z) &&
           ri_renew(&a->z_held, &a->held_room, held, sizeof *a->z_held);
}

static ri_status open(ri_candidates *c, ri_error *err) {
    ri_gathered *a = &c->gathered;
    if (!ri_gathered_make_room(c)) {
        ri_gathered_free(a);
        return ri_fail_memory(err, "the candidate columns of a fit",
                              8ULL * (size_t)c->size * (size_t)c->train);
    }
    c->bytes += (double)c->size * ri_view_column_bytes(c->view);
    for (int64_t k = 0; k < c->size; k++) {
        double *z = a->z + k * a->stride;
        ri_view_gather(c->view, c->feature[k], z, a->z_held + k * c->held, c->scratch);
        for (int64_t t = c->train; t < a->stride; t++)
            z[t] = 0;
        a->column[k] = z;
        c->square[k] = ri_kernel_get()->dot(z, z, c->train) / (double)c->train;
    }
    return RI_OK;
}

static void project(ri_candidates *c, const int64_t *list, int64_t count, const double *u,
                    double *out) {
    for (int64_t i = 0; i < count; i++)
        out[i] = ri_kernel_get()->dot(c->gathered.column[list ? list[i] : i], u, c->train);
}

static void shift(ri_candidates *c, int64_t from, int64_t to) {
    ri_gathered *a = &c->gathered;
    a->column[to] = a->column[from];
    if (c->held > 0)
        memmove(a->z_held + to * c->held, a->z_held + from * c->held,
                (size_t)c->held * sizeof *a->z_held);
}

/* Lists the columns list[from] .. list[next - 1], coded or not, that are of one kind with the
 * first; returns whether they are coded. */
static bool take_run(ri_gathered *a, const int64_t *list, int64_t count, int64_t from,
                     int64_t *next) {
    bool coded = ri_coded_use(&a->coded, list[from], a->column[list[from]]);
    for (int64_t i = from; i < count; i++) {
        int64_t k = list[i];
        if (i > from && ri_coded_use(&a->coded, k, a->column[k]) != coded) {
            *next = i;
            return coded;
        }
        a->pointer[i] = a->column[k];
        a->coded.chosen[i] = &a->coded.column[k];
    }
    *next = count;
    return coded;
}

/* r -= Z step for the listed columns; turns the signs of `step`. */
static void subtract(ri_candidates *c, const int64_t *list, double *step, int64_t count) {
    ri_gathered *a = &c->gathered;
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t i = 0; i < count; i++)
        step[i] = -step[i];
    for (int64_t from = 0, next; from < count; from = next) {
        if (take_run(a, list, count, from, &next))
            kernel->tabled_axpy(a->coded.chosen + from, step + from, next - from, a->r, c->train);
        else
            kernel->axpy_many(a->pointer + from, step + from, next - from, a->r, c->train);
    }
}

static void reset(ri_candidates *c, const int64_t *list, double *b, int64_t count) {
    memcpy(c->gathered.r, c->y, (size_t)c->train * sizeof *c->gathered.r);
    subtract(c, list, b, count);
}

static double move(ri_candidates *c, const int64_t *list, double *step, int64_t count) {
    ri_gathered *a = &c->gathered;
    memcpy(a->before, a->r, (size_t)c->train * sizeof *a->r);
    subtract(c, list, step, count);
    double way = 0;
    for (int64_t t = 0; t < c->train; t++) {
        double d = a->r[t] - a->before[t];
        way += d * d;
    }
    return sqrt(way / (double)c->train);
}

static void gradient(ri_candidates *c, const int64_t *list, int64_t count, double *out) {
    ri_gathered *a = &c->gathered;
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t from = 0, next; from < count; from = next) {
        if (take_run(a, list, count, from, &next))
            kernel->tabled_product(a->coded.chosen + from, next - from, a->r, c->train, out + from);
        else
            kernel->product(a->pointer + from, next - from, a->r, a->stride, 1, c->train,
                            out + from, next - from);
    }
    for (int64_t i = 0; i < count; i++)
        out[i] /= (double)c->train;
}

static ri_status gram(ri_candidates *c, const ri_gram_block *want, ri_error *err) {
    ri_gathered *a = &c->gathered;
    const ri_kernel *kernel = ri_kernel_get();
    int64_t count = want->count, size = want->size;
    size_t room = (size_t)count * (size_t)a->stride;
    if (!ri_renew(&a->block, &a->block_room, room, sizeof *a->block))
        return ri_fail_memory(err, "entering features", 8ULL * room);
    double per_row = 1.0 / (double)c->train;
    for (int64_t k = 0; k < count; k++)
        memcpy(a->block + k * a->stride, a->column[want->enter[k]],
               (size_t)a->stride * sizeof *a->block);
    for (int64_t i = 0; i < size; i++)
        a->pointer[i] = a->column[want->active[i]];
    kernel->product(a->pointer, size, a->block, a->stride, count, c->train, want->cross, size);
    for (int64_t i = 0; i < size * count; i++)
        want->cross[i] *= per_row;
    for (int64_t k = 0; k < count; k++)
        a->pointer[k] = a->column[want->enter[k]];
    kernel->product(a->pointer, count, a->block, a->stride, count, c->train, want->own, count);
    for (int64_t i = 0; i < count * count; i++)
        want->own[i] *= per_row;
    return RI_OK;
}

static void terms(ri_candidates *c, double *rr, double *ry) {
    ri_candidates_terms(c, c->gathered.r, rr, ry);
}

static void predict(ri_candidates *c, const int64_t *list, const double *b, int64_t count,
                    double *prediction) {
    ri_gathered *a = &c->gathered;
    for (int64_t i = 0; i < count; i++)
        a->pointer[i] = a->z_held + list[i] * c->held;
    ri_kernel_get()->axpy_many(a->pointer, b, count, prediction, c->held);
}

static void scatter(const ri_candidates *c, double *out) {
    const ri_view *view = c->view;
    memset(out, 0, (size_t)view->columns->x.n * sizeof *out);
    for (int64_t t = 0; t < c->train; t++)
        out[view->row[t]] = view->root[t] * c->gathered.r[t];
}

const ri_column_ops ri_gathered_columns = {
    .open = open,
    .project = project,
    .shift = shift,
    .reset = reset,
    .move = move,
    .gradient = gradient,
    .gram = gram,
    .terms = terms,
    .predict = predict,
    .scatter = scatter,
};
