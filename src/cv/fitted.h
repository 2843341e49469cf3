/* SPDX-License-Identifier: BSD-3-Clause
 * Fitted values of a path without folds. */
#ifndef RI_CV_FITTED_H
#define RI_CV_FITTED_H

#include "cv/plan.h"

/* path->prediction [alphas * n] of all rows by the path's refit, missing values at the mean. Each
 * column is decoded once for all alphas. */
RI_MUST_USE ri_status ri_fitted_values(const ri_plan *plan, ri_path *path, ri_error *err);

#endif
