/* SPDX-License-Identifier: BSD-3-Clause
 * PLINK 1 files as a dataset, without conversion: names from .fam and .bim, genotypes read from the
 * .bed by ranges of columns and kept at 2 bits. */
#ifndef RI_DATA_PLINK_H
#define RI_DATA_PLINK_H

#include "data/dataset.h"

/* PREFIX.bed/.bim/.fam, variant-major. Values count copies of A1. The sample ID is IID, or FID_IID
 * where IIDs repeat; FID is the group column "FID"; the response is column 6 of the .fam, where -9
 * and what is no number are missing. `*renamed` (may be NULL): IDs that were "." or repeated, made
 * CHR:POS:A1:A2, then NAME#2. */
RI_MUST_USE ri_status ri_plink_open(const char *prefix, ri_dataset **out, int64_t *renamed,
                                    ri_error *err);

#endif
