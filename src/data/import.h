/* SPDX-License-Identifier: BSD-3-Clause
 * Text tables and PLINK 1 files to riata's HDF5. Every importer streams: memory does not grow with
 * the file. What was found is returned in a report; nothing is printed. */
#ifndef RI_DATA_IMPORT_H
#define RI_DATA_IMPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/pheno.h"
#include "data/selection.h"
#include "kernel/kernel.h"

typedef struct ri_import_report {
    int64_t samples, features;
    int64_t missing_responses; /* rows kept, response NaN */
    int64_t missing_values;    /* in X */
    int64_t renamed_features;  /* duplicate or "." IDs made unique */
    int64_t dropped_columns;   /* by --drop */
    int64_t constant_features;
    char response[256];            /* "": none */
    ri_selection_report selection; /* of genotypes */
    ri_pheno_report pheno;
} ri_import_report;

typedef struct ri_table_options {
    const char *response;      /* column name; required */
    const char *id_column;     /* NULL: a first column named "", id, sample, sample_id or name (any
                                  case) is taken, numbers or not; else rows are "1", ... */
    const char *drop;          /* comma-separated column names, or NULL */
    const char *group_column;  /* NULL, or a column kept as /groups/NAME and not a feature */
    const char *weight_column; /* NULL, or a column kept as /weights and not a feature */
    ri_storage storage;        /* RI_F64 or RI_F32 */
    bool allow_missing; /* NA cells in features stored as NaN; else an error naming the cell */
    const char *truth;  /* NULL, or PREFIX.truth.tsv (feature, coefficient) */
} ri_table_options;

/* CSV or TSV (by the header line: a tab makes it TSV), plain or gzip. */
RI_MUST_USE ri_status ri_import_table(const char *table, const ri_table_options *options,
                                      const char *output, ri_import_report *report, ri_error *err);

typedef struct ri_plink_options {
    ri_pheno_options pheno;
    const ri_selection *selection; /* NULL: all samples and variants */
    const char *truth;             /* NULL, or PREFIX.truth.tsv */
    ri_storage storage;            /* RI_PACKED2 (default of the program) or RI_I8 */
} ri_plink_options;

/* PREFIX.bed/.bim/.fam as ri_plink_open has them. */
RI_MUST_USE ri_status ri_import_plink(const char *prefix, const ri_plink_options *options,
                                      const char *output, ri_import_report *report, ri_error *err);

#endif
