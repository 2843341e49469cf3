/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/shooting.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { DEPTH = 5, MOST_SETS = 100, FIRST_SWEEPS = 200 };

/* A working set is solved to this part of the gap at which it was chosen: others wait for it. */
static const double SET_PART = 0.3;

void ri_shooting_free(ri_shooting *w) {
    free(w->work);
    free(w->history);
    free(w->step);
    free(w->known);
    free(w->free_column);
    ri_factor_free(&w->free_factor);
    *w = (ri_shooting){0};
}

/* The working set: non-zeros, unpenalised terms and violators, in file order. */
static ri_status choose_work(ri_shooting *w, ri_candidates *c, double l1, ri_error *err) {
    size_t need = (size_t)c->size + 1;
    if (!ri_grow(&w->work, &w->work_room, need, sizeof *w->work) ||
        !ri_grow(&w->step, &w->step_room, need, sizeof *w->step))
        return ri_fail_memory(err, "the working set", 16 * need);
    w->size = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (c->b[k] != 0 || c->penalty[k] == 0 ||
            (c->travel[k] == c->travelled && ri_violates(c, k, l1, 1e-9)))
            w->work[w->size++] = k;
    size_t history = (size_t)(DEPTH + 1) * (size_t)(w->size + 1);
    if (!ri_grow(&w->history, &w->history_room, history, sizeof(double)))
        return ri_fail_memory(err, "extrapolation", 8 * history);
    return ri_candidates_take(c, w->work, w->size, err);
}

static double soft(double u, double threshold, bool positive) {
    if (u > threshold)
        return u - threshold;
    return !positive && u < -threshold ? u + threshold : 0;
}

/* The next column comes from memory while this one is at work. */
static void fetch(const double *column, int64_t n) {
    for (int64_t t = 0; t < n; t += 8)
        __builtin_prefetch(column + t, 0, 2);
}

/* z_k'r / n; `next` is the column after it, or -1. */
static double slope(ri_candidates *c, int64_t k, int64_t next) {
    ri_gathered *a = &c->gathered;
    const ri_tabled *coded = &a->coded.column[k];
    double out;
    if (ri_coded_use(&a->coded, k, a->column[k])) {
        ri_kernel_get()->tabled_product(&coded, 1, a->r, c->train, &out);
    } else {
        if (next >= 0)
            fetch(a->column[next], c->train);
        out = ri_kernel_get()->dot(a->column[k], a->r, c->train);
    }
    return out / (double)c->train;
}

static void go(ri_candidates *c, int64_t k, double step) {
    ri_gathered *a = &c->gathered;
    const ri_tabled *coded = &a->coded.column[k];
    const double down = -step;
    if (ri_coded_use(&a->coded, k, a->column[k]))
        ri_kernel_get()->tabled_axpy(&coded, &down, 1, a->r, c->train);
    else
        ri_kernel_get()->axpy(down, a->column[k], a->r, c->train);
}

static void sweep(const ri_shooting *w, ri_candidates *c, const ri_point *point) {
    for (int64_t i = 0; i < w->size; i++) {
        int64_t k = w->work[i];
        double f = c->penalty[k], square = c->square[k] + point->l2 * f;
        double u = slope(c, k, i + 1 < w->size ? w->work[i + 1] : -1) + c->square[k] * c->b[k];
        double b = f == 0 ? u / square : soft(u, point->l1 * f, c->positive) / square;
        double step = b - c->b[k];
        if (step == 0)
            continue;
        go(c, k, step);
        c->b[k] = b;
    }
}

double ri_shooting_objective(const ri_candidates *c, const ri_point *point) {
    double norm1 = 0, norm2 = 0;
    for (int64_t k = 0; k < c->size; k++) {
        norm1 += c->penalty[k] * fabs(c->b[k]);
        norm2 += c->penalty[k] * c->b[k] * c->b[k];
    }
    double rr = ri_kernel_get()->dot(c->gathered.r, c->gathered.r, c->train) / (double)c->train;
    return 0.5 * rr + point->l1 * norm1 + 0.5 * point->l2 * norm2;
}

/* Weights of sum 1 that make the combined step shortest: M x = 1, M the Gram of the steps. */
static bool anderson_weights(double m[DEPTH][DEPTH], double *weight) {
    double a[DEPTH][DEPTH + 1], trace = 0, sum = 0;
    for (int i = 0; i < DEPTH; i++)
        trace += m[i][i];
    for (int i = 0; i < DEPTH; i++) {
        for (int j = 0; j < DEPTH; j++)
            a[i][j] = m[i][j] + (i == j ? 1e-12 * trace : 0);
        a[i][DEPTH] = 1;
    }
    for (int i = 0; i < DEPTH; i++) {
        int pivot = i;
        for (int k = i + 1; k < DEPTH; k++)
            pivot = fabs(a[k][i]) > fabs(a[pivot][i]) ? k : pivot;
        if (!(fabs(a[pivot][i]) > 1e-300))
            return false;
        for (int j = 0; j <= DEPTH; j++) {
            double swap = a[i][j];
            a[i][j] = a[pivot][j];
            a[pivot][j] = swap;
        }
        for (int k = 0; k < DEPTH; k++) {
            if (k == i)
                continue;
            double ratio = a[k][i] / a[i][i];
            for (int j = i; j <= DEPTH; j++)
                a[k][j] -= ratio * a[i][j];
        }
    }
    for (int i = 0; i < DEPTH; i++)
        sum += weight[i] = a[i][DEPTH] / a[i][i];
    if (!(fabs(sum) > 1e-300))
        return false;
    for (int i = 0; i < DEPTH; i++)
        weight[i] /= sum;
    return true;
}

/* Tries the extrapolated point of the last DEPTH sweeps; goes back where it is no better. */
static void extrapolate(ri_shooting *w, ri_candidates *c, const ri_point *point) {
    double m[DEPTH][DEPTH], weight[DEPTH];
    int64_t s = w->size;
    for (int u = 0; u < DEPTH; u++)
        for (int v = 0; v <= u; v++) {
            double sum = 0;
            for (int64_t i = 0; i < s; i++)
                sum += (w->history[(u + 1) * s + i] - w->history[u * s + i]) *
                       (w->history[(v + 1) * s + i] - w->history[v * s + i]);
            m[u][v] = m[v][u] = sum;
        }
    if (!anderson_weights(m, weight))
        return;
    double before = ri_shooting_objective(c, point);
    for (int64_t i = 0; i < s; i++) {
        double b = 0;
        for (int u = 0; u < DEPTH; u++)
            b += weight[u] * w->history[(u + 1) * s + i];
        if (c->positive && c->penalty[w->work[i]] > 0)
            b = fmax(b, 0);
        w->step[i] = b - c->b[w->work[i]];
    }
    double *saved = c->scratch;
    memcpy(saved, c->gathered.r, (size_t)c->train * sizeof *saved);
    ri_candidates_move(c, w->work, w->step, s);
    if (ri_shooting_objective(c, point) < before)
        return;
    memcpy(c->gathered.r, saved, (size_t)c->train * sizeof *saved);
    for (int64_t i = 0; i < s; i++)
        c->b[w->work[i]] = w->history[DEPTH * s + i];
}

/* DEPTH sweeps, and what they point to. */
static void sweep_often(ri_shooting *w, ri_candidates *c, const ri_point *point) {
    for (int depth = 0; depth <= DEPTH; depth++) {
        if (depth > 0)
            sweep(w, c, point);
        for (int64_t i = 0; i < w->size; i++)
            w->history[depth * w->size + i] = c->b[w->work[i]];
    }
    extrapolate(w, c, point);
}

/* Gram factor of the unpenalised columns among the candidates. */
static ri_status factor_free_columns(ri_shooting *w, ri_candidates *c, ri_error *err) {
    w->free_count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (c->penalty[k] != 0)
            continue;
        if (!ri_grow(&w->free_column, &w->free_room, (size_t)w->free_count + 1, sizeof(int64_t)))
            return ri_fail_memory(err, "unpenalised terms", 8);
        w->free_column[w->free_count++] = k;
    }
    RI_TRY(ri_candidates_take(c, w->free_column, w->free_count, err));
    ri_factor_clear(&w->free_factor);
    int64_t q = w->free_count, kept = 0;
    double *cross = ri_alloc((size_t)q + 1, sizeof *cross);
    if (!cross)
        return ri_fail_memory(err, "unpenalised terms", 8 * (size_t)q);
    ri_status status = RI_OK;
    for (int64_t i = 0; i < q && status == RI_OK; i++) {
        int64_t k = w->free_column[i];
        for (int64_t j = 0; j < kept; j++)
            cross[j] = ri_kernel_get()->dot(c->gathered.column[w->free_column[j]],
                                            c->gathered.column[k], c->train) /
                       (double)c->train;
        double own = c->square[k];
        bool accepted;
        status = ri_factor_append(&w->free_factor, cross, &own, 1, 1e-12, &accepted, err);
        if (accepted)
            w->free_column[kept++] = k;
    }
    w->free_count = kept;
    free(cross);
    return status;
}

/* Least squares on the unpenalised columns: r becomes orthogonal to them, as the dual point needs.
 */
static void project(ri_shooting *w, ri_candidates *c) {
    if (w->free_count == 0)
        return;
    for (int64_t i = 0; i < w->free_count; i++)
        w->step[i] =
            ri_kernel_get()->dot(c->gathered.column[w->free_column[i]], c->gathered.r, c->train) /
            (double)c->train;
    ri_factor_forward(&w->free_factor, w->step);
    ri_factor_backward(&w->free_factor, w->step);
    ri_candidates_move(c, w->free_column, w->step, w->free_count);
}

/* The residual is one that gradients are known of. */
static ri_status begin_way(ri_shooting *w, ri_candidates *c, ri_error *err) {
    size_t rows = (size_t)c->train;
    if (!ri_renew(&w->known, &w->known_room, rows, sizeof *w->known))
        return ri_fail_memory(err, "the residual of a fit", 8 * rows);
    memcpy(w->known, c->gathered.r, rows * sizeof *w->known);
    w->known_way = c->travelled;
    return RI_OK;
}

/* Sweeps do not count the way of the residual: it is straight from where gradients were known. */
static void follow_way(const ri_shooting *w, ri_candidates *c) {
    const double *r = c->gathered.r;
    double way = 0;
    for (int64_t t = 0; t < c->train; t++)
        way += (r[t] - w->known[t]) * (r[t] - w->known[t]);
    c->travelled = w->known_way + sqrt(way / (double)c->train) * (1 + 1e-12);
}

/* Gap over the working set alone: the whole gap is looked at once this one is small enough. */
static double working_gap(ri_shooting *w, ri_candidates *c, const ri_point *point) {
    project(w, c);
    follow_way(w, c);
    c->columns->gradient(c, w->work, w->size, c->value);
    for (int64_t i = 0; i < w->size; i++) {
        c->g[w->work[i]] = c->value[i];
        c->travel[w->work[i]] = c->travelled;
    }
    return ri_candidates_gap(c, point);
}

/* Those of the working set belong to residuals on the way. */
static void forget_work(const ri_shooting *w, ri_candidates *c) {
    for (int64_t i = 0; i < w->size; i++) {
        c->g[w->work[i]] = INFINITY;
        c->travel[w->work[i]] = -1;
    }
}

/* Of all candidates that may reach the threshold. */
static void all_gradients(ri_shooting *w, ri_candidates *c, double l1) {
    follow_way(w, c);
    ri_candidates_gradient(c, l1, NULL, 1);
    memcpy(w->known, c->gathered.r, (size_t)c->train * sizeof *w->known);
    w->known_way = c->travelled;
}

ri_status ri_shooting_solve(ri_shooting *w, ri_candidates *c, const ri_point *point,
                            int32_t most_sweeps, int32_t *sweeps, bool *solved, ri_error *err) {
    *solved = false;
    RI_TRY(factor_free_columns(w, c, err));
    RI_TRY(begin_way(w, c, err));
    int32_t used = 0;
    for (int set = 0; set < MOST_SETS && used < most_sweeps; set++) {
        RI_TRY(choose_work(w, c, point->l1, err));
        project(w, c);
        all_gradients(w, c, point->l1);
        const double gap = ri_candidates_gap(c, point);
        if (gap <= point->target) {
            *solved = true;
            break;
        }
        RI_TRY(choose_work(w, c, point->l1, err));
        /* a working set that will not converge must not keep others out: ever longer, not for ever
         */
        const double enough = fmax(0.9 * point->target, SET_PART * gap);
        int32_t most = FIRST_SWEEPS * (set + 1);
        most = used + (most < most_sweeps - used ? most : most_sweeps - used);
        while (used < most) {
            sweep_often(w, c, point);
            used += DEPTH;
            if (working_gap(w, c, point) <= enough)
                break;
        }
        forget_work(w, c);
    }
    if (!*solved) {
        project(w, c);
        follow_way(w, c);
    }
    *sweeps += used;
    return RI_OK;
}
