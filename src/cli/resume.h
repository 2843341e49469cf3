/* SPDX-License-Identifier: BSD-3-Clause
 * The checkpoint of a run as its user meets it: where it is, whether to go on from it, and what is
 * said. Rank 0 looks after the folder; every rank writes the units it has. */
#ifndef RI_CLI_RESUME_H
#define RI_CLI_RESUME_H

#include "cli/command.h"
#include "cv/checkpoint.h"
#include "data/dataset.h"

extern const ri_option ri_options_checkpoint[]; /* --checkpoint .. --resume --fresh */

/* Of one response, or of one refit of --loco. */
typedef struct ri_resume {
    char *folder; /* NULL: no checkpoint */
    ri_checkpoint checkpoint;
} ri_resume; /* all zero: no checkpoint */

/* PREFIX.checkpoint or what --checkpoint says, and in it a folder `name` where that is not NULL. To
 * be freed; NULL with --checkpoint none, or without memory. */
char *ri_resume_folder(const ri_session *session, const char *prefix, const char *name);

/* Before X is read, on rank 0: is the checkpoint in the way, or of another run? RI_BAD_INPUT. */
RI_MUST_USE ri_status ri_resume_check(ri_session *session, const ri_dataset *dataset,
                                      const ri_problem *problem, const char *folder, ri_error *err);

/* True where the run goes on from a checkpoint in which this response is finished, and file
 * `result` is there; `*status` is what it came to. Collective. */
bool ri_resume_is_done(ri_session *session, const char *folder, const char *result,
                       ri_status *status);

/* Takes up the checkpoint, or makes an empty one; where that cannot be, says so and goes on without
 * (RI_SYSTEM where --checkpoint asked for it). `folder` is taken over. Then problem->checkpoint may
 * be &resume->checkpoint while resume->folder is not NULL. Collective. */
RI_MUST_USE ri_status ri_resume_open(ri_session *session, const ri_dataset *dataset,
                                     const ri_problem *problem, char *folder, ri_resume *resume,
                                     ri_error *err);

/* After a run that came to `status`: an interrupted one is told what is kept, in `err`; an empty
 * checkpoint is removed. Collective; frees. */
void ri_resume_close(ri_session *session, ri_resume *resume, ri_status status, ri_error *err);

#endif
