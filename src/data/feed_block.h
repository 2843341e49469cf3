/* SPDX-License-Identifier: BSD-3-Clause
 * Memory for the blocks in which a feed comes. */
#ifndef RI_DATA_FEED_BLOCK_H
#define RI_DATA_FEED_BLOCK_H

#include "data/feed.h"

enum { RI_FEED_BLOCK_BYTES = 1 << 25 };

RI_MUST_USE ri_status ri_feed_block_new(const ri_feed *feed, ri_feed_block *out, ri_error *err);
void ri_feed_block_free(ri_feed_block *block); /* accepts an all-zero one */

#endif
