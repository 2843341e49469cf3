/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/support_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { ROUNDS = 5 };
/* A squared pivot below this part of the column's square is a dependent column. */
static const double DEPENDENT = 1e-11;

void ri_support_fit_free(ri_support_fit *fit) {
    free(fit->gram);
    free(fit->factor);
    free(fit->kept);
    free(fit->step);
    free(fit->row);
    free(fit->gradient);
    free(fit->residual);
    *fit = (ri_support_fit){0};
}

ri_status ri_support_fit_new(ri_support_fit *fit, const double *z, const double *y, int64_t n,
                             int64_t columns, ri_error *err) {
    size_t size = (size_t)columns;
    const ri_kernel *kernel = ri_kernel_get();
    *fit = (ri_support_fit){.n = n, .columns = columns, .z = z, .y = y};
    fit->gram = ri_alloc(size * size, sizeof *fit->gram);
    fit->factor = ri_alloc(size * size, sizeof *fit->factor);
    fit->kept = ri_alloc(size, sizeof *fit->kept);
    fit->step = ri_alloc(size, sizeof *fit->step);
    fit->row = ri_alloc(size, sizeof *fit->row);
    fit->gradient = ri_alloc(size, sizeof *fit->gradient);
    fit->residual = ri_alloc((size_t)n, sizeof *fit->residual);
    if (!fit->gram || !fit->factor || !fit->kept || !fit->step || !fit->row || !fit->gradient ||
        !fit->residual) {
        ri_support_fit_free(fit);
        return ri_fail_memory(err, "least squares of a support", 16 * size * size);
    }
    for (int64_t i = 0; i < columns; i++)
        for (int64_t j = 0; j <= i; j++)
            fit->gram[i * columns + j] = fit->gram[j * columns + i] =
                kernel->dot(z + i * n, z + j * n, n) / (double)n;
    return RI_OK;
}

/* Factor of the listed columns, dependent ones left out; returns its size. */
static int64_t make_factor(ri_support_fit *fit, const int64_t *list, int64_t count) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t size = 0, stride = fit->columns;
    for (int64_t i = 0; i < count; i++) {
        const double *gram = fit->gram + list[i] * stride;
        double *row = fit->row;
        for (int64_t q = 0; q < size; q++) {
            const double *other = fit->factor + q * stride;
            row[q] = (gram[list[fit->kept[q]]] - kernel->dot(row, other, q)) / other[q];
        }
        double pivot = gram[list[i]] - kernel->dot(row, row, size);
        if (!(pivot > DEPENDENT * gram[list[i]]))
            continue;
        row[size] = sqrt(pivot);
        memcpy(fit->factor + size * stride, row, (size_t)(size + 1) * sizeof *row);
        fit->kept[size++] = i;
    }
    return size;
}

/* step = (LL')^-1 of the gradient of the kept columns. */
static void solve_factor(ri_support_fit *fit, int64_t size) {
    const ri_kernel *kernel = ri_kernel_get();
    double *x = fit->step;
    for (int64_t q = 0; q < size; q++) {
        const double *row = fit->factor + q * fit->columns;
        x[q] = (fit->gradient[fit->kept[q]] - kernel->dot(row, x, q)) / row[q];
    }
    for (int64_t q = size - 1; q >= 0; q--) {
        const double *row = fit->factor + q * fit->columns;
        x[q] /= row[q];
        kernel->axpy(-x[q], row, x, q);
    }
}

/* Residual and gradient at b. */
static void look(ri_support_fit *fit, const int64_t *list, int64_t count, const double *b) {
    const ri_kernel *kernel = ri_kernel_get();
    memcpy(fit->residual, fit->y, (size_t)fit->n * sizeof *fit->residual);
    for (int64_t i = 0; i < count; i++)
        if (b[i] != 0)
            kernel->axpy(-b[i], fit->z + list[i] * fit->n, fit->residual, fit->n);
    fit->steepest = 0;
    for (int64_t i = 0; i < count; i++) {
        const double *z = fit->z + list[i] * fit->n;
        fit->gradient[i] = kernel->dot(z, fit->residual, fit->n) / (double)fit->n;
        fit->steepest = fmax(fit->steepest, fabs(fit->gradient[i]));
    }
}

void ri_support_fit_solve(ri_support_fit *fit, const int64_t *list, int64_t count, double *b) {
    int64_t size = make_factor(fit, list, count);
    fit->dependent = count - size;
    for (int64_t i = 0; i < count; i++)
        b[i] = 0;
    look(fit, list, count, b);
    double before = INFINITY;
    for (int round = 0; round < ROUNDS && fit->steepest > 0 && fit->steepest < before; round++) {
        before = fit->steepest;
        solve_factor(fit, size);
        for (int64_t q = 0; q < size; q++)
            b[fit->kept[q]] += fit->step[q];
        look(fit, list, count, b);
    }
}
