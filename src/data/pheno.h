/* SPDX-License-Identifier: BSD-3-Clause
 * A response from a phenotype file, and PLINK's coding of cases and controls. */
#ifndef RI_DATA_PHENO_H
#define RI_DATA_PHENO_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

typedef struct ri_pheno_options {
    const char *file;    /* '#FID IID NAME...' or '#IID NAME...'; NULL: the dataset's response */
    const char *name;    /* NULL: the first column after the IDs */
    const char *missing; /* NULL: -9 is a value; else this number is missing too */
    bool binary_coding;  /* 2 is a case (1), 1 a control (0), 0 and -9 missing, nothing else legal;
                            else numbers are taken as they are */
} ri_pheno_options;

typedef struct ri_pheno_report {
    bool from_file;
    int64_t minus_nine;        /* values of -9, read as that number */
    int64_t unmatched_samples; /* without a line in the file */
    int64_t unused_lines;      /* of samples that the dataset does not have */
    int64_t cases, controls;   /* under binary_coding */
    bool looks_binary; /* not under binary_coding: there are no values but 1 and 2, or 0, 1 and 2 */
} ri_pheno_report;

/* RI_BAD_INPUT where an option is given without the one it belongs to. */
RI_MUST_USE ri_status ri_pheno_check(const ri_pheno_options *options, ri_error *err);

/* Puts the response of the file in place of the dataset's, which may have none; then the coding.
 * Lines are matched by FID and IID, or by IID alone where the file has no FID column. */
RI_MUST_USE ri_status ri_dataset_take_pheno(ri_dataset *dataset, const ri_pheno_options *options,
                                            ri_pheno_report *report, ri_error *err);

#endif
