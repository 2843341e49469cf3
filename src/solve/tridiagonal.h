/* SPDX-License-Identifier: BSD-3-Clause
 * A symmetric matrix as Q T Q', T tridiagonal, Q a product of Householder reflections (Golub and
 * Van Loan, Matrix Computations, 8.3.1). Formed once at 4/3 size^3, it solves A + shift for any
 * shift at 4 size^2 a right-hand side: all alphas of a ridge from one decomposition, without
 * eigenvalues and therefore without an iteration that could end early. */
#ifndef RI_SOLVE_TRIDIAGONAL_H
#define RI_SOLVE_TRIDIAGONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

/* Asked now and then during long work, by the thread that does it: true ends the work. */
typedef struct ri_poll {
    bool (*ask)(void *context); /* NULL: nobody */
    void *context;
} ri_poll;

typedef struct ri_tridiagonal {
    int64_t size, stride;
    const double *reflector; /* column k: v_k from row k + 1 down, in the matrix handed over */
    double *tau;             /* [size], then as much scratch */
    double *diagonal;        /* [size] of T */
    double *below;           /* [size] the subdiagonal of T */
} ri_tridiagonal;            /* all zero is empty */

/* Decomposes the symmetric matrix in the lower triangle of `matrix`, columns `stride` apart, which
 * is overwritten, keeps the reflections and must outlive `out`. RI_INTERRUPTED where `poll` says
 * so. */
RI_MUST_USE ri_status ri_tridiagonal_new(double *matrix, int64_t size, int64_t stride, ri_poll poll,
                                         ri_tridiagonal *out, ri_error *err);
void ri_tridiagonal_free(ri_tridiagonal *t);

/* Each of `count` vectors takes the place of (A + shift[i])^-1 times itself;
 * A + shift must be positive definite, and is taken to be where rounding says otherwise. */
void ri_tridiagonal_solve(const ri_tridiagonal *t, const double *shift, int64_t count,
                          double *const *vector);

#endif
