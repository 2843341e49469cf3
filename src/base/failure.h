/* SPDX-License-Identifier: BSD-3-Clause
 * What a parallel loop tells of its failures: that of the lowest index, whichever thread was first,
 * so that a damaged file has one sentence for any number of threads. */
#ifndef RI_BASE_FAILURE_H
#define RI_BASE_FAILURE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ri_failure {
    atomic_flag busy;
    _Atomic int64_t at; /* lowest index that failed; INT64_MAX: none */
    ri_status status;
    ri_error error;
} ri_failure;

#define RI_NO_FAILURE                                                                              \
    { .busy = ATOMIC_FLAG_INIT, .at = INT64_MAX, .status = RI_OK }

/* Any thread: what became of index `at`; RI_OK is no failure, and `own` is then not read. */
void ri_failure_note(ri_failure *failure, int64_t at, ri_status mine, const ri_error *own);

/* Any thread: whether an index before `at` has failed, which makes work on `at` needless. */
bool ri_failure_before(const ri_failure *failure, int64_t at);

/* After the loop: its status, and the error of the failure to `err` (which may be NULL). */
ri_status ri_failure_tell(const ri_failure *failure, ri_error *err);

#endif
