/* SPDX-License-Identifier: BSD-3-Clause
 * The pseudoinverse of a positive semidefinite matrix, and its rank, by a Cholesky factor with
 * diagonal pivoting (Higham, Accuracy and Stability of Numerical Algorithms, 10.3): A = L L' with
 * as many columns as the rank, so that A^+ = L (L'L)^-2 L'. What gives a least squares problem the
 * solution of minimum norm. */
#ifndef RI_SOLVE_PSEUDOINVERSE_H
#define RI_SOLVE_PSEUDOINVERSE_H

#include <stdint.h>

#include "base/status.h"
#include "solve/factor.h"

typedef struct ri_pseudoinverse {
    int64_t size, rank, stride;
    double *l;         /* [rank * stride] columns of L */
    ri_factor squared; /* of L'L */
    double *work;      /* [rank] */
} ri_pseudoinverse;    /* all zero is empty */

/* Of a symmetric matrix, columns `stride` apart, both halves read. A pivot below 1e-12 of the
 * largest diagonal (more in large matrices) is taken for 0: columns count as dependent where one
 * lies within about 1e-6 of the span of the others. */
RI_MUST_USE ri_status ri_pseudoinverse_new(const double *matrix, int64_t size, int64_t stride,
                                           ri_pseudoinverse *out, ri_error *err);
void ri_pseudoinverse_free(ri_pseudoinverse *inverse);

/* vector <- A^+ vector */
void ri_pseudoinverse_apply(const ri_pseudoinverse *inverse, double *vector);

#endif
