/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/walk.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/certify.h"
#include "solve/secant.h"

enum { MOST_SWEEPS = 20000 };

/* Rates measured on one core, in floating-point operations a second: sweeps over gathered columns,
 * Gram matrices of stored ones, their factors. And the sweeps of an alpha, before any is known. */
static const double SWEEP = 4e9, PRODUCT = 25e9, FACTOR = 8e9, FIRST_SWEEPS = 20;

/* The least tolerance that factors of floats are to serve. */
static const double LEAST_FLOAT_TOL = 1e-6;

/* A null model that leaves less than this part of the response's square fits it but for rounding.
 */
static const double EXACT = 1e-24;

void ri_workspace_free(ri_workspace *workspace) {
    ri_candidates_free(&workspace->candidates);
    ri_newton_free(&workspace->newton);
    ri_shooting_free(&workspace->shooting);
    ri_general_free(&workspace->general);
}

void ri_walk_free(ri_walk *walk) {
    free(walk->y);
    ri_dual_free(&walk->dual);
    free(walk->null_prediction);
    free(walk->unpenalized_feature);
    ri_support_free(&walk->support);
    free(walk->entry);
    free(walk->candidate);
    free(walk->twin);
    ri_distinct_free(&walk->distinct);
    free(walk->residual);
    free(walk->gradient);
    for (int i = 0; i < RI_LOOK_AHEAD; i++)
        ri_solution_free(&walk->pending[i]);
    if (walk->done)
        for (int64_t a = 0; a < walk->options.alphas; a++)
            ri_solution_free(&walk->done[a]);
    free(walk->done);
    *walk = (ri_walk){0};
}

/* y = root * (response - weighted mean over the training rows, with an intercept). */
static void center_response(ri_walk *walk) {
    const ri_view *view = walk->view;
    double sum = 0;
    for (int64_t t = 0; t < view->train; t++)
        sum += view->weight[view->row[t]] * walk->response[view->row[t]];
    walk->y_mean = view->columns->centered ? sum / (double)view->train : 0;
    for (int64_t t = 0; t < view->train; t++)
        walk->y[t] = view->root[t] * (walk->response[view->row[t]] - walk->y_mean);
}

bool ri_walk_response_constant(const ri_walk *walk) {
    const ri_view *view = walk->view;
    double first = NAN;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        if (view->weight[i] == 0)
            continue;
        if (isnan(first))
            first = walk->response[i];
        if (walk->response[i] != first)
            return false;
    }
    return view->columns->centered || first == 0;
}

void ri_walk_predict_held(const ri_walk *walk, ri_candidates *c, double *prediction) {
    for (int64_t i = 0; i < walk->view->held; i++)
        prediction[i] = walk->y_mean;
    if (c->columns->predict)
        ri_candidates_predict(c, prediction);
}

static ri_status list_unpenalized(ri_walk *walk, ri_error *err) {
    const ri_view *view = walk->view;
    int64_t count = 0, p = view->columns->x.p;
    for (int64_t j = 0; view->columns->penalty_factor && j < p; j++)
        count += view->columns->penalty_factor[j] == 0;
    walk->unpenalized_feature = ri_alloc((size_t)count, sizeof(int64_t));
    if (!walk->unpenalized_feature)
        return ri_fail_memory(err, "unpenalised terms", 8ULL * (size_t)count);
    for (int64_t j = 0; count && j < p; j++)
        if (view->columns->penalty_factor[j] == 0 && view->scale[j] != 0)
            walk->unpenalized_feature[walk->unpenalized++] = j;
    return RI_OK;
}

/* Intercept and unpenalised terms: their least squares fit, its loss and predictions. */
static ri_status fit_null(ri_walk *walk, ri_workspace *w, ri_error *err) {
    const ri_view *view = walk->view;
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = view, .y = walk->y, .null_loss = 1};
    RI_TRY(ri_candidates_fill(c, &of, NULL, walk->unpenalized_feature, walk->unpenalized, err));
    RI_TRY(ri_candidates_take_all(c, err));
    if (walk->unpenalized > 0) {
        ri_point point = {.l1 = 0, .l2 = 0, .target = 0};
        ri_support support = {0};
        ri_status status = ri_newton_begin(&w->newton, c, &support, &point, err);
        int32_t rounds = 0;
        bool solved;
        if (status == RI_OK)
            status = ri_newton_solve(&w->newton, c, &point, &rounds, &solved, err);
        ri_support_free(&support);
        RI_TRY(status);
    }
    double rr, ry, yy = ri_kernel_get()->dot(walk->y, walk->y, c->train) / (double)view->train;
    c->columns->terms(c, &rr, &ry);
    bool exact = ri_walk_response_constant(walk) || rr <= EXACT * yy;
    walk->null_loss = exact ? 0 : 0.5 * rr;
    ri_walk_predict_held(walk, c, walk->null_prediction);
    c->columns->scatter(c, walk->residual);
    return RI_OK;
}

ri_status ri_walk_start(ri_walk *walk, ri_view *view, const double *response,
                        const ri_walk_options *options, ri_workspace *workspace, ri_error *err) {
    size_t n = (size_t)view->columns->x.n, alphas = (size_t)options->alphas;
    *walk = (ri_walk){
        .view = view, .options = *options, .response = response, .look = 2, .end = options->alphas};
    walk->y = ri_alloc((size_t)view->train, sizeof *walk->y);
    walk->null_prediction = ri_alloc((size_t)view->held, sizeof *walk->null_prediction);
    walk->residual = ri_alloc(n * (RI_LOOK_AHEAD + 1), sizeof *walk->residual);
    const bool holds = !ri_pass_keeps_gradients(view->columns);
    if (holds)
        walk->gradient = ri_calloc((size_t)view->columns->x.p, sizeof *walk->gradient);
    walk->done = ri_calloc(alphas, sizeof *walk->done);
    if (options->l1_ratio == 1)
        walk->twin = ri_calloc((size_t)view->columns->x.p, 1);
    if (!walk->y || !walk->null_prediction || !walk->residual || (holds && !walk->gradient) ||
        !walk->done || (options->l1_ratio == 1 && !walk->twin))
        return ri_fail_memory(err, "the residuals of a fit", 8 * RI_LOOK_AHEAD * n);
    RI_TRY(list_unpenalized(walk, err));
    if (options->loss)
        return ri_walk_start_loss(walk, workspace, err);
    walk->support.factor.single = ri_walk_takes_floats(options->tol, walk->unpenalized);
    center_response(walk);
    return fit_null(walk, workspace, err);
}

static int compare_features(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

bool ri_walk_takes_floats(double tol, int64_t unpenalized) {
    return tol >= LEAST_FLOAT_TOL && unpenalized == 0;
}

bool ri_walk_shooting_pays(double n, double support, double sweeps) {
    double s = support;
    sweeps = sweeps > 0 ? sweeps : FIRST_SWEEPS;
    return sweeps * 4 * s * n / SWEEP < s * s * n / PRODUCT + s * s * s / 3 / FACTOR;
}

/* True where alphas down to `low` are expected to cost shooting less than Newton. */
static bool shooting_pays(const ri_walk *walk, double low) {
    double r = walk->options.l1_ratio;
    if (r == 1 || low * r * (1 - r) == 0) /* the factor goes on; or nothing bounds the sweeps */
        return false;
    return ri_walk_shooting_pays((double)walk->view->train, (double)walk->support.size,
                                 walk->sweeps);
}

bool ri_walk_takes_all(double n, double p, double candidates) {
    return p <= 2 * n && 2 * candidates > p;
}

/* Every feature becomes a candidate, but for constant ones and the later ones of twins. */
static ri_status take_all(ri_walk *walk, ri_error *err) {
    int64_t p = walk->view->columns->x.p;
    if (!ri_renew(&walk->candidate, &walk->candidate_room, (size_t)p, sizeof(int64_t)))
        return ri_fail_memory(err, "a list of candidates", 8ULL * (size_t)p);
    walk->candidates = 0;
    for (int64_t j = 0; j < p; j++)
        if (walk->view->scale[j] != 0 && !(walk->twin && walk->twin[j]))
            walk->candidate[walk->candidates++] = j;
    return RI_OK;
}

/* True where a gradient kept makes a candidate of its feature. */
static bool comes_near(const ri_walk *walk, const ri_gradient *entry, double threshold) {
    if (walk->twin && walk->twin[entry->feature])
        return false;
    double g = walk->options.positive ? entry->value : fabs(entry->value);
    return g >= threshold * ri_penalty(walk->view->columns, entry->feature);
}

ri_status ri_walk_choose(ri_walk *walk, ri_error *err) {
    const ri_walk_options *o = &walk->options;
    int64_t left = o->alphas - walk->next, found = 0, unique = 0;
    walk->window = walk->look < left ? walk->look : left;
    walk->solved = 0;
    double low = o->alpha[walk->next + walk->window - 1];
    walk->shoots = o->shooting || (o->free_engine && shooting_pays(walk, low));
    double here = o->alpha[walk->next > 0 ? walk->next - 1 : 0];
    double threshold = ri_threshold_between(o, here, low, walk->reach);
    int64_t most = walk->support.size + walk->unpenalized;
    for (int64_t i = 0; i < walk->entries; i++)
        most += comes_near(walk, &walk->entry[i], threshold);
    if (!ri_renew(&walk->candidate, &walk->candidate_room, (size_t)most, sizeof(int64_t)))
        return ri_fail_memory(err, "a list of candidates", 8ULL * (size_t)most);
    int64_t *feature = walk->candidate;
    for (int64_t i = 0; i < walk->support.size; i++)
        feature[found++] = walk->support.feature[i];
    for (int64_t i = 0; i < walk->unpenalized; i++)
        feature[found++] = walk->unpenalized_feature[i];
    for (int64_t i = 0; i < walk->entries; i++)
        if (comes_near(walk, &walk->entry[i], threshold))
            feature[found++] = walk->entry[i].feature;
    qsort(feature, (size_t)found, sizeof *feature, compare_features);
    for (int64_t i = 0; i < found; i++)
        if (unique == 0 || feature[unique - 1] != feature[i])
            feature[unique++] = feature[i];
    walk->candidates = unique;
    const double n = (double)walk->view->train, p = (double)walk->view->columns->x.p;
    const bool all = !walk->shoots && !o->loss && ri_walk_takes_all(n, p, (double)unique);
    return all ? take_all(walk, err) : RI_OK;
}

ri_status ri_solution_store(const ri_walk *walk, ri_candidates *c, ri_solution *s, ri_error *err) {
    int64_t nonzeros = 0, held = walk->view->held;
    for (int64_t k = 0; k < c->size; k++)
        nonzeros += c->b[k] != 0;
    *s = (ri_solution){.rounds = s->rounds, .stalled = s->stalled, .own_gap = s->own_gap};
    s->feature = ri_alloc((size_t)nonzeros, sizeof *s->feature);
    s->b = ri_alloc((size_t)nonzeros, sizeof *s->b);
    s->prediction = ri_alloc((size_t)held, sizeof *s->prediction);
    if (!s->feature || !s->b || !s->prediction)
        return ri_fail_memory(err, "a solution", 16ULL * (size_t)(nonzeros + held));
    const ri_view *view = walk->view;
    double offset = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (c->b[k] == 0)
            continue;
        int64_t j = c->feature[k];
        s->feature[s->count] = j;
        s->b[s->count++] = c->b[k];
        s->norm1 += c->penalty[k] * fabs(c->b[k]);
        s->norm2 += c->penalty[k] * c->b[k] * c->b[k];
        offset += c->b[k] * view->scale[j] * (view->mean[j] + view->columns->shift[j]);
    }
    s->intercept = view->columns->centered ? walk->y_mean - offset : 0;
    c->columns->terms(c, &s->rr, &s->ry);
    s->loss = 0.5 * s->rr;
    ri_walk_predict_held(walk, c, s->prediction);
    return RI_OK;
}

/* Shooting from where Newton ended; where that leads no nearer, back. */
static ri_status shoot_after_newton(ri_workspace *w, const ri_point *point, ri_solution *s,
                                    ri_error *err) {
    ri_candidates *c = &w->candidates;
    size_t bytes = (size_t)c->size * sizeof *c->b;
    double *b = ri_alloc((size_t)c->size, sizeof *b);
    if (!b)
        return ri_fail_memory(err, "the coefficients of a fit", bytes);
    memcpy(b, c->b, bytes);
    ri_candidates_gradient(c, 0, NULL, 1); /* Newton overlooks what it thinks unlikely */
    double before = ri_candidates_gap(c, point);
    bool solved = false;
    ri_status status = ri_candidates_gather(c, err);
    if (status == RI_OK)
        status = ri_shooting_solve(&w->shooting, c, point, MOST_SWEEPS, &s->rounds, &solved, err);
    s->stalled = !solved;
    if (status == RI_OK && !solved) {
        ri_candidates_gradient(c, 0, NULL, 1);
        if (!(ri_candidates_gap(c, point) < before)) {
            memcpy(c->b, b, bytes);
            ri_candidates_residual(c);
        }
    }
    free(b);
    return status;
}

/* One alpha on the candidates: Newton, and shooting where it does not settle or was asked for. */
static ri_status solve_point(ri_walk *walk, ri_workspace *w, int64_t t, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_point at = ri_point_at(walk, walk->next + t), *point = &at;
    ri_solution *s = &walk->pending[t];
    bool newton = !walk->shoots, solved = false, shot = !newton;
    /* all certificates of a window come together, and the next one starts from what is computed */
    at.trusting = t + 1 < walk->window && walk->attempts == 0;
    if (newton) {
        RI_TRY(ri_newton_solve(&w->newton, c, point, &s->rounds, &solved, err));
        shot = !solved || ri_candidates_gap(c, point) > ri_tolerance_at(walk, walk->next + t);
        if (shot)
            RI_TRY(shoot_after_newton(w, point, s, err));
    } else {
        RI_TRY(ri_secant_start(walk, c, t, point, err));
        RI_TRY(ri_shooting_solve(&w->shooting, c, point, MOST_SWEEPS, &s->rounds, &solved, err));
        s->stalled = !solved;
    }
    if (s->stalled) {
        ri_candidates_gradient(c, 0, NULL, 1);
        s->own_gap = ri_candidates_gap(c, point);
    }
    RI_TRY(ri_solution_store(walk, c, s, err));
    c->columns->scatter(c, walk->residual + t * walk->view->columns->x.n);
    /* after the solution is stored: dependent columns give their weight up */
    return newton && shot ? ri_newton_restart(&w->newton, c, point, err) : RI_OK;
}

/* Without Newton the support is the list of non-zeros. */
ri_status ri_walk_keep_nonzeros(ri_walk *walk, const ri_candidates *c, ri_error *err) {
    ri_support *support = &walk->support;
    size_t need = (size_t)c->size + 1;
    if (!ri_grow(&support->feature, &support->capacity, need, sizeof *support->feature) ||
        !ri_grow(&support->b, &support->b_capacity, need, sizeof *support->b))
        return ri_fail_memory(err, "the support of a fit", 16 * need);
    support->size = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0) {
            support->feature[support->size] = c->feature[k];
            support->b[support->size++] = c->b[k];
        }
    ri_factor_clear(&support->factor); /* no row of it belongs to the list */
    support->exact = false;
    return RI_OK;
}

void ri_walk_let_go(ri_walk *walk) {
    free(walk->entry);
    free(walk->candidate);
    walk->entry = NULL;
    walk->candidate = NULL;
    walk->entries = walk->candidates = 0;
    walk->candidate_room = 0;
}

ri_status ri_walk_take_nonzeros(const ri_walk *walk, ri_candidates *c, ri_error *err) {
    int64_t count = 0;
    for (int64_t i = 0; i < walk->support.size; i++) {
        int64_t k = ri_candidates_find(c, walk->support.feature[i]);
        if (k < 0)
            continue;
        c->b[k] = walk->support.b[i];
        c->list[count++] = k;
    }
    RI_TRY(ri_candidates_take(c, c->list, count, err));
    ri_candidates_residual(c);
    return RI_OK;
}

/* What the next choice of an engine goes by. */
static void count_sweeps(ri_walk *walk) {
    double sum = 0;
    for (int64_t t = 0; t < walk->window; t++)
        sum += walk->pending[t].rounds;
    walk->sweeps = sum / (double)walk->window;
}

/* Gradients of the last pass are those of the residual that a window begins with, unless part of
 * the support is gone or was never there, or, after a failure, some are of another residual. */
static void know_gradients(const ri_walk *walk, ri_candidates *c) {
    if (walk->attempts > 0 || walk->support.size < walk->unpenalized)
        return;
    for (int64_t i = 0; i < walk->support.size; i++)
        if (ri_candidates_find(c, walk->support.feature[i]) < 0)
            return;
    ri_candidates_know(c, walk->entry, walk->entries);
}

/* Takes up candidates and support. */
static ri_status begin_window(ri_walk *walk, const ri_pool *pool, ri_workspace *w, ri_error *err) {
    ri_candidates *c = &w->candidates;
    ri_regression of = {.view = walk->view,
                        .y = walk->y,
                        .null_loss = walk->null_loss,
                        .positive = walk->options.positive,
                        .twin = walk->twin,
                        .distinct = &walk->distinct};
    const ri_pool *held = walk->shoots ? NULL : pool;
    RI_TRY(ri_candidates_fill(c, &of, held, walk->candidate, walk->candidates, err));
    ri_point first = ri_point_at(walk, walk->next);
    ri_status status;
    if (walk->shoots) {
        status = ri_walk_take_nonzeros(walk, c, err);
    } else {
        status = ri_newton_begin(&w->newton, c, &walk->support, &first, err);
        if (status == RI_OK)
            know_gradients(walk, c);
    }
    ri_walk_let_go(walk);
    return status;
}

static ri_status end_window(ri_walk *walk, ri_workspace *w, ri_error *err) {
    ri_candidates *c = &w->candidates;
    if (walk->shoots) {
        count_sweeps(walk);
        return ri_walk_keep_nonzeros(walk, c, err);
    }
    walk->dependent = w->newton.dependent > walk->dependent ? w->newton.dependent : walk->dependent;
    RI_TRY(ri_newton_end(&w->newton, c, &walk->support, err));
    if (walk->next + walk->window == walk->options.alphas)
        ri_factor_free(&walk->support.factor); /* the largest; only a failure needs it */
    return RI_OK;
}

ri_status ri_walk_solve(ri_walk *walk, const ri_pool *pool, int64_t until, ri_workspace *w,
                        ri_error *err) {
    const ri_walk_options *o = &walk->options;
    if (o->loss)
        return ri_walk_solve_loss(walk, w, err);
    if (walk->solved == 0)
        RI_TRY(begin_window(walk, pool, w, err));
    for (; walk->solved < until; walk->solved++) {
        if (o->poll && o->poll(o->context))
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        RI_TRY(solve_point(walk, w, walk->solved, err));
    }
    return until == walk->window ? end_window(walk, w, err) : RI_OK;
}
