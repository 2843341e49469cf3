/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/general.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { MOST_ROUNDS = 100, PATIENCE = 8, MOST_HALVINGS = 40, MOST_SWEEPS = 2000 };

/* A row of less curvature is given this much: a step stays finite where probabilities saturate, and
 * the line search sees to the rest. */
static const double LEAST_CURVATURE = 1e-9;

static const double VIOLATION = 1e-9;  /* relative slack of an optimality condition */
static const double SUFFICIENT = 1e-4; /* part of the predicted descent that is asked for */
static const double ROUNDING = 1e-15;  /* of an objective, relative */
static const double MODEL_PART = 1e-2; /* a model's gap, as a part of the present one */
static const double LANDED = 1e-3;     /* of the target: no further step */
static const double LEAST_MODEL_GAP = 1e-15;

void ri_general_free(ri_general *w) {
    free(w->fit);
    free(w->eta);
    free(w->u);
    free(w->point);
    free(w->way);
    free(w->root);
    free(w->target);
    free(w->step);
    free(w->work);
    free(w->column);
    ri_candidates_free(&w->model);
    ri_newton_free(&w->newton);
    ri_shooting_free(&w->shoot);
    *w = (ri_general){0};
}

static bool make_room(ri_general *w, const ri_candidates *c) {
    size_t rows = (size_t)c->train, had = w->train_room, columns = (size_t)c->size + 1;
    size_t same[6] = {had, had, had, had, had, had};
    bool good = ri_renew(&w->fit, &w->train_room, rows, sizeof(double)) &&
                ri_renew(&w->eta, &same[0], rows, sizeof(double)) &&
                ri_renew(&w->u, &same[1], rows, sizeof(double)) &&
                ri_renew(&w->point, &same[2], rows, sizeof(double)) &&
                ri_renew(&w->way, &same[3], rows, sizeof(double)) &&
                ri_renew(&w->root, &same[4], rows, sizeof(double)) &&
                ri_renew(&w->target, &same[5], rows, sizeof(double));
    had = w->candidate_room;
    same[0] = same[1] = had;
    return good && ri_renew(&w->step, &w->candidate_room, columns, sizeof *w->step) &&
           ri_renew(&w->work, &same[0], columns, sizeof *w->work) &&
           ri_renew(&w->column, &same[1], columns, sizeof *w->column);
}

/* Predictors, residuals and mean loss of `intercept` and `fit`. */
static double look(ri_general *w, const ri_candidates *c, double intercept, const double *fit) {
    const ri_loss *loss = w->dual->loss;
    double sum = 0;
    for (int64_t t = 0; t < c->train; t++) {
        double root = c->view->root[t], y = w->dual->y[t];
        w->eta[t] = intercept + (root > 0 ? fit[t] / root : 0);
        w->u[t] = root > 0 ? root * (y - loss->mean(w->eta[t])) : 0;
        sum += root > 0 ? root * root * loss->loss(y, w->eta[t]) : 0;
    }
    return sum / (double)c->train;
}

/* sum += sum_i value[i] z_list[i] */
static void superpose(const ri_candidates *c, const int64_t *list, const double *value,
                      int64_t count, double *sum) {
    for (int64_t i = 0; i < count; i++)
        c->gathered.pointer[i] = c->gathered.column[list[i]];
    ri_kernel_get()->axpy_many(c->gathered.pointer, value, count, sum, c->train);
}

/* Everything that follows from coefficients and intercept, anew. */
static void settle(ri_general *w, ri_candidates *c) {
    int64_t count = 0;
    memset(w->fit, 0, (size_t)c->train * sizeof *w->fit);
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0) {
            c->list[count] = k;
            c->value[count++] = c->b[k];
        }
    superpose(c, c->list, c->value, count, w->fit);
    w->loss = look(w, c, w->intercept, w->fit);
}

ri_status ri_general_begin(ri_general *w, ri_candidates *c, const ri_dual *dual, double intercept,
                           ri_error *err) {
    if (!make_room(w, c)) {
        ri_general_free(w);
        return ri_fail_memory(err, "the model of a loss", 56ULL * (size_t)c->train);
    }
    w->dual = dual;
    w->intercept = intercept;
    w->dependent = 0;
    settle(w, c);
    return RI_OK;
}

static double penalty_of(const ri_candidates *c, const ri_point *point) {
    double norm1 = 0, norm2 = 0;
    for (int64_t k = 0; k < c->size; k++) {
        norm1 += c->penalty[k] * fabs(c->b[k]);
        norm2 += c->penalty[k] * c->b[k] * c->b[k];
    }
    return point->l1 * norm1 + 0.5 * point->l2 * norm2;
}

static void find_gradient(ri_candidates *c, const double *u) {
    c->columns->project(c, NULL, c->size, u, c->g);
    for (int64_t k = 0; k < c->size; k++)
        c->g[k] /= (double)c->train;
}

/* At alpha = 0: the largest gradient, the intercept's included. */
static double normal_equations(const ri_general *w, const ri_candidates *c) {
    const ri_kernel *kernel = ri_kernel_get();
    double largest = 0;
    if (c->view->columns->centered)
        largest = fabs(kernel->dot(c->view->root, w->u, c->train)) / (double)c->train;
    for (int64_t k = 0; k < c->size; k++) {
        bool held_at_zero = c->positive && c->penalty[k] > 0 && c->b[k] == 0;
        largest = fmax(largest, held_at_zero ? c->g[k] : fabs(c->g[k]));
    }
    return w->dual->null_residual > 0 ? largest / w->dual->null_residual : largest;
}

/* Relative duality gap over the candidates; the gradients are then those of the dual point. */
static double measure(ri_general *w, ri_candidates *c, const ri_point *point) {
    memcpy(w->point, w->u, (size_t)c->train * sizeof *w->point);
    if (point->l1 == 0 && point->l2 == 0) {
        find_gradient(c, w->u);
        return normal_equations(w, c);
    }
    ri_dual_project(w->dual, w->point);
    find_gradient(c, w->point);
    ri_gap_terms terms = {0};
    for (int64_t k = 0; k < c->size; k++) {
        double f = c->penalty[k], g = c->g[k] - point->l2 * f * c->b[k];
        if (f == 0)
            continue;
        terms.norm1 += f * fabs(c->b[k]);
        terms.norm2 += f * c->b[k] * c->b[k];
        if (point->l1 > 0)
            terms.ratio = fmax(terms.ratio, (c->positive ? g : fabs(g)) / (point->l1 * f));
        else if (c->g[k] > 0 || !c->positive)
            terms.conjugate += c->g[k] * c->g[k] / f;
    }
    return ri_dual_gap(w->dual, w->point, &terms, w->loss, point);
}

/* Columns that take part: non-zeros, unpenalised ones, and those that want to enter. */
static ri_status choose_work(ri_general *w, ri_candidates *c, const ri_point *point,
                             ri_error *err) {
    w->size = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0 || c->penalty[k] == 0 || ri_violates(c, k, point->l1, VIOLATION))
            w->work[w->size++] = k;
    return ri_candidates_take(c, w->work, w->size, err);
}

/* The quadratic model at the present point: rows times the roots of their curvatures, and a
 * response that makes its gradient that of the loss. */
static ri_status make_model(ri_general *w, ri_candidates *c, ri_error *err) {
    const ri_view *view = c->view;
    ri_candidates *m = &w->model;
    for (int64_t t = 0; t < c->train; t++)
        w->root[t] = sqrt(fmax(w->dual->loss->curvature(w->eta[t]), LEAST_CURVATURE));
    w->columns = *view->columns;
    w->columns.centered = false;
    w->columns.penalty_factor = NULL;
    w->view = *view;
    w->view.columns = &w->columns;
    w->view.held = 0;
    m->working = (ri_working){
        .of = c, .root = w->root, .list = w->work, .intercept = view->columns->centered};
    int64_t first = view->columns->centered, count = w->size + first;
    for (int64_t i = 0; i < count; i++)
        w->column[i] = i;                  /* of the model, the columns are all that there are */
    for (int64_t t = 0; t < c->train; t++) /* what is left of the response, for now */
        w->target[t] = w->u[t] / w->root[t];
    ri_regression of = {
        .view = &w->view, .y = w->target, .null_loss = w->dual->null_loss, .positive = c->positive};
    RI_TRY(ri_candidates_fill(m, &of, NULL, w->column, count, err));
    if (first) {
        m->penalty[0] = 0;
        m->b[0] = w->intercept;
    }
    for (int64_t i = 0; i < w->size; i++) {
        m->penalty[first + i] = c->penalty[w->work[i]];
        m->b[first + i] = c->b[w->work[i]];
    }
    for (int64_t k = 0; k < count; k++) {
        m->list[k] = k;
        m->value[k] = m->b[k];
    }
    superpose(m, m->list, m->value, count, w->target);
    return RI_OK;
}

/* The model's answer in place of the present point, in the model's own coefficients. */
static ri_status solve_model(ri_general *w, const ri_point *point, double target, int32_t *rounds,
                             ri_error *err) {
    ri_candidates *m = &w->model;
    ri_point at = {.l1 = point->l1, .l2 = point->l2, .target = target};
    ri_support support = {.l2 = NAN}; /* fits no point: the factor is made anew */
    bool solved = false;
    ri_status status = RI_OK;
    if (!w->shooting) {
        status = ri_newton_begin(&w->newton, m, &support, &at, err);
        if (status == RI_OK)
            status = ri_newton_solve(&w->newton, m, &at, rounds, &solved, err);
        w->dependent = w->newton.dependent > w->dependent ? w->newton.dependent : w->dependent;
    } else {
        ri_candidates_residual(m);
    }
    if (status == RI_OK && !solved)
        status = ri_shooting_solve(&w->shoot, m, &at, MOST_SWEEPS, rounds, &solved, err);
    w->newton.factor = NULL;
    ri_support_free(&support);
    return status;
}

/* step = answer of the model - present point; way = its change of the fit. Returns the predicted
 * change of the objective: the gradient's part and that of the penalty. */
static double find_step(ri_general *w, ri_candidates *c, const ri_point *point, double *shift) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t first = c->view->columns->centered;
    double change = 0;
    *shift = first ? w->model.b[0] - w->intercept : 0;
    for (int64_t i = 0; i < w->size; i++) {
        int64_t k = w->work[i];
        double from = c->b[k], to = w->model.b[first + i], f = c->penalty[k];
        w->step[i] = to - from;
        change +=
            f * (point->l1 * (fabs(to) - fabs(from)) + 0.5 * point->l2 * (to * to - from * from));
    }
    memset(w->way, 0, (size_t)c->train * sizeof *w->way);
    superpose(c, w->work, w->step, w->size, w->way);
    change -= kernel->dot(w->way, w->u, c->train) / (double)c->train;
    if (first)
        change -= *shift * kernel->dot(c->view->root, w->u, c->train) / (double)c->train;
    return change;
}

/* Coefficients at the part t of the step; at t = 1 exactly the model's, zeros included. */
static void set_coefficients(const ri_general *w, ri_candidates *c, const double *from, double t) {
    int64_t first = c->view->columns->centered;
    for (int64_t i = 0; i < w->size; i++)
        c->b[w->work[i]] = t == 1 ? w->model.b[first + i] : from[i] + t * w->step[i];
}

/* Halves the step until the objective falls as it should. False where it never does: the present
 * point stays. */
static bool search_line(ri_general *w, ri_candidates *c, const ri_point *point) {
    double shift, change = find_step(w, c, point, &shift), at = w->intercept;
    double before = w->loss + penalty_of(c, point), *from = c->value, *fit = w->target;
    double slack = ROUNDING * (before + w->dual->null_loss);
    for (int64_t i = 0; i < w->size; i++)
        from[i] = c->b[w->work[i]];
    if (!(change <= slack))
        return false;
    double t = 1;
    for (int k = 0; k < MOST_HALVINGS; k++, t /= 2) {
        for (int64_t i = 0; i < c->train; i++)
            fit[i] = w->fit[i] + t * w->way[i];
        set_coefficients(w, c, from, t);
        double loss = look(w, c, at + t * shift, fit);
        if (loss + penalty_of(c, point) <= before + SUFFICIENT * t * change + slack) {
            memcpy(w->fit, fit, (size_t)c->train * sizeof *fit);
            w->intercept = at + t * shift;
            w->loss = loss;
            return true;
        }
    }
    set_coefficients(w, c, from, 0);
    look(w, c, at, w->fit);
    return false;
}

ri_status ri_general_solve(ri_general *w, ri_candidates *c, const ri_point *point, int32_t *rounds,
                           double *gap, bool *solved, ri_error *err) {
    double best = INFINITY;
    int idle = 0;
    *solved = false;
    settle(w, c);
    for (int round = 0;; round++) {
        bool there = *solved;
        *gap = measure(w, c, point);
        *solved = *gap <= point->target;
        idle = *gap < 0.9 * best ? 0 : idle + 1;
        best = fmin(best, *gap);
        if (*solved && (there || *gap <= LANDED * point->target))
            return RI_OK; /* the step after the one that arrives costs little and lands far nearer
                           */
        if (idle > PATIENCE || round >= MOST_ROUNDS)
            return RI_OK;
        RI_TRY(choose_work(w, c, point, err));
        RI_TRY(make_model(w, c, err));
        double target = fmax(fmin(MODEL_PART, *gap) * *gap, LEAST_MODEL_GAP);
        RI_TRY(solve_model(w, point, target, rounds, err));
        if (!search_line(w, c, point))
            return RI_OK;
    }
}
