/* SPDX-License-Identifier: BSD-3-Clause
 * A VCF or BCF file as a dataset: read once, front to back, its columns kept in a temporary file.
 */
#ifndef RI_DATA_VCF_H
#define RI_DATA_VCF_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"
#include "data/selection.h"

/* In the order of --dosage's choices. */
typedef enum ri_vcf_field {
    RI_VCF_AUTO, /* DS where the header declares it, else GT */
    RI_VCF_GT,   /* copies of the alternative allele */
    RI_VCF_DS,   /* dosages; a sample without one is counted from GT */
} ri_vcf_field;

typedef struct ri_vcf_options {
    ri_vcf_field field;
    bool skip_multiallelic;        /* else each alternative allele is a feature of its own */
    const char *region;            /* NULL, or "19:1000-2000"; needs an index */
    const ri_selection *selection; /* NULL, or what need not be read; ri_dataset_select is still to
                                      be called for all but keep and remove */
    ri_storage storage;            /* RI_STORAGE_COUNT: packed2 of GT, hundredths of DS. Else
                                      RI_PACKED2 for GT, RI_DOSAGE or RI_F32 for DS */
} ri_vcf_options;

typedef struct ri_vcf_report {
    bool dosage;                        /* DS was read */
    int64_t split_sites, skipped_sites; /* with several alternative alleles */
    int64_t renamed, from_gt, half_calls, haploid;
    ri_selection_report selection; /* keep and remove */
} ri_vcf_report;

/* Values count copies of ALT, which is a1; REF is a2. Sample IDs are those of the header. There is
 * no response. The temporary file lies beside the file `beside`, without a name. */
RI_MUST_USE ri_status ri_vcf_open(const char *path, const ri_vcf_options *options,
                                  const char *beside, ri_dataset **out, ri_vcf_report *report,
                                  ri_error *err);

#endif
