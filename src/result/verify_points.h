/* SPDX-License-Identifier: BSD-3-Clause
 * Objective, duality gap and predictions of stored coefficients at some (l1_ratio, fold, alpha),
 * from two reads of X: one for the residuals, one for their products with all columns. */
#ifndef RI_RESULT_VERIFY_POINTS_H
#define RI_RESULT_VERIFY_POINTS_H

#include "result/verify_rows.h"

typedef struct ri_verify_point {
    int64_t path, alpha;
    int32_t k; /* of path.fit: 0 .. K */
    const ri_fit *fit;
    const ri_verify_rows *rows;
    /* answers */
    long double *fitted; /* [train + held] predictions, in the order of rows->row */
    long double objective;
    long double gap;   /* relative; at alpha = 0 of the normal equations. Infinite where a
                          coefficient may not be: on a constant column, negative under positivity */
    long double reach; /* |intercept| + sum |coefficient * mean|: what a prediction is made of */
    /* on the way */
    double *residual; /* [train] root-weighted and projected */
    int64_t set;      /* which run of equal rows */
    int64_t cursor;   /* next entry of the sparse coefficients */
    bool barred;
    long double offset, norm1, norm2, loss, rr, uu, uy, ratio, conjugate, steepest;
} ri_verify_point;

/* Bytes that one point needs meanwhile. */
size_t ri_verify_point_bytes(int64_t n);

/* Points of equal rows are neighbours. Fills the answers; free them in any case. */
RI_MUST_USE ri_status ri_verify_points(const ri_dataset *dataset, ri_verify_point *point,
                                       int64_t count, int threads, ri_error *err);
void ri_verify_points_free(ri_verify_point *point, int64_t count);

#endif
