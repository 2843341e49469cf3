/* SPDX-License-Identifier: BSD-3-Clause
 * The walk of a fit with a loss of its own (solve/loss.h): the same windows and passes; the
 * residuals that X is multiplied by are those of a dual point. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/certify.h"

/* Largest gradient of the null model, relative: what is asked for, and what is accepted. */
static const double NULL_TARGET = 1e-13, NULL_ACCEPTED = 1e-8;

/* The response of the training rows, and the intercept that fits it alone. */
static ri_status take_response(ri_walk *walk, ri_error *err) {
    const ri_view *view = walk->view;
    const ri_loss *loss = walk->options.loss;
    double sum = 0;
    for (int64_t t = 0; t < view->train; t++) {
        walk->y[t] = walk->response[view->row[t]];
        sum += view->weight[view->row[t]] * walk->y[t];
    }
    double mean = sum / (double)view->train;
    if (!view->columns->centered)
        return RI_OK;
    if (!(mean > loss->low && mean < loss->high))
        return ri_fail(err, RI_BAD_INPUT,
                       "the training rows of a fit have the response %g only, weights of 0 aside: "
                       "no finite intercept fits that. Use fewer or stratified folds",
                       mean);
    walk->y_mean = loss->link(mean);
    return RI_OK;
}

/* Root-weighted residuals and mean loss where intercept and `eta` are all that there is. */
static double null_loss_of(ri_walk *walk, const double *eta, double *u) {
    const ri_view *view = walk->view;
    const ri_loss *loss = walk->options.loss;
    double sum = 0, square = 0;
    for (int64_t t = 0; t < view->train; t++) {
        double root = view->root[t], at = eta ? eta[t] : walk->y_mean;
        u[t] = root * (walk->y[t] - loss->mean(at));
        square += u[t] * u[t];
        sum += root * root * loss->loss(walk->y[t], at);
    }
    walk->dual.null_residual = sqrt(square / (double)view->train);
    return sum / (double)view->train;
}

/* Intercept and unpenalised columns. They must not tell the responses apart for certain. */
static ri_status fit_unpenalized(ri_walk *walk, ri_workspace *w, double *u, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_general *g = &w->general;
    const ri_loss *loss = walk->options.loss;
    ri_point point = {.l1 = 0, .l2 = 0, .target = NULL_TARGET};
    double gap, farthest = 0;
    int32_t rounds = 0;
    bool solved;
    g->shooting = false;
    RI_TRY(ri_general_begin(g, c, &walk->dual, walk->y_mean, err));
    RI_TRY(ri_general_solve(g, c, &point, &rounds, &gap, &solved, err));
    for (int64_t t = 0; t < c->train; t++)
        farthest = fmax(farthest, c->view->root[t] > 0 ? fabs(g->eta[t]) : 0);
    if (gap > NULL_ACCEPTED || farthest > loss->farthest)
        return ri_fail(err, RI_BAD_INPUT,
                       "the covariates or unpenalised features fit the response of the training "
                       "rows of a fit for certain: their coefficients have no finite value. Leave "
                       "some out, or penalise them");
    walk->y_mean = g->intercept;
    walk->null_loss = null_loss_of(walk, g->eta, u);
    return RI_OK;
}

/* w times the dual point at training rows, 0 elsewhere: what the pass multiplies X by. */
static void scatter(const ri_view *view, const double *point, double *out) {
    memset(out, 0, (size_t)view->columns->x.n * sizeof *out);
    for (int64_t t = 0; t < view->train; t++)
        out[view->row[t]] = view->root[t] * point[t];
}

static ri_status fit_null(ri_walk *walk, ri_workspace *w, double *u, ri_error *err) {
    const ri_view *view = walk->view;
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = view, .y = walk->y, .null_loss = 1};
    walk->dual.loss = walk->options.loss;
    walk->dual.view = view;
    walk->dual.y = walk->y;
    RI_TRY(take_response(walk, err));
    RI_TRY(ri_candidates_fill(c, &of, NULL, walk->unpenalized_feature, walk->unpenalized, err));
    RI_TRY(ri_candidates_take_all(c, err));
    walk->dual.null_loss = walk->null_loss = null_loss_of(walk, NULL, u);
    if (walk->unpenalized > 0)
        RI_TRY(fit_unpenalized(walk, w, u, err));
    if (ri_walk_response_constant(walk)) {
        walk->null_loss = walk->dual.null_residual = 0;
        memset(u, 0, (size_t)view->train * sizeof *u);
    }
    walk->dual.null_loss = walk->null_loss;
    RI_TRY(ri_dual_new(&walk->dual, c, u, err));
    ri_walk_predict_held(walk, c, walk->null_prediction);
    scatter(view, walk->dual.inner, walk->residual);
    return RI_OK;
}

ri_status ri_walk_start_loss(ri_walk *walk, ri_workspace *workspace, ri_error *err) {
    double *u = ri_alloc((size_t)walk->view->train, sizeof *u);
    if (!u)
        return ri_fail_memory(err, "the null model", 8ULL * (size_t)walk->view->train);
    ri_status status = fit_null(walk, workspace, u, err);
    free(u);
    return status;
}

double ri_walk_gap_of_loss(const ri_walk *walk, const ri_solution *s, const ri_point *point,
                           const ri_gap_terms *terms, const double *residual) {
    const ri_view *view = walk->view;
    double *u = ri_alloc((size_t)view->train, sizeof *u);
    if (!u)
        return INFINITY; /* not certified without memory to do so */
    for (int64_t t = 0; t < view->train; t++)
        u[t] = view->root[t] > 0 ? residual[view->row[t]] / view->root[t] : 0;
    double gap = ri_dual_gap(&walk->dual, u, terms, s->loss, point);
    free(u);
    return gap;
}

static ri_status solve_point(ri_walk *walk, ri_workspace *w, int64_t t, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_general *g = &w->general;
    ri_point point = ri_point_at(walk, walk->next + t);
    ri_solution *s = &walk->pending[t];
    bool solved;
    RI_TRY(ri_general_solve(g, c, &point, &s->rounds, &s->own_gap, &solved, err));
    s->stalled = !solved;
    walk->y_mean = g->intercept;
    RI_TRY(ri_solution_store(walk, c, s, err));
    s->loss = g->loss;
    scatter(walk->view, g->point, walk->residual + t * walk->view->columns->x.n);
    return RI_OK;
}

ri_status ri_walk_solve_loss(ri_walk *walk, ri_workspace *w, ri_error *err) {
    const ri_walk_options *o = &walk->options;
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = walk->view,
                        .y = walk->y,
                        .null_loss = walk->null_loss,
                        .positive = o->positive,
                        .twin = walk->twin,
                        .distinct = &walk->distinct};
    RI_TRY(ri_candidates_fill(c, &of, NULL, walk->candidate, walk->candidates, err));
    RI_TRY(ri_walk_take_nonzeros(walk, c, err));
    ri_walk_let_go(walk);
    w->general.shooting = o->shooting;
    RI_TRY(ri_general_begin(&w->general, c, &walk->dual, walk->y_mean, err));
    for (int64_t t = 0; t < walk->window; t++) {
        if (o->poll && o->poll(o->context))
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        RI_TRY(solve_point(walk, w, t, err));
    }
    walk->dependent =
        w->general.dependent > walk->dependent ? w->general.dependent : walk->dependent;
    return ri_walk_keep_nonzeros(walk, c, err);
}
