/* SPDX-License-Identifier: BSD-3-Clause
 * A finer grid around the minimum of the error curve: alphas between the neighbours of the minimum
 * are a run of their own, with the same folds, and its points are put between those of the first.
 * Points of the first run stay as they are, byte for byte. */
#ifndef RI_CV_REFINE_H
#define RI_CV_REFINE_H

#include "cv/problem.h"
#include "cv/record.h"

/* Writes `points` decreasing alphas between those of indices index_min - 1 and index_min + 1 of a
 * path, none of them on the grid: half of them on each side of the minimum (all of them on one side
 * where it is at an end of the grid), log-spaced; towards alpha = 0 down to a thousandth. */
void ri_refine_grid(const ri_path *path, int64_t points, double *alpha);

/* Puts the points of `finer` (the record of the second run: same rows, folds and l1_ratios) into
 * `record`, and chooses anew. */
RI_MUST_USE ri_status ri_record_merge(ri_record *record, const ri_record *finer, ri_error *err);

#endif
