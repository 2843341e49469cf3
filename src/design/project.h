/* SPDX-License-Identifier: BSD-3-Clause
 * Products with columns as a fit sees them (standardised, design/view.h), by algebra around the
 * stored columns in a pool: nothing is written out but one column where that is asked for. Vectors
 * run over all n rows. */
#ifndef RI_DESIGN_PROJECT_H
#define RI_DESIGN_PROJECT_H

#include <stdint.h>

#include "design/pool.h"
#include "design/view.h"

/* Columns of a view that are held by a pool. */
typedef struct ri_held {
    const ri_view *view;
    const ri_pool *pool;
    const int64_t *feature; /* [count] */
    int64_t count;
} ri_held;

/* out[i + v * stride] = z_i'(vector v), for `vectors` of them, `apart` doubles apart. */
void ri_project(const ri_held *held, const double *vector, int64_t apart, int64_t vectors,
                double *out, int64_t stride);

/* The same for one vector and columns that no pool holds, where X has them in memory; `row` [n] is
 * work. */
void ri_project_where_stored(const ri_view *view, const int64_t *feature, int64_t count,
                             const double *vector, int32_t *row, double *out);

/* sum += sum_i step[i] z_i; `step` is overwritten. */
void ri_superpose(const ri_held *held, double *step, double *sum);

/* out = z_i */
void ri_write_out(const ri_held *held, int64_t i, double *out);

#endif
