/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/metric.h"

static const struct {
    const char *name, *words, *abbreviation;
    unsigned families; /* a bit for each */
} METRIC[RI_METRICS] = {
    [RI_MSE] = {"mse", "mean squared error", "MSE",
                1u << RI_GAUSSIAN | 1u << RI_BINOMIAL | 1u << RI_POISSON},
    [RI_MAE] = {"mae", "mean absolute error", "MAE",
                1u << RI_GAUSSIAN | 1u << RI_BINOMIAL | 1u << RI_POISSON},
    [RI_DEVIANCE] = {"deviance", "deviance", "deviance", 1u << RI_BINOMIAL | 1u << RI_POISSON},
    [RI_CLASS_ERROR] = {"class", "share misclassified", "misclassified", 1u << RI_BINOMIAL},
    [RI_AUC] = {"auc", "area under the ROC curve (AUC)", "AUC", 1u << RI_BINOMIAL},
};

const char *ri_metric_name(ri_metric metric) {
    return METRIC[metric].name;
}

const char *ri_metric_words(ri_metric metric) {
    return METRIC[metric].words;
}

bool ri_metric_fits(ri_metric metric, ri_family family) {
    return (METRIC[metric].families >> family & 1u) != 0;
}

ri_metric ri_metric_default(ri_family family) {
    return family == RI_GAUSSIAN ? RI_MSE : RI_DEVIANCE;
}

const char *ri_metric_short(ri_metric metric) {
    return METRIC[metric].abbreviation;
}
