/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/span.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"

/* Square of what a column has beyond the span, as a part of its own, below which it has nothing. */
static const double LEAST_SQUARE = 1e-12;

void ri_span_free(ri_span *span) {
    free(span->feature);
    free(span->q);
    free(span->r);
    free(span->held);
    *span = (ri_span){0};
}

void ri_span_project(const ri_span *span, double *v, double *part) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t n = span->view->train;
    for (int64_t k = 0; k < span->count; k++)
        part[k] = 0;
    for (int times = 0; times < 2; times++) /* twice is enough (Parlett) */
        for (int64_t k = 0; k < span->count; k++) {
            double dot = kernel->dot(span->q + k * n, v, n);
            kernel->axpy(-dot, span->q + k * n, v, n);
            part[k] += dot;
        }
}

void ri_span_coefficients(const ri_span *span, double *part) {
    for (int64_t k = span->count - 1; k >= 0; k--) {
        const double *r = span->r + k * span->count;
        part[k] /= r[k];
        for (int64_t i = 0; i < k; i++)
            part[i] -= r[i] * part[k];
    }
}

/* Takes up column j, unless it is dependent. */
static void add_column(ri_span *span, int64_t j, double *part, double *scratch) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t n = span->view->train, k = span->count;
    double *q = span->q + k * n, *held = span->held + k * span->view->held;
    ri_view_gather(span->view, j, q, held, scratch);
    double before = kernel->dot(q, q, n);
    ri_span_project(span, q, part);
    double after = kernel->dot(q, q, n);
    if (!(after > LEAST_SQUARE * before))
        return;
    double length = sqrt(after);
    for (int64_t i = 0; i < n; i++)
        q[i] /= length;
    part[k] = length;
    span->feature[span->count++] = j;
}

ri_status ri_span_new(const ri_view *view, const int64_t *feature, int64_t count, ri_span *out,
                      double *bytes, ri_error *err) {
    size_t most = (size_t)(count < view->train ? count : view->train) + 1;
    *out = (ri_span){.view = view};
    out->feature = ri_alloc(most, sizeof *out->feature);
    out->q = ri_alloc(most * (size_t)view->train, sizeof *out->q);
    out->held = ri_alloc(most * (size_t)view->held, sizeof *out->held);
    double *parts = ri_calloc(most * most, sizeof *parts); /* of column k from k * most on */
    double *scratch = ri_alloc(ri_scratch_doubles(view->columns->x.n), sizeof *scratch);
    bool good = out->feature && out->q && out->held && parts && scratch;
    for (int64_t i = 0; good && i < count && out->count < view->train; i++) {
        add_column(out, feature[i], parts + (size_t)out->count * most, scratch);
        *bytes += ri_view_column_bytes(view);
    }
    if (good)
        out->r = ri_alloc((size_t)out->count * (size_t)out->count, sizeof *out->r);
    good = good && out->r;
    for (int64_t k = 0; good && k < out->count; k++)
        memcpy(out->r + k * out->count, parts + (size_t)k * most,
               (size_t)out->count * sizeof *out->r);
    free(parts);
    free(scratch);
    if (!good) {
        ri_span_free(out);
        return ri_fail_memory(err, "the unpenalised columns", 16 * most * (size_t)view->train);
    }
    return RI_OK;
}
