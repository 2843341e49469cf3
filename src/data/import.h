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
#include "data/vcf.h"
#include "kernel/kernel.h"

typedef struct ri_import_report {
    int64_t samples, features;
    int64_t missing_responses; /* rows kept, response NaN */
    int64_t missing_values;    /* in X */
    int64_t renamed_features;  /* duplicate or "." IDs made unique */
    int64_t dropped_columns;   /* by --drop */
    int64_t constant_features;
    int64_t matched_samples;       /* with a line in the --samples file */
    int64_t unlisted_samples;      /* without one: kept, response missing */
    int64_t unused_lines;          /* of the --samples file without a sample */
    int64_t nonzero;               /* values of X that are not 0 */
    ri_storage storage;            /* type X is stored in; of matrix files */
    bool sparse;                   /* X keeps only what is not 0; of matrix files */
    bool features_first;           /* the file has features in rows */
    char response[256];            /* the default one, "" where there is none */
    ri_selection_report selection; /* of genotypes */
    ri_pheno_report pheno;
    ri_vcf_report vcf;
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

/* Files that hold a matrix, and little else. */
typedef enum ri_matrix_format {
    RI_MATRIX_H5AD,  /* AnnData: X or a layer, dense, CSR or CSC; obs and var */
    RI_MATRIX_10X,   /* feature-barcode matrix of Cell Ranger 3 and later, HDF5 */
    RI_MATRIX_MTX,   /* MatrixMarket, coordinate or array, plain or gzip */
    RI_MATRIX_NPY,   /* NumPy, two dimensions, little endian, C or Fortran order */
    RI_MATRIX_SVM,   /* LIBSVM / svmlight text, plain or gzip */
    RI_MATRIX_TABLE, /* CSV or TSV of numbers, with names in the first row and column */
    RI_MATRIX_NONE,
} ri_matrix_format;

typedef struct ri_matrix_options {
    ri_matrix_format format;
    const char *layer;      /* h5ad: layers/NAME in place of X, or NULL */
    const char *response;   /* comma-separated names; the first is the default. NULL: none, or the
                               labels of LIBSVM text, which this names */
    const char *covariates; /* comma-separated names, or NULL */
    const char *group_column, *weight_column; /* or NULL */
    const char *samples;   /* NULL, or a table from which response and the like are taken by
                              sample ID; else they come from obs */
    const char *id_column; /* of that table; NULL: its first column */
    const char *y;         /* NULL, or a response in row order: .npy or one number a line */
    const char *sample_names, *feature_names; /* NULL, or files of one name a line */
    bool gene_names;                          /* 10x: gene symbols in place of IDs */
    bool transpose;                           /* mtx, npy: features are the rows of the file */
    int64_t index_base;                       /* LIBSVM: 1 or 0 */
    int64_t features;                         /* LIBSVM: at least so many, -1: as many as occur */
    ri_storage storage; /* RI_CSC: sparse; RI_STORAGE_COUNT: sparse where few values are not 0, and
                           the narrowest of i8, f32, f64 that holds every
                           value exactly */
    bool allow_missing; /* NaN in X stored as missing; else an error naming the place */
    const char *truth;  /* NULL, or PREFIX.truth.tsv */
} ri_matrix_options;

/* By the name of the file; RI_MATRIX_NONE where that is no matrix (a table has features in columns
 * unless the caller knows better). */
ri_matrix_format ri_matrix_format_of(const char *path);

RI_MUST_USE ri_status ri_import_matrix(const char *path, const ri_matrix_options *options,
                                       const char *output, ri_import_report *report, ri_error *err);
/* VCF or BCF. `options` as above, its storage RI_STORAGE_COUNT for what suits, else one of
 * ri_vcf_open or RI_I8 for GT; `how` without selection and storage. */
RI_MUST_USE ri_status ri_import_vcf(const char *path, const ri_plink_options *options,
                                    const ri_vcf_options *how, const char *output,
                                    ri_import_report *report, ri_error *err);

#endif
