/* SPDX-License-Identifier: BSD-3-Clause
 * Leaving out what has missing values in X. */
#ifndef RI_DATA_COMPLETE_H
#define RI_DATA_COMPLETE_H

#include "data/dataset.h"

/* Drops every sample, or every feature, with a missing value of X; `*dropped` receives their
 * number. RI_BAD_INPUT where none is left. Reads X once. */
RI_MUST_USE ri_status ri_dataset_drop_samples(ri_dataset *dataset, int64_t *dropped, ri_error *err);
RI_MUST_USE ri_status ri_dataset_drop_features(ri_dataset *dataset, int64_t *dropped,
                                               ri_error *err);

#endif
