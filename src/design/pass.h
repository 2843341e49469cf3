/* SPDX-License-Identifier: BSD-3-Clause
 * One read of X serves everybody: a tile of columns is decoded once and multiplied by the residuals
 * of all fits and look-ahead alphas, then standardised for each and kept only where it matters. Of
 * packed genotypes whole numbers tell which do (design/coarse.h); their gradients are then computed
 * as others are. */
#ifndef RI_DESIGN_PASS_H
#define RI_DESIGN_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "design/view.h"

typedef struct ri_gradient { /* z_j' r / train of one column */
    int64_t feature;
    double value;
} ri_gradient;

enum { RI_MOST_RESIDUALS = 8 }; /* of a request */

/* What became of one residual. */
typedef struct ri_answer {
    double floor;       /* asked: keep entries with |gradient| >= floor * penalty factor */
    ri_gradient *entry; /* kept ones, features ascending; caller frees */
    int64_t count;
} ri_answer;

/* The residuals of a window of alphas of one fit: root-weight times residual at training rows, 0
 * elsewhere. The last one is multiplied by all of X. The others are too where `known` is NULL,
 * their floor is not above 0, or columns have no unit norm; else, by design/between.h, only by the
 * columns that may reach their floor. `gradient` is as exact as that needs. */
typedef struct ri_request {
    const ri_view *view;
    int64_t count;          /* residuals, 1 .. RI_MOST_RESIDUALS */
    const double *residual; /* [count * n] */
    const double *known;    /* [n] a residual with gradient `gradient`, or NULL */
    float *gradient;        /* [p] of `known` on entry, of the last residual on return; NULL where
                               others keep it (ri_pass_keeps_gradients) */
    int64_t fit;            /* by which they do: `known` is its last residual before, or that of
                               the first pass of its view; a number of the caller's, from 0 */
    bool positive;          /* keep entries of the positive side only */
    bool once;              /* nobody goes on from `gradient`: it may be far off on return */
    ri_answer answer[RI_MOST_RESIDUALS];
    int64_t multiplied; /* on return: residuals that all of X was multiplied by */
} ri_request;

/* Whether those who hold X keep the gradients between passes, each of its own columns, so that none
 * are handed in and out: X is split over nodes that make passes together. */
bool ri_pass_keeps_gradients(const ri_columns *columns);

/* Multiplies all of X by the residuals of `count` requests. Columns with penalty factor 0 and
 * constant ones are never kept, extra ones (covariates) not looked at. `*bytes` grows by the bytes
 * of X read. */
RI_MUST_USE ri_status ri_pass_run(const ri_columns *columns, ri_request *request, int64_t count,
                                  int threads, double *bytes, ri_error *err);

/* The first pass of a batch of views: computes their moments, and answers one request of one
 * residual for each (request[f].view == &view[f], writable as view) in the same read. Moments of
 * extra columns are ri_pass_moments' to compute. */
RI_MUST_USE ri_status ri_pass_first(const ri_columns *columns, ri_view *view, ri_request *request,
                                    int64_t count, int threads, double *bytes, ri_error *err);

/* Moments of a few columns only, for every view: what unpenalised terms need beforehand. */
RI_MUST_USE ri_status ri_pass_moments(ri_view *view, int64_t count, const int64_t *feature,
                                      int64_t features, double *bytes, ri_error *err);

typedef struct ri_vectors {
    const double *first; /* [n] */
    int64_t stride;      /* doubles from one to the next */
    int64_t count;
} ri_vectors;

/* c[a + b * ldc] = d_j'(vector b) of features j = from + a, for a < count. Any thread; X in memory.
 */
void ri_pass_multiply(const ri_columns *columns, int64_t from, int64_t count,
                      const ri_vectors *vectors, double *c, int64_t ldc);

/* The same of d_j's squares, of dense columns. */
void ri_pass_multiply_squares(const ri_columns *columns, int64_t from, int64_t count,
                              const ri_vectors *vectors, double *c, int64_t ldc);

/* Doubles of scratch that view functions need for n rows. */
static inline size_t ri_scratch_doubles(int64_t n) {
    return 3 * (size_t)n + 16;
}

#endif
