/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/ridge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "kernel/kernel.h"
#include "solve/ridge_pass.h"

enum { MOST_ROUNDS = 3 };
static const double EXACT = 1e-11;  /* gap above which a point is corrected, whatever the tol */
static const double WORTH_IT = 0.5; /* of the gap before: less is gained by no correction */

void ri_ridge_free(ri_ridge *fit) {
    ri_span_free(&fit->span);
    ri_square_free(&fit->square);
    ri_tridiagonal_free(&fit->tridiagonal);
    ri_pseudoinverse_free(&fit->inverse);
    free(fit->alpha);
    free(fit->feature);
    free(fit->factor);
    free(fit->y);
    free(fit->y_part);
    free(fit->matrix);
    free(fit->u);
    free(fit->b);
    free(fit->part);
    free(fit->step);
    free(fit->fitted);
    free(fit->r);
    free(fit->conjugate);
    free(fit->largest);
    free(fit->gap);
    free(fit->open);
    free(fit->rounds);
    *fit = (ri_ridge){0};
}

double ri_ridge_kept_bytes(int64_t n, int64_t p, int64_t alphas) {
    double rows = (double)n, columns = (double)p, side = fmin(rows, columns);
    double arrays = p >= n ? 3 * rows + columns : 2 * rows + 2 * columns; /* make_arrays */
    return 8 * (side * side + (double)alphas * arrays);
}

double ri_ridge_bytes(int64_t n, int64_t p, int64_t alphas) {
    double side = fmin((double)n, (double)p);
    return ri_ridge_kept_bytes(n, p, alphas) + 8 * 0.6 * side * side;
}

double ri_ridge_room_bytes(int64_t n, int64_t p) {
    double rows = (double)n, chunk = p <= n ? 256 * (double)p : 0;
    return 8 * (2 * (double)ri_ridge_block(n) * (rows + 64) + chunk);
}

/* Penalised columns that vary, and the roots of their penalty factors. */
static ri_status list_columns(ri_ridge *fit, ri_error *err) {
    const ri_view *view = fit->view;
    int64_t p = view->columns->x.p;
    fit->feature = ri_alloc((size_t)p, sizeof *fit->feature);
    fit->factor = ri_alloc((size_t)p, sizeof *fit->factor);
    if (!fit->feature || !fit->factor)
        return ri_fail_memory(err, "the features of a fit", 16ULL * (size_t)p);
    for (int64_t j = 0; j < p; j++)
        if (view->scale[j] != 0 && ri_penalty(view->columns, j) > 0) {
            fit->factor[fit->count] = sqrt(ri_penalty(view->columns, j));
            fit->feature[fit->count++] = j;
        }
    return RI_OK;
}

/* Memory for what depends on rows, columns and alphas. */
static ri_status make_arrays(ri_ridge *fit, ri_error *err) {
    size_t alphas = (size_t)fit->alphas, columns = (size_t)fit->count;
    size_t rows = (size_t)fit->row_stride;
    fit->b = ri_calloc(alphas * columns, sizeof *fit->b);
    fit->r = ri_calloc(alphas * rows, sizeof *fit->r);
    fit->fitted = ri_calloc(ri_ridge_fitted_size(fit), sizeof *fit->fitted);
    fit->conjugate = ri_calloc(alphas, sizeof *fit->conjugate);
    fit->largest = ri_calloc(alphas, sizeof *fit->largest);
    fit->gap = ri_calloc(alphas, sizeof *fit->gap);
    fit->open = ri_calloc(alphas, sizeof *fit->open);
    fit->rounds = ri_calloc(alphas, sizeof *fit->rounds);
    if (fit->by_rows)
        fit->u = ri_calloc(alphas * rows, sizeof *fit->u);
    else
        fit->step = ri_calloc(alphas * columns, sizeof *fit->step);
    fit->part = ri_alloc(fit->by_rows ? 0 : columns * (size_t)fit->span.count, sizeof *fit->part);
    bool good = fit->b && fit->r && fit->fitted && fit->conjugate && fit->largest && fit->gap &&
                fit->open && fit->rounds && fit->part &&
                (fit->by_rows ? fit->u != NULL : fit->step != NULL);
    return good
               ? RI_OK
               : ri_fail_memory(err, "the coefficients of a ridge", 16 * alphas * (columns + rows));
}

ri_status ri_ridge_open(ri_ridge *fit, const ri_walk *walk, const double *alpha, int64_t alphas,
                        double tol, double *bytes, ri_error *err) {
    const ri_view *view = walk->view;
    size_t train = (size_t)view->train, points = (size_t)alphas;
    *fit = (ri_ridge){.walk = walk, .view = view, .alphas = alphas, .tol = tol, .rank = -1};
    RI_TRY(ri_span_new(view, walk->unpenalized_feature, walk->unpenalized, &fit->span, bytes, err));
    RI_TRY(list_columns(fit, err));
    fit->alpha = ri_alloc(points, sizeof *fit->alpha);
    fit->y = ri_alloc(train, sizeof *fit->y);
    fit->y_part = ri_alloc((size_t)fit->span.count, sizeof *fit->y_part);
    if (!fit->alpha || !fit->y || !fit->y_part)
        return ri_fail_memory(err, "the response of a fit", 8 * train);
    memcpy(fit->alpha, alpha, points * sizeof *alpha);
    memcpy(fit->y, walk->y, train * sizeof *fit->y);
    ri_span_project(&fit->span, fit->y, fit->y_part);
    for (size_t i = 0; walk->null_loss == 0 && i < train; i++)
        fit->y[i] = 0; /* nothing but rounding is left of it */
    fit->by_rows = fit->count >= view->train;
    fit->size = fit->by_rows ? view->train : fit->count;
    fit->stride = (fit->size + 7) / 8 * 8;
    fit->row_stride = (view->train + 7) / 8 * 8;
    return make_arrays(fit, err);
}

/* From the sum of products to K or G, and its decompositions. */
static ri_status decompose(ri_ridge *fit, ri_poll poll, ri_error *err) {
    size_t entries = (size_t)(fit->size * fit->stride);
    bool zero = fit->alphas > 0 && fit->alpha[fit->alphas - 1] == 0;
    fit->matrix = ri_alloc(entries, sizeof *fit->matrix);
    if (!fit->matrix)
        return ri_fail_memory(err, "a Gram matrix", 8 * entries);
    ri_square_write(&fit->square, 1 / (double)fit->view->train, fit->matrix, fit->stride);
    ri_square_free(&fit->square);
    if (zero) {
        RI_TRY(ri_pseudoinverse_new(fit->matrix, fit->size, fit->stride, &fit->inverse, err));
        fit->rank = fit->inverse.rank;
    }
    if (fit->alpha[0] == 0)
        return RI_OK;
    return ri_tridiagonal_new(fit->matrix, fit->size, fit->stride, poll, &fit->tridiagonal, err);
}

/* Vectors of the open alphas, `apart` doubles apart, times the inverse of K or G + alpha. */
static ri_status invert(ri_ridge *fit, double *vector, int64_t apart, ri_error *err) {
    double **open = ri_alloc((size_t)fit->alphas, sizeof *open);
    double *shift = ri_alloc((size_t)fit->alphas, sizeof *shift);
    int64_t count = 0;
    bool good = open && shift;
    for (int64_t a = 0; good && a < fit->alphas; a++) {
        if (!fit->open[a])
            continue;
        if (fit->alpha[a] == 0) {
            ri_pseudoinverse_apply(&fit->inverse, vector + a * apart);
            continue;
        }
        open[count] = vector + a * apart;
        shift[count++] = fit->alpha[a];
    }
    if (good && count > 0)
        ri_tridiagonal_solve(&fit->tridiagonal, shift, count, open);
    free(open);
    free(shift);
    return good ? RI_OK : ri_fail_memory(err, "the alphas of a ridge", 16ULL * (size_t)fit->alphas);
}

/* u or b of the open alphas comes nearer by what its residual asks for; r is overwritten. */
static ri_status correct(ri_ridge *fit, ri_error *err) {
    int64_t apart = fit->by_rows ? fit->row_stride : fit->count, length = fit->size;
    double *step = fit->by_rows ? fit->r : fit->step, *to = fit->by_rows ? fit->u : fit->b;
    double n = (double)fit->view->train;
    for (int64_t a = 0; fit->by_rows && a < fit->alphas; a++)
        for (int64_t i = 0; i < length; i++)
            step[a * apart + i] = step[a * apart + i] / n - fit->alpha[a] * to[a * apart + i];
    RI_TRY(invert(fit, step, apart, err));
    for (int64_t a = 0; a < fit->alphas; a++)
        for (int64_t i = 0; fit->open[a] && i < length; i++)
            to[a * apart + i] += step[a * apart + i];
    return RI_OK;
}

/* Corrects every fit that is open, threads over fits; the first failure wins. */
static ri_status correct_all(ri_ridge *fit, int64_t count, bool first, int threads, ri_poll poll,
                             ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t k = 0; k < count; k++) {
        int64_t f = count - 1 - k; /* the refit, the largest, first */
        ri_error own = {0};
        ri_status mine = RI_OK;
        if (fit[f].size == 0)
            continue;
        if (first)
            mine = decompose(&fit[f], poll, &own);
        if (mine == RI_OK)
            mine = correct(&fit[f], &own);
        ri_failure_note(&failure, k, mine, &own);
    }
    return ri_failure_tell(&failure, err);
}

/* Size of the coefficients of alpha a as the penalty sees them: sum f |b| and sum f b^2. */
static void norms(const ri_ridge *fit, int64_t a, double *norm1, double *norm2) {
    const double *b = fit->b + a * fit->count;
    *norm1 = 0;
    for (int64_t k = 0; k < fit->count; k++)
        *norm1 += fit->factor[k] * fabs(b[k]);
    *norm2 = ri_kernel_get()->dot(b, b, fit->count);
}

static ri_gap_terms terms_of(const ri_ridge *fit, int64_t a) {
    const double *r = fit->r + a * fit->row_stride;
    double n = (double)fit->view->train;
    ri_gap_terms terms = {.conjugate = fit->conjugate[a]};
    terms.rr = ri_kernel_get()->dot(r, r, fit->view->train) / n;
    terms.ry = ri_kernel_get()->dot(r, fit->y, fit->view->train) / n;
    norms(fit, a, &terms.norm1, &terms.norm2);
    return terms;
}

/* The gap of every alpha, and which of them can be made better. Returns whether any. */
static bool judge(ri_ridge *fit, int32_t round) {
    double null_loss = fit->walk->null_loss, target = fmin(fit->tol, EXACT);
    bool any = false;
    for (int64_t a = 0; a < fit->alphas; a++) {
        double before = fit->gap[a];
        if (fit->alpha[a] > 0) {
            ri_gap_terms terms = terms_of(fit, a);
            fit->gap[a] = ri_duality_gap(&terms, 0, fit->alpha[a], null_loss);
        } else {
            fit->gap[a] = null_loss > 0 ? fit->largest[a] / sqrt(2 * null_loss) : 0;
        }
        bool was = fit->open[a], gained = round == 1 || fit->gap[a] <= WORTH_IT * before;
        fit->rounds[a] += was;
        fit->open[a] = was && gained && fit->gap[a] > target && round < MOST_ROUNDS;
        any |= fit->open[a];
    }
    return any;
}

/* The null model's residual, from which all alphas start. */
static void begin(ri_ridge *fit) {
    for (int64_t a = 0; a < fit->alphas; a++) {
        memcpy(fit->r + a * fit->row_stride, fit->y, (size_t)fit->view->train * sizeof *fit->y);
        fit->open[a] = true;
    }
}

static ri_status run(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                     ri_error *err) {
    bool by_features = false, again = true;
    for (int64_t f = 0; f < count; f++) {
        begin(&fit[f]);
        by_features |= !fit[f].by_rows;
    }
    RI_TRY(ri_ridge_form(fit, count, room, poll, err));
    if (by_features)
        RI_TRY(ri_ridge_gradients(fit, count, room, poll, err));
    for (int32_t round = 1; again; round++) {
        RI_TRY(correct_all(fit, count, round == 1, room->threads, poll, err));
        RI_TRY(ri_ridge_fit_rows(fit, count, room, poll, err));
        RI_TRY(ri_ridge_gradients(fit, count, room, poll, err));
        again = false;
        for (int64_t f = 0; f < count; f++)
            again |= judge(&fit[f], round);
    }
    return RI_OK;
}

ri_status ri_ridge_run(ri_ridge *fit, int64_t count, const ri_ridge_means *means, double *bytes,
                       ri_error *err) {
    ri_ridge_room room = {0};
    if (count == 0)
        return RI_OK;
    RI_TRY(ri_ridge_room_new(fit, count, means, &room, err));
    ri_status status = run(fit, count, &room, means->poll, err);
    *bytes += room.bytes;
    ri_ridge_room_free(&room);
    return status;
}

/* Coefficients of the unpenalised columns at alpha a: of what is left of y. */
static void fit_span(const ri_ridge *fit, int64_t a, double *c) {
    int64_t first = fit->view->train + fit->view->held;
    for (int64_t k = 0; k < fit->span.count; k++)
        c[k] = fit->y_part[k] - *ri_ridge_fitted(fit, first + k, a);
    ri_span_coefficients(&fit->span, c);
}

static void predict(const ri_ridge *fit, int64_t a, const double *c, double *prediction) {
    int64_t train = fit->view->train, held = fit->view->held;
    for (int64_t i = 0; i < held; i++)
        prediction[i] = fit->walk->y_mean + *ri_ridge_fitted(fit, train + i, a);
    for (int64_t k = 0; k < fit->span.count; k++)
        ri_kernel_get()->axpy(c[k], fit->span.held + k * held, prediction, held);
}

/* Penalised and unpenalised coefficients by ascending feature. */
static void merge(const ri_ridge *fit, int64_t a, const double *c, ri_solution *out) {
    const double *b = fit->b + a * fit->count;
    const ri_span *span = &fit->span;
    int64_t k = 0, s = 0;
    while (k < fit->count || s < span->count) {
        bool free_one = k == fit->count || (s < span->count && span->feature[s] < fit->feature[k]);
        out->feature[out->count] = free_one ? span->feature[s] : fit->feature[k];
        out->b[out->count] = free_one ? c[s] : b[k] / fit->factor[k];
        s += free_one;
        k += !free_one;
        out->count += out->b[out->count] != 0;
    }
}

ri_status ri_ridge_solution(const ri_ridge *fit, int64_t a, ri_solution *out, ri_error *err) {
    const ri_view *view = fit->view;
    size_t entries = (size_t)(fit->count + fit->span.count) + 1;
    *out = (ri_solution){.gap = fit->gap[a], .rounds = fit->rounds[a]};
    double *c = ri_alloc((size_t)fit->span.count, sizeof *c);
    out->feature = ri_alloc(entries, sizeof *out->feature);
    out->b = ri_alloc(entries, sizeof *out->b);
    out->prediction = ri_alloc((size_t)view->held, sizeof *out->prediction);
    if (!c || !out->feature || !out->b || !out->prediction) {
        free(c);
        return ri_fail_memory(err, "a solution", 16 * entries);
    }
    fit_span(fit, a, c);
    predict(fit, a, c, out->prediction);
    merge(fit, a, c, out);
    free(c);
    ri_gap_terms terms = terms_of(fit, a);
    out->loss = 0.5 * terms.rr;
    out->rr = terms.rr;
    out->ry = terms.ry;
    out->norm1 = terms.norm1;
    out->norm2 = terms.norm2;
    double offset = 0;
    for (int64_t k = 0; k < out->count; k++) {
        int64_t j = out->feature[k];
        offset += out->b[k] * view->scale[j] * (view->mean[j] + view->columns->shift[j]);
    }
    out->intercept = view->columns->centered ? fit->walk->y_mean - offset : 0;
    return RI_OK;
}
