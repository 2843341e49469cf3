/* SPDX-License-Identifier: BSD-3-Clause
 * The walk where all features are candidates and everything is known from their Gram matrix: the
 * gradient of all features is at hand at each point, so that it is certified on the spot. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/certify.h"
#include "solve/foresight.h"

enum { REFRESH = 8 }; /* waiting solutions after which gradients are computed anew */

/* Features that vary, ascending, and z'y / n of each. */
typedef struct varying {
    int64_t *feature;
    double *start;
    int64_t count;
} varying;

/* z'y / n, from the first pass; with unpenalised columns, which are in its residual, from the
 * column. */
static ri_status list_varying(const ri_walk *walk, const ri_view *view, double *bytes, varying *out,
                              ri_error *err) {
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

/* The first alpha that is not solved. */
static int64_t next_of(const ri_walk *walk) {
    return walk->next + walk->waiting;
}

/* Records the solution at the next alpha: certified, or to wait for a certificate from X. */
static ri_status record(ri_walk *walk, ri_candidates *c, double gap, bool certified,
                        ri_error *err) {
    ri_solution *s = &walk->done[next_of(walk)];
    RI_TRY(ri_solution_store(walk, c, s, err));
    s->gap = gap;
    ri_solution_note(walk, s);
    s->noted = true;
    if (certified) {
#pragma omp atomic seq_cst /* the main thread looks how far walks have come */
        walk->next++;
    } else {
        walk->waits_from = walk->next;
#pragma omp atomic seq_cst
        walk->waiting++;
    }
    return RI_OK;
}

/* Solves and records the next alpha; `*good` is false where its gap exceeds the tolerance. Where
 * only what rounding may hide exceeds it the solution waits, and with it all that follow. */
static ri_status solve_next(ri_walk *walk, ri_workspace *w, ri_foresight *ahead, bool *good,
                            ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_point point = ri_point_at(walk, next_of(walk));
    int32_t *rounds = &walk->done[next_of(walk)].rounds;
    double tol = ri_tolerance_at(walk, next_of(walk)), gap = INFINITY;
    bool certified = false, solved = true;
    *good = false;
    RI_TRY(ri_foresight_enter(ahead, &w->newton, c, &point, err));
    for (int tries = 0; tries < 2 && solved && !certified; tries++) {
        if (*good && (walk->waiting > 0 && walk->waiting % REFRESH != 0))
            break; /* its gradients are fresh enough */
        if (tries > 0)
            ri_candidates_residual(c); /* without the rounding of all updates */
        RI_TRY(ri_newton_solve(&w->newton, c, &point, rounds, &solved, err));
        ri_candidates_gradient(c, 0, NULL, 1);
        gap = ri_candidates_gap(c, &point);
        *good = solved && gap <= point.target;
        certified = solved && walk->waiting == 0 && gap + gap_error(c, &point) <= tol;
    }
    *good = *good || certified;
    if (w->newton.dependent > walk->dependent)
        walk->dependent = w->newton.dependent;
    if (!*good)
        return RI_OK;
    RI_TRY(record(walk, c, gap, certified, err));
    return ri_foresight_note(ahead, c, point.l1, err);
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

/* As far as moments are exact enough. */
static ri_status solve_alphas(ri_walk *walk, ri_workspace *w, ri_error *err) {
    const ri_walk_options *o = &walk->options;
    ri_foresight ahead = {0};
    ri_status status = RI_OK;
    bool good = true;
    while (status == RI_OK && good && next_of(walk) < walk->end) {
        if (o->poll && o->poll(o->context))
            status = ri_fail(err, RI_INTERRUPTED, "interrupted");
        else if (ri_point_at(walk, next_of(walk)).l1 > 0)
            status = solve_next(walk, w, &ahead, &good, err);
        else
            break;
    }
    ri_foresight_free(&ahead);
    return status;
}

/* Memory that is there, and holds a factor of its size, spares the system to clear more of it, and
 * a factor that grows to move. */
static void exchange_factor(ri_factor *empty, ri_factor *used) {
    ri_factor_free(empty);
    ri_factor_clear(used);
    *empty = *used;
    *used = (ri_factor){0};
}

static ri_status walk_down(ri_walk *walk, ri_workspace *w, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_point first = ri_point_at(walk, walk->next);
    if (walk->support.size == 0) {
        const bool single = walk->support.factor.single;
        exchange_factor(&walk->support.factor, &w->newton.idle);
        ri_factor_restart(&walk->support.factor, single);
    }
    RI_TRY(ri_newton_begin(&w->newton, c, &walk->support, &first, err));
    RI_TRY(solve_alphas(walk, w, err));
    if (w->newton.dependent > walk->dependent)
        walk->dependent = w->newton.dependent;
    RI_TRY(ri_newton_end(&w->newton, c, &walk->support, err));
    exchange_factor(&w->newton.idle, &walk->support.factor); /* passes make it anew */
    walk->unpredicted = walk->view->held > 0 ? next_of(walk) : 0;
    return ri_walk_done(walk) ? RI_OK : keep_gradients(walk, c, err);
}

/* `view`: that of the walk, or one through which columns of a streamed X can be looked at. */
static ri_status walk_view(ri_walk *walk, ri_view *view, const ri_gram *gram, int32_t group,
                           ri_workspace *w, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = view,
                        .y = walk->y,
                        .null_loss = walk->null_loss,
                        .positive = walk->options.positive,
                        .twin = walk->twin};
    varying all = {0};
    ri_status status = list_varying(walk, view, &c->bytes, &all, err);
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

ri_status ri_walk_by_moments(ri_walk *walk, const ri_gram *gram, int32_t group, ri_workspace *w,
                             ri_error *err) {
    ri_columns columns = *walk->view->columns;
    if (!columns.x.stream)
        return walk_view(walk, walk->view, gram, group, w, err);
    ri_look look = {.room = ri_alloc(1, columns.x.stride), .feature = -1};
    ri_stream stream = *columns.x.stream;
    ri_view view = *walk->view;
    if (!look.room)
        return ri_fail_memory(err, "a column of X", columns.x.stride);
    stream.look = &look;
    columns.x.stream = &stream;
    view.columns = &columns;
    ri_status status = walk_view(walk, &view, gram, group, w, err);
    w->candidates.view = walk->view;
    if (look.status != RI_OK)
        status = ri_fail(err, look.error.status, "%s", look.error.text);
    free(look.room);
    return status;
}
