/* SPDX-License-Identifier: BSD-3-Clause
 * How often features are selected: the share of the fits of the folds (of all repeats) in which a
 * feature has a coefficient other than 0. The fits are there, so it costs nothing. */
#ifndef RI_CV_FREQUENCY_H
#define RI_CV_FREQUENCY_H

#include "cv/record.h"

/* Frequencies at one alpha of a path of `fits` fits before the refit: `frequency` receives p. */
void ri_frequency_at(const ri_path *path, int32_t fits, int64_t alpha, int64_t p,
                     double *frequency);

/* Makes record->frequency, anew: those at the chosen alpha. Nothing without folds. */
RI_MUST_USE ri_status ri_record_count_folds(ri_record *record, ri_error *err);

#endif
