/* SPDX-License-Identifier: BSD-3-Clause
 * Cholesky factor of the Gram matrix of the support, kept up to date while features enter and
 * leave: rows are appended in blocks by triangular solves and deleted by plane rotations that also
 * turn z = L^-1 (right-hand side) along (Golub and Van Loan, Matrix Computations, 6.5.2-6.5.4).
 * Entries are doubles, or floats, half as many bytes to hold and to read, for solutions that are
 * refined; sums are of doubles either way. */
#ifndef RI_SOLVE_FACTOR_H
#define RI_SOLVE_FACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { RI_FACTOR_PANEL = 32 };

typedef struct ri_factor {
    int64_t size, room; /* order; the order that there is memory for, a multiple of the panel */
    bool single;        /* entries are floats */
    void *l;   /* lower triangle in panels of columns, each from its first row down; pages */
    double *z; /* [room] */
} ri_factor;   /* all zero is an empty factor of doubles */

static inline size_t ri_factor_width(const ri_factor *factor) {
    return factor->single ? sizeof(float) : sizeof(double);
}

/* Where the entry in a row of a column c <= row lies; the entries below it follow. */
static inline void *ri_factor_at(const ri_factor *factor, int64_t row, int64_t c) {
    int64_t first = c / RI_FACTOR_PANEL * RI_FACTOR_PANEL;
    int64_t before = first * factor->room - first * (first - RI_FACTOR_PANEL) / 2;
    int64_t place = before + (c - first) * (factor->room - first) + row - first;
    return (char *)factor->l + (size_t)place * ri_factor_width(factor);
}

static inline double ri_factor_entry(const ri_factor *factor, int64_t row, int64_t c) {
    const void *at = ri_factor_at(factor, row, c);
    return factor->single ? (double)*(const float *)at : *(const double *)at;
}

void ri_factor_free(ri_factor *factor);
void ri_factor_clear(ri_factor *factor); /* size 0, memory kept */
void ri_factor_restart(ri_factor *factor,
                       bool single); /* the same; memory of the other width goes */
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
