/* SPDX-License-Identifier: BSD-3-Clause
 * Solutions by second moments whose gap is small, but which rounding of the moments keeps from a
 * certificate: they wait in their walk, a window at a time is taken up with its residuals computed
 * from X, and the next pass certifies it like any other (solve/walk.h). */
#ifndef RI_SOLVE_WALK_CONFIRM_H
#define RI_SOLVE_WALK_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "solve/walk.h"

/* Takes the next window of waiting solutions in hand; false where none wait. After a window that
 * was not certified whole the others are dropped: the walk goes on by passes. */
bool ri_walk_recall(ri_walk *walk);

/* Residuals of the windows in hand of all walks, and what a gap needs of them, with one read of X,
 * which has no missing values. A fit's have one value, whoever shares the read. `*bytes` grows by
 * the bytes of X read. */
RI_MUST_USE ri_status ri_walks_residuals(ri_walk *const *walk, int64_t count, int threads,
                                         double *bytes, ri_error *err);

#endif
