/* SPDX-License-Identifier: BSD-3-Clause
 * What the family of the response asks of it: classes and their weights, counts. */
#ifndef RI_CLI_FAMILY_H
#define RI_CLI_FAMILY_H

#include "cli/setup.h"

/* Family and metric of the settings, from the options. */
RI_MUST_USE ri_status ri_setup_family(const ri_session *session, ri_setup *setup, ri_error *err);

/* The kept responses setup->y as the family needs them: 0 and 1, or counts. */
RI_MUST_USE ri_status ri_setup_classes(ri_session *session, ri_setup *setup, ri_error *err);

/* --class-weight, into setup->weight. */
RI_MUST_USE ri_status ri_setup_class_weights(ri_session *session, ri_setup *setup, ri_error *err);

/* Once folds are known: every fit needs both classes; folds without are named. */
RI_MUST_USE ri_status ri_setup_check_folds(ri_session *session, const ri_setup *setup,
                                           ri_error *err);

#endif
