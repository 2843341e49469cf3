/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of this room share: the group of ranks, waiting without burning a core, memory
 * shared by a node's ranks, and the meeting point of a node.
 *
 * A process started without a launcher never initialises MPI: both communicators are MPI_COMM_NULL
 * and every operation on MPI_COMM_NULL is that of a single rank. */
#ifndef RI_CLUSTER_GROUP_H
#define RI_CLUSTER_GROUP_H

#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "cluster/cluster.h"

/* All messages between two ranks; collectives need no tag. */
enum ri_tag {
    RI_TAG_STOP = 1,
    RI_TAG_PROGRESS,
    RI_TAG_ERRORS,
    RI_TAG_LENGTH,
    RI_TAG_UNIT,
    RI_TAG_TAKE,
    RI_TAG_HAND,
    RI_TAG_SHARD
};

/* Memory of this rank or shared by the node, newest first. */
typedef struct ri_block {
    struct ri_block *next;
    void *address;
    size_t bytes;
} ri_block;

typedef struct ri_sampler ri_sampler;
typedef struct ri_shards ri_shards; /* cluster/shard.h */

struct ri_cluster {
    MPI_Comm world, node; /* MPI_COMM_NULL: a single process without MPI */
    int rank, ranks;
    int node_rank, node_ranks;
    bool mpi; /* MPI_Finalize is ours to call */
    char host[256];
    ri_block *blocks;
    ri_sampler *sampler;
    double reading;    /* seconds of ri_cluster_read_x, until a run has taken account of them */
    ri_shards *shards; /* NULL: every node holds all of X */
};

/* --- operations on one communicator (start.c, wait.c) --- */

/* Called while waiting, between looks at the request. */
typedef void (*ri_idle)(void *context);

/* Completes the request; sleeps between looks, so that a rank that waits leaves its core to those
 * that work. `idle` may be NULL. */
void ri_group_wait(MPI_Request *request, ri_idle idle, void *context);

void ri_group_meet(MPI_Comm comm, ri_idle idle, void *context); /* a barrier */
void ri_group_share(MPI_Comm comm, void *bytes, size_t length, int root);
void ri_group_reduce(MPI_Comm comm, double *value, int count, MPI_Op op);

/* As ri_cluster_agree, on `comm`. */
ri_status ri_group_agree(MPI_Comm comm, ri_status mine, ri_error *err);

/* --- memory (share.c, available.c) --- */

/* Zeroed memory, one copy on the node, writable by all its ranks; `what` names it in the error.
 * Collective over the node, all fail together. Lives until ri_blocks_release. */
RI_MUST_USE ri_status ri_block_new(ri_cluster *cluster, size_t bytes, const char *what,
                                   void **address, ri_error *err);

/* The same for values of X, which are read so often that large pages are worth the time it takes to
 * make them. */
RI_MUST_USE ri_status ri_block_of_x(ri_cluster *cluster, size_t bytes, const char *what,
                                    void **address, ri_error *err);

/* Memory of this rank alone that lives as long; not collective. */
RI_MUST_USE ri_status ri_block_private(ri_cluster *cluster, size_t bytes, const char *what,
                                       void **address, ri_error *err);

/* Unmaps all blocks made after `mark` was the newest one. */
void ri_blocks_release(ri_cluster *cluster, const ri_block *mark);

/* Bytes that this process may still use: the system's, its control groups' and Slurm's view.
 * Infinite where nothing is known. */
double ri_memory_available(void);

/* Part [from, to) of `count` things that number `index` of `parts` has, in multiples of `align`. */
void ri_part_of(int64_t count, int64_t align, int64_t index, int64_t parts, int64_t *from,
                int64_t *to);

/* This rank's part [from, to) of `count` things dealt to the node's ranks in multiples of
 * `align`. */
void ri_node_part(const ri_cluster *cluster, int64_t count, int64_t align, int64_t *from,
                  int64_t *to);

/* Features [from, to) of X to memory shared by the node, as ri_cluster_read_x (read.c): `x` has
 * them alone. */
typedef struct ri_some_features {
    int64_t from, to;
    bool allow_missing;
} ri_some_features;
RI_MUST_USE ri_status ri_read_features(ri_cluster *cluster, const ri_dataset *dataset,
                                       const ri_some_features *some, double extra_bytes,
                                       ri_matrix *x, int64_t *missing, ri_error *err);

/* --- the meeting point of a node (meeting.c) --- */

/* A barrier that a failing rank can dissolve: the others leave it instead of waiting for ever. */
typedef struct ri_meeting ri_meeting;

/* Collective over the node; lives in a block of the cluster. */
RI_MUST_USE ri_status ri_meeting_new(ri_cluster *cluster, ri_meeting **out, ri_error *err);

/* True: all ranks of the node have come, and see each other's writes. False: one has failed (the
 * same answer on all ranks that came). */
bool ri_meeting_wait(ri_meeting *meeting);

/* This rank will not come any more. */
void ri_meeting_fail(ri_meeting *meeting, int node_rank);

/* True where a rank before `node_rank` has failed. */
bool ri_meeting_failed_before(const ri_meeting *meeting, int node_rank);

/* --- memory in use (sampler.c) --- */

/* Starts the thread that samples this process's proportional set size. */
RI_MUST_USE ri_status ri_sampler_start(ri_sampler **out, ri_error *err);
void ri_sampler_stop(ri_sampler *sampler); /* accepts NULL */

#endif
