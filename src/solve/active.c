/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/active.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { APPEND_BLOCK = 192 };

/* Relative to the diagonal. Rounding of floats hides what is smaller than the second. */
static const double LEAST_PIVOT = 1e-13, LEAST_SINGLE = 1e-4;

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
    ri_factor_free(&w->idle);
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

ri_status ri_active_gram(ri_newton *w, ri_candidates *c, const int64_t *enter, int64_t count,
                         ri_error *err) {
    size_t k = (size_t)count, m = (size_t)w->size;
    if (!ri_grow(&w->cross, &w->cross_room, k * m + 1, sizeof(double)) ||
        !ri_grow(&w->own, &w->own_room, k * k, sizeof(double)))
        return ri_fail_memory(err, "entering features", 8ULL * k * (m + k));
    ri_gram_block want = {w->active, enter, w->size, count, w->cross, w->own};
    RI_TRY(c->columns->gram(c, &want, err));
    for (int64_t i = 0; i < count; i++)
        w->own[i + i * count] += w->l2 * c->penalty[enter[i]];
    return RI_OK;
}

double ri_active_sign(const ri_candidates *c, int64_t k) {
    if (c->penalty[k] == 0)
        return 0;
    if (c->b[k] != 0)
        return c->b[k] > 0 ? 1 : -1;
    return c->positive || c->g[k] > 0 ? 1 : -1;
}

/* Dependent columns give their weight up. */
static void clear_dependent(ri_newton *w, ri_candidates *c, const int64_t *list, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        double step = -c->b[list[i]];
        if (!w->in[list[i]])
            ri_candidates_move(c, list + i, &step, 1);
    }
}

ri_status ri_active_widen(ri_newton *w, ri_candidates *c, ri_error *err) {
    const int64_t count = w->size;
    int64_t *list = ri_alloc((size_t)count, sizeof *list);
    if (!list)
        return ri_fail_memory(err, "the active set", 8ULL * (size_t)count);
    for (int64_t i = 0; i < count; i++) {
        list[i] = w->active[i];
        w->in[list[i]] = false;
    }
    ri_factor_restart(w->factor, false);
    w->exact = false;
    w->size = 0;
    ri_status status = ri_active_append(w, c, list, count, err);
    if (status == RI_OK)
        clear_dependent(w, c, list, count);
    free(list);
    return status;
}

static int64_t count_accepted(const ri_newton *w, int64_t width) {
    int64_t count = 0;
    for (int64_t k = 0; k < width; k++)
        count += w->accepted[k];
    return count;
}

/* Appends columns to factor and active set; dependent ones stay out and the first becomes suspect.
 * Floats cannot tell which those are: then the factor is made of doubles. Pivots cannot tell once
 * the rank is used up: rounding of the last small ones is all they are. */
ri_status ri_active_append(ri_newton *w, ri_candidates *c, const int64_t *enter, int64_t count,
                           ri_error *err) {
    for (int64_t from = 0, width; from < count; from += width) {
        width = count - from < APPEND_BLOCK ? count - from : APPEND_BLOCK;
        bool full = w->l2 == 0 && w->size >= w->rank;
        if (w->l2 == 0 && !full && w->size + width > w->rank)
            width = w->rank - w->size;
        RI_TRY(make_room(w, w->size + width, c->size, err));
        memset(w->accepted, 0, (size_t)width * sizeof *w->accepted);
        if (!full) {
            RI_TRY(ri_active_gram(w, c, enter + from, width, err));
            RI_TRY(ri_factor_append(w->factor, w->cross, w->own, width,
                                    w->factor->single ? LEAST_SINGLE : LEAST_PIVOT, w->accepted,
                                    err));
            if (w->factor->single && count_accepted(w, width) < width) {
                w->factor->size = w->size;
                RI_TRY(ri_active_widen(w, c, err));
                width = 0; /* once more */
                continue;
            }
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
            w->sign[w->size] = ri_active_sign(c, local);
            w->factor->z[w->size] = 0; /* as its coefficient, where the step was exact */
            w->active[w->size++] = local;
        }
    }
    return RI_OK;
}

/* Deletes marked rows from factor and active set. */
ri_status ri_active_delete(ri_newton *w, ri_error *err) {
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
    w->exact = false;
    w->size = 0;
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        w->in[k] = false;
        if (c->b[k] != 0 || c->penalty[k] == 0)
            w->enter[count++] = k;
    }
    RI_TRY(ri_active_append(w, c, w->enter, count, err));
    clear_dependent(w, c, w->enter, count);
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
    w->exact = support->exact;
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
    return ri_active_append(w, c, w->enter, count, err);
}

ri_status ri_newton_end(ri_newton *w, const ri_candidates *c, ri_support *support, ri_error *err) {
    size_t need = (size_t)w->size + 1;
    if (!ri_grow(&support->feature, &support->capacity, need, sizeof *support->feature) ||
        !ri_grow(&support->b, &support->b_capacity, need, sizeof *support->b))
        return ri_fail_memory(err, "the support of a fit", 16 * need);
    support->size = w->size;
    support->l2 = w->l2;
    support->exact = w->exact;
    for (int64_t i = 0; i < w->size; i++) {
        support->feature[i] = c->feature[w->active[i]];
        support->b[i] = c->b[w->active[i]];
    }
    w->factor = NULL;
    return RI_OK;
}
