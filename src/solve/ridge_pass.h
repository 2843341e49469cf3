/* SPDX-License-Identifier: BSD-3-Clause
 * What ridge asks of X. Columns come in blocks of a fixed number: standardised, root-weighted,
 * projected and divided by sqrt(f_j); a block is taken for every fit before the next one. Private
 * to ridge. */
#ifndef RI_SOLVE_RIDGE_PASS_H
#define RI_SOLVE_RIDGE_PASS_H

#include "solve/ridge.h"

/* Scratch of passes over some fits. */
typedef struct ri_ridge_room {
    int threads;
    ri_pool *pool;      /* NULL: X is in memory */
    int64_t block;      /* columns of a block */
    int64_t stride;     /* of z: rows of any fit, its held-out rows and its span */
    double *z;          /* [block * stride], or a column for each thread */
    double *panel;      /* the same in panels of 8 interleaved rows */
    double *spread;     /* [block * alphas] coefficients interleaved, or gradients */
    double *scratch;    /* [threads] of view functions */
    size_t one_scratch; /* doubles of a thread's */
    double bytes;       /* of X read */
} ri_ridge_room;        /* all zero is empty */

/* Columns of a block; the rows of X alone decide, so that no sum depends on what is in hand. */
int64_t ri_ridge_block(int64_t n);

RI_MUST_USE ri_status ri_ridge_room_new(const ri_ridge *fit, int64_t count,
                                        const ri_ridge_means *means, ri_ridge_room *out,
                                        ri_error *err);
void ri_ridge_room_free(ri_ridge_room *room);

/* Sums up what will be K or G in `square` of every fit. */
RI_MUST_USE ri_status ri_ridge_form(ri_ridge *fit, int64_t count, ri_ridge_room *room, ri_poll poll,
                                    ri_error *err);

/* G of the fits that go by features, chunk after chunk of rows of X (ridge_features.c); their parts
 * in the span are known. A streamed X is read once. */
RI_MUST_USE ri_status ri_ridge_add_features(ri_ridge *fit, int64_t count, ri_ridge_room *room,
                                            ri_poll poll, ri_error *err);

/* Coefficients from u, where the fit goes by rows; then fitted values and residuals. */
RI_MUST_USE ri_status ri_ridge_fit_rows(ri_ridge *fit, int64_t count, ri_ridge_room *room,
                                        ri_poll poll, ri_error *err);

/* Gradients of the residuals: conjugate, largest and, where the fit goes by features, step. */
RI_MUST_USE ri_status ri_ridge_gradients(ri_ridge *fit, int64_t count, ri_ridge_room *room,
                                         ri_poll poll, ri_error *err);

/* Element of the fitted values: row i of training, held-out rows and span, alpha a. */
double *ri_ridge_fitted(const ri_ridge *fit, int64_t i, int64_t a);

/* Doubles of `fitted`. */
size_t ri_ridge_fitted_size(const ri_ridge *fit);

#endif
