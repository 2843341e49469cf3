/* SPDX-License-Identifier: BSD-3-Clause
 * A known truth as text: TSV with the columns `feature` and `coefficient` (original scale), as the
 * simulator writes it. Optional columns: `effect_allele` (checked), `intercept` and `noise_sd` (the
 * same in every line). */
#ifndef RI_DATA_TRUTH_H
#define RI_DATA_TRUTH_H

#include "base/status.h"
#include "base/text.h"
#include "data/dataset.h"

/* Features are matched by name. `a1` is NULL or the allele that each feature counts. Where the file
 * has no intercept it is 0, and no noise_sd, NaN. */
RI_MUST_USE ri_status ri_truth_read(const char *path, const ri_names *feature, const ri_names *a1,
                                    ri_truth *out, ri_error *err);
void ri_truth_clear(ri_truth *truth); /* leaves count = 0 */

#endif
