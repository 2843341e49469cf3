/* SPDX-License-Identifier: BSD-3-Clause
 * Predictions of the held-out rows of walks by second moments, which hold no columns: one read of X
 * for all walks. A row's predictions have one value, whoever shares the read. */
#ifndef RI_SOLVE_WALK_PREDICT_H
#define RI_SOLVE_WALK_PREDICT_H

#include <stdint.h>

#include "base/status.h"
#include "solve/walk.h"

/* Completes the predictions of the walks' first `unpredicted` solutions, and sets that to 0. X has
 * no missing values. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_walks_predict(ri_walk *const *walk, int64_t count, int threads,
                                       double *bytes, ri_error *err);

#endif
