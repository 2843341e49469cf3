/* SPDX-License-Identifier: BSD-3-Clause
 * The walk where all features are candidates and everything is known from their Gram matrix: the
 * gradient of all features is at hand at each point, so that it is certified on the spot. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/certify.h"

/* Features that vary, ascending, and z'y / n of each. */
typedef struct varying {
    int64_t *feature;
    double *start;
    int64_t count;
} varying;

/* z'y / n, from the first pass; with unpenalised columns, which are in its residual, from the
 * column. */
static ri_status list_varying(const ri_walk *walk, double *bytes, varying *out, ri_error *err) {
    const ri_view *view = walk->view;
    int64_t n = view->columns->x.n, p = view->columns->x.p;
    double *z = ri_alloc((size_t)(view->train + view->held), sizeof *z);
    double *scratch = ri_alloc(ri_scratch_doubles(n), sizeof *scratch);
    out->feature = ri_alloc((size_t)p, sizeof *out->feature);
    out->start = ri_alloc((size_t)p, sizeof *out->start);
    bool good = z && scratch && out->feature && out->start;
    for (int64_t j = 0, i = 0; good && j < p; j++) {
        while (i < walk->entries && walk->entry[i].feature < j)
            i++;
        if (view->scale[j] == 0)
            continue;
        bool known = i < walk->entries && walk->entry[i].feature == j;
        double value = known ? walk->entry[i].value : 0;
        if (!known || walk->unpenalized > 0) {
            ri_view_gather(view, j, z, z + view->train, scratch);
            value = ri_kernel_get()->dot(z, walk->y, view->train) / (double)view->train;
            *bytes += ri_view_column_bytes(view);
        }
        out->feature[out->count] = j;
        out->start[out->count++] = value;
    }
    free(z);
    free(scratch);
    return good ? RI_OK : ri_fail_memory(err, "the features of a fit", 16ULL * (size_t)p);
}

/* What rounding may hide of the gap at a point. */
static double gap_error(ri_candidates *c, const ri_point *point) {
    const ri_moments *a = &c->moments;
    double size = 0;
    for (int64_t k = 0; k < c->size; k++)
        size += fabs(c->b[k]) * sqrt(c->square[k]);
    double error = size * a->known.matrix + sqrt(a->yy) * a->known.column + a->drift;
    return ri_candidates_gap_error(c, point, error);
}

/* Solves and records the next alpha; `*certified` is false where gap and rounding together exceed
 * the tolerance. */
static ri_status solve_next(ri_walk *walk, ri_workspace *w, bool *certified, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_point point = ri_point_at(walk, walk->next);
    ri_solution *s = &walk->done[walk->next];
    double tol = ri_tolerance_at(walk, walk->next), gap = INFINITY;
    *certified = false;
    for (int tries = 0; tries < 2 && !*certified; tries++) {
        bool solved;
        if (tries > 0)
            ri_candidates_residual(c); /* without the rounding of all updates */
        RI_TRY(ri_newton_solve(&w->newton, c, &point, &s->rounds, &solved, err));
        if (!solved)
            return RI_OK;
        ri_candidates_gradient(c, 0, NULL, 1);
        gap = ri_candidates_gap(c, &point);
        *certified = gap + gap_error(c, &point) <= tol;
    }
    if (!*certified)
        return RI_OK;
    RI_TRY(ri_solution_store(walk, c, s, err));
    s->gap = gap;
    if (w->newton.dependent > walk->dependent)
        walk->dependent = w->newton.dependent;
    ri_solution_note(walk, s);
    walk->next++;
    return RI_OK;
}

enum { ROWS = 8, ALPHAS = 8 }; /* of a panel */

/* The features that solutions use, in the order in which they enter: what a group of alphas needs
 * of them comes first. */
typedef struct used {
    int64_t *place;   /* [candidates] in that order, or -1 */
    int64_t *feature; /* [count] */
    int64_t count, groups;
    int64_t *begin; /* [groups + 1] first of each group's rows of `b`, a row for each feature */
    double *b;      /* [begin[groups] * ALPHAS] coefficients, interleaved */
} used;

static void free_used(used *u) {
    free(u->place);
    free(u->feature);
    free(u->begin);
    free(u->b);
}

/* Candidate of each feature of a solution, one after the other. */
static int64_t next_candidate(const ri_candidates *c, int64_t feature, int64_t k) {
    while (c->feature[k] < feature)
        k++;
    return k;
}

static void note_features(const ri_candidates *c, const ri_solution *s, used *u) {
    for (int64_t i = 0, k = 0; i < s->count; i++) {
        k = next_candidate(c, s->feature[i], k);
        if (u->place[k] < 0) {
            u->feature[u->count] = c->feature[k];
            u->place[k] = u->count++;
        }
    }
}

static ri_status list_used(const ri_walk *walk, const ri_candidates *c, int64_t done, used *u,
                           ri_error *err) {
    u->groups = (done + ALPHAS - 1) / ALPHAS;
    u->place = ri_alloc((size_t)c->size, sizeof *u->place);
    u->feature = ri_alloc((size_t)c->size, sizeof *u->feature);
    u->begin = ri_calloc((size_t)u->groups + 1, sizeof *u->begin);
    if (!u->place || !u->feature || !u->begin)
        return ri_fail_memory(err, "the predictions of a fit", 16ULL * (size_t)c->size);
    for (int64_t k = 0; k < c->size; k++)
        u->place[k] = -1;
    for (int64_t a = 0; a < done; a++) {
        note_features(c, &walk->done[a], u);
        u->begin[a / ALPHAS + 1] = u->begin[a / ALPHAS] + u->count;
    }
    size_t rows = (size_t)u->begin[u->groups];
    u->b = ri_calloc(rows * ALPHAS, sizeof *u->b);
    if (!u->b)
        return ri_fail_memory(err, "the predictions of a fit", 8ULL * rows * ALPHAS);
    for (int64_t a = 0; a < done; a++) {
        const ri_solution *s = &walk->done[a];
        double *b = u->b + u->begin[a / ALPHAS] * ALPHAS + a % ALPHAS;
        for (int64_t i = 0, k = 0; i < s->count; i++) {
            k = next_candidate(c, s->feature[i], k);
            b[u->place[k] * ALPHAS] = s->b[i];
        }
    }
    return RI_OK;
}

/* Adds the products of a panel of held-out rows, from `first` on, to all predictions. */
static void predict_rows(const ri_walk *walk, const used *u, int64_t done, const double *z,
                         int64_t first) {
    int64_t held = walk->view->held, rows = held - first < ROWS ? held - first : ROWS;
    for (int64_t q = 0; q < u->groups; q++) {
        double sum[ROWS * ALPHAS] = {0};
        ri_kernel_get()->outer(z, 0, 1, u->b + u->begin[q] * ALPHAS, u->begin[q + 1] - u->begin[q],
                               sum);
        for (int64_t a = 0; a < ALPHAS && q * ALPHAS + a < done; a++)
            for (int64_t i = 0; i < rows; i++)
                walk->done[q * ALPHAS + a].prediction[first + i] += sum[i + ROWS * a];
    }
}

/* Adds the products of all solutions to their predictions: one read of the columns for all. */
static ri_status predict_all(ri_walk *walk, ri_candidates *c, int64_t done, ri_error *err) {
    const ri_view *view = walk->view;
    int64_t held = view->held, panels = (held + ROWS - 1) / ROWS;
    if (held == 0 || done == 0)
        return RI_OK;
    used u = {0};
    ri_status status = list_used(walk, c, done, &u, err);
    size_t size = (size_t)u.count;
    double *z = NULL, *column = NULL;
    if (status == RI_OK) {
        z = ri_calloc((size_t)panels * size * ROWS, sizeof *z);
        column = ri_alloc((size_t)held, sizeof *column);
        if (!z || !column)
            status = ri_fail_memory(err, "the held-out rows of a fit", 8ULL * size * (size_t)held);
    }
    for (int64_t k = 0; status == RI_OK && k < u.count; k++) {
        ri_view_gather_held(view, u.feature[k], column, c->scratch);
        c->bytes += ri_view_column_bytes(view);
        for (int64_t i = 0; i < held; i++)
            z[((size_t)(i / ROWS) * size + (size_t)k) * ROWS + (size_t)(i % ROWS)] = column[i];
    }
    for (int64_t q = 0; status == RI_OK && q < panels; q++)
        predict_rows(walk, &u, done, z + (size_t)q * size * ROWS, q * ROWS);
    free_used(&u);
    free(z);
    free(column);
    return status;
}

/* Gradients at the last certified alpha: what a walk by passes goes on from. */
static ri_status keep_gradients(ri_walk *walk, const ri_candidates *c, ri_error *err) {
    ri_gradient *entry = ri_alloc((size_t)c->size, sizeof *entry);
    if (!entry)
        return ri_fail_memory(err, "the gradients of a fit", 16ULL * (size_t)c->size);
    free(walk->entry);
    walk->entry = entry;
    walk->entries = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->penalty[k] > 0)
            entry[walk->entries++] = (ri_gradient){c->feature[k], c->moments.g[k]};
    return RI_OK;
}

static ri_status walk_down(ri_walk *walk, ri_workspace *w, ri_error *err) {
    const ri_walk_options *o = &walk->options;
    ri_candidates *c = &w->candidates;
    bool certified = true;
    ri_point first = ri_point_at(walk, walk->next);
    RI_TRY(ri_newton_begin(&w->newton, c, &walk->support, &first, err));
    while (certified && !ri_walk_done(walk)) {
        if (o->poll && o->poll(o->context))
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        if (!(ri_point_at(walk, walk->next).l1 > 0))
            break;
        RI_TRY(solve_next(walk, w, &certified, err));
    }
    if (w->newton.dependent > walk->dependent)
        walk->dependent = w->newton.dependent;
    RI_TRY(ri_newton_end(&w->newton, c, &walk->support, err));
    ri_factor_free(&walk->support.factor); /* passes that take over make it anew */
    RI_TRY(predict_all(walk, c, walk->next, err));
    return ri_walk_done(walk) ? RI_OK : keep_gradients(walk, c, err);
}

ri_status ri_walk_by_moments(ri_walk *walk, const ri_gram *gram, int32_t group, ri_workspace *w,
                             ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = walk->view,
                        .y = walk->y,
                        .null_loss = walk->null_loss,
                        .positive = walk->options.positive,
                        .twin = walk->twin};
    varying all = {0};
    ri_status status = list_varying(walk, &c->bytes, &all, err);
    if (status == RI_OK) {
        c->moments.source = gram;
        c->moments.group = group;
        c->moments.start = all.start;
        status = ri_candidates_fill(c, &of, NULL, all.feature, all.count, err);
    }
    if (status == RI_OK)
        status = walk_down(walk, w, err);
    c->moments.source = NULL;
    free(all.feature);
    free(all.start);
    return status;
}
