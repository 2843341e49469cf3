/* SPDX-License-Identifier: BSD-3-Clause
 * A residual of a window of alphas lies close to the plane of two whose gradients are known for
 * every feature: v = a known + b last + rest. So by Cauchy and Schwarz its gradient is known for
 * every feature up to the length of the rest, and only features near the threshold need a product.
 * The path is piecewise linear in alpha, which is why the rest is short. */
#ifndef RI_DESIGN_BETWEEN_H
#define RI_DESIGN_BETWEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "design/view.h"

typedef struct ri_between {
    double known, last; /* a and b */
    double rest;        /* sqrt(sum rest^2 / weight / train), rounding included */
} ri_between;

/* All three residuals are [n], weighted, 0 off the training rows. */
ri_between ri_between_find(const ri_view *view, const double *residual, const double *known,
                           const double *last);

/* True where a feature of unit norm with gradients `known` (f32) and `last` may have one of `floor`
 * or more; one-sided with `positive`. */
static inline bool ri_between_reaches(const ri_between *at, float known, double last, double floor,
                                      bool positive) {
    double here = (double)known, middle = at->known * here + at->last * last;
    double most = at->rest + 1e-7 * (at->known * here < 0 ? -at->known * here : at->known * here);
    return (middle < 0 && !positive ? -middle : middle) + most >= floor;
}

#endif
