/* SPDX-License-Identifier: BSD-3-Clause
 * Threads that read the next pieces of a file that is not in the system's cache into a ring of
 * buffers. Pieces that the cache has all the same are copied from it. The others are read past it,
 * which takes a fraction of the time of the cores, or where these wait for the disk through it
 * (data/fill.h), so that the next pass finds them there. */
#ifndef RI_DATA_PAST_H
#define RI_DATA_PAST_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/dataset.h"
#include "data/extent.h"
#include "data/fill.h"

enum {
    RI_PAST_SLOTS = 64,  /* at most */
    RI_PAST_READERS = 2, /* the disk is busy while one of them waits for a core */
};

typedef struct ri_past_slot {
    int64_t piece; /* that is to come here, or is here */
    bool ready;
    ri_extent held;       /* 0 bytes: it could not be read */
    double waited, taken; /* seconds that a thread waited for it, and since when it has it */
} ri_past_slot;

typedef struct ri_past {
    const ri_dataset *dataset;
    int64_t columns, pieces; /* of a piece; in X */
    char *memory;
    size_t slot_bytes;
    int slots; /* 0: there are no such threads */
    int file;  /* through the cache; borrowed */
    int straight;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t reader[RI_PAST_READERS];
    int readers, started;           /* of them; have a number */
    int64_t next;                   /* piece that no reader has begun */
    int64_t begun[RI_PAST_READERS]; /* piece that each has in hand, or -1 */
    bool runs;
    ri_fill *fill;         /* borrowed */
    bool shown;            /* a piece has been there for a thread */
    double straight_bytes; /* read past the cache so far */
    ri_extent filled[2];   /* the first and the last piece that was left in the cache, or 0 bytes */
    ri_past_slot slot[RI_PAST_SLOTS];
} ri_past;

typedef struct ri_past_room { /* borrowed */
    char *memory;
    size_t bytes;
} ri_past_room;

/* X is read in pieces of so many columns, in ascending order, to the room, by at least `threads` +
 * 1 buffers. False, and nothing is begun, where there is no room for those, the bytes of a piece do
 * not lie together, or the file system has no reads past the cache. */
bool ri_past_start(ri_past *past, const ri_dataset *dataset, ri_fill *fill, int64_t columns,
                   int threads, ri_past_room room);

/* Waits for piece t, which one thread alone takes: what holds it until it is given back, or NULL
 * where it must be read in another way. Pieces are taken in ascending order. */
const ri_extent *ri_past_take(ri_past *past, int64_t t);
void ri_past_give(ri_past *past, int64_t t);

/* No more is to be read; what has not been taken is NULL. */
void ri_past_end(ri_past *past);

void ri_past_stop(ri_past *past);

#endif
