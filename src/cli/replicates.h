/* SPDX-License-Identifier: BSD-3-Clause
 * --replicates, on simulated data: the true bias and variance of the chosen path. X and the true
 * coefficients stay, the noise is drawn anew R times, and the path is fitted to each at the same
 * alphas. With f the true means of the kept rows and g_r the fitted values,
 *
 *   variance     mean over rows of the sample variance of g_r over r
 *   bias squared mean over rows of (mean of g_r - f)^2, less variance / R, which that mean still
 * has
 *
 * so that bias squared + variance + noise variance is the expected squared error on new responses
 * of the same rows (Hastie, Tibshirani and Friedman, Elements of Statistical Learning, 7.3). */
#ifndef RI_CLI_REPLICATES_H
#define RI_CLI_REPLICATES_H

#include "cli/command.h"
#include "cv/problem.h"
#include "data/dataset.h"

extern const ri_option ri_options_replicates[]; /* --replicates */

/* RI_BAD_INPUT where replicates are asked for and the truth is not known, or other options forbid
 * them. */
RI_MUST_USE ri_status ri_replicates_check(const ri_session *session, const ri_dataset *dataset,
                                          const ri_problem *problem, ri_error *err);

/* Makes record->replicates (record is NULL but on rank 0). Collective. */
RI_MUST_USE ri_status ri_replicates_run(ri_session *session, const ri_dataset *dataset,
                                        const ri_problem *problem, int threads, ri_record *record,
                                        ri_error *err);

#endif
