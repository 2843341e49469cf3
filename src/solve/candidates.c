/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/pass.h"
#include "solve/twins.h"

/* A residual that is not orthogonal to the unpenalised columns is no dual point: what the gap may
 * be off by is counted this many times, so that it has to be far below the target. */
static const double LOOSE_WEIGHT = 1e3;

static const double UNIT_ROUNDOFF = 1.2e-16; /* 2^-53, and something for the square of it */

void ri_candidates_free(ri_candidates *c) {
    free(c->feature);
    free(c->penalty);
    free(c->square);
    free(c->b);
    free(c->g);
    free(c->travel);
    free(c->scratch);
    free(c->value);
    free(c->list);
    ri_gathered_free(&c->gathered);
    ri_stored_free(&c->stored);
    ri_moments_free(&c->moments);
    *c = (ri_candidates){0};
}

static bool make_room(ri_candidates *c, int64_t n, int64_t count) {
    size_t need = (size_t)count + 1, had = c->capacity;
    size_t same[7] = {had, had, had, had, had, had, had};
    return ri_renew(&c->feature, &c->capacity, need, sizeof *c->feature) &&
           ri_renew(&c->penalty, &same[0], need, sizeof *c->penalty) &&
           ri_renew(&c->square, &same[1], need, sizeof *c->square) &&
           ri_renew(&c->b, &same[2], need, sizeof *c->b) &&
           ri_renew(&c->g, &same[3], need, sizeof *c->g) &&
           ri_renew(&c->travel, &same[4], need, sizeof *c->travel) &&
           ri_renew(&c->value, &same[5], need, sizeof *c->value) &&
           ri_renew(&c->list, &same[6], need, sizeof *c->list) &&
           ri_renew(&c->scratch, &c->scratch_room, ri_scratch_doubles(n), sizeof *c->scratch);
}

ri_status ri_candidates_fill(ri_candidates *c, const ri_regression *of, const ri_pool *pool,
                             const int64_t *feature, int64_t count, ri_error *err) {
    const ri_view *view = of->view;
    if (!make_room(c, view->columns->x.n, count)) {
        ri_candidates_free(c);
        return ri_fail_memory(err, "the candidates of a fit", 64ULL * (size_t)count);
    }
    c->columns = c->moments.source ? &ri_moment_columns
                 : c->working.of   ? &ri_working_columns
                 : pool            ? &ri_stored_columns
                                   : &ri_gathered_columns;
    c->view = view;
    c->pool = pool;
    c->train = view->train;
    c->held = view->held;
    c->positive = of->positive;
    c->y = of->y;
    c->null_loss = of->null_loss;
    c->size = count;
    for (int64_t k = 0; k < count; k++) {
        c->feature[k] = feature[k];
        c->penalty[k] = ri_penalty(view->columns, feature[k]);
    }
    RI_TRY(c->columns->open(c, err));
    if (of->twin && count > 1)
        RI_TRY(ri_twins_merge(c, of->twin, of->distinct, err));
    memset(c->b, 0, (size_t)c->size * sizeof *c->b);
    ri_candidates_residual(c);
    return RI_OK;
}

/* Lists the non-zeros with their values in c->list and c->value; returns their number. */
static int64_t list_nonzeros(ri_candidates *c) {
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0) {
            c->list[count] = k;
            c->value[count++] = c->b[k];
        }
    return count;
}

ri_status ri_candidates_gather(ri_candidates *c, ri_error *err) {
    if (c->columns == &ri_gathered_columns)
        return RI_OK;
    c->columns = &ri_gathered_columns;
    RI_TRY(c->columns->open(c, err));
    RI_TRY(ri_candidates_take(c, c->list, list_nonzeros(c), err));
    ri_candidates_residual(c);
    return RI_OK;
}

ri_status ri_candidates_take(ri_candidates *c, const int64_t *list, int64_t count, ri_error *err) {
    return c->columns->take ? c->columns->take(c, list, count, err) : RI_OK;
}

ri_status ri_candidates_take_all(ri_candidates *c, ri_error *err) {
    for (int64_t k = 0; k < c->size; k++)
        c->list[k] = k;
    return ri_candidates_take(c, c->list, c->size, err);
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
    int64_t count = list_nonzeros(c);
    c->columns->reset(c, c->list, c->value, count);
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
        int64_t k = list[i];
        c->list[used] = k;
        c->value[used++] = step[i];
        c->b[k] += step[i];
    }
    if (used > 0)
        c->travelled += c->columns->move(c, c->list, c->value, used) * (1 + 1e-12);
}

void ri_candidates_gradient(ri_candidates *c, double l1, const bool *keep, double part) {
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (c->travel[k] == c->travelled)
            continue;
        bool needed = c->b[k] != 0 || c->penalty[k] == 0 || (keep && keep[k]);
        if (!needed && part >= 0) {
            double way = part * (c->travelled - c->travel[k]);
            needed = fabs(c->g[k]) + sqrt(c->square[k]) * way >= l1 * c->penalty[k] * (1 - 1e-9);
        }
        if (needed)
            c->list[count++] = k;
    }
    c->columns->gradient(c, c->list, count, c->value);
    for (int64_t i = 0; i < count; i++) {
        int64_t k = c->list[i];
        c->g[k] = c->value[i];
        c->travel[k] = c->travelled;
    }
}

void ri_candidates_know(ri_candidates *c, const ri_gradient *entry, int64_t count) {
    for (int64_t i = 0, k = 0; i < count; i++) {
        while (k < c->size && c->feature[k] < entry[i].feature)
            k++;
        if (k == c->size)
            return;
        if (c->feature[k] != entry[i].feature)
            continue;
        c->g[k] = entry[i].value;
        c->travel[k] = 0;
    }
}

void ri_candidates_predict(ri_candidates *c, double *prediction) {
    int64_t count = list_nonzeros(c);
    c->columns->predict(c, c->list, c->value, count, prediction);
}

void ri_candidates_terms(const ri_candidates *c, const double *r, double *rr, double *ry) {
    const ri_kernel *kernel = ri_kernel_get();
    *rr = kernel->dot(r, r, c->train) / (double)c->train;
    *ry = kernel->dot(r, c->y, c->train) / (double)c->train;
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

/* The terms of the gap; returns how far unpenalised columns are from orthogonal to the residual. */
static double gather_terms(ri_candidates *c, const ri_point *point, ri_gap_terms *terms) {
    double loose = 0;
    for (int64_t k = 0; k < c->size; k++) {
        double f = c->penalty[k], g = c->g[k];
        if (f == 0) {
            loose += fabs(g * c->b[k]);
            continue;
        }
        terms->norm1 += f * fabs(c->b[k]);
        terms->norm2 += f * c->b[k] * c->b[k];
        if (c->travel[k] != c->travelled) {
            terms->ratio = fmax(terms->ratio, 1); /* all that is known: below the threshold */
            continue;
        }
        g -= point->l2 * f * c->b[k];
        g = c->positive ? g : fabs(g);
        if (point->l1 > 0 && g > terms->ratio * (point->l1 * f))
            terms->ratio = g / (point->l1 * f);
        else
            terms->conjugate += (c->g[k] > 0 || !c->positive) ? c->g[k] * c->g[k] / f : 0;
    }
    c->columns->terms(c, &terms->rr, &terms->ry);
    return loose;
}

double ri_candidates_gap(ri_candidates *c, const ri_point *point) {
    if (point->l1 == 0 && point->l2 == 0)
        return normal_equations(c);
    ri_gap_terms terms = {0};
    double loose = gather_terms(c, point, &terms);
    double gap = ri_duality_gap(&terms, point->l1, point->l2, c->null_loss);
    return c->null_loss > 0 ? gap + LOOSE_WEIGHT * loose / c->null_loss : gap;
}

double ri_candidates_gap_error(ri_candidates *c, const ri_point *point, double error) {
    ri_gap_terms terms = {0};
    if (!(c->null_loss > 0))
        return 0;
    gather_terms(c, point, &terms);
    double size = 0, free_size = 0, steepest = 0;
    for (int64_t k = 0; k < c->size; k++) {
        double root = sqrt(c->square[k]), f = c->penalty[k];
        size += fabs(c->b[k]) * root;
        if (f == 0)
            free_size += fabs(c->b[k]) * root;
        else
            steepest = fmax(steepest, root / f);
    }
    double gap = ri_duality_gap(&terms, point->l1, point->l2, c->null_loss);
    terms.ratio += error * steepest / point->l1;
    double more = ri_duality_gap(&terms, point->l1, point->l2, c->null_loss) - gap;
    double square = terms.rr + point->l2 * terms.norm2;
    double scale = fmax(fmin(square > 0 ? terms.ry / square : 0, 1 / terms.ratio), 0);
    /* r'r = y'y - b'c - b'g and r'y = y'y - b'c, by sums over 8 lanes */
    double yy = c->moments.yy, lanes = (double)c->size / 8 + 16;
    double off = 2 * size * error + lanes * UNIT_ROUNDOFF * (yy + 2 * size * sqrt(yy));
    return more + ((0.5 * (1 + scale * scale) + scale) * off + LOOSE_WEIGHT * free_size * error) /
                      c->null_loss;
}
