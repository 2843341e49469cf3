/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/gathered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/project.h"
#include "kernel/kernel.h"
#include "solve/candidates.h"

void ri_gathered_free(ri_gathered *a) {
    ri_pieces_free(&a->place);
    free(a->column);
    free(a->r);
    free(a->before);
    free(a->spread);
    free(a->feature);
    free(a->pointer);
    free(a->block);
    ri_coded_free(&a->coded);
    *a = (ri_gathered){0};
}

static int64_t row_count(const ri_candidates *c) {
    return c->view->columns->x.n;
}

static int64_t round_up(int64_t rows) {
    return (rows + 7) / 8 * 8;
}

/* The same for all fits of one X. */
static size_t place_bytes(int64_t n) {
    return (size_t)(round_up(n) + 8) * sizeof(double) + ri_coded_bytes(n);
}

bool ri_gathered_make_room(ri_candidates *c) {
    ri_gathered *a = &c->gathered;
    size_t rows = (size_t)c->train, n = (size_t)row_count(c), size = (size_t)c->size;
    size_t had = a->row_room, same[2] = {a->column_room, a->column_room};
    a->stride = round_up(c->train);
    ri_pieces_clear(&a->place, place_bytes(row_count(c)));
    bool good = ri_renew(&a->r, &a->row_room, rows, sizeof *a->r) &&
                ri_renew(&a->before, &had, rows, sizeof *a->before) &&
                ri_renew(&a->spread, &a->spread_room, n, sizeof *a->spread) &&
                ri_coded_make_room(&a->coded, c->size, c->train) &&
                ri_renew(&a->column, &a->column_room, size, sizeof *a->column) &&
                ri_renew(&a->feature, &same[0], size, sizeof *a->feature) &&
                ri_renew(&a->pointer, &same[1], size, sizeof *a->pointer);
    for (size_t k = 0; good && k < size; k++)
        a->column[k] = NULL;
    return good;
}

double *ri_gathered_take(ri_candidates *c, int64_t k) {
    ri_gathered *a = &c->gathered;
    double *z = ri_pieces_take(&a->place);
    if (!z)
        return NULL;
    a->column[k] = z;
    a->coded.code[k] = (uint8_t *)(z + a->stride + c->held);
    return z;
}

void ri_gathered_filled(ri_candidates *c, int64_t k, double *z) {
    for (int64_t t = c->train; t < c->gathered.stride; t++)
        z[t] = 0;
    c->square[k] = ri_kernel_get()->dot(z, z, c->train) / (double)c->train;
}

static ri_status fail(const ri_candidates *c, int64_t columns, ri_error *err) {
    return ri_fail_memory(err, "the columns of a fit", 8ULL * (size_t)(columns * c->train));
}

/* Squares of columns that are not of length sqrt(n) by their making are found by writing each. */
static ri_status find_squares(ri_candidates *c, ri_error *err) {
    const ri_columns *columns = c->view->columns;
    const bool known = columns->centered && columns->standardized;
    double *z = known ? NULL : ri_pieces_take(&c->gathered.place);
    if (!known && !z)
        return fail(c, 1, err);
    for (int64_t k = 0; k < c->size; k++) {
        if (known) {
            double stretch = c->view->stretch ? c->view->stretch[c->feature[k]] : 1;
            c->square[k] = stretch * stretch;
            continue;
        }
        ri_view_gather(c->view, c->feature[k], z, z + c->gathered.stride, c->scratch);
        ri_gathered_filled(c, k, z);
    }
    ri_pieces_clear(&c->gathered.place, place_bytes(row_count(c)));
    return RI_OK;
}

static ri_status open(ri_candidates *c, ri_error *err) {
    if (!ri_gathered_make_room(c)) {
        ri_gathered_free(&c->gathered);
        return fail(c, 1, err);
    }
    c->bytes += (double)c->size * ri_view_column_bytes(c->view);
    return find_squares(c, err);
}

static ri_status take(ri_candidates *c, const int64_t *list, int64_t count, ri_error *err) {
    ri_gathered *a = &c->gathered;
    for (int64_t i = 0; i < count; i++) {
        int64_t k = list[i];
        if (a->column[k])
            continue;
        double *z = ri_gathered_take(c, k);
        if (!z)
            return fail(c, count, err);
        ri_view_gather(c->view, c->feature[k], z, z + a->stride, c->scratch);
        ri_gathered_filled(c, k, z);
    }
    return RI_OK;
}

/* The listed columns, all where `list` is NULL, are among those taken. */
static bool all_taken(const ri_candidates *c, const int64_t *list, int64_t count) {
    bool taken = true;
    for (int64_t i = 0; taken && i < count; i++)
        taken = c->gathered.column[list ? list[i] : i] != NULL;
    return taken;
}

static void spread(const ri_candidates *c, const double *u, double *out) {
    const ri_view *view = c->view;
    memset(out, 0, (size_t)row_count(c) * sizeof *out);
    for (int64_t t = 0; t < c->train; t++)
        out[view->row[t]] = view->root[t] * u[t];
}

/* out[i] = z'u of columns as they are stored; u [train] */
static void project_stored(ri_candidates *c, const int64_t *feature, int64_t count, const double *u,
                           double *out) {
    int32_t *row = (int32_t *)(void *)c->scratch;
    spread(c, u, c->gathered.spread);
    ri_project_where_stored(c->view, feature, count, c->gathered.spread, row, out);
}

static void project(ri_candidates *c, const int64_t *list, int64_t count, const double *u,
                    double *out) {
    ri_gathered *a = &c->gathered;
    if (!all_taken(c, list, count)) {
        for (int64_t i = 0; list && i < count; i++)
            a->feature[i] = c->feature[list[i]];
        project_stored(c, list ? a->feature : c->feature, count, u, out);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        out[i] = ri_kernel_get()->dot(a->column[list ? list[i] : i], u, c->train);
}

static void shift(ri_candidates *c, int64_t from, int64_t to) {
    (void)c; /* nothing has been taken yet */
    (void)from;
    (void)to;
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

/* Of columns that are taken, all of them. */
static void gradient_of_taken(ri_candidates *c, const int64_t *list, int64_t count, double *out) {
    ri_gathered *a = &c->gathered;
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t from = 0, next; from < count; from = next) {
        if (take_run(a, list, count, from, &next))
            kernel->tabled_product(a->coded.chosen + from, next - from, a->r, c->train, out + from);
        else
            kernel->product(a->pointer + from, next - from, a->r, a->stride, 1, c->train,
                            out + from, next - from);
    }
}

static void gradient(ri_candidates *c, const int64_t *list, int64_t count, double *out) {
    if (all_taken(c, list, count))
        gradient_of_taken(c, list, count, out);
    else
        project(c, list, count, c->gathered.r, out);
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
    RI_TRY(take(c, want->enter, count, err));
    RI_TRY(take(c, want->active, size, err));
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
        a->pointer[i] = a->column[list[i]] + a->stride;
    ri_kernel_get()->axpy_many(a->pointer, b, count, prediction, c->held);
}

static void scatter(const ri_candidates *c, double *out) {
    spread(c, c->gathered.r, out);
}

const ri_column_ops ri_gathered_columns = {
    .open = open,
    .take = take,
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
