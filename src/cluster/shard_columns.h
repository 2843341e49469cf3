/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of other nodes in a round. Each comes to a node once: a rank that wants one takes it from
 * a rank of its own node that holds it or gets it in this round, where there is one. Collective
 * over the group, but where it is said; in this order. Private to this room. */
#ifndef RI_CLUSTER_SHARD_COLUMNS_H
#define RI_CLUSTER_SHARD_COLUMNS_H

#include "cluster/shard.h"

typedef struct ri_wish { /* number `at` of what the ranks of a node want */
    int64_t feature, at;
} ri_wish;

typedef struct ri_trade {
    ri_shards *s;
    const ri_want *want;
    int64_t all;           /* columns that ranks of this node want, one after the other */
    int64_t *start;        /* [mates + 1] those of each */
    int64_t *wanted;       /* [all] */
    ri_wish *wish;         /* [all] by feature */
    int32_t *source;       /* [all] mate that hands it over, or itself: from another node */
    uint8_t *held;         /* [mates * all] who has it */
    int64_t **list;        /* [ranks] what each asks other nodes for */
    int64_t *count;        /* [ranks] */
    ri_bytes *out, *in;    /* [ranks] between nodes */
    ri_bytes *give, *take; /* [ranks] on the node */
} ri_trade;                /* all zero is empty */

/* Not collective. */
RI_MUST_USE ri_status ri_trade_open(ri_trade *trade, ri_shards *shards, const ri_want *want,
                                    ri_error *err);
void ri_trade_close(ri_trade *trade);

/* All learn what is wanted. */
void ri_trade_hear(ri_trade *trade);

/* Columns of this rank that others ask for, and room for those that come. Not collective. */
RI_MUST_USE ri_status ri_trade_pack(ri_trade *trade, ri_error *err);

/* All get what they want. */
void ri_trade_make(ri_trade *trade);

#endif
