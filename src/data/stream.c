/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/stream.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"

enum { SLOTS = 3, LEAST_COLUMNS = 8 };

typedef struct slot { /* room for a block */
    int64_t block;    /* that is in it */
    bool ready;       /* it has been read */
    int users;        /* members that have not done with it */
} slot;

struct ri_ring {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int members, arrived;
    int64_t passes; /* begun so far */
    int users;      /* members when the pass in hand began */
    int64_t next;   /* first block that nobody reads yet */
    slot slot[SLOTS];
    bool failed;
    ri_error error;
};

typedef struct scan { /* a pass, on this process */
    ri_stream *stream;
    ri_ring *ring;
    char *memory;
    int64_t from, to, columns; /* of X; of a block */
    int64_t blocks;
    double bytes;
} scan;

size_t ri_stream_least_bytes(const ri_dataset *dataset, size_t most) {
    size_t column = ri_storage_bytes(dataset->storage, dataset->n), chunk = 0;
    int64_t few = dataset->p < LEAST_COLUMNS ? dataset->p : LEAST_COLUMNS;
    size_t least = SLOTS * column * (size_t)few;
    if (dataset->compressed &&
        !__builtin_mul_overflow(SLOTS * column, (size_t)dataset->chunk_features, &chunk) &&
        chunk <= most && chunk > least)
        return chunk;
    return least;
}

double ri_stream_thread_bytes(const ri_dataset *dataset) {
    double element = (double)ri_storage_bytes(dataset->storage, 1); /* packed: chunks of bytes */
    double chunk = element * (double)dataset->chunk_features * (double)dataset->chunk_samples;
    return dataset->compressed ? 3 * chunk : chunk;
}

ri_status ri_stream_new(const ri_dataset *dataset, void *memory, size_t bytes, ri_stream **out,
                        ri_error *err) {
    *out = NULL;
    ri_stream *stream = ri_calloc(1, sizeof *stream);
    if (!stream)
        return ri_fail_memory(err, "a stream", sizeof *stream);
    stream->dataset = dataset;
    stream->stride = ri_storage_bytes(dataset->storage, dataset->n);
    stream->memory = memory;
    stream->bytes = bytes;
    stream->column = ri_calloc((size_t)dataset->p, sizeof *stream->column);
    stream->kept = ri_calloc((size_t)dataset->p, sizeof *stream->kept);
    if (!stream->column || !stream->kept) {
        ri_stream_free(stream);
        return ri_fail_memory(err, "the columns of X", 16ULL * (size_t)dataset->p);
    }
    assert(bytes / SLOTS >= stream->stride);
    *out = stream;
    return RI_OK;
}

void ri_stream_hold(ri_stream *stream, const ri_shard *shard) {
    stream->shard = shard;
    for (int64_t j = shard->from; j < shard->to; j++)
        stream->column[j] = ri_shard_column(shard, j);
}

void ri_stream_free(ri_stream *stream) {
    if (!stream)
        return;
    free((void *)stream->column);
    free((void *)stream->kept);
    free(stream);
}

/* --- the ring -------------------------------------------------------------------------------- */

size_t ri_ring_bytes(void) {
    return sizeof(ri_ring);
}

ri_status ri_ring_open(ri_ring *ring, ri_error *err) {
    pthread_mutexattr_t mutex;
    pthread_condattr_t condition;
    memset(ring, 0, sizeof *ring);
    bool good = pthread_mutexattr_init(&mutex) == 0 && pthread_condattr_init(&condition) == 0 &&
                pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0 &&
                pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED) == 0 &&
                pthread_mutex_init(&ring->mutex, &mutex) == 0 &&
                pthread_cond_init(&ring->changed, &condition) == 0;
    pthread_mutexattr_destroy(&mutex);
    pthread_condattr_destroy(&condition);
    return good ? RI_OK : ri_fail(err, RI_SYSTEM, "a lock between processes cannot be made");
}

/* All members are there. Called with the lock held. */
static void start_pass(ri_ring *ring) {
    ring->arrived = 0;
    ring->users = ring->members;
    ring->next = 0;
    ring->passes++;
    for (int s = 0; s < SLOTS; s++)
        ring->slot[s] = (slot){.block = -1};
    pthread_cond_broadcast(&ring->changed);
}

static void arrive(ri_ring *ring) {
    pthread_mutex_lock(&ring->mutex);
    int64_t before = ring->passes;
    if (++ring->arrived == ring->members)
        start_pass(ring);
    while (ring->passes == before)
        pthread_cond_wait(&ring->changed, &ring->mutex);
    pthread_mutex_unlock(&ring->mutex);
}

void ri_stream_join(ri_stream *stream, int members, bool first) {
    if (!stream->ring)
        return;
    if (first)
        stream->ring->members = members;
    stream->joined = true;
}

void ri_stream_leave(ri_stream *stream) {
    ri_ring *ring = stream->ring;
    if (!ring || !stream->joined)
        return;
    stream->joined = false;
    pthread_mutex_lock(&ring->mutex);
    ring->members--;
    if (ring->members > 0 && ring->arrived == ring->members)
        start_pass(ring);
    pthread_mutex_unlock(&ring->mutex);
}

/* The next block to read and a free place for it; false where there is none any more. */
static bool claim(const scan *pass, int64_t *block) {
    ri_ring *ring = pass->ring;
    bool mine = false;
    pthread_mutex_lock(&ring->mutex);
    while (!ring->failed && ring->next < pass->blocks && !mine) {
        slot *at = &ring->slot[ring->next % SLOTS];
        if (at->users == 0) {
            *block = ring->next++;
            *at = (slot){.block = *block, .users = ring->users};
            mine = true;
            pthread_cond_broadcast(&ring->changed);
        } else {
            pthread_cond_wait(&ring->changed, &ring->mutex);
        }
    }
    pthread_mutex_unlock(&ring->mutex);
    return mine;
}

static void hand_over(const scan *pass, int64_t block, ri_status status, const ri_error *error) {
    ri_ring *ring = pass->ring;
    pthread_mutex_lock(&ring->mutex);
    if (status == RI_OK) {
        ring->slot[block % SLOTS].ready = true;
    } else if (!ring->failed) {
        ring->failed = true;
        ring->error = *error;
    }
    pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->mutex);
}

/* Waits until the block is there; false where reading has failed. */
static bool take(const scan *pass, int64_t block) {
    ri_ring *ring = pass->ring;
    const slot *at = &ring->slot[block % SLOTS];
    pthread_mutex_lock(&ring->mutex);
    while (!ring->failed && !(at->block == block && at->ready))
        pthread_cond_wait(&ring->changed, &ring->mutex);
    bool good = !ring->failed;
    pthread_mutex_unlock(&ring->mutex);
    return good;
}

static void give_back(const scan *pass, int64_t block) {
    ri_ring *ring = pass->ring;
    pthread_mutex_lock(&ring->mutex);
    if (--ring->slot[block % SLOTS].users == 0)
        pthread_cond_broadcast(&ring->changed);
    pthread_mutex_unlock(&ring->mutex);
}

/* --- a pass ---------------------------------------------------------------------------------- */

static char *place_of(const scan *pass, int64_t block) {
    return pass->memory + (size_t)(block % SLOTS) * (size_t)pass->columns * pass->stream->stride;
}

static void limits_of(const scan *pass, int64_t block, int64_t *from, int64_t *to) {
    *from = pass->from + block * pass->columns;
    *to = *from + pass->columns < pass->to ? *from + pass->columns : pass->to;
}

/* Threads of OpenMP that have nothing to do wait in a loop for milliseconds, on the core that the
 * reader needs, unless OpenMP knows of more threads than cores. It does not know of the reader: a
 * thread of its own, made for nothing and asleep, stands for it until the reader ends. */
static void let_openmp_count(void) {
#pragma omp parallel num_threads(2)
    {
#pragma omp barrier /* a compiler drops a region in which nothing is done */
    }
}

/* The thread that reads ahead. */
static void *read_blocks(void *context) {
    scan *pass = context;
    let_openmp_count();
    ri_stream *stream = pass->stream;
    int64_t block, from, to;
    while (claim(pass, &block)) {
        ri_error error = {0};
        limits_of(pass, block, &from, &to);
        ri_status status = ri_dataset_fetch(stream->dataset, from, to - from, place_of(pass, block),
                                            stream->stride, &error);
        pass->bytes += (double)(to - from) * (double)stream->stride;
        hand_over(pass, block, status, &error);
    }
    return NULL;
}

static ri_status start_reader(scan *pass, pthread_t *reader, ri_error *err) {
    return ri_thread_start(reader, read_blocks, pass) == 0
               ? RI_OK
               : ri_fail(err, RI_SYSTEM, "a thread cannot be started");
}

/* As many columns as a slot holds; whole chunks of the file where that can be. */
static int64_t block_columns(const ri_stream *stream, size_t bytes) {
    int64_t columns = (int64_t)(bytes / SLOTS / stream->stride);
    int64_t chunk = stream->dataset->chunk_features;
    int64_t align = chunk > 1 && chunk <= columns ? chunk : LEAST_COLUMNS;
    return columns > align ? columns / align * align : columns;
}

static ri_status use_blocks(scan *pass, ri_stream_use *use, void *context, ri_error *err) {
    ri_stream *stream = pass->stream;
    ri_status status = RI_OK;
    for (int64_t b = 0; b < pass->blocks; b++) {
        int64_t from, to;
        double started = ri_seconds();
        bool good = take(pass, b);
        stream->seconds_reading += ri_seconds() - started;
        if (!good)
            return RI_OK;
        limits_of(pass, b, &from, &to);
        for (int64_t j = from; j < to; j++) {
            stream->kept[j] = stream->column[j];
            stream->column[j] = place_of(pass, b) + (size_t)(j - from) * stream->stride;
        }
        if (status == RI_OK) /* after a failure the others still want their turn */
            status = use(context, from, to, err);
        for (int64_t j = from; j < to; j++)
            stream->column[j] = stream->kept[j];
        give_back(pass, b);
    }
    return status;
}

static ri_status scan_file(ri_stream *stream, int64_t from, int64_t to, ri_stream_use *use,
                           void *context, double *bytes, ri_error *err) {
    ri_ring alone;
    scan pass = {.stream = stream, .from = from, .to = to};
    if (from >= to)
        return RI_OK;
    if (stream->joined) {
        assert(from == 0 && to == stream->dataset->p);
        pass.ring = stream->ring;
        pass.memory = stream->shared;
        pass.columns = block_columns(stream, stream->shared_bytes);
    } else {
        RI_TRY(ri_ring_open(&alone, err));
        alone.members = 1;
        pass.ring = &alone;
        pass.memory = stream->memory;
        pass.columns = block_columns(stream, stream->bytes);
    }
    pass.blocks = (to - from + pass.columns - 1) / pass.columns;
    double started = ri_seconds();
    arrive(pass.ring);
    stream->seconds_waiting += ri_seconds() - started;
    ri_dataset_keep_rooms(stream->dataset, true);
    pthread_t reader;
    ri_error own = {0};
    ri_status started_reader = start_reader(&pass, &reader, &own);
    if (started_reader != RI_OK)
        hand_over(&pass, 0, started_reader, &own);
    ri_status status = use_blocks(&pass, use, context, err);
    if (started_reader == RI_OK)
        pthread_join(reader, NULL);
    ri_dataset_keep_rooms(stream->dataset, false);
    *bytes += pass.bytes;
    if (pass.ring->failed)
        status = ri_fail(err, pass.ring->error.status, "%s", pass.ring->error.text);
    if (pass.ring == &alone) {
        pthread_cond_destroy(&alone.changed);
        pthread_mutex_destroy(&alone.mutex);
    }
    return status;
}

ri_status ri_stream_scan(ri_stream *stream, int64_t from, int64_t to, ri_stream_use *use,
                         void *context, double *bytes, ri_error *err) {
    const ri_shard *shard = stream->shard;
    int64_t first = shard && shard->from > from ? shard->from : from;
    int64_t last = shard && shard->to < to ? shard->to : to;
    if (!shard || first >= last)
        return scan_file(stream, from, to, use, context, bytes, err);
    RI_TRY(scan_file(stream, from, first, use, context, bytes, err));
    *bytes += (double)(last - first) * (double)stream->stride;
    RI_TRY(use(context, first, last, err));
    return scan_file(stream, last, to, use, context, bytes, err);
}
