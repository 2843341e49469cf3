/* SPDX-License-Identifier: BSD-3-Clause
 * Errors of predictions. */
#ifndef RI_CV_HELD_ERRORS_H
#define RI_CV_HELD_ERRORS_H

#include "cv/problem.h"

/* Metrics (cv/metric.h) of predictions for some rows of a problem, of which y, weight and family
 * count; rows without a response are left out; those that the family does not have are NaN. */
RI_MUST_USE ri_status ri_held_metrics(const ri_problem *problem, const int32_t *row, int64_t rows,
                                      const double *prediction, double metric[RI_METRICS],
                                      ri_error *err);

#endif
