/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/survey.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

enum { BLOCK_BYTES = 1 << 23 };

static void look_at(const ri_dataset *dataset, int64_t feature, const void *column,
                    ri_survey *survey) {
    double low = INFINITY, high = -INFINITY;
    int64_t missing = 0;
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = ri_element(dataset->storage, column, i);
        missing += isnan(value);
        low = fmin(low, value);
        high = fmax(high, value);
    }
    survey->missing_values += missing;
    survey->missing_features += missing > 0;
    if (missing > survey->most_missing_count) {
        survey->most_missing = feature;
        survey->most_missing_count = missing;
    }
    if (low >= high || missing == dataset->n) {
        if (survey->constant_features++ == 0)
            survey->first_constant = feature;
    }
    if (missing < dataset->n) {
        survey->least = fmin(survey->least, low);
        survey->largest = fmax(survey->largest, high);
    }
}

ri_status ri_dataset_survey(const ri_dataset *dataset, ri_survey *survey, ri_error *err) {
    size_t stride = ri_storage_bytes(dataset->storage, dataset->n);
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / (stride + 1));
    block = block < dataset->p ? block : dataset->p;
    char *values = ri_alloc((size_t)block, stride);
    ri_status status = RI_OK;
    *survey = (ri_survey){.most_missing = -1, .first_constant = -1, .least = NAN, .largest = NAN};
    if (!values)
        return ri_fail_memory(err, "a block of features", (uint64_t)block * stride);
    for (int64_t from = 0; from < dataset->p; from += block) {
        int64_t count = block < dataset->p - from ? block : dataset->p - from;
        RI_GO(ri_dataset_read(dataset, from, count, values, stride, NULL, err));
        for (int64_t j = 0; j < count; j++)
            look_at(dataset, from + j, values + (size_t)j * stride, survey);
    }
done:
    free(values);
    return status;
}
