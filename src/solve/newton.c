/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum {
    MOST_ROUNDS = 200, /* of a point, before shooting takes over */
    BOLD_TRIES = 8,    /* of a round: crossings dropped together */
    BOLD_DROPS = 4,    /* crossings that may always be dropped together, */
    BOLD_PART = 24,    /* and as a part of the support: 1 / BOLD_PART */
    APPEND_BLOCK = 192,
};
static const double LEAST_PIVOT = 1e-13; /* relative to the diagonal */
static const double VIOLATION = 1e-9;    /* relative slack of an optimality condition */

void ri_support_free(ri_support *support) {
    ri_factor_free(&support->factor);
    free(support->feature);
    free(support->b);
    *support = (ri_support){0};
}

void ri_newton_free(ri_newton *w) {
    free(w->active);
    free(w->sign);
    free(w->target);
    free(w->step);
    free(w->drop);
    free(w->in);
    free(w->enter);
    free(w->accepted);
    free(w->cross);
    free(w->own);
    free(w->block);
    *w = (ri_newton){0};
}

static ri_status make_room(ri_newton *w, int64_t size, int64_t candidates, ri_error *err) {
    size_t need = (size_t)size + 1, had = w->active_room;
    size_t same[4] = {had, had, had, had};
    bool good = ri_grow(&w->active, &w->active_room, need, sizeof *w->active) &&
                ri_grow(&w->sign, &same[0], need, sizeof *w->sign) &&
                ri_grow(&w->target, &same[1], need, sizeof *w->target) &&
                ri_grow(&w->step, &same[2], need, sizeof *w->step) &&
                ri_grow(&w->drop, &same[3], need, sizeof *w->drop);
    had = w->candidate_room;
    same[0] = same[1] = had;
    need = (size_t)candidates + 1;
    good = good && ri_grow(&w->in, &w->candidate_room, need, sizeof *w->in) &&
           ri_grow(&w->enter, &same[0], need, sizeof *w->enter) &&
           ri_grow(&w->accepted, &same[1], need, sizeof *w->accepted);
    return good ? RI_OK : ri_fail_memory(err, "the active set", 40ULL * (size_t)size);
}

static ri_status block_room(ri_newton *w, const ri_candidates *c, int64_t count, ri_error *err) {
    size_t k = (size_t)count, m = (size_t)w->size;
    if (!ri_grow(&w->cross, &w->cross_room, k * m + 1, sizeof(double)) ||
        !ri_grow(&w->own, &w->own_room, k * k, sizeof(double)) ||
        !ri_grow(&w->block, &w->block_room, k * (size_t)c->stride, sizeof(double)))
        return ri_fail_memory(err, "entering features", 8ULL * k * (m + (size_t)c->stride));
    return RI_OK;
}

/* Gram of `count` entering columns with the active ones (cross) and with each other (own). */
static void entering_gram(ri_newton *w, ri_candidates *c, const int64_t *enter, int64_t count) {
    const ri_kernel *kernel = ri_kernel_get();
    double per_row = 1.0 / (double)c->train;
    for (int64_t k = 0; k < count; k++)
        memcpy(w->block + k * c->stride, c->column[enter[k]], (size_t)c->stride * sizeof(double));
    for (int64_t i = 0; i < w->size; i++)
        c->pointer[i] = c->column[w->active[i]];
    kernel->product(c->pointer, w->size, w->block, c->stride, count, c->train, w->cross, w->size);
    for (int64_t i = 0; i < w->size * count; i++)
        w->cross[i] *= per_row;
    for (int64_t k = 0; k < count; k++)
        c->pointer[k] = c->column[enter[k]];
    kernel->product(c->pointer, count, w->block, c->stride, count, c->train, w->own, count);
    for (int64_t i = 0; i < count * count; i++)
        w->own[i] *= per_row;
    for (int64_t k = 0; k < count; k++)
        w->own[k + k * count] += w->l2 * c->penalty[enter[k]];
}

static double entering_sign(const ri_candidates *c, int64_t k) {
    if (c->penalty[k] == 0)
        return 0;
    if (c->b[k] != 0)
        return c->b[k] > 0 ? 1 : -1;
    return c->positive || c->g[k] > 0 ? 1 : -1;
}

/* Appends columns to factor and active set; dependent ones stay out and the first becomes suspect.
 * Pivots cannot tell once the rank is used up: rounding of the last small ones is all they are. */
static ri_status append(ri_newton *w, ri_candidates *c, const int64_t *enter, int64_t count,
                        ri_error *err) {
    for (int64_t from = 0, width; from < count; from += width) {
        width = count - from < APPEND_BLOCK ? count - from : APPEND_BLOCK;
        bool full = w->l2 == 0 && w->size >= w->rank;
        if (w->l2 == 0 && !full && w->size + width > w->rank)
            width = w->rank - w->size;
        RI_TRY(make_room(w, w->size + width, c->size, err));
        RI_TRY(block_room(w, c, width, err));
        memset(w->accepted, 0, (size_t)width * sizeof *w->accepted);
        if (!full) {
            entering_gram(w, c, enter + from, width);
            RI_TRY(ri_factor_append(w->factor, w->cross, w->own, width, LEAST_PIVOT, w->accepted,
                                    err));
        }
        for (int64_t k = 0; k < width; k++) {
            int64_t local = enter[from + k];
            if (!w->accepted[k]) {
                w->dependent++;
                if (w->suspect < 0 && c->penalty[local] > 0)
                    w->suspect = local;
                continue;
            }
            w->in[local] = true;
            w->sign[w->size] = entering_sign(c, local);
            w->active[w->size++] = local;
        }
    }
    return RI_OK;
}

/* Deletes marked rows from factor and active set. */
static ri_status delete_dropped(ri_newton *w, ri_error *err) {
    RI_TRY(ri_factor_delete(w->factor, w->drop, err));
    int64_t kept = 0;
    for (int64_t i = 0; i < w->size; i++) {
        if (w->drop[i]) {
            w->in[w->active[i]] = false;
            continue;
        }
        w->active[kept] = w->active[i];
        w->sign[kept++] = w->sign[i];
    }
    w->size = kept;
    return RI_OK;
}

ri_status ri_newton_restart(ri_newton *w, ri_candidates *c, const ri_point *point, ri_error *err) {
    RI_TRY(make_room(w, 1, c->size, err));
    ri_factor_clear(w->factor);
    w->l2 = point->l2;
    w->size = 0;
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        w->in[k] = false;
        if (c->b[k] != 0 || c->penalty[k] == 0)
            w->enter[count++] = k;
    }
    RI_TRY(append(w, c, w->enter, count, err));
    for (int64_t i = 0; i < count; i++) { /* a dependent column gives its weight up */
        int64_t k = w->enter[i];
        double step = -c->b[k];
        if (!w->in[k])
            ri_candidates_move(c, &k, &step, 1);
    }
    return RI_OK;
}

ri_status ri_newton_begin(ri_newton *w, ri_candidates *c, ri_support *support,
                          const ri_point *point, ri_error *err) {
    w->factor = &support->factor;
    w->suspect = -1;
    w->dependent = 0;
    w->rank = c->view->columns->centered ? -1 : 0;
    for (int64_t t = 0; t < c->train; t++)
        w->rank += c->view->root[t] > 0;
    w->l2 = support->l2;
    RI_TRY(make_room(w, support->size, c->size, err));
    memset(w->in, 0, (size_t)c->size * sizeof *w->in);
    w->size = support->size;
    for (int64_t i = 0; i < support->size; i++) {
        int64_t local = ri_candidates_find(c, support->feature[i]);
        w->drop[i] = local < 0;
        w->active[i] = local;
        if (local < 0)
            continue;
        w->in[local] = true;
        c->b[local] = support->b[i];
        w->sign[i] = c->penalty[local] == 0 ? 0 : support->b[i] < 0 ? -1 : 1;
    }
    bool gone = false;
    for (int64_t i = 0; i < support->size; i++)
        gone |= w->drop[i];
    ri_candidates_residual(c);
    if (gone || w->l2 != point->l2 || w->factor->size != support->size)
        return ri_newton_restart(w, c, point, err);
    int64_t count = 0; /* unpenalised terms that are not in yet: the very first window */
    for (int64_t k = 0; k < c->size; k++)
        if (c->penalty[k] == 0 && !w->in[k])
            w->enter[count++] = k;
    return append(w, c, w->enter, count, err);
}

ri_status ri_newton_end(ri_newton *w, const ri_candidates *c, ri_support *support, ri_error *err) {
    size_t need = (size_t)w->size + 1;
    if (!ri_grow(&support->feature, &support->capacity, need, sizeof *support->feature) ||
        !ri_grow(&support->b, &support->b_capacity, need, sizeof *support->b))
        return ri_fail_memory(err, "the support of a fit", 16 * need);
    support->size = w->size;
    support->l2 = w->l2;
    for (int64_t i = 0; i < w->size; i++) {
        support->feature[i] = c->feature[w->active[i]];
        support->b[i] = c->b[w->active[i]];
    }
    w->factor = NULL;
    return RI_OK;
}

/* z = L'b + L^-1 (g - l1 f s - l2 f b): the right-hand side of the exact solution in factor space,
 * from the present residual, so that every round refines. */
static void form_right_side(ri_newton *w, const ri_candidates *c, const ri_point *point) {
    double *z = w->factor->z;
    w->unsigned_ = point->l1 == 0 && !c->positive;
    for (int64_t i = 0; i < w->size; i++) {
        int64_t k = w->active[i];
        z[i] = c->g[k] - c->penalty[k] * (point->l1 * w->sign[i] + point->l2 * c->b[k]);
        w->step[i] = c->b[k];
    }
    ri_factor_forward(w->factor, z);
    ri_factor_transposed(w->factor, w->step, z);
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
        RI_TRY(delete_dropped(w, err));
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
        RI_TRY(delete_dropped(w, err));
    }
    return RI_OK;
}

/* A violator that depends on the active columns, z_e = Z w: moving weight from them to it leaves
 * the fit as it is and shrinks the penalty, until a first coefficient is zero and gives its place.
 */
static ri_status exchange(ri_newton *w, ri_candidates *c, int64_t entering, ri_error *err) {
    RI_TRY(block_room(w, c, 1, err));
    entering_gram(w, c, &entering, 1);
    memcpy(w->step, w->cross, (size_t)w->size * sizeof *w->step);
    ri_factor_forward(w->factor, w->step);
    ri_factor_backward(w->factor, w->step);
    double sign = entering_sign(c, entering), t = INFINITY;
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
    w->drop[first] = true;
    RI_TRY(delete_dropped(w, err));
    return append(w, c, &entering, 1, err);
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
        RI_TRY(append(w, c, &suspect, 1, err));
        if (!w->in[suspect] && point->l1 > 0) {
            RI_TRY(exchange(w, c, suspect, err));
            w->suspect = -1;
        }
        ri_candidates_gradient(c, point->l1, w->in);
        *entered = w->in[suspect];
        if (*entered)
            return RI_OK;
    }
    int64_t count = find_violators(w, c, point);
    RI_TRY(append(w, c, w->enter, count, err));
    *entered = w->size != before || (w->suspect >= 0 && w->suspect != suspect);
    return RI_OK;
}

ri_status ri_newton_solve(ri_newton *w, ri_candidates *c, const ri_point *point, int32_t *rounds,
                          bool *solved, ri_error *err) {
    *solved = false;
    if (w->l2 != point->l2)
        RI_TRY(ri_newton_restart(w, c, point, err));
    double best = INFINITY;
    bool bold = true;
    for (int round = 0; round < MOST_ROUNDS; round++) {
        bool settled = true, entered = true;
        ri_candidates_gradient(c, point->l1, w->in);
        if (round > 0) {
            double gap = ri_candidates_gap(c, point);
            if (gap <= point->target) {
                *solved = true;
                return RI_OK;
            }
            RI_TRY(let_in(w, c, point, &entered, err));
            if (!entered && gap >= 0.5 * best) { /* as exact as rounding allows */
                *solved = true;
                return RI_OK;
            }
            bold = bold && gap < 0.7 * best;
            best = fmin(best, gap);
        }
        (*rounds)++;
        form_right_side(w, c, point);
        if (bold)
            RI_TRY(step_boldly(w, c, &settled, err));
        if (!bold || !settled) {
            ri_candidates_gradient(c, point->l1, w->in);
            form_right_side(w, c, point);
            RI_TRY(step_carefully(w, c, err));
        }
    }
    return RI_OK;
}
