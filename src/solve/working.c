/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/working.h"

#include "solve/candidates.h"

static ri_status fail(const ri_candidates *c, ri_error *err) {
    return ri_fail_memory(err, "the columns of a model", 8ULL * (size_t)(c->size * c->train));
}

static ri_status open(ri_candidates *c, ri_error *err) {
    const ri_working *working = &c->working;
    ri_gathered *a = &c->gathered;
    c->columns = &ri_gathered_columns;
    if (!ri_gathered_make_room(c)) {
        ri_gathered_free(a);
        return fail(c, err);
    }
    int64_t first = working->intercept;
    for (int64_t k = 0; k < c->size; k++) {
        const double *from =
            k < first ? c->view->root : working->of->gathered.column[working->list[k - first]];
        double *z = ri_gathered_take(c, k);
        if (!z)
            return fail(c, err);
        for (int64_t t = 0; t < c->train; t++)
            z[t] = from[t] * working->root[t];
        ri_gathered_filled(c, k, z);
    }
    return RI_OK;
}

const ri_column_ops ri_working_columns = {.open = open};
