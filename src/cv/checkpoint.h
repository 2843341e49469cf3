/* SPDX-License-Identifier: BSD-3-Clause
 * The checkpoint of a run: a folder that holds what its units have come to, so that a run that was
 * stopped or killed goes on from there, on any number of ranks and threads, to the same bytes.
 *
 *   run             text: which problem it is of; each line named, so that a difference is
 *   plan-S          text: what is known once X is read: its values, numbers of units and points
 *   unit-S-NNNNNN   unit N of the plan: how far it is and the errors of its alphas on held-out
 * rows; then the state of its walk (solve/walk_state.h) or, once finished, its result
 *
 * S is the stage, counted from 0: some runs solve one problem after another, each made from options
 * and the answers before it (a finer grid, one refit for each chromosome).
 * Each file is whole, by rename. A unit's file is written by the one rank that has the unit, so
 * ranks need not agree. A unit file that is damaged or of another run counts as not there: its unit
 * starts anew. */
#ifndef RI_CV_CHECKPOINT_H
#define RI_CV_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/archive.h"
#include "base/status.h"
#include "base/text.h"
#include "cv/cv.h"

/* One rank's hold on a checkpoint: the fields up to `resume` are the caller's to set. */
struct ri_checkpoint {
    const char *folder;    /* borrowed */
    uint64_t identity;     /* of the problem: ri_checkpoint_identity */
    double every;          /* least seconds between two writings; 0: after each window */
    bool resume;           /* go on from what is there */
    int32_t stage, stages; /* the one in hand, those begun */
    double started;        /* ri_seconds() */
    double spent;          /* seconds of the runs before this one */
    double due;            /* ri_seconds() of the next writing */
    double finished_due;   /* the same of units that are finished; never later */
    int64_t unsaved;       /* units that could not be written when they last should have been */
    ri_error failure;      /* why; the first since all went well */
};

void ri_checkpoint_start(ri_checkpoint *checkpoint); /* sets the clock */

/* --- the folder; one rank --- */

/* The lines of the file `run`: "name<TAB>value" of everything the answer depends on but the values
 * of X. `dataset`: its fingerprint. */
RI_MUST_USE ri_status ri_checkpoint_describe(const ri_problem *problem, const char *command,
                                             uint64_t dataset, ri_names *lines, ri_error *err);
uint64_t ri_checkpoint_identity(const ri_names *lines);

/* True where the folder has the file `run`. */
bool ri_checkpoint_exists(const char *folder);

/* RI_BAD_INPUT, with the difference named, where the checkpoint there is of another problem. */
RI_MUST_USE ri_status ri_checkpoint_compare(const char *folder, const ri_names *lines,
                                            ri_error *err);

/* Makes the folder and its file `run`; `note` is a text about the run for people. */
RI_MUST_USE ri_status ri_checkpoint_create(const char *folder, const ri_names *lines,
                                           const char *note, ri_error *err);

/* The lines of a file `plan-S`. */
RI_MUST_USE ri_status ri_checkpoint_describe_plan(const ri_plan *plan, ri_names *lines,
                                                  ri_error *err);

/* Every rank, for each plan that the run makes. */
static inline void ri_checkpoint_next_stage(ri_checkpoint *checkpoint) {
    checkpoint->stage = checkpoint->stages++;
}

/* Once X is read: writes the file `plan-S`, or compares it. A plan that cannot be written is noted
 * as a failure of the checkpoint, not of the run. */
RI_MUST_USE ri_status ri_checkpoint_take_plan(ri_checkpoint *checkpoint, const ri_plan *plan,
                                              ri_error *err);

/* Removes the files of a checkpoint, and the folder where nothing else is in it. */
void ri_checkpoint_remove(const char *folder);

/* A small file "finished" in place of all others: the run is done and its result is written. */
RI_MUST_USE ri_status ri_checkpoint_finish(const char *folder, int status, ri_error *err);
bool ri_checkpoint_finished(const char *folder, int *status);

/* --- unit files; any thread --- */

/* What a unit file says before its body. */
typedef struct ri_unit_note {
    ri_unit unit;
    int32_t stage;
    int64_t index; /* in the plan */
    bool finished;
    int64_t done;   /* alphas */
    double seconds; /* of the run so far, the runs before it included */
    double *alpha;  /* [done] */
    double *error;  /* [done] of held-out rows by the run's metric; NaN for the refit */
} ri_unit_note;
void ri_unit_note_free(ri_unit_note *note);

/* Writes or reads what comes after the note. */
typedef void ri_unit_body(void *context, ri_archive *archive);

RI_MUST_USE ri_status ri_checkpoint_put(const ri_checkpoint *checkpoint, ri_unit_note *note,
                                        ri_unit_body *body, void *context, ri_error *err);

/* `*found` is false where the file is not there, damaged, of another run, or not of this kind; else
 * it was whole and has been read. */
RI_MUST_USE ri_status ri_checkpoint_get(ri_checkpoint *checkpoint, const ri_unit *unit,
                                        int64_t index, bool finished, ri_unit_body *body,
                                        void *context, bool *found, ri_error *err);

/* --- looking at a checkpoint --- */

typedef struct ri_checkpoint_view {
    ri_names run;          /* lines */
    int64_t units, points; /* of the stages begun */
    int64_t units_done, points_done;
    ri_unit_note *note; /* [notes] of the whole ones, by stage and unit */
    int64_t notes;
    ri_names damaged; /* sentences */
    double seconds;   /* of the run at its newest file */
    double age;       /* seconds since the newest file was written; NaN: there is none */
} ri_checkpoint_view;

/* RI_BAD_INPUT: no checkpoint. */
RI_MUST_USE ri_status ri_checkpoint_look(const char *folder, ri_checkpoint_view *view,
                                         ri_error *err);
void ri_checkpoint_view_free(ri_checkpoint_view *view);

/* Value of a line "name<TAB>value", or NULL. */
const char *ri_checkpoint_value(const ri_names *lines, const char *name);

#endif
