/* SPDX-License-Identifier: BSD-3-Clause
 * Moments of single columns, read on their own. */
#include <stdlib.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"

ri_status ri_pass_moments(ri_view *view, int64_t count, const int64_t *feature, int64_t features,
                          double *bytes, ri_error *err) {
    if (count == 0 || features == 0)
        return RI_OK;
    const ri_matrix *x = &view->columns->x;
    double *d = ri_alloc(2 * (size_t)x->n, sizeof *d), *squared = d ? d + x->n : NULL;
    double *scratch = ri_alloc(ri_scratch_doubles(x->n), sizeof *scratch);
    int32_t *missing = ri_alloc((size_t)x->n, sizeof *missing);
    bool good = d && scratch && missing;
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t k = 0; good && k < features; k++) {
        int64_t j = feature[k];
        ri_matrix_decode(x, j, view->columns->shift[j], d);
        int64_t rows = ri_matrix_missing(x, j, missing);
        for (int64_t i = 0; i < x->n; i++) /* as a pass does, to the last bit */
            squared[i] = d[i] * d[i];
        *bytes += ri_view_column_bytes(view);
        for (int64_t f = 0; f < count; f++) {
            double lost = 0;
            for (int64_t m = 0; m < rows; m++)
                lost += view[f].weight[missing[m]];
            ri_view_moments(&view[f], j, kernel->dot(view[f].weight, d, x->n),
                            kernel->dot(view[f].weight, squared, x->n), lost, scratch, bytes);
        }
    }
    free(d);
    free(scratch);
    free(missing);
    return good ? RI_OK : ri_fail_memory(err, "moments", (unsigned long long)x->n * 32);
}
