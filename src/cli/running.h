/* SPDX-License-Identifier: BSD-3-Clause
 * A run at work: what its steps (run_prepare.c, run.c, run_deliver.c) share. */
#ifndef RI_CLI_RUNNING_H
#define RI_CLI_RUNNING_H

#include "cli/load.h"
#include "cli/setup.h"

/* One run from options to files. */
typedef struct ri_running {
    ri_setup setup;
    char *prefix;        /* of the log, and of the files, unless there are several responses */
    char *result_prefix; /* of the files of the response in hand */
    char *result_path, *log_path;
    ri_load load;
    int threads;
    char started[32];
    ri_record *record; /* rank 0 */
} ri_running;

int64_t ri_running_responses(const ri_running *run); /* at least 1 */

/* Everything cheap that can be wrong, each rank its own part; then all ranks agree. The log is
 * open and the run announced. Collective. */
RI_MUST_USE ri_status ri_running_prepare(ri_session *session, ri_running *run, ri_error *err);

/* Prefix of log and files, and the names for the first response. */
RI_MUST_USE ri_status ri_running_name(const ri_session *session, ri_running *run, ri_error *err);
/* Names of the files of response k, and, on rank 0, whether they can be written. */
RI_MUST_USE ri_status ri_running_name_result(const ri_session *session, ri_running *run, int64_t k,
                                             ri_error *err);
/* Folder of the checkpoint of response k; as ri_resume_folder. */
char *ri_running_checkpoint(const ri_session *session, const ri_running *run, int64_t k);

/* Rank 0: files, log and summary of the response in hand. RI_UNCERTIFIED, with everything written,
 * where points missed the tolerance. */
RI_MUST_USE ri_status ri_running_deliver(ri_session *session, ri_running *run, ri_error *err);

#endif
