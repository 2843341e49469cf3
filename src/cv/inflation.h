/* SPDX-License-Identifier: BSD-3-Clause
 * Variance inflation factors of a few columns: 1 / (1 - R^2) of each on the others, that is the
 * diagonal of the inverse of their correlation matrix (Belsley, Kuh and Welsch 1980). */
#ifndef RI_CV_INFLATION_H
#define RI_CV_INFLATION_H

#include <stdint.h>

#include "base/status.h"

/* `z` [count * n] columns of mean 0 and norm sqrt(n); `vif` receives [count]: infinity for a column
 * that depends linearly on others. The same bytes for any number of threads. */
RI_MUST_USE ri_status ri_inflation_find(const double *z, int64_t n, int64_t count, int threads,
                                        double *vif, ri_error *err);

#endif
