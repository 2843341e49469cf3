/* SPDX-License-Identifier: BSD-3-Clause
 * Stored columns of X that fits work on for a while, copied side by side: X itself is read once for
 * each of them, however often and by however many fits and threads they are used. Long columns of
 * an X in memory are used where they lie: caches, which processes of a node share, then hold them
 * once. Columns of a streamed X are in memory for as long as a pool holds them; there is one pool
 * at a time. */
#ifndef RI_DESIGN_POOL_H
#define RI_DESIGN_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "design/view.h"

typedef struct ri_pool_slot {
    int64_t feature;    /* -1 where the slot is free */
    const void *column; /* its copy; extra and long columns stay where they are */
    int32_t missing;    /* number of missing rows */
    int32_t *row;       /* [missing] ascending */
    uint8_t *packed;    /* genotypes of another dense storage, as packed2; NULL for what is none */
} ri_pool_slot;

typedef struct ri_pool {
    const ri_columns *columns;
    size_t stride;   /* bytes of a slot; 0: nothing is copied */
    int32_t *of;     /* [p] slot of a column, -1 where it is not held */
    uint8_t *wanted; /* [p] set by the owner before ri_pool_hold, which clears it */
    bool packs;      /* set by the owner: genotypes are packed beside their copies */
    ri_pool_slot *slot;
    int64_t slots;
    size_t slot_room;
    unsigned char **block; /* of RI_POOL_BLOCK slots each */
    int64_t blocks;
    size_t block_room;
} ri_pool;

enum { RI_POOL_BLOCK = 64 };

/* Bytes of a copy of a column of X, left in its file or not; 0 where none is made. */
size_t ri_pool_copy_bytes(const ri_matrix *x, bool streamed);

RI_MUST_USE ri_status ri_pool_open(ri_pool *pool, const ri_columns *columns, ri_error *err);
void ri_pool_free(ri_pool *pool);

/* Copies the wanted columns that are not held yet; slots of columns not wanted any more may be
 * reused. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_pool_hold(ri_pool *pool, int threads, double *bytes, ri_error *err);

/* The same for a list of columns. */
RI_MUST_USE ri_status ri_pool_hold_list(ri_pool *pool, const int64_t *feature, int64_t count,
                                        int threads, double *bytes, ri_error *err);

/* Features with penalty factor 0, where X is streamed: they are used before any candidate is. */
RI_MUST_USE ri_status ri_pool_hold_unpenalized(ri_pool *pool, double *bytes, ri_error *err);

/* The slot of a feature that is held. */
static inline const ri_pool_slot *ri_pool_at(const ri_pool *pool, int64_t feature) {
    return &pool->slot[pool->of[feature]];
}

/* A column that is held, as packed2; NULL where it is not there so. */
static inline const void *ri_pool_packed(const ri_pool *pool, int64_t feature) {
    const ri_pool_slot *slot = ri_pool_at(pool, feature);
    bool as_stored = ri_matrix_storage(&pool->columns->x, feature) == RI_PACKED2;
    return as_stored ? slot->column : slot->packed;
}

#endif
