/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/complete.h"

#include <stdlib.h>

#include "base/memory.h"
#include "data/narrow.h"

typedef struct complete { /* samples and features without a missing value */
    const ri_dataset *dataset;
    bool *sample, *feature;
    int32_t *row; /* [n] work */
} complete;

static void look_for_missing(void *context, int64_t feature, const void *column) {
    const complete *c = context;
    int64_t missing = ri_missing_rows(c->dataset->storage, column, c->dataset->n, c->row);
    c->feature[feature] = missing == 0;
    for (int64_t k = 0; k < missing; k++)
        c->sample[c->row[k]] = false;
}

static ri_status drop(ri_dataset *dataset, bool samples, int64_t *dropped, ri_error *err) {
    int64_t count = samples ? dataset->n : dataset->p, kept = 0;
    bool *sample = ri_calloc((size_t)dataset->n, sizeof *sample);
    bool *feature = ri_calloc((size_t)dataset->p, sizeof *feature);
    int32_t *row = ri_alloc((size_t)dataset->n, sizeof *row);
    complete marks = {dataset, sample, feature, row};
    const bool *keep = samples ? sample : feature;
    ri_status status;
    *dropped = 0;
    if (!sample || !feature || !row) {
        status = ri_fail_memory(err, "a selection", (size_t)(dataset->n + dataset->p));
        goto done;
    }
    for (int64_t i = 0; i < dataset->n; i++)
        sample[i] = true;
    RI_GO(ri_dataset_each(dataset, look_for_missing, &marks, err));
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
    free(row);
    return status;
}

ri_status ri_dataset_drop_samples(ri_dataset *dataset, int64_t *dropped, ri_error *err) {
    return drop(dataset, true, dropped, err);
}

ri_status ri_dataset_drop_features(ri_dataset *dataset, int64_t *dropped, ri_error *err) {
    return drop(dataset, false, dropped, err);
}
