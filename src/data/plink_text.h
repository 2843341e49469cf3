/* SPDX-License-Identifier: BSD-3-Clause
 * The text files beside a .bed: samples (.fam) and variants (.bim). */
#ifndef RI_DATA_PLINK_TEXT_H
#define RI_DATA_PLINK_TEXT_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_plink_samples {
    ri_names id;     /* IID, or FID_IID where IIDs repeat */
    ri_names family; /* label of /groups/FID: FID, or "0:IID" where FID is 0 (no family) */
    double *y;       /* [n] column 6, NaN where it is -9 or no number */
    ri_names sex;    /* column 5: "male" (1), "female" (2), or "" (anything else: missing) */
    int64_t sexed;   /* samples that have one */
} ri_plink_samples;

RI_MUST_USE ri_status ri_plink_samples_read(const char *fam, ri_plink_samples *out, ri_error *err);
void ri_plink_samples_free(ri_plink_samples *samples);

typedef struct ri_plink_variants {
    ri_names id, chrom, a1, a2;
    int64_t *pos; /* [p] */
    size_t pos_capacity;
} ri_plink_variants;

/* IDs that are "." or repeat become CHR:POS:A1:A2, then NAME#2, NAME#3; `*renamed` counts them. */
RI_MUST_USE ri_status ri_plink_variants_read(const char *bim, ri_plink_variants *out,
                                             int64_t *renamed, ri_error *err);
/* The same for names from elsewhere: `raw` as they are, `id` is set from them and the other fields.
 */
RI_MUST_USE ri_status ri_plink_variants_name(const ri_names *raw, ri_plink_variants *variants,
                                             int64_t *renamed, ri_error *err);
void ri_plink_variants_free(ri_plink_variants *variants);

#endif
