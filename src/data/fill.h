/* SPDX-License-Identifier: BSD-3-Clause
 * Whether pieces of a file are left in the system's cache as they are read, by one rule: they are
 * while threads wait for the disk for a good part of their time. Their cores are then idle, filling
 * the cache costs nothing, and a later pass that finds the file there does not wait. Where the
 * arithmetic takes longer than the disk, later passes would win nothing, and filling the cache
 * takes time of the same cores: pieces are read past it. The rule is judged anew every few pieces,
 * and holds from one pass to the next. Nothing more is given to a cache that has not kept what it
 * was given. */
#ifndef RI_DATA_FILL_H
#define RI_DATA_FILL_H

#include <stdbool.h>

enum {
    RI_FILL_PIECES = 32, /* for a judgement */
    RI_FILL_FEW = 4,     /* for one that is clear */
};

/* All 0: pieces are read past the cache until the first judgement. */
typedef struct ri_fill {
    bool fills;          /* pieces are left in the cache now */
    bool lost;           /* the cache has not kept what it was given */
    int pieces;          /* since the last judgement */
    double waited, used; /* seconds of threads, for these pieces and with them */
} ri_fill;

/* A thread has waited for a piece, and used it, for so many seconds. Filling begins where half of
 * the time or more went with waiting for a few pieces, or a fifth for many, and ends where less
 * than a sixteenth does: a disk may be faster past the cache than through it. */
void ri_fill_note(ri_fill *fill, double waited, double used);

/* The cache has not kept what it was given. */
void ri_fill_lose(ri_fill *fill);

#endif
