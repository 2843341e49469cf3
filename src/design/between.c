/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/between.h"

#include <math.h>

#include "kernel/kernel.h"

static double inner(const ri_view *view, const double *u, const double *v) {
    if (!view->weighted)
        return ri_kernel_get()->dot(u, v, view->columns->x.n);
    double sum = 0;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        if (view->weight[i] > 0)
            sum += u[i] * v[i] / view->weight[i];
    }
    return sum;
}

/* Length of v - a known - b last. */
static double length_of_rest(const ri_view *view, const ri_between *at, const double *v,
                             const double *known, const double *last) {
    double sum = 0;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        double e = v[i] - at->known * known[i] - at->last * last[i];
        if (view->weight[i] > 0)
            sum += e * e / view->weight[i];
    }
    return sqrt(sum / (double)view->train);
}

ri_between ri_between_find(const ri_view *view, const double *residual, const double *known,
                           const double *last) {
    double kk = inner(view, known, known), ll = inner(view, last, last);
    double kl = inner(view, known, last), vk = inner(view, residual, known);
    double vl = inner(view, residual, last), determinant = kk * ll - kl * kl;
    ri_between at = {0};
    if (determinant > 1e-10 * kk * ll) {
        at.known = (vk * ll - vl * kl) / determinant;
        at.last = (vl * kk - vk * kl) / determinant;
    } else if (ll > 0) {
        at.last = vl / ll;
    }
    double scale = sqrt(inner(view, residual, residual) / (double)view->train);
    at.rest = length_of_rest(view, &at, residual, known, last) * (1 + 1e-9) + 1e-11 * scale;
    return at;
}
