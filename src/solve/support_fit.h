/* SPDX-License-Identifier: BSD-3-Clause
 * Least squares on some of a set of columns, many times over: their Gram matrix is formed once, and
 * a Cholesky factor of the part that is wanted proposes steps, each corrected from the residual
 * itself (iterative refinement: Bjoerck, Numerical Methods for Least Squares Problems, 6.6).
 * Columns that depend linearly on those before them in the list get the coefficient 0. */
#ifndef RI_SOLVE_SUPPORT_FIT_H
#define RI_SOLVE_SUPPORT_FIT_H

#include <stdint.h>

#include "base/status.h"

typedef struct ri_support_fit {
    int64_t n, columns;
    const double *z;               /* [columns * n], borrowed */
    const double *y;               /* [n], borrowed */
    double *gram;                  /* [columns * columns] z'z / n */
    double *factor;                /* [columns * columns] by rows */
    int64_t *kept;                 /* [columns] columns in the factor, as places in the list */
    double *step, *row, *gradient; /* [columns] */
    double *residual;              /* [n] y - sum b z of the last solution */
    double steepest;               /* largest |z_j'r| / n over the list */
    int64_t dependent;             /* columns of the list that were left at 0 */
} ri_support_fit;                  /* all zero is empty */

RI_MUST_USE ri_status ri_support_fit_new(ri_support_fit *fit, const double *z, const double *y,
                                         int64_t n, int64_t columns, ri_error *err);
void ri_support_fit_free(ri_support_fit *fit);

/* The regression on columns list[0 .. count): b [count]. */
void ri_support_fit_solve(ri_support_fit *fit, const int64_t *list, int64_t count, double *b);

#endif
