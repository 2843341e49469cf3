/* SPDX-License-Identifier: BSD-3-Clause
 * The first step of a run: everything cheap that can be wrong, before X is read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/adaptive.h"
#include "cli/help.h"
#include "cli/loco.h"
#include "cli/relax.h"
#include "cli/replicates.h"
#include "cli/resume.h"
#include "cli/running.h"
#include "kernel/kernel.h"

static ri_status check_checkpoint(ri_session *session, const ri_running *run, int64_t k,
                                  ri_error *err) {
    if (ri_cluster_rank(session->cluster) != 0)
        return RI_OK;
    char *folder = ri_running_checkpoint(session, run, k);
    ri_status status =
        ri_resume_check(session, run->setup.dataset, &run->setup.problem, folder, err);
    free(folder);
    return status;
}

/* What is wrong with a later response is found before anything is read; it is said when it is its
 * turn. */
static ri_status check_later_responses(ri_session *session, ri_running *run, ri_error *err) {
    bool silent = session->console.silent;
    int64_t count = ri_running_responses(run);
    ri_status status = RI_OK;
    session->console.silent = true;
    for (int64_t k = 1; k < count && status == RI_OK; k++) {
        status = ri_setup_response(session, &run->setup, k, err);
        if (status == RI_OK)
            status = ri_running_name_result(session, run, k, err);
        if (status == RI_OK)
            status = check_checkpoint(session, run, k, err);
    }
    if (count > 1 && status == RI_OK)
        status = ri_setup_response(session, &run->setup, 0, err);
    session->console.silent = silent;
    return status;
}

/* What can be said before the first byte of X is read. */
static void announce(ri_session *session, const ri_running *run) {
    FILE *log = session->console.log.file;
    if (log) {
        ri_version_print(log);
        fprintf(log, "command   %s\nstarted   %s\n\n", session->command_line, run->started);
    }
    const ri_problem *problem = &run->setup.problem;
    char folds[64] = "no folds";
    int32_t repeats = ri_settings_repeats(&problem->settings);
    int used = repeats > 1 ? snprintf(folds, sizeof folds, "%d x ", (int)repeats) : 0;
    if (problem->folds > 0)
        snprintf(folds + used, sizeof folds - (size_t)used, "%d folds (%s)",
                 (int)(problem->folds / repeats), problem->settings.fold_scheme);
    ri_console_note(&session->console,
                    "%s: %lld samples with a response, %lld features (%s), %s, %lld alphas, %d "
                    "rank%s x %d thread%s, SIMD %s",
                    run->setup.dataset->path, (long long)run->setup.kept,
                    (long long)run->setup.dataset->p, ri_storage_name(problem->x.storage), folds,
                    (long long)problem->alphas, ri_cluster_ranks(session->cluster),
                    ri_cluster_ranks(session->cluster) == 1 ? "" : "s", run->threads,
                    run->threads == 1 ? "" : "s", ri_kernel_get()->name);
}

static ri_status check_proxies(const ri_session *session, ri_error *err) {
    double threshold = session->arguments.proxies;
    if (threshold == 0 || threshold >= 0.5)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "--proxies: '%g' is not allowed; give a correlation of at least 0.5, or 0 to "
                   "look for none",
                   threshold);
}

ri_status ri_running_prepare(ri_session *session, ri_running *run, ri_error *err) {
    time_t now = time(NULL);
    struct tm utc;
    strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    ri_status status = check_proxies(session, err);
    if (status == RI_OK)
        status = ri_setup_open(session, &run->setup, err);
    if (status == RI_OK)
        status = ri_running_name(session, run, err);
    if (status == RI_OK)
        status = ri_loco_check(session, run->setup.dataset, err);
    if (status == RI_OK)
        status = check_checkpoint(session, run, 0, err);
    if (status == RI_OK)
        status = ri_relax_check(session, &run->setup.problem, err);
    if (status == RI_OK && strcmp(session->command, "cv") == 0)
        status = ri_adaptive_check(session, &run->setup.problem, err);
    if (status == RI_OK)
        status = ri_replicates_check(session, run->setup.dataset, &run->setup.problem, err);
    if (status == RI_OK)
        status = check_later_responses(session, run, err);
    if (status == RI_OK)
        status = ri_console_open_log(&session->console, run->log_path, err);
    RI_TRY(ri_cluster_agree(session->cluster, status, err));
    RI_TRY(ri_setup_threads(session, &run->threads, err));
    announce(session, run);
    return RI_OK;
}
