/* SPDX-License-Identifier: BSD-3-Clause
 * How well held-out rows are predicted. A prediction is a linear predictor eta, which for the
 * gaussian family is the mean of the response itself; the squared and absolute errors are those of
 * the mean.
 *
 *   mse, mae    of response - mean, every family
 *   deviance    mean of 2 loss(y, eta) (solve/loss.h): -2 log likelihood / n for two classes
 *   class       share of rows in the wrong class; eta > 0 says the positive one
 *   auc         probability that eta of a positive row is above that of a negative one, ties half;
 *               NaN where the rows are all of one class
 *
 * All are weighted by the rows' weights, and NaN without any weight. */
#ifndef RI_CV_METRIC_H
#define RI_CV_METRIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "solve/loss.h"

typedef enum ri_metric {
    RI_MSE,
    RI_MAE,
    RI_DEVIANCE,
    RI_CLASS_ERROR,
    RI_AUC,
    RI_METRICS
} ri_metric;

const char *ri_metric_short(ri_metric metric); /* as in tables for people */
const char *ri_metric_name(ri_metric metric);  /* as in options and files */
const char *ri_metric_words(ri_metric metric); /* as in pictures */
bool ri_metric_fits(ri_metric metric, ri_family family);
ri_metric ri_metric_default(ri_family family);

/* The value that is the smaller the better: of the AUC what is missing to 1. */
static inline double ri_metric_badness(ri_metric metric, double value) {
    return metric == RI_AUC ? 1 - value : value;
}

#endif
