/* SPDX-License-Identifier: BSD-3-Clause
 * A thread that has the system read the next pieces of a file into its cache while others inflate
 * and multiply those before: the disk is then never idle. It keeps a bounded distance, and ends by
 * itself where the file is in the cache already. */
#ifndef RI_DATA_AHEAD_H
#define RI_DATA_AHEAD_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

typedef struct ri_ahead {
    const ri_dataset *dataset;
    int64_t columns, pieces; /* of a piece; in X */
    int64_t distance;        /* pieces */
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    pthread_t thread;
    int64_t reached; /* the last piece that is in hand */
    bool runs;
} ri_ahead;

/* X is read in pieces of so many columns, by threads that may fetch at the same time. Where there
 * can be no such thread, or nothing is to be read, it goes on without. */
void ri_ahead_start(ri_ahead *ahead, const ri_dataset *dataset, int64_t columns);

/* Any thread: piece t is begun. */
void ri_ahead_reach(ri_ahead *ahead, int64_t t);

void ri_ahead_stop(ri_ahead *ahead);

#endif
