/* SPDX-License-Identifier: BSD-3-Clause
 * --relax: least squares on the supports of a cross-validation, mixed with them. */
#ifndef RI_CLI_RELAX_H
#define RI_CLI_RELAX_H

#include "cli/command.h"
#include "cv/problem.h"

extern const ri_option ri_options_relax[]; /* --relax --gamma */

/* RI_BAD_INPUT where --relax is asked for and does not go with other options. */
RI_MUST_USE ri_status ri_relax_check(const ri_session *session, const ri_problem *problem,
                                     ri_error *err);

/* Adds the relaxed paths to a record (NULL but on rank 0). Collective. */
RI_MUST_USE ri_status ri_relax_run(ri_session *session, const ri_problem *problem, int threads,
                                   ri_record *record, ri_error *err);

#endif
