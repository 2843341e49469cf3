/* SPDX-License-Identifier: BSD-3-Clause
 * X whose features are split over the nodes of a group (data/shard.h): who is in the group and
 * holds what, and the rounds in which its ranks serve each other. Private to this room.
 *
 * A round is collective over the group. Every rank says what it wants - columns, a pass, nothing,
 * or that it leaves - and all of that is served: lists of wanted columns and residual blocks go to
 * all ranks, columns, gradients that reach their floor and moments to who asked. A rank without
 * work of its own goes on serving until all of the group leave. */
#ifndef RI_CLUSTER_SHARD_H
#define RI_CLUSTER_SHARD_H

#include "cluster/group.h"
#include "cluster/watch.h"
#include "design/part.h"

/* What a rank begins a round with. */
typedef struct ri_shard_head {
    int64_t leaves, columns, failed;
    uint64_t asked; /* bytes */
} ri_shard_head;

/* What travels between nodes. */
enum ri_shard_kind {
    RI_SHARD_COLUMNS,
    RI_SHARD_RESIDUALS,
    RI_SHARD_GRADIENTS,
    RI_SHARD_MOMENTS,
    RI_SHARD_KINDS
};

typedef struct ri_shards {
    ri_shard face; /* what X shows of it */
    ri_cluster *cluster;
    MPI_Comm group, roots;   /* all ranks of the group; the first rank of each of its nodes */
    int rank, ranks;         /* in the group */
    int node;                /* of the group's: holds features [first[node], first[node + 1]) */
    int64_t *first;          /* [face.nodes + 1] */
    int64_t *from, *to;      /* [ranks] features that each rank multiplies */
    int *node_of;            /* [ranks] */
    int *mate_of;            /* [ranks] number among the ranks of its node */
    int mate, mates;         /* this rank's; ranks of this node */
    const ri_stream *stream; /* of X, borrowed; has the columns that fits of this rank hold */
    ri_shard_head *head;     /* [ranks] of the round in hand */
    size_t column;           /* bytes of a column that travels */
    ri_part part;            /* while rounds are made */
    ri_watch *watch;         /* likewise */
    int threads;
    double rounds;                    /* so far */
    double travelled[RI_SHARD_KINDS]; /* bytes from other nodes to this rank */
    double served; /* bytes of X read by rounds that this rank wanted nothing of */
    double waited; /* seconds of rounds for the other ranks, and for what travels */
} ri_shards;

/* What a rank wants of a round. */
typedef struct ri_want {
    bool leaves;
    const int64_t *feature; /* [columns] ascending, of other nodes */
    int64_t columns;
    void *const *out; /* [columns] */
    ri_view *first;   /* [requests] or NULL */
    ri_request *request;
    int64_t requests;
} ri_want;

/* Takes part in one round. `*all_leave` where nobody wants anything any more. A failure on any rank
 * is one of all. */
RI_MUST_USE ri_status ri_shards_round(ri_shards *shards, const ri_want *want, double *bytes,
                                      bool *all_leave, ri_error *err);

/* Begins rounds for a plan, and ends them: no rank of the group may be missing in either. Whatever
 * has failed, a rank that began has to leave. */
RI_MUST_USE ri_status ri_shards_join(ri_shards *shards, const ri_columns *columns, ri_watch *watch,
                                     int threads, ri_error *err);
void ri_shards_leave(ri_shards *shards);

/* Arrays of `size` bytes a column, of which every node has made its own features (the last node
 * also what is behind them): now all have all. Collective over the group; with `good` false on any
 * rank nothing is exchanged and false returned to all. */
bool ri_shards_exchange(ri_shards *shards, bool good, void *const *array, const size_t *size,
                        int arrays, int64_t columns);

void ri_shards_free(ri_shards *shards); /* accepts NULL; collective */

#endif
