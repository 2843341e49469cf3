/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RI_DATA_RAW_WHERE_H
#define RI_DATA_RAW_WHERE_H

#include "data/raw.h"

/* Where row i of a plain dataset lies in its file; `*more` rows from it on follow each other. A
 * damaged chunk lies behind the end of the file. */
uint64_t ri_raw_row(const ri_raw *raw, int64_t i, int64_t *more);

#endif
