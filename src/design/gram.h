/* SPDX-License-Identifier: BSD-3-Clause
 * Second moments of all columns, shared by all fits: T = sum w d d' over the rows of all groups
 * (d shifted as in design/view.h), and the part of each group, so that a fit that holds out group k
 * has the Gram matrix of its standardised columns
 *
 *   G = S (f (T - T_k) - n m m') S / n,   S scales, m means, f = n / (sum of training weights),
 *
 * without reading X again. Columns whose training rows carry only a small part of their second
 * moment, where the difference cancels, are multiplied directly. Nothing may be missing. */
#ifndef RI_DESIGN_GRAM_H
#define RI_DESIGN_GRAM_H

#include <stdint.h>

#include "base/status.h"
#include "design/view.h"

typedef struct ri_gram ri_gram;

/* Bounds of what rounding may have done. */
typedef struct ri_gram_error {
    double matrix; /* |G_ij - z_i'z_j / n| over sqrt(G_ii G_jj) */
    double column; /* |z_j'u / n - its value from sums over the stored column| over |z_j| |u| / n */
} ri_gram_error;

/* Who forms moments. `poll` (may be NULL) is told by the main thread, every few milliseconds of
 * work, which part of them is done, or less than 0 where a fit forms a group's again; true ends the
 * work with RI_INTERRUPTED. It may be called for as long as the moments are in use. */
typedef struct ri_gram_work {
    int threads;
    bool (*poll)(void *context, double part);
    void *context;
} ri_gram_work;

/* Columns with no missing value; `weight` [n] or NULL; `group` [n] of each row, 0 .. groups - 1, or
 * -1 of rows that belong to none. All are borrowed. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_gram_new(const ri_columns *columns, const double *weight,
                                  const int32_t *group, int32_t groups, const ri_gram_work *work,
                                  double *bytes, ri_gram **out, ri_error *err);
void ri_gram_free(ri_gram *gram);

/* Bytes of rows of X that ri_gram_new has in memory as doubles. */
double ri_gram_buffer_bytes(double x_bytes);

/* Bytes that ri_gram_new keeps, and those of one fit beside its matrix while it is made. */
double ri_gram_bytes(int64_t p, int32_t groups);
double ri_gram_fit_bytes(int64_t n, int64_t p, int32_t groups);

/* Writes the symmetric matrix of the `count` ascending features of a view that holds out group
 * `group` (-1: none) to g, columns `stride` apart. */
RI_MUST_USE ri_status ri_gram_standardize(const ri_gram *gram, const ri_view *view, int32_t group,
                                          const int64_t *feature, int64_t count, double *g,
                                          int64_t stride, ri_gram_error *error, double *bytes,
                                          ri_error *err);

#endif
