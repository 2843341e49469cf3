/* SPDX-License-Identifier: BSD-3-Clause
 * A residual rounded to whole numbers of 16 bits, and how far that can take a gradient off: packed
 * genotypes are multiplied by such numbers several times as fast as by doubles. What is told apart
 * so is only which features cannot matter; the gradients of the others are then computed from the
 * residual itself, so that nothing that is kept depends on the rounding. */
#ifndef RI_DESIGN_COARSE_H
#define RI_DESIGN_COARSE_H

#include <stdbool.h>
#include <stdint.h>

#include "design/view.h"

typedef struct ri_coarse {
    double unit; /* of the whole numbers */
    double off;  /* most that the gradient of a column of unit norm is off, rounding included: by
                    Cauchy and Schwarz the root of sum (v - rounded v)^2 / weight / train */
} ri_coarse;

/* Whether columns have unit norm in every view of `columns`, are packed, and so few rows that sums
 * are exact. */
bool ri_coarse_apply(const ri_columns *columns);

/* Rounds a residual [n], weighted, 0 off the training rows, and writes it as doubles to `rounded`
 * [n] and as digits, zeros before (kernel/kernel.h); both may be NULL. With `high` the lower digits
 * are 0. */
ri_coarse ri_coarse_round(const ri_view *view, const double *v, bool high, double *rounded,
                          int8_t *digit);

/* Whether higher digits tell nearly all features apart that reach `floor`: it is a good part of
 * what a column along v would have. */
bool ri_coarse_high(const ri_view *view, const double *v, double floor);

#endif
