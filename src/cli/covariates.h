/* SPDX-License-Identifier: BSD-3-Clause
 * --covar and its companions: which columns are always in the model, and their values. */
#ifndef RI_CLI_COVARIATES_H
#define RI_CLI_COVARIATES_H

#include "cli/command.h"
#include "data/covariates.h"
#include "data/dataset.h"
#include "data/sample_table.h"

extern const ri_option ri_options_covariates[];  /* --covar --covar-name and how to read them */
extern const ri_option ri_options_covar_files[]; /* --covar alone, for new samples */

/* Texts of a column for every sample of a dataset: from --covar, else from the dataset. */
typedef struct ri_sample_column {
    const char **text; /* [n] */
    ri_names names;    /* what `text` points into; empty where that is the table */
} ri_sample_column;
void ri_sample_column_free(ri_sample_column *column); /* leaves all zero */

/* Column `name`; `table` is all zero without --covar. */
RI_MUST_USE ri_status ri_sample_column_read(const ri_sample_table *table, const ri_dataset *dataset,
                                            const char *option, const char *name,
                                            ri_sample_column *out, ri_error *err);

/* The table of --covar (all zero where it is not given), with a word about samples it lacks. */
RI_MUST_USE ri_status ri_covar_table(ri_session *session, const ri_dataset *dataset,
                                     ri_sample_table *table, ri_error *err);

/* The covariates that --covar and --covar-name ask for, with a word on each categorical one. */
RI_MUST_USE ri_status ri_covariates_take(ri_session *session, const ri_dataset *dataset,
                                         const ri_sample_table *table, ri_covariates *out,
                                         ri_error *err);

/* Values of the covariates of a result for the samples of a dataset, [covariates * n], NaN missing;
 * NULL where the result has none. Caller frees. */
RI_MUST_USE ri_status ri_covariates_for(ri_session *session, const ri_covariates *model,
                                        const ri_dataset *dataset, double **value, ri_error *err);

#endif
