/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/dual.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

/* A direction of which less than this part (squared) is new depends on those before it. */
static const double NOTHING_NEW = 1e-20;

void ri_dual_free(ri_dual *dual) {
    free(dual->basis);
    free(dual->inner);
    *dual = (ri_dual){0};
}

/* v loses its part along the directions; twice, since once is not enough where little is left. */
static void project(const ri_dual *dual, double *v) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t train = dual->view->train;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t q = 0; q < dual->directions; q++) {
            const double *d = dual->basis + q * train;
            kernel->axpy(-kernel->dot(d, v, train), d, v, train);
        }
}

/* The vector behind the last direction becomes the next one, unless it depends on them. */
static void add_direction(ri_dual *dual) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t train = dual->view->train;
    double *v = dual->basis + dual->directions * train;
    double before = kernel->dot(v, v, train);
    project(dual, v);
    double left = kernel->dot(v, v, train);
    if (!(left > NOTHING_NEW * before))
        return;
    double scale = 1 / sqrt(left);
    for (int64_t t = 0; t < train; t++)
        v[t] *= scale;
    dual->directions++;
}

ri_status ri_dual_new(ri_dual *dual, const ri_candidates *free_columns, const double *residual,
                      ri_error *err) {
    const ri_view *view = dual->view;
    size_t train = (size_t)view->train, most = (size_t)free_columns->size + 1;
    dual->basis = ri_alloc(most * train, sizeof *dual->basis);
    dual->inner = ri_alloc(train, sizeof *dual->inner);
    if (!dual->basis || !dual->inner)
        return ri_fail_memory(err, "the unpenalised columns", 8 * (most + 1) * train);
    memcpy(dual->basis, view->root, train * sizeof *dual->basis);
    if (view->columns->centered)
        add_direction(dual);
    for (int64_t k = 0; k < free_columns->size; k++) {
        memcpy(dual->basis + (size_t)dual->directions * train, free_columns->gathered.column[k],
               train * sizeof *dual->basis);
        add_direction(dual);
    }
    memcpy(dual->inner, residual, train * sizeof *dual->inner);
    project(dual, dual->inner);
    return RI_OK;
}

/* Means of the dual point u and of the null model at a training row. */
static double mean_at(const ri_dual *dual, const double *u, int64_t t, double scale) {
    return dual->y[t] - scale * u[t] / dual->view->root[t];
}

/* How much of the null model's residuals a point needs to be within the domain: 0 .. 1. */
static double part_of_null(const ri_dual *dual, const double *u) {
    double part = 0;
    for (int64_t t = 0; t < dual->view->train; t++) {
        if (dual->view->root[t] == 0)
            continue;
        double mean = mean_at(dual, u, t, 1), inner = mean_at(dual, dual->inner, t, 1);
        double out = fmax(dual->loss->low - mean, mean - dual->loss->high);
        double room = mean < dual->loss->low ? inner - dual->loss->low : dual->loss->high - inner;
        if (out > 0)
            part = fmax(part, room > 0 ? out / (out + room) : 1);
    }
    return part;
}

void ri_dual_project(const ri_dual *dual, double *u) {
    project(dual, u);
    double part = part_of_null(dual, u);
    for (int64_t t = 0; part > 0 && t < dual->view->train; t++)
        u[t] = (1 - part) * u[t] + part * dual->inner[t];
}

double ri_dual_value(const ri_dual *dual, const double *u, double scale) {
    const ri_view *view = dual->view;
    const ri_loss *loss = dual->loss;
    double sum = 0;
    for (int64_t t = 0; t < view->train; t++) {
        double root = view->root[t];
        if (root == 0)
            continue;
        double mean = fmin(fmax(mean_at(dual, u, t, scale), loss->low), loss->high);
        sum += root * root * (loss->conjugate(dual->y[t]) - loss->conjugate(mean));
    }
    return sum / (double)view->train;
}

double ri_dual_gap(const ri_dual *dual, const double *u, const ri_gap_terms *terms,
                   double primal_loss, const ri_point *point) {
    if (!(dual->null_loss > 0))
        return 0;
    double primal = primal_loss + point->l1 * terms->norm1 + 0.5 * point->l2 * terms->norm2;
    double scale = point->l1 > 0 && terms->ratio > 1 ? 1 / terms->ratio : 1;
    double value = ri_dual_value(dual, u, scale);
    if (point->l1 > 0)
        value -= 0.5 * scale * scale * point->l2 * terms->norm2;
    else if (point->l2 > 0)
        value -= 0.5 * terms->conjugate / point->l2;
    return fmax(primal - value, 0) / dual->null_loss;
}
