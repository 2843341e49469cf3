/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "design/pass.h"
#include "kernel/kernel.h"

/* A residual that is not orthogonal to the unpenalised columns is no dual point: what the gap may
 * be off by is counted this many times, so that it has to be far below the target. */
static const double LOOSE_WEIGHT = 1e3;

void ri_candidates_free(ri_candidates *c) {
    free(c->z);
    free(c->z_held);
    free(c->column);
    free(c->feature);
    free(c->penalty);
    free(c->square);
    free(c->b);
    free(c->r);
    free(c->g);
    free(c->travel);
    free(c->scratch);
    free(c->row_scratch);
    free(c->pointer);
    free(c->value);
    free(c->list);
    *c = (ri_candidates){0};
}

/* A block of at least `needed` elements; old contents are not kept. */
static bool room(void *block, size_t *capacity, size_t needed, size_t size) {
    if (needed <= *capacity)
        return true;
    void *old;
    memcpy(&old, block, sizeof old);
    free(old);
    void *fresh = ri_alloc(needed + needed / 16, size);
    memcpy(block, &fresh, sizeof fresh);
    *capacity = fresh ? needed + needed / 16 : 0;
    return fresh != NULL;
}

static bool column_room(ri_candidates *c, size_t count) {
    if (count <= c->capacity)
        return true;
    size_t capacity[9] = {0};
    c->capacity = 0;
    if (!room(&c->column, &capacity[0], count, sizeof *c->column) ||
        !room(&c->feature, &capacity[1], count, sizeof *c->feature) ||
        !room(&c->penalty, &capacity[2], count, sizeof *c->penalty) ||
        !room(&c->square, &capacity[3], count, sizeof *c->square) ||
        !room(&c->b, &capacity[4], count, sizeof *c->b) ||
        !room(&c->g, &capacity[5], count, sizeof *c->g) ||
        !room(&c->travel, &capacity[6], count, sizeof *c->travel) ||
        !room(&c->pointer, &capacity[7], count, sizeof *c->pointer) ||
        !room(&c->value, &capacity[8], count, sizeof *c->value))
        return false;
    size_t list = 0;
    if (!room(&c->list, &list, count, sizeof *c->list))
        return false;
    c->capacity = capacity[0];
    return true;
}

static bool make_room(ri_candidates *c, const ri_view *view, int64_t count) {
    size_t rows = (size_t)(view->train + view->held + view->columns->x.n) + 64, had = c->row_room;
    c->stride = (view->train + 7) / 8 * 8;
    size_t again = had;
    if (!room(&c->r, &c->row_room, rows, sizeof *c->r) ||
        !room(&c->row_scratch, &again, rows, sizeof *c->row_scratch))
        return false;
    again = had;
    if (rows > again) {
        free(c->scratch);
        c->scratch = ri_alloc(ri_scratch_doubles((int64_t)c->row_room), sizeof(double));
    }
    return c->scratch && column_room(c, (size_t)count + 1) &&
           room(&c->z, &c->z_room, (size_t)count * (size_t)c->stride, sizeof *c->z) &&
           room(&c->z_held, &c->held_room, (size_t)(count * view->held), sizeof *c->z_held);
}

/* A fixed random projection: equal or mirrored columns have the same size of it. */
static double signature(const ri_candidates *c, const double *z) {
    return fabs(ri_kernel_get()->dot(z, c->row_scratch, c->train));
}

typedef struct signed_column {
    double size;
    int64_t local;
} signed_column;

static int compare_size(const void *a, const void *b) {
    const signed_column *left = a, *right = b;
    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return (left->local > right->local) - (left->local < right->local);
}

/* Of equal columns a and b: the one that stays. */
static int64_t winner(const ri_candidates *c, int64_t a, int64_t b) {
    if (c->penalty[a] != c->penalty[b])
        return c->penalty[a] < c->penalty[b] ? a : b;
    return a < b ? a : b;
}

/* Marks losers of equal columns in `gone` by comparing neighbours in the order of signatures. */
static void mark_twins(ri_candidates *c, signed_column *order, bool *gone) {
    for (int64_t t = 0; t < c->train; t++)
        c->row_scratch[t] = ri_random_uniform(1, RI_STREAM_TWIN, (uint64_t)c->view->row[t]) - 0.5;
    for (int64_t k = 0; k < c->size; k++)
        order[k] = (signed_column){signature(c, c->column[k]), k};
    qsort(order, (size_t)c->size, sizeof *order, compare_size);
    double tolerance = 1e-9 * sqrt((double)c->train);
    for (int64_t i = 0; i < c->size; i++) {
        int64_t a = order[i].local;
        for (int64_t j = i + 1; !gone[a] && j < c->size; j++) {
            int64_t b = order[j].local;
            if (order[j].size - order[i].size > tolerance * sqrt(c->square[a]))
                break;
            if (gone[b] || c->penalty[a] == 0 || c->penalty[b] == 0)
                continue;
            c->bytes += 2 * ri_view_column_bytes(c->view);
            if (!ri_view_equal(c->view, c->feature[a], c->feature[b], !c->positive, c->scratch))
                continue;
            gone[winner(c, a, b) == a ? b : a] = true;
        }
    }
}

static ri_status merge_twins(ri_candidates *c, uint8_t *twin, ri_error *err) {
    signed_column *order = ri_alloc((size_t)c->size, sizeof *order);
    bool *gone = ri_calloc((size_t)c->size, sizeof *gone);
    if (!order || !gone) {
        free(order);
        free(gone);
        return ri_fail_memory(err, "the search for equal columns", 17ULL * (size_t)c->size);
    }
    mark_twins(c, order, gone);
    int64_t kept = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (gone[k]) {
            twin[c->feature[k]] = 1;
            continue;
        }
        c->column[kept] = c->column[k];
        c->feature[kept] = c->feature[k];
        c->penalty[kept] = c->penalty[k];
        c->square[kept] = c->square[k];
        if (kept != k && c->held > 0)
            memmove(c->z_held + kept * c->held, c->z_held + k * c->held,
                    (size_t)c->held * sizeof(double));
        kept++;
    }
    c->size = kept;
    free(order);
    free(gone);
    return RI_OK;
}

ri_status ri_candidates_fill(ri_candidates *c, const ri_view *view, bool positive, uint8_t *twin,
                             const double *y, double null_loss, const int64_t *feature,
                             int64_t count, ri_error *err) {
    if (!make_room(c, view, count))
        return ri_fail_memory(err, "the candidate columns of a fit",
                              8ULL * (size_t)count * (size_t)c->stride);
    c->view = view;
    c->train = view->train;
    c->held = view->held;
    c->positive = positive;
    c->y = y;
    c->null_loss = null_loss;
    c->size = count;
    c->bytes += (double)count * ri_view_column_bytes(view);
    for (int64_t k = 0; k < count; k++) {
        double *z = c->z + k * c->stride;
        ri_view_gather(view, feature[k], z, c->z_held + k * c->held, c->scratch);
        for (int64_t t = c->train; t < c->stride; t++)
            z[t] = 0;
        c->column[k] = z;
        c->feature[k] = feature[k];
        c->penalty[k] = ri_penalty(view->columns, feature[k]);
        c->square[k] = ri_kernel_get()->dot(z, z, c->train) / (double)c->train;
    }
    if (twin && count > 1)
        RI_TRY(merge_twins(c, twin, err));
    memset(c->b, 0, (size_t)c->size * sizeof *c->b);
    ri_candidates_residual(c);
    return RI_OK;
}

int64_t ri_candidates_find(const ri_candidates *c, int64_t feature) {
    int64_t low = 0, high = c->size;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (c->feature[middle] < feature)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->size && c->feature[low] == feature ? low : -1;
}

void ri_candidates_residual(ri_candidates *c) {
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0) {
            c->pointer[count] = c->column[k];
            c->value[count++] = -c->b[k];
        }
    memcpy(c->r, c->y, (size_t)c->train * sizeof *c->r);
    ri_kernel_get()->axpy_many(c->pointer, c->value, count, c->r, c->train);
    c->travelled = 0;
    for (int64_t k = 0; k < c->size; k++) {
        c->g[k] = INFINITY;
        c->travel[k] = -1;
    }
}

void ri_candidates_move(ri_candidates *c, const int64_t *list, const double *step, int64_t count) {
    int64_t used = 0;
    for (int64_t i = 0; i < count; i++) {
        if (step[i] == 0)
            continue;
        c->pointer[used] = c->column[list[i]];
        c->value[used++] = -step[i];
        c->b[list[i]] += step[i];
    }
    if (used == 0)
        return;
    memcpy(c->row_scratch, c->r, (size_t)c->train * sizeof *c->r);
    ri_kernel_get()->axpy_many(c->pointer, c->value, used, c->r, c->train);
    double way = 0;
    for (int64_t t = 0; t < c->train; t++) {
        double d = c->r[t] - c->row_scratch[t];
        way += d * d;
    }
    c->travelled += sqrt(way / (double)c->train) * (1 + 1e-12);
}

void ri_candidates_gradient(ri_candidates *c, double l1, const bool *keep) {
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (c->travel[k] == c->travelled)
            continue;
        bool needed = c->b[k] != 0 || c->penalty[k] == 0 || (keep && keep[k]);
        if (!needed) {
            double way = c->travelled - c->travel[k];
            needed = fabs(c->g[k]) + sqrt(c->square[k]) * way >= l1 * c->penalty[k] * (1 - 1e-9);
        }
        if (needed) {
            c->list[count] = k;
            c->pointer[count++] = c->column[k];
        }
    }
    ri_kernel_get()->product(c->pointer, count, c->r, c->stride, 1, c->train, c->value,
                             (int64_t)c->capacity);
    for (int64_t i = 0; i < count; i++) {
        int64_t k = c->list[i];
        c->g[k] = c->value[i] / (double)c->train;
        c->travel[k] = c->travelled;
    }
}

double ri_duality_gap(const ri_gap_terms *t, double l1, double l2, double null_loss) {
    if (!(null_loss > 0))
        return 0;
    double primal = 0.5 * t->rr + l1 * t->norm1 + 0.5 * l2 * t->norm2, dual;
    if (l1 > 0) {
        double square = t->rr + l2 * t->norm2;
        double scale = square > 0 ? t->ry / square : 0;
        if (scale * t->ratio > 1)
            scale = 1 / t->ratio;
        scale = fmax(scale, 0);
        dual = scale * t->ry - 0.5 * scale * scale * square;
    } else {
        dual = t->ry - 0.5 * t->rr - (l2 > 0 ? 0.5 * t->conjugate / l2 : 0);
    }
    return fmax(primal - dual, 0) / null_loss;
}

/* Without any penalty: the largest normal equation relative to the null model. */
static double normal_equations(const ri_candidates *c) {
    double largest = 0;
    for (int64_t k = 0; k < c->size; k++) {
        bool held_at_zero = c->positive && c->penalty[k] > 0 && c->b[k] == 0;
        largest = fmax(largest, held_at_zero ? c->g[k] : fabs(c->g[k]));
    }
    return c->null_loss > 0 ? largest / sqrt(2 * c->null_loss) : 0;
}

double ri_candidates_gap(const ri_candidates *c, const ri_point *point) {
    if (point->l1 == 0 && point->l2 == 0)
        return normal_equations(c);
    ri_gap_terms terms = {0};
    double loose = 0;
    for (int64_t k = 0; k < c->size; k++) {
        double f = c->penalty[k], g = c->g[k];
        if (f == 0) {
            loose += fabs(g * c->b[k]);
            continue;
        }
        terms.norm1 += f * fabs(c->b[k]);
        terms.norm2 += f * c->b[k] * c->b[k];
        if (c->travel[k] != c->travelled) {
            terms.ratio = fmax(terms.ratio, 1); /* all that is known: below the threshold */
            continue;
        }
        g -= point->l2 * f * c->b[k];
        g = c->positive ? g : fabs(g);
        if (point->l1 > 0)
            terms.ratio = fmax(terms.ratio, g / (point->l1 * f));
        else
            terms.conjugate += (c->g[k] > 0 || !c->positive) ? c->g[k] * c->g[k] / f : 0;
    }
    const ri_kernel *kernel = ri_kernel_get();
    terms.rr = kernel->dot(c->r, c->r, c->train) / (double)c->train;
    terms.ry = kernel->dot(c->r, c->y, c->train) / (double)c->train;
    double gap = ri_duality_gap(&terms, point->l1, point->l2, c->null_loss);
    return c->null_loss > 0 ? gap + LOOSE_WEIGHT * loose / c->null_loss : gap;
}
