/* SPDX-License-Identifier: BSD-3-Clause
 * Units in hand together: their walks advance side by side, threads over fits while they solve and
 * over columns while X is read. */
#ifndef RI_CV_BATCH_H
#define RI_CV_BATCH_H

#include "cv/cv.h"
#include "cv/plan.h"
#include "solve/walk.h"

/* The alphas a walk goes through: those of its unit, and between them, where they are far apart,
 * and above the first, others that only lead the way. */
typedef struct ri_route {
    double *alpha;
    bool *lead;
    int64_t *place; /* of each alpha of the unit */
    int64_t alphas;
} ri_route;

/* Alphas that lead from `from` down to `to`: so many that no step is large. */
int64_t ri_route_leads(double from, double to);

/* What of a unit counts as done: alphas, and the work that they were. */
typedef struct ri_counted {
    int64_t next; /* of its walk */
    int64_t alphas;
    double work;
} ri_counted;

typedef struct ri_batch {
    const ri_plan *plan;
    const ri_unit *unit;
    int64_t count;
    int threads;
    const ri_gram *gram; /* second moments to walk by, of the repeat of all units, or NULL */
    ri_progress_hook hook;
    void *context;
    ri_progress *progress;
    double started, bytes_before, bytes; /* of X read by earlier batches, by this one */
    ri_progress before;                  /* what earlier batches had done */
    ri_view *view;                       /* one for each fold met */
    int64_t views;
    int64_t *view_of; /* [count] */
    int64_t *posted;  /* [count] alphas whose errors are made known */
    int64_t *walked;  /* [count] alphas of the unit before those of ridge, then all */
    double *seconds;  /* [count] of one thread, for the ledger: its own while it walks, without
                         what idle ones take of its columns (design/project.h) */
    ri_walk *walk;    /* [count] */
    ri_route *route;  /* [count] */
    ri_workspace *workspace; /* [ri_task_rooms(threads)] */
    ri_pool pool;            /* candidate columns of all walks */
    bool stop;
    bool finishing;      /* windows begun are solved to their end, whatever is asked */
    bool *solved;        /* [count] a window that waits for its certificate */
    bool *waits;         /* [count] takes its turn later, cv/turns.h */
    int64_t *turn;       /* [count] a walk's request of the pass in hand, -1 where it has none */
    int64_t *index;      /* [count] of the unit in the plan */
    int64_t *saved;      /* [count] alphas in the checkpoint, RI_ALL_SAVED of a finished unit */
    bool *resumed;       /* [count] goes on from the checkpoint */
    bool *complete;      /* [count] walked to its end by moments */
    ri_counted *counted; /* [count] by the last report */
} ri_batch;

/* Runs all walks of `batch`, whose fields up to `bytes` the caller has set, to their end. */
RI_MUST_USE ri_status ri_batch_run(ri_batch *batch, ri_error *err);
void ri_batch_free(ri_batch *batch);

/* --- parts of a run --- */

/* Views, walks and the first pass, at the end of which walks are where their paths begin
 * (batch_start.c). */
RI_MUST_USE ri_status ri_batch_start(ri_batch *batch, ri_error *err);

/* A window of every walk that is not done, and one pass for them. With a checkpoint those that were
 * begun when the run was asked to stop are finished and count; else they are dropped
 * (batch_round.c). */
RI_MUST_USE ri_status ri_batch_windows(ri_batch *batch, ri_error *err);

/* All walks by second moments as far as these go, certified from X where they ask for it; those
 * that are done are saved (batch_round.c). */
RI_MUST_USE ri_status ri_batch_by_moments(ri_batch *batch, ri_error *err);

/* Tells the hook how far the run is; main thread only. */
void ri_batch_report(ri_batch *batch);

/* True where the hook has asked for an end; any thread. */
bool ri_batch_stopping(ri_batch *batch);

/* The hook of walks, whose context is the batch: true where what is in hand is to be dropped. */
bool ri_batch_poll(void *batch);

/* Puts the time since `begun` on the accounts of the walks that share it: those not done, all of
 * the threads' time. */
void ri_batch_share_time(ri_batch *batch, double begun);

/* `each` multiplications and additions for each value of X and residual that was multiplied;
 * moments take three. */
void ri_batch_count_flops(ri_batch *batch, const ri_request *request, int64_t count, int each);

/* Frees `count` requests and what a pass has answered. */
void ri_batch_free_answers(ri_request *request, int64_t count);

/* Solves the alphas that walks leave to ridge (cv/plan.h): those of units that nobody stopped. */
RI_MUST_USE ri_status ri_ridge_units(ri_batch *batch, ri_error *err);

/* True where the walk of unit u may be done, but ridge has alphas left that are still asked for. */
bool ri_ridge_waits(const ri_batch *batch, int64_t u);

/* The result of unit u, whose walk is done. */
RI_MUST_USE ri_status ri_batch_result(const ri_batch *batch, int64_t u, ri_unit_result *out,
                                      ri_error *err);

/* Completes the predictions of walks that went by second moments, with one read of X for all: of
 * all units, or of those with which[u]. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_batch_predict(ri_batch *batch, const bool *which, int threads,
                                       double *bytes, ri_error *err);

/* --- the checkpoint (batch_save.c); without one they do nothing --- */

#define RI_ALL_SAVED INT64_MAX

/* Takes up the state of each unit that the checkpoint has one of; after the first pass. */
RI_MUST_USE ri_status ri_batch_resume(ri_batch *batch, ri_error *err);

/* Writes units that have come further since they were last written, all walks being between
 * windows: when it is time to or, with `at_once`, in any case. */
void ri_batch_save(ri_batch *batch, bool at_once);

/* Any thread: unit u is complete; it and others that are may be written. With u < 0 they are. */
void ri_batch_save_complete(ri_batch *batch, int64_t u);

/* What the checkpoint holds of a finished unit; its errors are posted. `*found` may be false. */
RI_MUST_USE ri_status ri_units_take_finished(const ri_plan *plan, const ri_unit *unit,
                                             ri_unit_result *result, bool *found, ri_error *err);

#endif
