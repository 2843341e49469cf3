/* SPDX-License-Identifier: BSD-3-Clause
 * Part of a dataset: some of its samples and features, by lists and by what the genotypes are. The
 * dataset then reads as if its file held nothing else. */
#ifndef RI_DATA_SELECTION_H
#define RI_DATA_SELECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

/* NULL and NaN: not asked for. Applied in this order. */
typedef struct ri_selection {
    const char *keep, *remove;     /* files of samples: 'FID IID' or 'IID' a line, or a header
                                      '#FID IID ...' or '#IID ...' and columns */
    const char *chr;               /* "1,3-5,X"; a leading "chr" does not count */
    const char *extract, *exclude; /* files of feature names between white space */
    double geno; /* drops features of which a larger part of the samples is missing */
    double maf;  /* drops genotypes whose rarer allele has a lower frequency */
} ri_selection;

typedef enum ri_selection_step {
    RI_KEEP,
    RI_REMOVE,
    RI_CHR,
    RI_EXTRACT,
    RI_EXCLUDE,
    RI_GENO,
    RI_MAF,
    RI_SELECTION_STEPS
} ri_selection_step;

typedef struct ri_selection_report {
    struct {
        bool asked;
        int64_t listed;  /* different names in the list; 0 for RI_GENO and RI_MAF */
        int64_t unknown; /* of them not in the dataset (as it is at this step) */
        int64_t dropped; /* samples or features */
    } step[RI_SELECTION_STEPS];
    int64_t samples, features; /* of the file */
} ri_selection_report;

/* "--keep", ... */
const char *ri_selection_option(ri_selection_step step);

/* True where anything is. */
bool ri_selection_asked(const ri_selection *selection);

/* Narrows the dataset. RI_BAD_INPUT where nothing is left, or a list has no name of the dataset.
 * --geno and --maf read X once. */
RI_MUST_USE ri_status ri_dataset_select(ri_dataset *dataset, const ri_selection *selection,
                                        ri_selection_report *report, ri_error *err);

#endif
