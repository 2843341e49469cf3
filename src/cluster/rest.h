/* SPDX-License-Identifier: BSD-3-Clause
 * Dealing: what each rank begins with, by predicted cost, and the rest, which rank 0 hands out, a
 * few units at a time, to ranks that are done with what they had. Ranks begin with most of what
 * they are predicted to do, the costliest units, in hand together, since that shares passes over X;
 * the small ones make up for what predictions missed, for slow ranks, and for units that a
 * checkpoint had finished. */
#ifndef RI_CLUSTER_REST_H
#define RI_CLUSTER_REST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum { RI_NOBODY = -1 }; /* owner of a unit of the rest */

/* How units are dealt; a function of problem, ranks and threads alone. */
typedef struct ri_dealing {
    int ranks;
    int64_t most;  /* units that a rank has in hand together */
    int64_t least; /* fewer than that share their passes among too few */
    double part;   /* of an even share of all costs, that a rank begins with; 1: all of it */
} ri_dealing;

typedef struct ri_rest {
    int64_t *unit;       /* [count] canonical numbers, costliest first */
    int64_t count, next; /* `next` is rank 0's to know */
    ri_dealing dealing;
    int32_t *owner; /* of all units; noted when they are handed out */
} ri_rest;

/* Units [first, first + count) of the rest; count 0: nothing is left. */
typedef struct ri_hand {
    int64_t first, count;
} ri_hand;

/* `units` units, of which a rank can have `most` of an even share in hand together, dealt to ranks
 * of `threads` threads, of which `together` make passes over one X. A part is kept back where hands
 * of the least size are small beside an even share. */
ri_dealing ri_dealing_of(int64_t units, int64_t most, int ranks, int threads, int together);

/* owner[u] = the rank of unit u: the costliest unit first, each to the least loaded rank, as long
 * as that has fewer than `most` and less than its part (ties: the first unit, the lowest rank);
 * RI_NOBODY where no rank takes more. `order` receives all units, costliest first. Both have room
 * for `units`. */
RI_MUST_USE ri_status ri_units_deal(const double *cost, int64_t units, const ri_dealing *dealing,
                                    int32_t *owner, int64_t *order, ri_error *err);

/* The next hand, for `rank`: half of an even share of what is left, but from `least` to `most`. */
ri_hand ri_rest_take(ri_rest *rest, int rank);

#endif
