/* SPDX-License-Identifier: BSD-3-Clause
 * A run as its ranks watch each other: sums of progress for rank 0's hook, a word to all when one
 * of them stops, and, for early stopping, the folds' errors to rank 0 and from there to all. */
#ifndef RI_CLUSTER_WATCH_H
#define RI_CLUSTER_WATCH_H

#include "cluster/group.h"
#include "cluster/rest.h"

typedef struct ri_watch {
    const ri_cluster *cluster;
    ri_progress_hook hook; /* the user's; rank 0 only */
    void *context;
    double started; /* ri_seconds() */
    int64_t points_total, units_total;
    double work_total;
    ri_progress *latest;   /* [ranks] on rank 0, [1] elsewhere: this rank's own comes first */
    ri_progress before;    /* of this rank's earlier hands of units, and the plan's reading */
    ri_rest *rest;         /* units that nobody has yet, or NULL */
    double next_report;    /* ri_seconds() of the next message to rank 0, or call of the hook */
    bool interrupted;      /* the user's hook said so */
    bool told;             /* another rank said so */
    bool tells;            /* we have told the others */
    int64_t stops_seen;    /* messages received */
    int64_t *reports_seen; /* [ranks] on rank 0 */
    int64_t *reports_due;  /* [ranks] on rank 0: sent in all, known at the end */
    int64_t reports_sent;
    ri_progress outgoing;
    MPI_Request sending;
    ri_stop *stop;          /* the plan's, or NULL */
    double *board;          /* [board_size] errors of the folds as they arrive */
    double *outgoing_board; /* the same, under way to rank 0, or from there */
    int board_size;
    MPI_Request *sending_board; /* [ranks] on rank 0, [1] elsewhere */
    int64_t *boards_sent;       /* [ranks] to each rank */
    int64_t *boards_seen;       /* [ranks] from each rank */
} ri_watch;

RI_MUST_USE ri_status ri_watch_open(const ri_cluster *cluster, ri_progress_hook hook, void *context,
                                    double started, ri_watch *watch, ri_error *err);
void ri_watch_close(ri_watch *watch);

/* From here on errors of the folds are exchanged (NULL: there is no need to). */
RI_MUST_USE ri_status ri_watch_exchange(ri_watch *watch, ri_stop *stop, ri_error *err);

/* The hook for ri_units_run; `context` is the watch. Non-zero: stop. */
int ri_watch_look(void *context, const ri_progress *own);

/* This rank is done with the units it had: what it does with others is added to that. Returns the
 * next hand of the rest, from rank 0. */
ri_hand ri_watch_next_hand(ri_watch *watch);

/* Tells all other ranks to stop; once. */
void ri_watch_stop_others(ri_watch *watch);

/* Waits until all ranks have come, keeping the user's hook alive; afterwards no message of the
 * watch is under way. Collective. */
void ri_watch_finish(ri_watch *watch);

/* Calls the user's hook (rank 0), at most a few times a second. */
void ri_watch_idle(void *watch);

#endif
