/* SPDX-License-Identifier: BSD-3-Clause
 * Units of work and how they are put together. A unit is a run of consecutive alphas of one fit
 * (fold or refit, l1_ratio). A unit's answer is a function of problem and unit alone: any set of
 * units may be run together, on any rank, with any number of threads.
 *
 *   ri_plan_new      moments, grids: one read of X          (every rank, or the node together)
 *   ri_units_run     this rank's units, advanced together, sharing passes over X
 *   ri_unit_pack     a finished unit as bytes, to be sent   (and unpacked on rank 0)
 *   ri_assemble      all units -> record: curve, choice
 */
#ifndef RI_CV_CV_H
#define RI_CV_CV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "cv/problem.h"
#include "cv/record.h"
#include "cv/stop.h"

typedef struct ri_unit {
    int32_t path; /* index into l1_ratio */
    int32_t fold; /* 0 .. K-1 or RI_REFIT */
    int32_t block;
    int32_t first, count; /* alphas of the path */
} ri_unit;

/* A finished unit. */
typedef struct ri_unit_result {
    ri_unit unit;
    ri_fit fit;         /* of `count` alphas */
    int64_t held_out;   /* rows predicted */
    int32_t *row;       /* [held_out] */
    int64_t *found;     /* [2 * count] twins and dependent features by each alpha: early stopping
                           may end the path there */
    double *prediction; /* [count * held_out] */
    double bytes_read;  /* of X, by this unit's share of the passes: run fact */
    double seconds;     /* of one thread, likewise */
} ri_unit_result;
void ri_unit_result_free(ri_unit_result *result);

typedef struct ri_progress {
    int64_t points_done, points_total; /* (fit, alpha) certified by this rank's units */
    int64_t nonzeros;                  /* largest support so far */
    int64_t units_done, units_total;
    double work_done, work_total; /* of these points, by what they are expected to cost */
    double bytes_read;
    double seconds;
    double screening, descent, flops; /* as in ri_ledger */
    int64_t unsaved;                  /* units that the checkpoint could not take */
} ri_progress;

/* Called by the main thread between rounds, at least every few seconds of work; a non-zero return
 * ends the run with RI_INTERRUPTED. */
typedef int (*ri_progress_hook)(void *context, const ri_progress *progress);

/* How a node shares the reading for the plan: this rank does columns [from, to) and `complete`
 * makes the whole arrays visible to all (a barrier). Alone: from = 0, to = p, complete = NULL. */
typedef struct ri_share {
    int64_t from, to;
    void *(*allocate)(void *context, size_t bytes); /* zeroed, node-shared, or NULL on failure */
    void (*complete)(void *context);                /* collective over the node */
    void *context;
} ri_share;

typedef struct ri_plan ri_plan;

/* True where alphas without an l1 term are solved by a decomposition, with X in memory. */
bool ri_problem_decomposes(const ri_problem *problem);

/* Checks the problem and computes what all units need: column totals, fold sums, twin keys, grids.
 * `share` may be NULL (alone). The plan borrows the problem. */
RI_MUST_USE ri_status ri_plan_new(const ri_problem *problem, const ri_share *share, int threads,
                                  ri_plan **out, ri_error *err);
void ri_plan_free(ri_plan *plan);

/* All units in canonical order: by path, then fold 0 .. K-1, refit, then block. */
int64_t ri_plan_units(const ri_plan *plan, const ri_unit **units);
struct ri_columns; /* design/view.h */
const struct ri_columns *ri_plan_columns(const ri_plan *plan);
double ri_plan_bytes_read(const ri_plan *plan); /* of X, by this rank */
/* What the folds know of their errors where the run may stop early, else NULL. For the main thread;
 * ri_units_run posts to it and heeds it. */
ri_stop *ri_plan_stop(const ri_plan *plan);
/* Predicted relative cost of a unit, for dealing: that of its alphas, and of those that lead the
 * way to the first. */
double ri_unit_cost(const ri_plan *plan, const ri_unit *unit);
double ri_alpha_cost(const ri_plan *plan, int64_t alpha);
double ri_lead_cost(const ri_plan *plan, const ri_unit *unit);

/* Units that a rank of `threads` threads has in hand together when it has `count`: more of them run
 * in batches, each with passes of its own. */
int64_t ri_plan_hand(const ri_plan *plan, int64_t count, int threads);

/* True where units need nothing in common that is made anew for each ri_units_run: no second
 * moments of all features. */
bool ri_plan_apart(const ri_plan *plan);

/* Fits of which such a rank multiplies residuals by all of an X in memory at a time; 0 where it
 * does not, but for the first ones. */
int64_t ri_plan_pass_fits(const ri_plan *plan, int64_t count, int threads);

/* From now on those passes are made with other processes (design/joint.h); NULL: alone. */
struct ri_joint;
void ri_plan_join(ri_plan *plan, struct ri_joint *joint);

/* Place of a unit in the canonical order, or -1. */
int64_t ri_plan_index(const ri_plan *plan, const ri_unit *unit);

/* Runs `count` units together. `result` receives `count` finished units in the order given. With a
 * checkpoint (problem->checkpoint) units go on from what it holds, and what they come to is written
 * there; a run that is asked to stop first finishes the windows in hand, and writes. */
RI_MUST_USE ri_status ri_units_run(const ri_plan *plan, const ri_unit *unit, int64_t count,
                                   int threads, ri_progress_hook hook, void *context,
                                   ri_unit_result *result, ri_error *err);

/* Bytes of a unit result, portable between ranks of one architecture; caller frees `*bytes`. */
RI_MUST_USE ri_status ri_unit_pack(const ri_unit_result *result, void **bytes, size_t *length,
                                   ri_error *err);
RI_MUST_USE ri_status ri_unit_unpack(const void *bytes, size_t length, ri_unit_result *result,
                                     ri_error *err);

/* Puts all units (in canonical order) together: fold errors, curve, choices, predictions. Names and
 * facts of the dataset and run are left for the caller to fill. The fits of the units are taken
 * apart, so that coefficients are not there twice; the rest is still for the caller to free. */
RI_MUST_USE ri_status ri_assemble(const ri_plan *plan, ri_unit_result *result, ri_record **out,
                                  ri_error *err);

#endif
