/* SPDX-License-Identifier: BSD-3-Clause
 * The stages of a run over the group, ri_cluster_run: what they hand to each other. Private to
 * stages*.c. */
#ifndef RI_CLUSTER_STAGES_H
#define RI_CLUSTER_STAGES_H

#include "cluster/gather.h"
#include "cluster/group.h"
#include "cluster/shard.h"
#include "cluster/together.h"
#include "cluster/watch.h"

enum { RI_STAGES_ARRAYS = 16 };

typedef struct ri_stages {
    ri_cluster *cluster;
    int threads;
    ri_plan *plan;
    ri_stream *stream;             /* NULL: X is in memory */
    ri_shards *shards;             /* NULL: every node has all of X */
    void *array[RI_STAGES_ARRAYS]; /* of the plan, that shards exchange; bytes of a column */
    size_t array_size[RI_STAGES_ARRAYS];
    int arrays;
    int64_t columns;
    bool exchanged;
    ri_meeting *meeting;
    bool dissolved;       /* the meeting: another rank of the node failed */
    ri_error share_error; /* of memory for the plan; RI_OK: none */
    const ri_unit *unit;  /* [units] all, canonical order; the plan's */
    int64_t units;
    int32_t *owner;  /* [units] */
    ri_unit *own;    /* [owned] this rank's, in the order it took them */
    int64_t *number; /* [owned] of each, among all */
    int64_t owned;
    ri_unit_result *mine; /* [owned] */
    size_t own_room, number_room, mine_room;
    ri_rest rest;
    ri_unit_result *all;               /* [units] on rank 0 */
    ri_ledger own_ledger, *ledger;     /* [ranks] on rank 0 */
    double seen_reading, seen_waiting; /* of the stream, that the ledger has */
    ri_unit_fact *fact;                /* [units] on rank 0 */
    ri_together together;
    ri_watch watch;
} ri_stages;

/* A status that later stages go on after. */
static inline bool ri_stages_go_on(ri_status status) {
    return status == RI_OK || status == RI_UNCERTIFIED;
}

/* --- stages_plan.c --- */

/* Means, deviations and what else all fits need, made by the ranks of a node (of all nodes that
 * hold X together) each for its columns. Every rank calls it, and none of them returns early. */
RI_MUST_USE ri_status ri_stages_plan(ri_stages *job, const ri_problem *problem, ri_error *err);

/* --- stages_deal.c --- */

/* Rank 0 deals for all: one decision, whatever the others' arithmetic. */
RI_MUST_USE ri_status ri_stages_deal(ri_stages *job, ri_error *err);

/* The units this rank began with, then others as long as there are some. The first word of a unit
 * that is not certified stays. */
RI_MUST_USE ri_status ri_stages_run_hands(ri_stages *job, ri_error *err);

/* Puts this rank's results into canonical order, and learns who has the rest. */
RI_MUST_USE ri_status ri_stages_settle_owners(ri_stages *job, ri_error *err);

#endif
