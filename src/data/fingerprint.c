/* SPDX-License-Identifier: BSD-3-Clause
 * A number that tells datasets apart: equal for equal values, whatever type or layout holds them.
 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"
#include "data/dataset.h"

enum { EDGE_FEATURES = 16 }; /* at either end */

static uint64_t hash_names(const ri_names *names, uint64_t seed) {
    return ri_hash(names->bytes, names->byte_count, seed);
}

/* Hashes doubles with one NaN and one zero. */
static uint64_t hash_values(double *values, int64_t count, uint64_t seed) {
    for (int64_t i = 0; i < count; i++)
        values[i] = isnan(values[i]) ? (double)NAN : values[i] + 0.0;
    return ri_hash(values, (size_t)count * sizeof *values, seed);
}

/* Hashes features [from, from + count); `column` and `values` have room for one. */
static ri_status hash_features(const ri_dataset *dataset, int64_t from, int64_t count, void *column,
                               double *values, uint64_t *hash, ri_error *err) {
    const size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    for (int64_t j = from; j < from + count; j++) {
        RI_TRY(ri_dataset_read(dataset, j, 1, column, bytes, NULL, err));
        for (int64_t i = 0; i < dataset->n; i++)
            values[i] = ri_element(dataset->storage, column, i);
        *hash = hash_values(values, dataset->n, *hash);
    }
    return RI_OK;
}

ri_status ri_dataset_fingerprint(const ri_dataset *dataset, uint64_t *fingerprint, ri_error *err) {
    const int64_t n = dataset->n, p = dataset->p;
    const int64_t shape[2] = {n, p};
    const int64_t head = p < EDGE_FEATURES ? p : EDGE_FEATURES;
    const int64_t tail = p - head < EDGE_FEATURES ? p - head : EDGE_FEATURES;
    ri_status status;
    uint64_t hash = ri_hash(shape, sizeof shape, 0);
    hash = hash_names(&dataset->sample, hash);
    hash = hash_names(&dataset->feature, hash);
    void *column = ri_alloc(1, ri_storage_bytes(dataset->storage, n));
    double *values = ri_alloc((size_t)n, sizeof *values);
    if (!column || !values) {
        status = ri_fail_memory(err, "a feature", (unsigned long long)n * sizeof *values);
        goto done;
    }
    if (dataset->y) {
        for (int64_t i = 0; i < n; i++)
            values[i] = dataset->y[i];
        hash = hash_values(values, n, hash);
    }
    RI_GO(hash_features(dataset, 0, head, column, values, &hash, err));
    RI_GO(hash_features(dataset, p - tail, tail, column, values, &hash, err));
    *fingerprint = hash;
done:
    free(column);
    free(values);
    return status;
}
