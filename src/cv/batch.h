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
    ri_view *view;                       /* one for each fold met */
    int64_t views;
    int64_t *view_of;        /* [count] */
    int64_t *posted;         /* [count] alphas whose errors are made known */
    int64_t *walked;         /* [count] alphas of the unit before those of ridge, then all */
    double *seconds;         /* [count] of one thread, for the ledger */
    ri_walk *walk;           /* [count] */
    ri_route *route;         /* [count] */
    ri_workspace *workspace; /* [threads] */
    ri_pool pool;            /* candidate columns of all walks */
    bool stop;
} ri_batch;

/* Runs all walks of `batch`, whose fields up to `bytes` the caller has set, to their end. */
RI_MUST_USE ri_status ri_batch_run(ri_batch *batch, ri_error *err);
void ri_batch_free(ri_batch *batch);

/* Solves the alphas that walks leave to ridge (cv/plan.h): those of units that nobody stopped. */
RI_MUST_USE ri_status ri_ridge_units(ri_batch *batch, ri_error *err);

#endif
