/* SPDX-License-Identifier: BSD-3-Clause
 * Dealing: what each rank begins with, by predicted cost, and the rest, which rank 0 hands out, a
 * few units at a time, to ranks that are done with what they had. Where a rank can have all of its
 * units in hand together there is no rest: sharing passes over X is worth more than evenness. */
#ifndef RI_CLUSTER_REST_H
#define RI_CLUSTER_REST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { RI_NOBODY = -1 }; /* owner of a unit of the rest */

typedef struct ri_rest {
    int64_t *unit;       /* [count] canonical numbers, costliest first */
    int64_t count, next; /* `next` is rank 0's to know */
    int64_t most;        /* units of a hand */
    int ranks;
    int32_t *owner; /* of all units; noted when they are handed out */
} ri_rest;

/* Units [first, first + count) of the rest; count 0: nothing is left. */
typedef struct ri_hand {
    int64_t first, count;
} ri_hand;

/* owner[u] = the rank of unit u: the costliest unit first, each to the least loaded rank that has
 * fewer than `most` (ties: the first unit, the lowest rank); RI_NOBODY where all have that many.
 * `order` receives all units, costliest first. Both have room for `units`. */
RI_MUST_USE ri_status ri_units_deal(const double *cost, int64_t units, int ranks, int64_t most,
                                    int32_t *owner, int64_t *order, ri_error *err);

/* The next hand, for `rank`: half of an even share of what is left, at least a quarter of `most`
 * (a small hand shares its passes among few) and no more than that. */
ri_hand ri_rest_take(ri_rest *rest, int rank);

#endif
