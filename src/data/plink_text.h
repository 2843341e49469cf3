/* SPDX-License-Identifier: BSD-3-Clause
 * The text files beside a .bed: samples and phenotypes (.fam, --pheno) and variants (.bim). */
#ifndef RI_DATA_PLINK_TEXT_H
#define RI_DATA_PLINK_TEXT_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/import.h"

typedef struct ri_plink_samples {
    ri_names id;     /* IID, or FID_IID where IIDs repeat */
    ri_names family; /* label of /groups/FID: FID, or "0:IID" where FID is 0 (no family) */
    ri_names iid;
    ri_names pair; /* FID<tab>IID: unique */
    double *y;     /* [n], NaN missing */
} ri_plink_samples;

/* Reads the .fam and, where options->pheno is set, the phenotypes of that file instead; fills
 * samples, response and the counts about the response in the report. */
RI_MUST_USE ri_status ri_plink_samples_read(const char *fam, const ri_plink_options *options,
                                            ri_plink_samples *out, ri_import_report *report,
                                            ri_error *err);
void ri_plink_samples_free(ri_plink_samples *samples);

typedef struct ri_plink_variants {
    ri_names id, chrom, a1, a2;
    int64_t *pos; /* [p] */
    size_t pos_capacity;
} ri_plink_variants;

/* IDs that are "." or repeat become CHR:POS:A1:A2, then NAME#2, NAME#3; `*renamed` counts them. */
RI_MUST_USE ri_status ri_plink_variants_read(const char *bim, ri_plink_variants *out,
                                             int64_t *renamed, ri_error *err);
void ri_plink_variants_free(ri_plink_variants *variants);

/* Phenotypes of a --pheno file for the samples of the .fam (plink_pheno.c). */
RI_MUST_USE ri_status ri_plink_pheno_read(const ri_plink_options *options,
                                          ri_plink_samples *samples, ri_import_report *report,
                                          ri_error *err);

#endif
