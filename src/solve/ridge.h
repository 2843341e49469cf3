/* SPDX-License-Identifier: BSD-3-Clause
 * Ridge and least squares of one fit at many alphas, from one decomposition:
 *
 *   minimise  |y - Z b - U c|^2 / (2 n) + alpha / 2 * sum_j f_j b_j^2
 *
 * over the penalised columns Z (standardised, root-weighted) and the unpenalised ones U, which are
 * projected out. With z_j / sqrt(f_j) for z_j, K = Z Z' / n of the training rows or G = Z'Z / n of
 * the features, whichever is smaller, is made tridiagonal once; an alpha then costs the square of
 * the smaller side:
 *
 *   more features than rows:  u = (K + alpha)^-1 y / n,  b = Z'u     (Saunders et al., ICML 1998)
 *   else:                     b = (G + alpha)^-1 Z'y / n
 *
 * At alpha = 0 the pseudoinverse stands for the inverse: least squares, and where its solution is
 * not unique that with the smallest sum f_j b_j^2, the limit of ridge. X is then read for
 * coefficients and fitted values, once more for the gradient of every feature, from which each
 * point's duality gap (at alpha = 0 its normal equations) follows; a point with a gap above what
 * double precision allows is corrected from its own residual, up to three times.
 *
 * Every number comes from riata's own kernels in fixed blocks: no result depends on threads, nor on
 * which fits share the reads of X. */
#ifndef RI_SOLVE_RIDGE_H
#define RI_SOLVE_RIDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "design/pool.h"
#include "design/span.h"
#include "design/square.h"
#include "solve/pseudoinverse.h"
#include "solve/tridiagonal.h"
#include "solve/walk.h"

typedef struct ri_ridge {
    const ri_walk *walk; /* view, response and null model */
    const ri_view *view;
    int64_t alphas;
    double *alpha; /* [alphas] */
    double tol;
    ri_span span;
    int64_t count;    /* penalised columns that vary */
    int64_t *feature; /* [count] ascending */
    double *factor;   /* [count] square roots of f_j */
    double *y;        /* [train] less its part in the span */
    double *y_part;   /* [span.count] of that part */
    bool by_rows;     /* K is what is decomposed, else G */
    int64_t size, stride;
    ri_square square;
    double *matrix; /* [size * stride] K or G, then what its decomposition leaves */
    ri_tridiagonal tridiagonal;
    ri_pseudoinverse inverse; /* with an alpha of 0 */
    int64_t rank;             /* of Z; -1 where nobody asked */
    int64_t row_stride;       /* of u and r */
    double *u;                /* [alphas * row_stride] by rows only */
    double *b;                /* [alphas * count] sqrt(f_j) b_j */
    double *part;             /* [count * span.count] by features only: columns within the span */
    double *step;             /* [alphas * count] by features only: gradient less alpha b */
    double *fitted;           /* sums of Z b over training and held-out rows and the span */
    double *r;                /* [alphas * row_stride] residuals */
    double *conjugate;        /* [alphas] sum of squared gradients */
    double *largest;          /* [alphas] gradient of a feature */
    double *gap;              /* [alphas] */
    bool *open;               /* [alphas] to be corrected */
    int32_t *rounds;          /* [alphas] */
} ri_ridge;                   /* all zero is empty */

/* Largest side of a matrix that is decomposed. */
enum { RI_RIDGE_MOST = 12000 };

/* `walk` has been started and has the moments of all columns; it is borrowed, the alphas (>= 0)
 * are copied. */
RI_MUST_USE ri_status ri_ridge_open(ri_ridge *fit, const ri_walk *walk, const double *alpha,
                                    int64_t alphas, double tol, double *bytes, ri_error *err);
void ri_ridge_free(ri_ridge *fit);

typedef struct ri_ridge_means {
    int threads;
    ri_poll poll;
    ri_pool *pool; /* through which a streamed X is read, a block of columns after the other */
} ri_ridge_means;

/* Solves and certifies `count` fits together. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_ridge_run(ri_ridge *fit, int64_t count, const ri_ridge_means *means,
                                   double *bytes, ri_error *err);

/* Writes the solution of alpha number `a`. */
RI_MUST_USE ri_status ri_ridge_solution(const ri_ridge *fit, int64_t a, ri_solution *out,
                                        ri_error *err);

/* Bytes of a fit of n rows and p features, beside its solutions. */
double ri_ridge_bytes(int64_t n, int64_t p, int64_t alphas);

/* Those that it keeps when its matrix is decomposed. */
double ri_ridge_kept_bytes(int64_t n, int64_t p, int64_t alphas);

/* Bytes that fits share while they are solved. */
double ri_ridge_room_bytes(int64_t n, int64_t p);

#endif
