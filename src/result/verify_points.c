/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_points.h"

#include <math.h>
#include <stdlib.h>

#include <omp.h>

#include "base/memory.h"
#include "result/verify_loss.h"

enum { BLOCK_COLUMNS = 64, BLOCK_BYTES = 32 << 20, TOGETHER = 4 };

typedef struct block { /* of columns, in memory */
    const ri_dataset *dataset;
    ri_verify_point *point;
    int64_t count, sets; /* points, and runs of points with the same rows */
    int64_t *set_start;  /* [sets + 1] */
    int64_t from, columns, most;
    int threads;
    void *stored;
    double *x;                /* [most * n] */
    ri_verify_column *moment; /* [most * sets] */
    long double *product;     /* [most * count] */
    long double *work;        /* [threads * n] */
} block;

size_t ri_verify_point_bytes(int64_t n) {
    return (size_t)n * (sizeof(long double) + sizeof(double)) +
           BLOCK_COLUMNS * sizeof(long double) + sizeof(ri_verify_point);
}

static void free_block(block *b) {
    free(b->set_start);
    free(b->stored);
    free(b->x);
    free(b->moment);
    free(b->product);
    free(b->work);
}

static ri_status make_block(block *b, ri_error *err) {
    size_t n = (size_t)b->dataset->n, points = (size_t)b->count;
    b->most = BLOCK_BYTES / (8 * b->dataset->n);
    b->most = b->most > BLOCK_COLUMNS ? BLOCK_COLUMNS : b->most < 1 ? 1 : b->most;
    size_t most = (size_t)b->most;
    b->set_start = ri_alloc(points + 1, sizeof *b->set_start);
    if (!b->set_start)
        return ri_fail_memory(err, "the points of a result", 8 * points);
    for (int64_t i = 0; i < b->count; i++) {
        if (i == 0 || b->point[i].rows != b->point[i - 1].rows ||
            b->point[i].path != b->point[i - 1].path)
            b->set_start[b->sets++] = i;
        b->point[i].set = b->sets - 1;
    }
    b->set_start[b->sets] = b->count;
    b->stored = ri_alloc(most, ri_storage_bytes(b->dataset->storage, b->dataset->n));
    b->x = ri_alloc(most * n, sizeof *b->x);
    b->moment = ri_alloc(most * (size_t)b->sets, sizeof *b->moment);
    b->product = ri_alloc(most * points, sizeof *b->product);
    b->work = ri_alloc((size_t)b->threads * n, sizeof *b->work);
    bool good = b->stored && b->x && b->moment && b->product && b->work;
    for (int64_t i = 0; i < b->count; i++) {
        ri_verify_point *p = &b->point[i];
        p->fitted = ri_calloc((size_t)(p->rows->train + p->rows->held), sizeof *p->fitted);
        p->residual = ri_alloc((size_t)p->rows->train, sizeof *p->residual);
        good = good && p->fitted && p->residual;
    }
    return good ? RI_OK : ri_fail_memory(err, "the residuals of a result", 24 * n * points);
}

void ri_verify_points_free(ri_verify_point *point, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        free(point[i].fitted);
        free(point[i].residual);
        point[i].fitted = NULL;
        point[i].residual = NULL;
    }
}

/* Moments of feature j; in an adaptive lasso its column is stretched by the first fit's
 * coefficient, and one that is not among those is 0. */
static ri_verify_column moments_of(const ri_verify_point *p, int64_t j, const double *x) {
    const ri_record *record = p->rows->record;
    const ri_adaptive *adaptive = &record->path[p->path].adaptive;
    ri_verify_column column = ri_verify_moments(p->rows, x);
    if (adaptive->fits == 0 || (record->penalty_factor && record->penalty_factor[j] == 0))
        return column;
    for (int64_t e = adaptive->start[p->k]; e < adaptive->start[p->k + 1]; e++)
        if (adaptive->feature[e] == j) {
            long double first = fabsl((long double)adaptive->initial[e]);
            column.scale *= column.scale > 0 ? powl(first / column.scale, adaptive->gamma) : 0;
            return column;
        }
    column.scale = 0;
    return column;
}

/* Reads columns from `from` on and their moments for every fit. */
static ri_status read_block(block *b, int64_t from, ri_error *err) {
    const ri_dataset *dataset = b->dataset;
    size_t stride = ri_storage_bytes(dataset->storage, dataset->n);
    b->from = from;
    b->columns = dataset->p - from < b->most ? dataset->p - from : b->most;
    RI_TRY(ri_dataset_read(dataset, from, b->columns, b->stored, stride, NULL, err));
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int64_t c = 0; c < b->columns; c++) {
        double *x = b->x + c * dataset->n;
        for (int64_t i = 0; i < dataset->n; i++)
            x[i] = ri_element(dataset->storage, (const char *)b->stored + (size_t)c * stride, i);
        for (int64_t s = 0; s < b->sets; s++)
            b->moment[c * b->sets + s] = moments_of(&b->point[b->set_start[s]], from + c, x);
    }
    return RI_OK;
}

static double penalty_factor(const ri_verify_point *p, int64_t j) {
    const double *factor = p->rows->record->penalty_factor;
    return factor ? factor[j] : 1;
}

/* Adds a column's part to the predictions of a point. */
static void add_to_fitted(ri_verify_point *p, const double *x, const ri_verify_column *column,
                          double coefficient) {
    const ri_verify_rows *rows = p->rows;
    p->barred |= coefficient != 0 && column->scale == 0;
    p->offset += coefficient * column->mean;
    p->reach += fabsl(coefficient * column->mean);
    for (int64_t t = 0; t < rows->train + rows->held; t++) {
        double v = x[rows->row[t]];
        if (!isnan(v))
            p->fitted[t] += coefficient * (v - column->mean);
    }
}

/* Adds one coefficient to the predictions and penalties of a point. */
static void add_coefficient(ri_verify_point *p, const double *x, const ri_verify_column *column,
                            int64_t j, double coefficient) {
    const ri_verify_rows *rows = p->rows;
    long double f = penalty_factor(p, j), beta = coefficient;
    if (column->scale != 0)
        beta /= column->scale;
    p->barred |= rows->record->settings.positive && f > 0 && coefficient < 0;
    p->norm1 += f * fabsl(beta);
    p->norm2 += f * beta * beta;
    add_to_fitted(p, x, column, coefficient);
}

static void add_block(const block *b, ri_verify_point *p) {
    const ri_fit *fit = p->fit;
    int64_t end = fit->start[p->alpha + 1];
    for (; p->cursor < end && fit->feature[p->cursor] < b->from + b->columns; p->cursor++) {
        int64_t c = fit->feature[p->cursor] - b->from;
        add_coefficient(p, b->x + c * b->dataset->n, &b->moment[c * b->sets + p->set], b->from + c,
                        fit->coefficient[p->cursor]);
    }
}

/* Covariates have no penalty: they add to the predictions only. */
static void add_covariates(ri_verify_point *p) {
    const ri_record *record = p->rows->record;
    int64_t count = record->covariates.count;
    for (int64_t c = 0; c < count; c++) {
        const double *x = record->covariates.value + c * record->n_all;
        ri_verify_column column = ri_verify_moments(p->rows, x);
        add_to_fitted(p, x, &column, p->fit->covariate[p->alpha * count + c]);
    }
}

/* Gradients along the covariates, which count where there is no dual point. */
static void look_at_covariates(ri_verify_point *p, long double *z) {
    const ri_record *record = p->rows->record;
    int64_t n = p->rows->train;
    if (record->path[p->path].alpha[p->alpha] > 0 && !(record->path[p->path].relaxed > 0))
        return;
    for (int64_t c = 0; c < record->covariates.count; c++) {
        const double *x = record->covariates.value + c * record->n_all;
        ri_verify_column column = ri_verify_moments(p->rows, x);
        long double product = 0;
        ri_verify_standardise(p->rows, x, &column, z);
        for (int64_t t = 0; t < n; t++)
            product += z[t] * p->residual[t];
        p->steepest = fmaxl(p->steepest, fabsl(product) / (long double)n);
    }
}

/* Predictions whole, loss, and the residual that the dual point is made of. */
static void close_residual(ri_verify_point *p, long double *r) {
    const ri_verify_rows *rows = p->rows;
    int64_t n = rows->train;
    add_covariates(p);
    p->offset += p->fit->intercept[p->alpha];
    p->reach += fabsl(p->fit->intercept[p->alpha]);
    for (int64_t t = 0; t < n + rows->held; t++)
        p->fitted[t] += p->offset;
    ri_family family = rows->record->settings.family;
    for (int64_t t = 0; t < n; t++) {
        r[t] = rows->root[t] * (rows->response[t] - ri_verify_mean(family, p->fitted[t]));
        p->rr += r[t] * r[t] / (long double)n;
        if (family != RI_GAUSSIAN && rows->root[t] > 0)
            p->loss += rows->root[t] * rows->root[t] *
                       ri_verify_loss(family, rows->response[t], p->fitted[t]) / (long double)n;
    }
    p->loss = family == RI_GAUSSIAN ? p->rr / 2 : p->loss;
    const ri_path *path = &rows->record->path[p->path];
    if (path->alpha[p->alpha] > 0 && !(path->relaxed > 0))
        ri_verify_project(rows, r);
    if (rows->record->path[p->path].alpha[p->alpha] > 0 && family != RI_GAUSSIAN)
        ri_verify_enter_domain(rows, r);
    for (int64_t t = 0; t < n; t++) {
        p->uu += r[t] * r[t] / (long double)n;
        p->uy += r[t] * rows->y[t] / (long double)n;
        p->residual[t] = (double)r[t];
    }
    p->cursor = p->fit->start[p->alpha];
}

/* Products of a standardised column with the residuals of points first .. last-1, each in row
 * order; a few side by side hide the latency of the additions. */
static void multiply(const block *b, const long double *z, int64_t first, int64_t last,
                     long double *out) {
    int64_t n = b->point[first].rows->train;
    for (int64_t i = first; i < last; i += TOGETHER) {
        const double *r[TOGETHER];
        long double sum[TOGETHER] = {0};
        int width = last - i < TOGETHER ? (int)(last - i) : TOGETHER;
        for (int k = 0; k < TOGETHER; k++)
            r[k] = b->point[k < width ? i + k : i].residual;
        for (int64_t t = 0; t < n; t++)
            for (int k = 0; k < TOGETHER; k++)
                sum[k] += z[t] * r[k][t];
        for (int k = 0; k < width; k++)
            out[i + k] = sum[k] / (long double)n;
    }
}

static void multiply_column(const block *b, int64_t c, long double *z) {
    for (int64_t s = 0; s < b->sets; s++) {
        int64_t first = b->set_start[s];
        const ri_verify_column *column = &b->moment[c * b->sets + s];
        ri_verify_standardise(b->point[first].rows, b->x + c * b->dataset->n, column, z);
        multiply(b, z, first, b->set_start[s + 1], b->product + c * b->count);
    }
}

/* Takes the products of a block into what the dual point of point i needs, in column order. */
/* Of least squares on a support: the products with its columns. */
static void look_at_support(const block *b, ri_verify_point *p, int64_t i) {
    int64_t end = p->fit->start[p->alpha + 1];
    for (; p->cursor < end && p->fit->feature[p->cursor] < b->from + b->columns; p->cursor++) {
        int64_t c = p->fit->feature[p->cursor] - b->from;
        p->steepest = fmaxl(p->steepest, fabsl(b->product[c * b->count + i]));
    }
}

static void look_at_block(const block *b, int64_t i) {
    ri_verify_point *p = &b->point[i];
    const ri_path *path = &p->rows->record->path[p->path];
    long double alpha = path->alpha[p->alpha], l1 = alpha * path->l1_ratio, l2 = alpha - l1;
    if (path->relaxed > 0) {
        look_at_support(b, p, i);
        return;
    }
    for (int64_t c = 0; c < b->columns; c++) {
        int64_t j = b->from + c;
        long double scale = b->moment[c * b->sets + p->set].scale, beta = 0;
        if (p->cursor < p->fit->start[p->alpha + 1] && p->fit->feature[p->cursor] == j)
            beta = p->fit->coefficient[p->cursor++];
        if (scale == 0)
            continue;
        beta /= scale;
        long double f = penalty_factor(p, j), g = b->product[c * b->count + i];
        bool one_sided = p->rows->record->settings.positive && f > 0;
        p->steepest = fmaxl(p->steepest, one_sided && beta == 0 ? g : fabsl(g));
        if (f == 0)
            continue;
        long double reduced = g - l2 * f * beta;
        if (l1 > 0)
            p->ratio = fmaxl(p->ratio, (one_sided ? reduced : fabsl(reduced)) / (l1 * f));
        if (!one_sided || g > 0)
            p->conjugate += g * g / f;
    }
}

/* Least squares on the support has the normal equations; what lies between it and the path is
 * compared with both (verify_relax.h). */
static void close_relaxed(ri_verify_point *p, const ri_path *path) {
    long double null_loss = p->rows->null_loss;
    p->objective = p->rr / 2;
    p->gap = path->relaxed == 1 && null_loss > 0 ? p->steepest / sqrtl(2 * null_loss) : 0;
    if (p->barred)
        p->gap = (long double)INFINITY;
}

/* The dual point is the projected residual, scaled to feasibility as well as can be (elastic net:
 * of the augmented problem); without an l1 term the conjugate of the ridge penalty takes its place.
 */
static void close_gap(ri_verify_point *p) {
    const ri_path *path = &p->rows->record->path[p->path];
    long double alpha = path->alpha[p->alpha], l1 = alpha * path->l1_ratio, l2 = alpha - l1, dual;
    long double null_loss = p->rows->null_loss;
    if (path->relaxed > 0) {
        close_relaxed(p, path);
        return;
    }
    p->objective = p->loss + l1 * p->norm1 + l2 * p->norm2 / 2;
    if (p->rows->record->settings.family != RI_GAUSSIAN) {
        long double scale = l1 > 0 && p->ratio > 1 ? 1 / p->ratio : 1;
        dual = ri_verify_dual_loss(p->rows, p->residual, scale);
        dual -= l1 > 0 ? scale * scale * l2 * p->norm2 / 2 : l2 > 0 ? p->conjugate / (2 * l2) : 0;
    } else if (l1 > 0) {
        long double square = p->uu + l2 * p->norm2;
        long double scale = square > 0 ? fmaxl(p->uy / square, 0) : 0;
        scale = scale * p->ratio > 1 ? 1 / p->ratio : scale;
        dual = scale * p->uy - scale * scale * square / 2;
    } else {
        dual = p->uy - p->uu / 2 - (l2 > 0 ? p->conjugate / (2 * l2) : 0);
    }
    p->gap = 0;
    if (null_loss > 0 && alpha == 0)
        p->gap = p->steepest / p->rows->null_residual;
    else if (null_loss > 0)
        p->gap = fmaxl(p->objective - dual, 0) / null_loss;
    if (p->barred)
        p->gap = (long double)INFINITY;
}

static void for_points(block *b, bool products) {
#pragma omp parallel for schedule(dynamic, 4) num_threads(b->threads)
    for (int64_t i = 0; i < b->count; i++) {
        if (products)
            look_at_block(b, i);
        else
            add_block(b, &b->point[i]);
    }
}

static ri_status run(block *b, ri_error *err) {
    int64_t n = b->dataset->n, p = b->dataset->p;
    for (int64_t from = 0; from < p; from += b->most) {
        RI_TRY(read_block(b, from, err));
        for_points(b, false);
    }
#pragma omp parallel for schedule(dynamic, 4) num_threads(b->threads)
    for (int64_t i = 0; i < b->count; i++) {
        long double *work = b->work + omp_get_thread_num() * n;
        close_residual(&b->point[i], work);
        look_at_covariates(&b->point[i], work);
    }
    for (int64_t from = 0; from < p; from += b->most) {
        RI_TRY(read_block(b, from, err));
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
        for (int64_t c = 0; c < b->columns; c++)
            multiply_column(b, c, b->work + omp_get_thread_num() * n);
        for_points(b, true);
    }
    for (int64_t i = 0; i < b->count; i++)
        close_gap(&b->point[i]);
    return RI_OK;
}

ri_status ri_verify_points(const ri_dataset *dataset, ri_verify_point *point, int64_t count,
                           int threads, ri_error *err) {
    block b = {.dataset = dataset, .point = point, .count = count, .threads = threads};
    for (int64_t i = 0; i < count; i++)
        point[i].cursor = point[i].fit->start[point[i].alpha];
    ri_status status = make_block(&b, err);
    if (status == RI_OK)
        status = run(&b, err);
    free_block(&b);
    return status;
}
