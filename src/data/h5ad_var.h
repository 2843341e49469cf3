/* SPDX-License-Identifier: BSD-3-Clause
 * A column of the var of an AnnData file, in a copy of it: what an analysis found out about the
 * features goes back to the file they came from. Format: anndata's "On-disk format", arrays of a
 * dataframe, encoding version 0.2.0. */
#ifndef RI_DATA_H5AD_VAR_H
#define RI_DATA_H5AD_VAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_var_column {
    const char *name;        /* of the new column; must not be there yet */
    const ri_names *feature; /* features that something is known of, unique names */
    const double *value;     /* [feature->count] */
    bool truth;              /* write truth values: value != 0, false where nothing is known;
                                else numbers, NaN where nothing is known */
} ri_var_column;

typedef struct ri_var_report {
    int64_t features; /* of var */
    int64_t matched;  /* of those, found among column->feature */
    int64_t lost;     /* of column->feature with a value other than 0, not found in var */
    char first_lost[128];
} ri_var_report;

/* Copies the file `input` to `output`, which appears whole, by rename, with one more column in var.
 * Features are matched by the names of var's index, made unique as an import makes them.
 * RI_BAD_INPUT: not AnnData, the column is there, no name in common, `output` is `input`. */
RI_MUST_USE ri_status ri_h5ad_add_var(const char *input, const char *output,
                                      const ri_var_column *column, ri_var_report *report,
                                      ri_error *err);

#endif
