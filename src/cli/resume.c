/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/resume.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"

const ri_option ri_options_checkpoint[] = {
    {.name = "checkpoint",
     .kind = RI_TEXT,
     FIELD(checkpoint),
     .argument = "DIR|none",
     .shown = "PREFIX.checkpoint",
     .help = "Folder that keeps what the run has come to until its result is written, so that a "
             "run that is stopped or killed can go on. All nodes must see it."},
    {.name = "checkpoint-every",
     .kind = RI_NUMBER,
     FIELD(checkpoint_every),
     .argument = "SECONDS",
     .initial = "1",
     .low = 0,
     .unit = "seconds",
     .help = "Least time between two writings; it grows where writing would take more than 3 % of "
             "the time, of fits that are done to 3 s at most. 0 writes whenever a point is "
             "certified."},
    {.name = "resume",
     .kind = RI_SWITCH,
     FIELD(resume),
     .help = "Go on from the checkpoint, on any number of ranks and threads, to the result of a "
             "run that was never stopped. Without a checkpoint the run begins. Implied in a Slurm "
             "job that was requeued (SLURM_RESTART_COUNT)."},
    {.name = "fresh",
     .kind = RI_SWITCH,
     FIELD(fresh),
     .help = "Start anew where there is a checkpoint of an unfinished run, and replace it."},
    {0},
};

static bool none_wanted(const ri_session *session) {
    return session->arguments.checkpoint && strcmp(session->arguments.checkpoint, "none") == 0;
}

static bool resumes(const ri_session *session) {
    const char *restarts = getenv("SLURM_RESTART_COUNT");
    if (session->arguments.fresh)
        return false;
    return session->arguments.resume || (restarts && atol(restarts) > 0);
}

char *ri_resume_folder(const ri_session *session, const char *prefix, const char *name) {
    const char *given = session->arguments.checkpoint;
    if (none_wanted(session))
        return NULL;
    size_t room = strlen(given ? given : prefix) + (name ? strlen(name) : 0) + 16;
    char *folder = ri_alloc(room, 1);
    if (folder)
        snprintf(folder, room, "%s%s%s%s", given ? given : prefix, given ? "" : ".checkpoint",
                 name ? "/" : "", name ? name : "");
    size_t base = strlen(given ? given : prefix) + (given ? 0 : strlen(".checkpoint")) + 1;
    for (char *at = folder && name ? folder + base : NULL; at && *at; at++)
        *at = *at == '/' ? '_' : *at;
    return folder;
}

static ri_status describe(const ri_session *session, const ri_dataset *dataset,
                          const ri_problem *problem, ri_names *lines, ri_error *err) {
    uint64_t fingerprint;
    RI_TRY(ri_dataset_fingerprint(dataset, &fingerprint, err));
    RI_TRY(ri_checkpoint_describe(problem, session->command, fingerprint, lines, err));
    if (strcmp(session->command, "stability") != 0)
        return RI_OK;
    char text[96];
    int length = snprintf(text, sizeof text, "--threshold, --pfer\t%.17g, %.17g",
                          session->arguments.threshold, session->arguments.pfer);
    return ri_names_add(lines, text, (size_t)length, err);
}

static int64_t points_kept(const char *folder) {
    ri_checkpoint_view view;
    if (ri_checkpoint_look(folder, &view, NULL) != RI_OK)
        return 0;
    int64_t points = view.points_done;
    ri_checkpoint_view_free(&view);
    return points;
}

ri_status ri_resume_check(ri_session *session, const ri_dataset *dataset, const ri_problem *problem,
                          const char *folder, ri_error *err) {
    int result;
    ri_names lines = {0};
    if (session->arguments.resume && session->arguments.fresh)
        return ri_fail(err, RI_BAD_INPUT, "--resume and --fresh: give one of the two");
    if (!folder && session->arguments.resume)
        return ri_fail(err, RI_BAD_INPUT, "--resume: not with --checkpoint none");
    if (!folder || !ri_checkpoint_exists(folder) || session->arguments.fresh)
        return RI_OK;
    if (!resumes(session)) {
        if (ri_checkpoint_finished(folder, &result))
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: a part of an unfinished run; --resume goes on from there, --fresh "
                           "starts anew",
                           folder);
        int64_t points = points_kept(folder);
        if (points > 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: a checkpoint with %lld points of an unfinished run; --resume goes "
                           "on from there, --fresh starts anew",
                           folder, (long long)points);
        return RI_OK;
    }
    ri_status status = describe(session, dataset, problem, &lines, err);
    if (status == RI_OK)
        status = ri_checkpoint_compare(folder, &lines, err);
    ri_names_free(&lines);
    return status;
}

bool ri_resume_is_done(ri_session *session, const char *folder, const char *result,
                       ri_status *status) {
    int answer[2] = {0, RI_OK};
    struct stat info;
    if (ri_cluster_rank(session->cluster) == 0 && folder && resumes(session))
        answer[0] = ri_checkpoint_finished(folder, &answer[1]) && stat(result, &info) == 0;
    ri_cluster_share(session->cluster, answer, sizeof answer);
    *status = (ri_status)answer[1];
    return answer[0] != 0;
}

/* What is there to go on from. */
static void tell(ri_session *session, const char *folder) {
    ri_checkpoint_view view;
    ri_error reason;
    if (ri_checkpoint_look(folder, &view, &reason) != RI_OK) {
        ri_console_warn(&session->console, "%s", reason.text);
        return;
    }
    for (int64_t i = 0; i < view.damaged.count; i++)
        ri_console_warn(&session->console, "%s: its fit starts anew",
                        ri_names_get(&view.damaged, i));
    ri_console_note(&session->console, "resuming from %s: %lld of %lld points, %lld of %lld fits",
                    folder, (long long)view.points_done, (long long)view.points,
                    (long long)view.units_done, (long long)view.units);
    ri_checkpoint_view_free(&view);
}

/* Rank 0: an empty checkpoint, or the one that is there. */
static ri_status take_up(ri_session *session, const ri_dataset *dataset, const ri_problem *problem,
                         const char *folder, bool *resume, uint64_t *identity, ri_error *err) {
    ri_names lines = {0};
    ri_status status = describe(session, dataset, problem, &lines, err);
    *identity = ri_checkpoint_identity(&lines);
    *resume = status == RI_OK && resumes(session) && ri_checkpoint_exists(folder);
    if (*resume) {
        status = ri_checkpoint_compare(folder, &lines, err);
        if (status == RI_OK)
            tell(session, folder);
    } else if (status == RI_OK) {
        if (resumes(session))
            ri_console_note(&session->console, "no checkpoint in %s: the run begins", folder);
        ri_checkpoint_remove(folder);
        status = ri_checkpoint_create(folder, &lines, session->command_line, err);
        if (status == RI_BAD_INPUT)
            status = err->status = RI_SYSTEM;
    }
    ri_names_free(&lines);
    return status;
}

ri_status ri_resume_open(ri_session *session, const ri_dataset *dataset, const ri_problem *problem,
                         char *folder, ri_resume *resume, ri_error *err) {
    struct {
        uint64_t identity;
        bool resume, without;
    } common = {0};
    ri_status status = RI_OK;
    *resume = (ri_resume){0};
    if (ri_cluster_rank(session->cluster) == 0 && folder)
        status = take_up(session, dataset, problem, folder, &common.resume, &common.identity, err);
    common.without = !folder;
    if (status == RI_SYSTEM && !session->arguments.checkpoint) {
        ri_console_warn(&session->console, "%s; the run goes on without a checkpoint", err->text);
        common.without = true;
        status = RI_OK;
    }
    status = ri_cluster_agree(session->cluster, status, err);
    ri_cluster_share(session->cluster, &common, sizeof common);
    if (status != RI_OK || common.without) {
        free(folder);
        return status;
    }
    resume->folder = folder;
    resume->checkpoint = (ri_checkpoint){.folder = folder,
                                         .identity = common.identity,
                                         .every = session->arguments.checkpoint_every,
                                         .resume = common.resume};
    ri_checkpoint_start(&resume->checkpoint);
    return RI_OK;
}

void ri_resume_close(ri_session *session, ri_resume *resume, ri_status status, ri_error *err) {
    bool well = status == RI_OK || status == RI_UNCERTIFIED;
    if (resume->folder && ri_cluster_rank(session->cluster) == 0 && !well) {
        int64_t points = points_kept(resume->folder);
        if (points == 0)
            ri_checkpoint_remove(resume->folder);
        if (points == 0 && status == RI_INTERRUPTED)
            ri_fail(err, status, "interrupted before anything was worth keeping");
        else if (status == RI_INTERRUPTED)
            ri_fail(err, status,
                    "interrupted; %lld points are kept in %s: the same command with --resume goes "
                    "on from there",
                    (long long)points, resume->folder);
        else if (points > 0)
            ri_console_note(&session->console,
                            "%lld points are kept in %s: the same command with --resume goes on "
                            "from there",
                            (long long)points, resume->folder);
    }
    free(resume->folder);
    *resume = (ri_resume){0};
}
