/* SPDX-License-Identifier: BSD-3-Clause
 * From options and a dataset to the numeric problem of cv, path and fit: everything that can be
 * wrong without reading X is found here. */
#ifndef RI_CLI_SETUP_H
#define RI_CLI_SETUP_H

#include "cli/command.h"
#include "cv/problem.h"
#include "data/covariates.h"
#include "data/dataset.h"
#include "data/sample_table.h"

typedef struct ri_setup {
    ri_dataset *dataset;
    ri_names responses; /* those asked for by name; empty: the dataset's default */
    ri_problem problem; /* borrows from the fields here; problem.x has a shape but no values yet */
    ri_sample_table covar; /* of --covar; all zero without */
    ri_covariates covariates;
    ri_names classes; /* of --family binomial: what 0 and 1 of y stand for */
    double *y;        /* [n] NaN: row not trained on */
    double *weight, *penalty_factor, *alpha_list;
    int32_t *fold;
    int64_t kept;   /* rows trained on: with a response and, unless they are filled, all covariates,
                       and not kept for a test */
    ri_test test;   /* rows and how they were chosen */
    double *test_y; /* [n] responses of the test rows, NaN elsewhere; NULL without */
} ri_setup;

RI_MUST_USE ri_status ri_setup_open(ri_session *session, ri_setup *setup, ri_error *err);
/* Response number `k` of several: everything that depends on it anew. problem.x loses its values.
 */
RI_MUST_USE ri_status ri_setup_response(ri_session *session, ri_setup *setup, int64_t k,
                                        ri_error *err);
/* All that depends on response and test samples anew, with the options as they are now. problem.x
 * loses its values. */
RI_MUST_USE ri_status ri_setup_again(ri_session *session, ri_setup *setup, ri_error *err);
/* OpenMP threads of this rank, by --threads and what there is; they are set. Collective. */
RI_MUST_USE ri_status ri_setup_threads(ri_session *session, int *threads, ri_error *err);
void ri_setup_close(ri_setup *setup);

#endif
