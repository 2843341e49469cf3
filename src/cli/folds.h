/* SPDX-License-Identifier: BSD-3-Clause
 * The options of folds, and the fold of every row that they ask for. */
#ifndef RI_CLI_FOLDS_H
#define RI_CLI_FOLDS_H

#include "cli/setup.h"

extern const ri_option
    ri_options_folds[]; /* --folds --repeats --fold-scheme --group --fold-file --seed */

/* The --fold-scheme that a --half-scheme stands for, both as their choices are numbered; negative:
 * not given. */
int ri_half_scheme(int choice);

/* Groups by a group column of the dataset, or a column of --covar or /covariates: `*group` [n],
 * numbers 0 .. groups - 1; caller frees. `option` is for messages. */
RI_MUST_USE ri_status ri_setup_groups(ri_session *session, const ri_setup *setup,
                                      const char *option, const char *name, int32_t **group,
                                      int64_t *groups, ri_error *err);

/* Sets folds, scheme and the fold of every row; none for path and fit. */
RI_MUST_USE ri_status ri_setup_folds(ri_session *session, ri_setup *setup, ri_error *err);

#endif
