/* SPDX-License-Identifier: BSD-3-Clause
 * The span of the unpenalised columns of a fit, and its orthogonal complement, in which what is
 * penalised can be solved for alone (the theorem of Frisch, Waugh and Lovell). Columns are
 * standardised and root-weighted on the training rows, so that the intercept is dealt with. */
#ifndef RI_DESIGN_SPAN_H
#define RI_DESIGN_SPAN_H

#include <stdint.h>

#include "base/status.h"
#include "design/view.h"

typedef struct ri_span {
    const ri_view *view;
    int64_t count;    /* columns taken up */
    int64_t *feature; /* [count] */
    double *q;        /* [count * train] orthonormal */
    double *r;        /* [count * count] z_k = sum over i <= k of r[i + k count] q_i */
    double *held;     /* [count * held] held-out rows of z_k */
} ri_span;            /* all zero is empty */

/* Of `count` columns of a view, whose moments are known; a column that depends linearly on those
 * before it is left out. `bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_span_new(const ri_view *view, const int64_t *feature, int64_t count,
                                  ri_span *out, double *bytes, ri_error *err);
void ri_span_free(ri_span *span);

/* v [train] loses its part in the span, which is sum part[k] q_k; part [count]. */
void ri_span_project(const ri_span *span, double *v, double *part);

/* Turns sum part[k] q_k into the coefficients of the columns: part is overwritten. */
void ri_span_coefficients(const ri_span *span, double *part);

#endif
