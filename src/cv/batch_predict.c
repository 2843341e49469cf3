/* SPDX-License-Identifier: BSD-3-Clause
 * Predictions of units whose walks went by second moments. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/batch.h"
#include "solve/walk_predict.h"

ri_status ri_batch_predict(ri_batch *b, const bool *which, int threads, double *bytes,
                           ri_error *err) {
    ri_walk **walk = ri_alloc((size_t)b->count, sizeof(ri_walk *));
    int64_t count = 0;
    if (!walk)
        return ri_fail_memory(err, "the units of a run", (size_t)b->count * sizeof(ri_walk *));
    for (int64_t u = 0; u < b->count; u++)
        if ((!which || which[u]) && b->walk[u].unpredicted > 0)
            walk[count++] = &b->walk[u];
    double begun = ri_seconds();
    ri_status status = ri_walks_predict(walk, count, threads, bytes, err);
    double spent = ri_seconds() - begun;
    for (int64_t u = 0, k = 0; k < count; u++)
        if (&b->walk[u] == walk[k]) {
            b->seconds[u] += spent * threads / (double)count;
            k++;
        }
    free(walk);
    return status;
}
