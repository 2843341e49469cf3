/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "solve/active.h"

enum {
    MOST_ROUNDS = 200, /* of a point, before shooting takes over */
    BOLD_TRIES = 8,    /* of a round: crossings dropped together */
    BOLD_DROPS = 4,    /* crossings that may always be dropped together, */
    BOLD_PART = 24,    /* and as a part of the support: 1 / BOLD_PART */
};

/* How far gradients of candidates may come for a way of the residual, as a part of what Cauchy and
 * Schwarz allow, which is hardly ever seen: what is overlooked now the certificate finds, and the
 * next window looks at every candidate again. Inside a window half of that is looked at: what is
 * overlooked there is seen at its end. Or only active ones are wanted. */
static const double LIKELY = 0.3, LIKELY_INSIDE = 0.15, NEVER = -1;
/* But no less than so many deviations of a column that has nothing to do with that way, each 1 /
 * sqrt(n) of it: with few samples some of many candidates come as far. An elastic net is spared
 * that: what it reads is foreseen with windows that fail for it (cv/fit_extent.c). */
static const double DEVIATIONS = 4, DEVIATIONS_INSIDE = 2;
/* A gap over its target, and over the one before, for which floats are too coarse. */
static const double COARSE = 3, LITTLE = 0.1;
static const double VIOLATION = 1e-9; /* relative slack of an optimality condition */

/* z = L'b + L^-1 (g - l1 f s - l2 f b): the right-hand side of the exact solution in factor space,
 * from the present residual, so that every step refines. Where z = L'b already, it only grows. */
static void form_right_side(ri_newton *w, const ri_candidates *c, const ri_point *point) {
    double *z = w->factor->z, *x = w->target;
    w->unsigned_ = point->l1 == 0 && !c->positive;
    for (int64_t i = 0; i < w->size; i++) {
        int64_t k = w->active[i];
        x[i] = c->g[k] - c->penalty[k] * (point->l1 * w->sign[i] + point->l2 * c->b[k]);
        w->step[i] = c->b[k];
    }
    ri_factor_forward(w->factor, x);
    if (!w->exact && w->size > 0) {
        memset(z, 0, (size_t)w->size * sizeof *z);
        ri_factor_transposed(w->factor, w->step, z);
    }
    for (int64_t i = 0; i < w->size; i++)
        z[i] += x[i];
    w->exact = false; /* until b follows */
}

/* target = solution on the active set; marks coefficients whose sign turned. */
static int64_t solve_active(ri_newton *w) {
    if (w->size > 0)
        memcpy(w->target, w->factor->z, (size_t)w->size * sizeof *w->target);
    ri_factor_backward(w->factor, w->target);
    int64_t crossings = 0;
    for (int64_t i = 0; i < w->size; i++) {
        w->drop[i] = !w->unsigned_ && w->sign[i] != 0 && !(w->target[i] * w->sign[i] > 0);
        crossings += w->drop[i];
    }
    return crossings;
}

/* Moves every active coefficient the part `t` of its way to the target. */
static void move_towards(ri_newton *w, ri_candidates *c, double t) {
    w->exact = t == 1;
    for (int64_t i = 0; i < w->size; i++) {
        double b = c->b[w->active[i]];
        w->step[i] = t == 1 ? w->target[i] - b : t * (w->target[i] - b);
        if (w->drop[i])
            w->step[i] = -b;
    }
    ri_candidates_move(c, w->active, w->step, w->size);
}

/* Dropped coefficients go to zero at once. */
static void zero_dropped(ri_newton *w, ri_candidates *c) {
    int64_t count = 0;
    for (int64_t i = 0; i < w->size; i++)
        if (w->drop[i]) {
            c->list[count] = w->active[i];
            w->step[count++] = -c->b[w->active[i]];
        }
    ri_candidates_move(c, c->list, w->step, count);
}

/* Few crossings leave together, a few times; what is left is solved exactly. Many at once would
 * lead far away from the answer: then nothing is done and `*settled` is false. */
static ri_status step_boldly(ri_newton *w, ri_candidates *c, bool *settled, ri_error *err) {
    *settled = false;
    int64_t allowed = w->size / BOLD_PART > BOLD_DROPS ? w->size / BOLD_PART : BOLD_DROPS;
    for (int tries = 0; tries < BOLD_TRIES; tries++) {
        int64_t crossings = solve_active(w);
        if (crossings == 0) {
            move_towards(w, c, 1);
            *settled = true;
            return RI_OK;
        }
        allowed -= crossings;
        if (allowed < 0)
            return RI_OK;
        zero_dropped(w, c);
        RI_TRY(ri_active_delete(w, err));
    }
    return RI_OK;
}

/* Part of the way to the target at which the first coefficient is zero; 0 where entering ones would
 * leave in the wrong direction at once. */
static double way_to_first_crossing(const ri_newton *w, const ri_candidates *c) {
    double t = 1;
    for (int64_t i = 0; i < w->size; i++) {
        double b = c->b[w->active[i]];
        if (w->drop[i])
            t = fmin(t, b * w->sign[i] > 0 ? b / (b - w->target[i]) : 0);
    }
    return t;
}

/* To the first crossing only; what is zero there leaves. The objective never rises. */
static ri_status step_carefully(ri_newton *w, ri_candidates *c, ri_error *err) {
    for (int64_t left = w->size; left >= 0; left--) {
        if (solve_active(w) == 0) {
            move_towards(w, c, 1);
            return RI_OK;
        }
        double t = way_to_first_crossing(w, c);
        for (int64_t i = 0; i < w->size; i++) {
            double b = c->b[w->active[i]];
            double at = b * w->sign[i] > 0 ? b / (b - w->target[i]) : 0;
            w->drop[i] = w->drop[i] && at <= t;
        }
        move_towards(w, c, t);
        RI_TRY(ri_active_delete(w, err));
    }
    return RI_OK;
}

/* A violator that depends on the active columns, z_e = Z w: moving weight from them to it leaves
 * the fit as it is and shrinks the penalty, until a first coefficient is zero and gives its place.
 */
static ri_status exchange(ri_newton *w, ri_candidates *c, int64_t entering, ri_error *err) {
    RI_TRY(ri_active_gram(w, c, &entering, 1, err));
    memcpy(w->step, w->cross, (size_t)w->size * sizeof *w->step);
    ri_factor_forward(w->factor, w->step);
    ri_factor_backward(w->factor, w->step);
    double sign = ri_active_sign(c, entering), t = INFINITY;
    int64_t first = -1;
    for (int64_t i = 0; i < w->size; i++) {
        double b = c->b[w->active[i]], down = sign * w->step[i];
        w->drop[i] = false;
        if (w->sign[i] != 0 && b * down > 0 && b / down < t) {
            t = b / down;
            first = i;
        }
    }
    if (first < 0)
        return RI_OK;
    for (int64_t i = 0; i < w->size; i++)
        w->step[i] *= -t * sign;
    w->step[first] = -c->b[w->active[first]];
    ri_candidates_move(c, w->active, w->step, w->size);
    double way = t * sign;
    ri_candidates_move(c, &entering, &way, 1);
    w->exact = false;
    w->drop[first] = true;
    RI_TRY(ri_active_delete(w, err));
    return ri_active_append(w, c, &entering, 1, err);
}

static int compare_excess(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

/* Violators among the candidates: all of them, or, where they are more than the support doubled
 * could use, the strongest. */
static int64_t find_violators(ri_newton *w, ri_candidates *c, const ri_point *point) {
    int64_t count = 0, most = w->size > 32 ? w->size : 32;
    for (int64_t k = 0; k < c->size; k++) {
        if (w->in[k] || c->penalty[k] == 0 || c->travel[k] != c->travelled ||
            !ri_violates(c, k, point->l1, VIOLATION))
            continue;
        c->value[count] = fabs(c->g[k]) / c->penalty[k];
        w->enter[count++] = k;
    }
    if (count <= most)
        return count;
    qsort(c->value, (size_t)count, sizeof *c->value, compare_excess);
    double least = c->value[most - 1];
    int64_t kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (fabs(c->g[w->enter[i]]) / c->penalty[w->enter[i]] >= least)
            w->enter[kept++] = w->enter[i];
    return kept;
}

/* Lets violators in; `*entered` says whether anything changed. */
static ri_status let_in(ri_newton *w, ri_candidates *c, const ri_point *point, bool *entered,
                        ri_error *err) {
    int64_t before = w->size, suspect = w->suspect;
    w->suspect = -1;
    if (suspect >= 0 && !w->in[suspect] && ri_violates(c, suspect, point->l1, VIOLATION)) {
        RI_TRY(ri_active_append(w, c, &suspect, 1, err));
        if (!w->in[suspect] && point->l1 > 0) {
            RI_TRY(exchange(w, c, suspect, err));
            w->suspect = -1;
        }
        ri_candidates_gradient(c, point->l1, w->in, NEVER);
        *entered = w->in[suspect];
        if (*entered)
            return RI_OK;
    }
    int64_t count = find_violators(w, c, point);
    RI_TRY(ri_active_append(w, c, w->enter, count, err));
    *entered = w->size != before || (w->suspect >= 0 && w->suspect != suspect);
    return RI_OK;
}

/* After an exact step the gradient of active columns is known without a product. */
static void assume_gradient(ri_newton *w, ri_candidates *c, const ri_point *point) {
    for (int64_t i = 0; i < w->size; i++) {
        int64_t k = w->active[i];
        c->g[k] = c->penalty[k] * (point->l1 * w->sign[i] + point->l2 * c->b[k]);
        c->travel[k] = c->travelled;
    }
}

/* The gradient of active columns, and of those that may have come near. */
static void update_gradient(ri_newton *w, ri_candidates *c, const ri_point *point) {
    const double deviation = point->l2 > 0 ? 0 : 1 / sqrt((double)c->train);
    double part = fmax(LIKELY, DEVIATIONS * deviation);
    if (point->trusting)
        part = fmax(LIKELY_INSIDE, DEVIATIONS_INSIDE * deviation);
    ri_candidates_gradient(c, point->l1, w->in, fmin(part, 1));
}

/* The gradient of active columns from the residual. */
static void compute_gradient(ri_newton *w, ri_candidates *c, const ri_point *point) {
    for (int64_t i = 0; i < w->size; i++)
        c->travel[w->active[i]] = -1;
    update_gradient(w, c, point);
}

/* The gap by gradients from the residual, where those of active columns were assumed. A factor of
 * floats leads less far than it seems to: then it goes once more from where that is, and is made of
 * doubles where it misses by much, or the last time brought little. */
static ri_status measure_gap(ri_newton *w, ri_candidates *c, const ri_point *point, double best,
                             double *gap, ri_error *err) {
    compute_gradient(w, c, point);
    *gap = ri_candidates_gap(c, point);
    if (!w->factor->single || *gap <= point->target)
        return RI_OK;
    w->exact = false;
    if (*gap > COARSE * point->target || *gap > LITTLE * best)
        return ri_active_widen(w, c, err);
    return RI_OK;
}

/* What follows a step: `*done` where the conditions hold on all candidates to the target, or as
 * exactly as rounding allows; else violators enter. */
static ri_status check_step(ri_newton *w, ri_candidates *c, const ri_point *point, double *best,
                            bool *bold, bool *done, ri_error *err) {
    bool assumed = w->exact, entered, single = w->factor->single;
    if (assumed)
        assume_gradient(w, c, point);
    update_gradient(w, c, point);
    double gap = ri_candidates_gap(c, point);
    if (assumed && gap <= point->target && !point->trusting) {
        RI_TRY(measure_gap(w, c, point, *best, &gap, err));
        assumed = false;
    }
    *done = gap <= point->target;
    if (*done)
        return RI_OK;
    RI_TRY(let_in(w, c, point, &entered, err));
    if (!entered && assumed)
        RI_TRY(measure_gap(w, c, point, *best, &gap, err));
    *done = !entered && gap >= 0.5 * *best && single == w->factor->single;
    *bold = *bold && gap < 0.7 * *best;
    *best = fmin(*best, gap);
    return RI_OK;
}

ri_status ri_newton_solve(ri_newton *w, ri_candidates *c, const ri_point *point, int32_t *rounds,
                          bool *solved, ri_error *err) {
    *solved = false;
    if (w->l2 != point->l2)
        RI_TRY(ri_newton_restart(w, c, point, err));
    double best = INFINITY;
    bool bold = true;
    ri_candidates_gradient(c, point->l1, w->in, NEVER);
    for (int round = 0; round < MOST_ROUNDS; round++) {
        bool settled = false;
        (*rounds)++;
        form_right_side(w, c, point);
        if (bold)
            RI_TRY(step_boldly(w, c, &settled, err));
        if (!settled) {
            if (bold) {
                ri_candidates_gradient(c, point->l1, w->in, NEVER);
                form_right_side(w, c, point);
            }
            RI_TRY(step_carefully(w, c, err));
        }
        RI_TRY(check_step(w, c, point, &best, &bold, solved, err));
        if (*solved)
            return RI_OK;
    }
    return RI_OK;
}
