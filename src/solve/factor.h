/* SPDX-License-Identifier: BSD-3-Clause
 * Cholesky factor of the Gram matrix of the support, kept up to date while features enter and
 * leave: rows are appended in blocks by triangular solves and deleted by plane rotations that also
 * turn z = L^-1 (right-hand side) along (Golub and Van Loan, Matrix Computations, 6.5.2-6.5.4). */
#ifndef RI_SOLVE_FACTOR_H
#define RI_SOLVE_FACTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { RI_FACTOR_PANEL = 32 };

typedef struct ri_factor {
    int64_t size, room; /* order; the order that there is memory for, a multiple of the panel */
    double *l; /* lower triangle in panels of columns, each from its first row down; pages */
    double *z; /* [room] */
} ri_factor;   /* all zero is an empty factor */

/* Column c of the lower triangle: entry i >= c of it is row i. */
static inline double *ri_factor_column(const ri_factor *factor, int64_t c) {
    int64_t first = c / RI_FACTOR_PANEL * RI_FACTOR_PANEL;
    int64_t before = first * factor->room - first * (first - RI_FACTOR_PANEL) / 2;
    return factor->l + before + (c - first) * (factor->room - first) - first;
}

void ri_factor_free(ri_factor *factor);
void ri_factor_clear(ri_factor *factor); /* size 0, memory kept */
RI_MUST_USE ri_status ri_factor_reserve(ri_factor *factor, int64_t size, ri_error *err);

/* Appends up to `count` rows. `cross` [size x count, column-major] is the Gram of the old rows
 * with the new ones, `own` [count x count] of the new ones (lower triangle read; both are
 * overwritten). accepted[k] says whether row k has a pivot above `least` times its diagonal; one
 * that has not depends linearly on the others and is left out. With `first_only` rejected rows
 * leave w = L^-1 cross[:, k] of the FIRST rejected k in cross[:, k] for ri_factor_backward. */
RI_MUST_USE ri_status ri_factor_append(ri_factor *factor, double *cross, double *own, int64_t count,
                                       double least, bool *accepted, ri_error *err);

/* Deletes the rows with drop[i], turning z along. */
RI_MUST_USE ri_status ri_factor_delete(ri_factor *factor, const bool *drop, ri_error *err);

void ri_factor_forward(const ri_factor *factor, double *x);                     /* x <- L^-1 x */
void ri_factor_backward(const ri_factor *factor, double *x);                    /* x <- L^-T x */
void ri_factor_transposed(const ri_factor *factor, const double *x, double *y); /* y += L^T x */

#endif
