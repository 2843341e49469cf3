/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/working.h"

#include "kernel/kernel.h"
#include "solve/candidates.h"

static ri_status open(ri_candidates *c, ri_error *err) {
    const ri_working *working = &c->working;
    ri_gathered *a = &c->gathered;
    c->columns = &ri_gathered_columns;
    if (!ri_gathered_make_room(c)) {
        ri_gathered_free(a);
        return ri_fail_memory(err, "the columns of a model",
                              8ULL * (size_t)c->size * (size_t)c->train);
    }
    int64_t first = working->intercept;
    for (int64_t k = 0; k < c->size; k++) {
        const double *from =
            k < first ? c->view->root : working->of->gathered.column[working->list[k - first]];
        double *z = a->z + k * a->stride;
        for (int64_t t = 0; t < c->train; t++)
            z[t] = from[t] * working->root[t];
        for (int64_t t = c->train; t < a->stride; t++)
            z[t] = 0;
        a->column[k] = z;
        c->square[k] = ri_kernel_get()->dot(z, z, c->train) / (double)c->train;
    }
    return RI_OK;
}

const ri_column_ops ri_working_columns = {.open = open};
