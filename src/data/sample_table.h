/* SPDX-License-Identifier: BSD-3-Clause
 * A text file of columns that belong to samples (--covar, --pheno): a header line that begins with
 * FID IID, or with IID, sample, sample_id or id, then the names of the columns; '#' before the
 * first is PLINK's. Fields are separated by tabs, where the header has one, else by blanks.
 * Samples are matched by name, whatever their order. */
#ifndef RI_DATA_SAMPLE_TABLE_H
#define RI_DATA_SAMPLE_TABLE_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_sample_table {
    const char *path; /* as given; must stay valid */
    ri_names header;  /* names of the columns after the sample's */
    ri_names *column; /* [header.count] texts, one for each line */
    int64_t lines;
    int64_t samples;
    int64_t *line_of;  /* [samples] -1: the file has no line for it */
    int64_t unmatched; /* samples without a line */
    int64_t unused;    /* lines without a sample */
} ri_sample_table;

/* Samples are found as data/sample_index.h has it without families: by IID, or by FID_IID, the name
 * they have where IIDs repeat. Families the dataset knows do not count here: tables of covariates
 * come from other sources than genotypes, and their FID is often 0 or the IID. A sample with two
 * lines, and a file that has none of the samples, are RI_BAD_INPUT. `option` ("--covar") is for
 * messages. */
RI_MUST_USE ri_status ri_sample_table_read(const char *path, const char *option,
                                           const ri_names *sample, ri_sample_table *out,
                                           ri_error *err);
void ri_sample_table_free(ri_sample_table *table); /* leaves all zero */

/* Index of a column, or -1. */
int64_t ri_sample_table_find(const ri_sample_table *table, const char *name);

/* Text of a sample, "" where it has no line. */
const char *ri_sample_table_get(const ri_sample_table *table, int64_t column, int64_t sample);

#endif
