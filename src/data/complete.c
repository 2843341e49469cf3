/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/complete.h"

#include <stdlib.h>

#include "base/memory.h"
#include "data/narrow.h"

enum { BLOCK_BYTES = 8 << 20 };

/* Takes the mark from each sample and feature with a missing value. */
static ri_status look_for_missing(const ri_dataset *dataset, bool *sample, bool *feature,
                                  ri_error *err) {
    size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / bytes);
    char *values = ri_alloc((size_t)block, bytes);
    int32_t *row = ri_alloc((size_t)dataset->n, sizeof *row);
    ri_status status = RI_OK;
    if (!values || !row) {
        status = ri_fail_memory(err, "a block of features", (size_t)block * bytes);
        goto done;
    }
    for (int64_t i = 0; i < dataset->n; i++)
        sample[i] = true;
    for (int64_t from = 0; from < dataset->p; from += block) {
        int64_t count = block < dataset->p - from ? block : dataset->p - from;
        RI_GO(ri_dataset_read(dataset, from, count, values, bytes, NULL, err));
        for (int64_t j = 0; j < count; j++) {
            int64_t missing =
                ri_missing_rows(dataset->storage, values + (size_t)j * bytes, dataset->n, row);
            feature[from + j] = missing == 0;
            for (int64_t k = 0; k < missing; k++)
                sample[row[k]] = false;
        }
    }
done:
    free(values);
    free(row);
    return status;
}

static ri_status drop(ri_dataset *dataset, bool samples, int64_t *dropped, ri_error *err) {
    int64_t count = samples ? dataset->n : dataset->p, kept = 0;
    bool *sample = ri_calloc((size_t)dataset->n, sizeof *sample);
    bool *feature = ri_calloc((size_t)dataset->p, sizeof *feature);
    const bool *keep = samples ? sample : feature;
    ri_status status;
    *dropped = 0;
    if (!sample || !feature) {
        status = ri_fail_memory(err, "a selection", (size_t)(dataset->n + dataset->p));
        goto done;
    }
    RI_GO(look_for_missing(dataset, sample, feature, err));
    for (int64_t i = 0; i < count; i++)
        kept += keep[i];
    *dropped = count - kept;
    if (kept == 0)
        status = ri_fail(err, RI_BAD_INPUT,
                         "--missing drop-%s: every one of the %lld %ss of %s has a missing value; "
                         "use --missing mean",
                         samples ? "sample" : "feature", (long long)count,
                         samples ? "sample" : "feature", dataset->path);
    else if (kept < count)
        status = samples ? ri_dataset_narrow_samples(dataset, keep, err)
                         : ri_dataset_narrow_features(dataset, keep, err);
done:
    free(sample);
    free(feature);
    return status;
}

ri_status ri_dataset_drop_samples(ri_dataset *dataset, int64_t *dropped, ri_error *err) {
    return drop(dataset, true, dropped, err);
}

ri_status ri_dataset_drop_features(ri_dataset *dataset, int64_t *dropped, ri_error *err) {
    return drop(dataset, false, dropped, err);
}
