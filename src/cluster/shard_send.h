/* SPDX-License-Identifier: BSD-3-Clause
 * How bytes go between the ranks of a group whose nodes hold X together. What crosses from one node
 * to another is counted by its kind, as it comes in. Private to this room. */
#ifndef RI_CLUSTER_SHARD_SEND_H
#define RI_CLUSTER_SHARD_SEND_H

#include "cluster/shard.h"

/* Makes room for `length` bytes that are to be filled. */
bool ri_bytes_reserve(ri_bytes *bytes, size_t length);
void ri_bytes_free_all(ri_bytes *bytes, int count); /* the array too; accepts NULL */

/* RI_SYSTEM: no memory for what is sent. */
ri_status ri_shards_no_memory(size_t bytes, ri_error *err);

/* To and from every other rank in turn: [ranks] each; all lengths are known on both sides. Returns
 * the bytes that came from other nodes. Collective over the group. */
double ri_shards_transfer(ri_shards *shards, ri_bytes *to, ri_bytes *from);

/* Rank `root`'s bytes to all ranks, over each node once. Returns the bytes that came to this rank
 * from another node. Collective over the group. */
double ri_shards_share(ri_shards *shards, void *bytes, size_t length, int root);

#endif
