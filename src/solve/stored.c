/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/stored.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/project.h"
#include "kernel/kernel.h"
#include "solve/candidates.h"

void ri_stored_free(ri_stored *a) {
    free(a->fit);
    free(a->r);
    free(a->residual);
    free(a->feature);
    free(a->block);
    ri_counts_free(&a->counts);
    *a = (ri_stored){0};
}

static int64_t row_count(const ri_candidates *c) {
    return c->view->columns->x.n;
}

static bool make_room(ri_candidates *c) {
    ri_stored *a = &c->stored;
    size_t n = (size_t)row_count(c), same[2] = {a->row_room, a->row_room};
    return ri_renew(&a->fit, &a->row_room, n, sizeof *a->fit) &&
           ri_renew(&a->r, &same[0], n, sizeof *a->r) &&
           ri_renew(&a->residual, &same[1], n, sizeof *a->residual) &&
           ri_renew(&a->feature, &a->feature_room, (size_t)c->size, sizeof *a->feature);
}

/* The listed columns; all where `list` is NULL. */
static ri_held columns_of(ri_candidates *c, const int64_t *list, int64_t count) {
    ri_stored *a = &c->stored;
    for (int64_t i = 0; list && i < count; i++)
        a->feature[i] = c->feature[list[i]];
    return (ri_held){c->view, c->pool, list ? a->feature : c->feature, count};
}

/* Squares of columns that are not of length sqrt(n) by their making. */
static void find_squares(ri_candidates *c) {
    const ri_view *view = c->view;
    ri_held held = columns_of(c, NULL, c->size);
    for (int64_t k = 0; k < c->size; k++) {
        ri_write_out(&held, k, c->scratch);
        c->square[k] = ri_kernel_get()->dot3(view->weight, c->scratch, c->scratch, row_count(c)) /
                       (double)c->train;
    }
}

static ri_status open(ri_candidates *c, ri_error *err) {
    const ri_columns *columns = c->view->columns;
    if (!make_room(c)) {
        ri_stored_free(&c->stored);
        return ri_fail_memory(err, "the candidate columns of a fit", 40ULL * (size_t)row_count(c));
    }
    memset(c->stored.residual, 0, (size_t)row_count(c) * sizeof *c->stored.residual);
    if (!columns->centered || !columns->standardized)
        find_squares(c);
    else
        for (int64_t k = 0; k < c->size; k++) {
            double stretch = c->view->stretch ? c->view->stretch[c->feature[k]] : 1;
            c->square[k] = stretch * stretch;
        }
    return RI_OK;
}

static void project(ri_candidates *c, const int64_t *list, int64_t count, const double *u,
                    double *out) {
    double *spread = c->stored.residual;
    for (int64_t t = 0; t < c->train; t++)
        spread[c->view->row[t]] = c->view->root[t] * u[t];
    ri_held held = columns_of(c, list, count);
    ri_project(&held, spread, row_count(c), 1, out, count);
}

static void shift(ri_candidates *c, int64_t from, int64_t to) {
    (void)c; /* features say which columns they are */
    (void)from;
    (void)to;
}

/* Residuals of the present fit; returns the length of their way over sqrt(n). */
static double follow_fit(ri_candidates *c) {
    ri_stored *a = &c->stored;
    double way = 0;
    for (int64_t t = 0; t < c->train; t++) {
        int32_t i = c->view->row[t];
        double root = c->view->root[t], r = c->y[t] - root * a->fit[i], d = r - a->r[t];
        way += d * d;
        a->r[t] = r;
        a->residual[i] = root * r;
    }
    return sqrt(way / (double)c->train);
}

static double move(ri_candidates *c, const int64_t *list, double *step, int64_t count) {
    ri_held held = columns_of(c, list, count);
    ri_superpose(&held, step, c->stored.fit);
    return follow_fit(c);
}

static void reset(ri_candidates *c, const int64_t *list, double *b, int64_t count) {
    memset(c->stored.fit, 0, (size_t)row_count(c) * sizeof *c->stored.fit);
    memset(c->stored.r, 0, (size_t)c->train * sizeof *c->stored.r);
    move(c, list, b, count);
}

static void gradient(ri_candidates *c, const int64_t *list, int64_t count, double *out) {
    ri_held held = columns_of(c, list, count);
    ri_project(&held, c->stored.residual, row_count(c), 1, out, count);
    for (int64_t i = 0; i < count; i++)
        out[i] /= (double)c->train;
}

/* Active columns from the first to the last that is no genotype; all, where an entering one is
 * none. False where there is nothing to multiply by floating point. */
static bool find_others(const ri_candidates *c, const ri_gram_block *want, int64_t *from,
                        int64_t *to) {
    const uint8_t *kind = c->view->columns->integer;
    bool all = !ri_counts_apply(c->view);
    for (int64_t k = 0; k < want->count; k++)
        all |= kind[c->feature[want->enter[k]]] != RI_GENOTYPES;
    *from = 0;
    *to = want->size;
    while (!all && *from < *to && kind[c->feature[want->active[*from]]] == RI_GENOTYPES)
        (*from)++;
    while (!all && *from < *to && kind[c->feature[want->active[*to - 1]]] == RI_GENOTYPES)
        (*to)--;
    return all || *from < *to;
}

/* Products by floating point: of entering columns with active ones in [from, to), and with each
 * other. */
static ri_status multiply(ri_candidates *c, const ri_gram_block *want, int64_t from, int64_t to,
                          ri_error *err) {
    ri_stored *a = &c->stored;
    int64_t n = row_count(c), apart = (n + 7) / 8 * 8;
    size_t room = (size_t)want->count * (size_t)apart;
    if (!ri_renew(&a->block, &a->block_room, room, sizeof *a->block))
        return ri_fail_memory(err, "entering features", 8ULL * room);
    ri_held entering = columns_of(c, want->enter, want->count);
    for (int64_t k = 0; k < want->count; k++) {
        double *z = a->block + k * apart;
        ri_write_out(&entering, k, z);
        for (int64_t i = 0; i < n; i++)
            z[i] *= c->view->weight[i];
    }
    ri_project(&entering, a->block, apart, want->count, want->own, want->count);
    ri_held active = columns_of(c, want->active + from, to - from);
    ri_project(&active, a->block, apart, want->count, want->cross + from, want->size);
    return RI_OK;
}

/* Those of genotypes with genotypes by whole numbers, whatever the others are. */
static ri_status count_genotypes(ri_candidates *c, const ri_gram_block *want, ri_error *err) {
    ri_stored *a = &c->stored;
    ri_held entering = columns_of(c, want->enter, want->count);
    /* there is room for both lists: no column enters that is active */
    ri_held active = {c->view, c->pool, a->feature + want->count, want->size};
    for (int64_t i = 0; i < want->size; i++)
        a->feature[want->count + i] = c->feature[want->active[i]];
    RI_TRY(ri_count_products(&a->counts, &entering, &entering, want->own, want->count, err));
    return ri_count_products(&a->counts, &active, &entering, want->cross, want->size, err);
}

static ri_status gram(ri_candidates *c, const ri_gram_block *want, ri_error *err) {
    int64_t from, to;
    if (find_others(c, want, &from, &to))
        RI_TRY(multiply(c, want, from, to, err));
    if (ri_counts_apply(c->view))
        RI_TRY(count_genotypes(c, want, err));
    double per_row = 1.0 / (double)c->train;
    for (int64_t i = 0; i < want->count * want->count; i++)
        want->own[i] *= per_row;
    for (int64_t i = 0; i < want->count * want->size; i++)
        want->cross[i] *= per_row;
    return RI_OK;
}

static void terms(ri_candidates *c, double *rr, double *ry) {
    ri_candidates_terms(c, c->stored.r, rr, ry);
}

static void predict(ri_candidates *c, const int64_t *list, const double *b, int64_t count,
                    double *prediction) {
    (void)list; /* the fit knows */
    (void)b;
    (void)count;
    const int32_t *row = c->view->row + c->train;
    for (int64_t t = 0; t < c->held; t++)
        prediction[t] += c->stored.fit[row[t]];
}

static void scatter(const ri_candidates *c, double *out) {
    memcpy(out, c->stored.residual, (size_t)row_count(c) * sizeof *out);
}

const ri_column_ops ri_stored_columns = {
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
