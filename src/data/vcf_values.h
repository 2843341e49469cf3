/* SPDX-License-Identifier: BSD-3-Clause
 * The genotypes or dosages of a VCF record as columns, one for each alternative allele. */
#ifndef RI_DATA_VCF_VALUES_H
#define RI_DATA_VCF_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "data/vcf_reader.h"
#include "kernel/kernel.h"

typedef struct ri_vcf_values { /* fill in the first three; zero the rest */
    const ri_vcf_reader *reader;
    bool dosage;        /* DS, and GT where a sample has none; else GT alone */
    ri_storage storage; /* RI_PACKED2 of GT; RI_DOSAGE or RI_F32 of dosages */
    int64_t from_gt;    /* dosages taken from GT */
    int64_t half_calls; /* one allele missing: the call is */
    int64_t haploid;    /* calls of one allele, which counts twice */

    int32_t *gt; /* HTSlib's buffers, and values a sample; 0: the record has none */
    int gt_room, gt_each;
    float *ds;
    int ds_room, ds_each;
} ri_vcf_values;

/* The fields of the current record. RI_BAD_INPUT where they are not what the values need. */
RI_MUST_USE ri_status ri_vcf_values_load(ri_vcf_values *values, ri_error *err);

/* Copies of alternative allele `allele` (from 1) of every sample, to ri_storage_bytes. */
RI_MUST_USE ri_status ri_vcf_values_column(ri_vcf_values *values, int allele, void *column,
                                           ri_error *err);
void ri_vcf_values_free(ri_vcf_values *values);

#endif
