/* SPDX-License-Identifier: BSD-3-Clause
 * The options of test samples, and which samples they ask for. */
#ifndef RI_CLI_SPLIT_H
#define RI_CLI_SPLIT_H

#include "cli/setup.h"

extern const ri_option ri_options_test[]; /* --test-fraction ... --test-seed */

/* Takes test samples out of setup->y into setup->test_y, where they are asked for. */
RI_MUST_USE ri_status ri_setup_test(ri_session *session, ri_setup *setup, ri_error *err);
void ri_setup_free_test(ri_setup *setup);

/* True where row i is a test sample. */
bool ri_setup_tests(const ri_setup *setup, int64_t i);

/* Errors of the test samples into a record of this setup, with which samples they are. */
RI_MUST_USE ri_status ri_setup_judge_test(const ri_setup *setup, ri_record *record, ri_error *err);

#endif
