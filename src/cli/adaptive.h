/* SPDX-License-Identifier: BSD-3-Clause
 * --adaptive: a lasso with the penalty factors of a first fit. */
#ifndef RI_CLI_ADAPTIVE_H
#define RI_CLI_ADAPTIVE_H

#include "cli/command.h"
#include "cv/problem.h"

extern const ri_option ri_options_adaptive[]; /* --adaptive --adaptive-gamma --adaptive-alpha */

/* RI_BAD_INPUT where --adaptive is asked for and does not go with other options. */
RI_MUST_USE ri_status ri_adaptive_check(ri_session *session, const ri_problem *problem,
                                        ri_error *err);

/* Tells what was asked from what was asked otherwise; 0 where nothing was. */
uint64_t ri_adaptive_hash(const ri_session *session);

static inline bool ri_adaptive_given(const ri_session *session) {
    return session->arguments.adaptive >= 0;
}

/* The run; `base` holds problem, threads, hook and context. Collective. */
RI_MUST_USE ri_status ri_adaptive_start(ri_session *session, const ri_adaptive_run *base,
                                        ri_record **out, ri_error *err);

#endif
