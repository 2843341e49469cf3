/* SPDX-License-Identifier: BSD-3-Clause
 * X whose features are split over the nodes of a group: each node holds a run of them in memory.
 * The ranks of the group make passes in rounds, every rank over its own features for all of them,
 * and send each other the columns they ask for. Who knows how fills in the functions; between
 * rounds, a feature of another node is read from the file (data/stream.h). */
#ifndef RI_DATA_SHARD_H
#define RI_DATA_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ri_view;
struct ri_request;

typedef struct ri_shard {
    int64_t from, to;   /* features that this node holds */
    const char *values; /* of feature `from` */
    size_t stride;      /* bytes from one to the next */
    int nodes;          /* that hold X together */
    bool together;      /* all ranks of the group make rounds */
    void *context;
    /* While `together` is set, main thread: takes part in rounds until it has what it wants. */

    /* As ri_stream_read, of features that other nodes hold. */
    ri_status (*fetch)(void *context, const int64_t *feature, int64_t count, void *const *out,
                       ri_error *err);
    /* As ri_pass_run, or, with `first`, as ri_pass_first; of all of X. */
    ri_status (*pass)(void *context, struct ri_view *first, struct ri_request *request,
                      int64_t count, double *bytes, ri_error *err);
} ri_shard;

static inline bool ri_shard_holds(const ri_shard *shard, int64_t feature) {
    return shard && feature >= shard->from && feature < shard->to;
}

static inline const void *ri_shard_column(const ri_shard *shard, int64_t feature) {
    return shard->values + (size_t)(feature - shard->from) * shard->stride;
}

#endif
