/* SPDX-License-Identifier: BSD-3-Clause
 * The run that cv, path, fit and stability share: each response in turn on one reading of X. */
#include "cli/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/adaptive.h"
#include "cli/loco.h"
#include "cli/progress.h"
#include "cli/relax.h"
#include "cli/replicates.h"
#include "cli/resume.h"
#include "cli/running.h"

static ri_status solve(ri_session *session, ri_running *run, ri_error *err) {
    const ri_problem *problem = &run->setup.problem;
    ri_progress_view view = {.console = &session->console,
                             .x_bytes = ri_matrix_bytes(&problem->x),
                             .looks = run->load.looks,
                             .checkpoint = problem->checkpoint};
    const ri_adaptive_run weighted = {
        .problem = problem, .threads = run->threads, .hook = ri_progress_show, .context = &view};
    bool cv = strcmp(session->command, "cv") == 0;
    ri_status status = cv && ri_adaptive_given(session)
                           ? ri_adaptive_start(session, &weighted, &run->record, err)
                           : ri_cluster_run(session->cluster, problem, run->threads,
                                            ri_progress_show, &view, &run->record, err);
    ri_console_end_progress(&session->console);
    if ((status == RI_OK || status == RI_UNCERTIFIED) && problem->settings.refine > 0) {
        ri_console_note(&session->console, "refining: %d alphas around the minimum of each curve",
                        problem->settings.refine);
        status = ri_cluster_refine(session->cluster, problem, run->threads, ri_progress_show, &view,
                                   run->record, err);
        ri_console_end_progress(&session->console);
    }
    if (status == RI_OK || status == RI_UNCERTIFIED)
        status = ri_relax_run(session, problem, run->threads, run->record, err);
    if (status == RI_OK || status == RI_UNCERTIFIED)
        status =
            ri_replicates_run(session, run->setup.dataset, problem, run->threads, run->record, err);
    if (status == RI_UNCERTIFIED)
        status = RI_OK; /* judged from the record, once it is written */
    return status;
}

/* One response with X in memory. */
static ri_status compute_response(ri_session *session, ri_running *run, ri_error *err) {
    ri_status status = solve(session, run, err);
    if (status == RI_OK) {
        ri_load_tell(session, &run->load);
        if (ri_cluster_rank(session->cluster) == 0)
            status = ri_running_deliver(session, run, err);
        status = ri_cluster_agree(session->cluster, status, err);
    }
    if (session->arguments.loco >= 0 && (status == RI_OK || status == RI_UNCERTIFIED)) {
        ri_error own = {0};
        ri_status left_out = ri_loco_write(session, run->setup.dataset, &run->setup.problem,
                                           run->record, run->result_prefix, run->threads, &own);
        if (left_out != RI_OK) {
            status = left_out;
            *err = own;
        }
    }
    ri_record_free(run->record);
    run->record = NULL;
    return status;
}

/* The same, kept in its checkpoint until it is done. */
static ri_status run_response(ri_session *session, ri_running *run, int64_t k, ri_error *err) {
    ri_resume kept;
    ri_status status;
    char *folder = ri_running_checkpoint(session, run, k);
    bool first = ri_cluster_rank(session->cluster) == 0;
    if (ri_resume_is_done(session, folder, run->result_path, &status)) {
        ri_console_note(&session->console, "%s is there and finished", run->result_path);
        free(folder);
        return status == RI_UNCERTIFIED
                   ? ri_fail(err, status, "%s has points that missed --tol", run->result_path)
                   : RI_OK;
    }
    RI_TRY(ri_resume_open(session, run->setup.dataset, &run->setup.problem, folder, &kept, err));
    run->setup.problem.checkpoint = kept.folder ? &kept.checkpoint : NULL;
    status = compute_response(session, run, err);
    run->setup.problem.checkpoint = NULL;
    ri_error unsaid;
    if (first && kept.folder && (status == RI_OK || status == RI_UNCERTIFIED) &&
        (ri_running_responses(run) == 1 ||
         ri_checkpoint_finish(kept.folder, (int)status, &unsaid) != RI_OK))
        ri_checkpoint_remove(kept.folder);
    ri_resume_close(session, &kept, status, err);
    return status;
}

/* Everything is written: nothing is left to go on from. */
static void remove_checkpoints(const ri_session *session, const ri_running *run) {
    int64_t count = ri_running_responses(run);
    for (int64_t k = 0; k <= count && ri_cluster_rank(session->cluster) == 0 && count > 1; k++) {
        char *folder = k < count ? ri_running_checkpoint(session, run, k)
                                 : ri_resume_folder(session, run->prefix, NULL);
        if (folder)
            ri_checkpoint_remove(folder);
        free(folder);
    }
}

static ri_status prepare_response(ri_session *session, ri_running *run, int64_t k, ri_error *err) {
    ri_console_note(&session->console, "response %lld of %lld: %s", (long long)k + 1,
                    (long long)ri_running_responses(run), ri_names_get(&run->setup.responses, k));
    ri_status status = ri_setup_response(session, &run->setup, k, err);
    run->setup.problem.x = run->load.x;
    if (status == RI_OK)
        status = ri_running_name_result(session, run, k, err);
    return ri_cluster_agree(session->cluster, status, err);
}

/* All of them on one reading of X. An uncertified one does not keep the others from their turn. */
static ri_status run_responses(ri_session *session, ri_running *run, ri_error *err) {
    ri_status worst = RI_OK;
    ri_error first = {0};
    int64_t count = ri_running_responses(run);
    for (int64_t k = 0; k < count; k++) {
        ri_status status = RI_OK;
        if (count > 1)
            status = prepare_response(session, run, k, err);
        if (status == RI_OK)
            status = run_response(session, run, k, err);
        if (status == RI_UNCERTIFIED && worst == RI_OK) {
            worst = status;
            first = *err;
        }
        if (status != RI_OK && status != RI_UNCERTIFIED)
            return status;
    }
    remove_checkpoints(session, run);
    if (worst != RI_OK)
        *err = first;
    return worst;
}

ri_status ri_run(ri_session *session, ri_error *err) {
    ri_running run = {0};
    ri_status status = ri_running_prepare(session, &run, err);
    if (status == RI_OK)
        status = ri_load_x(session, &run.setup, run.threads, &run.load, err);
    if (status == RI_OK)
        status = run_responses(session, &run, err);
    bool keep = status == RI_OK || status == RI_UNCERTIFIED;
    if (status == RI_UNCERTIFIED && session->console.log.file)
        fprintf(session->console.log.file, "%s\n", err->text);
    ri_error log_error = {0};
    if (ri_console_close_log(&session->console, keep, &log_error) != RI_OK && keep) {
        *err = log_error;
        status = RI_SYSTEM;
    }
    ri_load_free(&run.load);
    ri_cluster_release(session->cluster);
    ri_setup_close(&run.setup);
    free(run.prefix);
    free(run.result_prefix);
    free(run.result_path);
    free(run.log_path);
    return status;
}
