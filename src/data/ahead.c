/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/ahead.h"

#include "base/thread.h"

enum { AHEAD_BYTES = 24 << 20 }; /* of X; of compressed ones fewer of the file */

/* Waits until piece t is not too far; false where no more are wanted. */
static bool may_read(ri_ahead *ahead, int64_t t) {
    pthread_mutex_lock(&ahead->mutex);
    while (ahead->runs && t > ahead->reached + ahead->distance)
        pthread_cond_wait(&ahead->changed, &ahead->mutex);
    bool wanted = ahead->runs;
    pthread_mutex_unlock(&ahead->mutex);
    return wanted;
}

static void *read_pieces(void *context) {
    ri_ahead *ahead = context;
    const int64_t p = ahead->dataset->p;
    for (int64_t t = 1; t < ahead->pieces && may_read(ahead, t); t++) {
        int64_t from = t * ahead->columns, left = p - from;
        ri_dataset_ahead(ahead->dataset, from, left < ahead->columns ? left : ahead->columns);
    }
    return NULL;
}

void ri_ahead_start(ri_ahead *ahead, const ri_dataset *dataset, int64_t columns) {
    const size_t piece = (size_t)columns * ri_storage_bytes(dataset->storage, dataset->n);
    *ahead = (ri_ahead){.dataset = dataset,
                        .columns = columns,
                        .pieces = (dataset->p + columns - 1) / columns,
                        .distance = 1 + (int64_t)(AHEAD_BYTES / piece)};
    if (ri_dataset_cached(dataset) || pthread_mutex_init(&ahead->mutex, NULL) != 0)
        return;
    if (pthread_cond_init(&ahead->changed, NULL) != 0) {
        pthread_mutex_destroy(&ahead->mutex);
        return;
    }
    ahead->runs = true; /* not written to once the thread may look */
    if (ri_thread_start(&ahead->thread, read_pieces, ahead) != 0) {
        ahead->runs = false;
        pthread_cond_destroy(&ahead->changed);
        pthread_mutex_destroy(&ahead->mutex);
    }
}

void ri_ahead_reach(ri_ahead *ahead, int64_t t) {
    if (!ahead->runs)
        return;
    pthread_mutex_lock(&ahead->mutex);
    ahead->reached = t > ahead->reached ? t : ahead->reached;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->mutex);
}

void ri_ahead_stop(ri_ahead *ahead) {
    if (!ahead->runs)
        return;
    pthread_mutex_lock(&ahead->mutex);
    ahead->runs = false;
    pthread_cond_signal(&ahead->changed);
    pthread_mutex_unlock(&ahead->mutex);
    pthread_join(ahead->thread, NULL);
    pthread_cond_destroy(&ahead->changed);
    pthread_mutex_destroy(&ahead->mutex);
}
