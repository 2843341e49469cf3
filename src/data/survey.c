/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/survey.h"

#include <math.h>
typedef struct surveying {
    const ri_dataset *dataset;
    ri_survey *survey;
} surveying;

static void look_at(void *context, int64_t feature, const void *column) {
    const ri_dataset *dataset = ((const surveying *)context)->dataset;
    ri_survey *survey = ((const surveying *)context)->survey;
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
    surveying job = {dataset, survey};
    *survey = (ri_survey){.most_missing = -1, .first_constant = -1, .least = NAN, .largest = NAN};
    return ri_dataset_each(dataset, look_at, &job, err);
}
