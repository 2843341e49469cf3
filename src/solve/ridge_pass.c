/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/ridge_pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"

enum { MOST_BLOCK = 256, LEAST_BLOCK = 8, TOGETHER = 32 /* columns of a product */ };
static const double BLOCK_BYTES = 24e6; /* of a block of columns of many rows */

static int64_t rows_of(const ri_ridge *fit) {
    return fit->view->train + fit->view->held + fit->span.count;
}

static int64_t round_up(int64_t count, int64_t to) {
    return (count + to - 1) / to * to;
}

int64_t ri_ridge_block(int64_t n) {
    double most = BLOCK_BYTES / (8 * (double)n);
    return most > MOST_BLOCK    ? MOST_BLOCK
           : most < LEAST_BLOCK ? LEAST_BLOCK
                                : (int64_t)most / LEAST_BLOCK * LEAST_BLOCK;
}

void ri_ridge_room_free(ri_ridge_room *room) {
    free(room->z);
    free(room->panel);
    free(room->spread);
    free(room->scratch);
    *room = (ri_ridge_room){0};
}

ri_status ri_ridge_room_new(const ri_ridge *fit, int64_t count, const ri_ridge_means *means,
                            ri_ridge_room *out, ri_error *err) {
    int64_t alphas = 0, threads = means->threads;
    *out = (ri_ridge_room){.threads = means->threads,
                           .block = ri_ridge_block(fit->view->columns->x.n)};
    if (fit->view->columns->x.stream)
        out->pool = means->pool;
    for (int64_t f = 0; f < count; f++) {
        int64_t rows = round_up(rows_of(&fit[f]), 64);
        out->stride = rows > out->stride ? rows : out->stride;
        alphas = fit[f].alphas > alphas ? fit[f].alphas : alphas;
    }
    size_t values = (size_t)((out->block > threads ? out->block : threads) * out->stride);
    out->one_scratch = ri_scratch_doubles(fit->view->columns->x.n);
    out->z = ri_alloc(values, sizeof *out->z);
    out->panel = ri_alloc(values, sizeof *out->panel);
    out->spread = ri_alloc((size_t)(out->block * round_up(alphas, 8)), sizeof *out->spread);
    out->scratch = ri_alloc((size_t)threads * out->one_scratch, sizeof *out->scratch);
    if (out->z && out->panel && out->spread && out->scratch)
        return RI_OK;
    ri_ridge_room_free(out);
    return ri_fail_memory(err, "blocks of columns", 16 * values);
}

/* Columns [from, from + count) of a fit's list into room->z. */
static void gather(const ri_ridge *fit, int64_t from, int64_t count, ri_ridge_room *room) {
    const ri_view *view = fit->view;
    int64_t rows = rows_of(fit);
#pragma omp parallel for schedule(dynamic, 4) num_threads(room->threads)
    for (int64_t t = 0; t < count; t++) {
        double *z = room->z + t * room->stride, *held = z + view->train;
        double *scratch = room->scratch + (size_t)omp_get_thread_num() * room->one_scratch;
        ri_view_gather(view, fit->feature[from + t], z, held, scratch);
        ri_span_project(&fit->span, z, held + view->held);
        double f = fit->factor[from + t];
        for (int64_t i = 0; f != 1 && i < rows; i++)
            z[i] /= f;
    }
    if (!room->pool)
        room->bytes += (double)count * ri_view_column_bytes(view);
}

/* Columns from number `from` on of all fits, to memory; what was there may go. */
static ri_status hold_block(const ri_ridge *fit, int64_t count, int64_t from, ri_ridge_room *room,
                            ri_error *err) {
    if (!room->pool)
        return RI_OK;
    for (int64_t f = 0; f < count; f++)
        for (int64_t k = from; k < fit[f].count && k < from + room->block; k++)
            room->pool->wanted[fit[f].feature[k]] = 1;
    return ri_pool_hold(room->pool, room->threads, &room->bytes, err);
}

/* Interleaves `rows` rows of `count` columns of room->z, filled up with 0 to whole panels. */
static void interleave(ri_ridge_room *room, int64_t rows, int64_t panels, int64_t count) {
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t q = 0; q < panels; q++) {
        double *out = room->panel + q * 8 * count;
        int64_t some = rows - 8 * q < 0 ? 0 : rows - 8 * q > 8 ? 8 : rows - 8 * q;
        for (int64_t t = 0; t < count; t++) {
            const double *z = room->z + t * room->stride + 8 * q;
            for (int64_t i = 0; i < 8; i++)
                out[8 * t + i] = i < some ? z[i] : 0;
        }
    }
}

/* What is done with a block of columns [from, from + count) of a fit, in room->z. */
typedef void take_block(ri_ridge *fit, int64_t from, int64_t count, ri_ridge_room *room);

static ri_status each_block(ri_ridge *fit, int64_t count, ri_ridge_room *room, take_block *take,
                            ri_poll poll, ri_error *err) {
    bool more = true;
    for (int64_t from = 0; more; from += room->block) {
        more = false;
        RI_TRY(hold_block(fit, count, from, room, err));
        for (int64_t f = 0; f < count; f++) {
            int64_t left = fit[f].count - from;
            if (left <= 0)
                continue;
            more = true;
            if (poll.ask && poll.ask(poll.context))
                return ri_fail(err, RI_INTERRUPTED, "interrupted");
            left = left < room->block ? left : room->block;
            gather(&fit[f], from, left, room);
            take(&fit[f], from, left, room);
        }
    }
    return RI_OK;
}

static void form_block(ri_ridge *fit, int64_t from, int64_t count, ri_ridge_room *room) {
    if (fit->by_rows) {
        interleave(room, fit->view->train, fit->square.panels, count);
        ri_square_add(&fit->square, room->panel, count, room->threads);
        return;
    }
    const int64_t first = fit->view->train + fit->view->held, span = fit->span.count;
    for (int64_t t = 0; t < count; t++)
        for (int64_t k = 0; k < span; k++)
            fit->part[(from + t) * span + k] = room->z[t * room->stride + first + k];
}

ri_status ri_ridge_form(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                        ri_error *err) {
    bool columns = false, features = false;
    for (int64_t f = 0; f < count; f++) {
        RI_TRY(ri_square_new(fit[f].size, &fit[f].square, err));
        columns |= fit[f].by_rows || fit[f].span.count > 0;
        features |= !fit[f].by_rows;
    }
    if (columns)
        RI_TRY(each_block(fit, count, room, form_block, poll, err));
    return features ? ri_ridge_add_features(fit, count, room, poll, err) : RI_OK;
}

static int64_t vector_panels(const ri_ridge *fit) {
    return (fit->alphas + 7) / 8;
}

size_t ri_ridge_fitted_size(const ri_ridge *fit) {
    return (size_t)((rows_of(fit) + 7) / 8 * vector_panels(fit)) * 64;
}

double *ri_ridge_fitted(const ri_ridge *fit, int64_t i, int64_t a) {
    return fit->fitted + (i / 8 * vector_panels(fit) + a / 8) * 64 + i % 8 + 8 * (a % 8);
}

/* out[a * apart + t] = z_t'(vector a) over the training rows. */
static void multiply(const ri_ridge *fit, const double *vector, int64_t count, double *out,
                     int64_t apart, ri_ridge_room *room) {
#pragma omp parallel for schedule(dynamic, 1) num_threads(room->threads)
    for (int64_t from = 0; from < count; from += TOGETHER) {
        const double *column[TOGETHER];
        int64_t some = count - from < TOGETHER ? count - from : TOGETHER;
        for (int64_t t = 0; t < some; t++)
            column[t] = room->z + (from + t) * room->stride;
        ri_kernel_get()->product(column, some, vector, fit->row_stride, fit->alphas,
                                 fit->view->train, out + from, apart);
    }
}

static void fit_block(ri_ridge *fit, int64_t from, int64_t count, ri_ridge_room *room) {
    int64_t panels = (rows_of(fit) + 7) / 8, vectors = vector_panels(fit);
    if (fit->by_rows)
        multiply(fit, fit->u, count, fit->b + from, fit->count, room);
    interleave(room, rows_of(fit), panels, count);
    for (int64_t v = 0; v < vectors; v++)
        for (int64_t t = 0; t < count; t++)
            for (int64_t k = 0; k < 8; k++) {
                int64_t a = 8 * v + k;
                room->spread[(v * count + t) * 8 + k] =
                    a < fit->alphas ? fit->b[a * fit->count + from + t] : 0;
            }
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t q = 0; q < panels; q++)
        for (int64_t v = 0; v < vectors; v++)
            ri_kernel_get()->outer(room->panel + q * 8 * count, 0, 1, room->spread + v * 8 * count,
                                   count, fit->fitted + (q * vectors + v) * 64);
}

ri_status ri_ridge_fit_rows(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                            ri_error *err) {
    for (int64_t f = 0; f < count; f++)
        memset(fit[f].fitted, 0, ri_ridge_fitted_size(&fit[f]) * sizeof(double));
    RI_TRY(each_block(fit, count, room, fit_block, poll, err));
    for (int64_t f = 0; f < count; f++) {
        double *part = ri_alloc((size_t)fit[f].span.count, sizeof *part);
        if (!part)
            return ri_fail_memory(err, "a residual", 8ULL * (size_t)fit[f].span.count);
        for (int64_t a = 0; a < fit[f].alphas; a++) {
            double *r = fit[f].r + a * fit[f].row_stride;
            for (int64_t i = 0; i < fit[f].view->train; i++)
                r[i] = fit[f].y[i] - *ri_ridge_fitted(&fit[f], i, a);
            ri_span_project(&fit[f].span, r, part);
        }
        free(part);
    }
    return RI_OK;
}

static void gradient_block(ri_ridge *fit, int64_t from, int64_t count, ri_ridge_room *room) {
    double n = (double)fit->view->train;
    multiply(fit, fit->r, count, room->spread, count, room);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t a = 0; a < fit->alphas; a++)
        for (int64_t t = 0; t < count; t++) {
            double g = room->spread[a * count + t] / n;
            fit->conjugate[a] += g * g;
            fit->largest[a] = fmax(fit->largest[a], fabs(g) * fit->factor[from + t]);
            if (!fit->by_rows) {
                int64_t at = a * fit->count + from + t;
                fit->step[at] = g - fit->alpha[a] * fit->b[at];
            }
        }
}

ri_status ri_ridge_gradients(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                             ri_error *err) {
    for (int64_t f = 0; f < count; f++)
        for (int64_t a = 0; a < fit[f].alphas; a++)
            fit[f].conjugate[a] = fit[f].largest[a] = 0;
    return each_block(fit, count, room, gradient_block, poll, err);
}
