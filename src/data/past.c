/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* O_DIRECT */
#include "data/past.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cached.h"
#include "base/thread.h"

enum { ALIGN = 4096 }; /* of offsets, lengths and memory: enough for every disk */

/* What holds piece t in the file, but for where it will be in memory. */
static bool find_piece(const ri_past *past, int64_t t, ri_extent *out) {
    const int64_t p = past->dataset->p, from = t * past->columns;
    int file;
    return ri_dataset_extent(past->dataset, from,
                             past->columns < p - from ? past->columns : p - from, &file, out);
}

/* Bytes [at, at + wanted), and more where whole blocks are read; false where not all come. */
static bool read_range(int file, uint64_t at, char *out, size_t room, size_t wanted) {
    for (size_t got = 0; got < wanted;) {
        ssize_t more = pread(file, out + got, room - got, (off_t)(at + got));
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            return false;
        got += (size_t)more;
    }
    return true;
}

/* To a buffer, from the start of a block of the file on. */
static ri_extent read_piece(const ri_past *past, int64_t t) {
    ri_extent want, none = {0};
    if (!find_piece(past, t, &want) || want.bytes == 0)
        return none;
    const uint64_t from = want.at / ALIGN * ALIGN;
    const size_t wanted = (size_t)(want.at + want.bytes - from);
    const size_t whole = (wanted + ALIGN - 1) / ALIGN * ALIGN;
    char *out = past->memory + (size_t)(t % past->slots) * past->slot_bytes;
    const bool cached = ri_file_kept(past->file, want.at, want.bytes);
    if (whole > past->slot_bytes || !read_range(cached ? past->file : past->straight, from, out,
                                                cached ? wanted : whole, wanted))
        return none;
    return (ri_extent){want.at, want.bytes, out + (want.at - from)};
}

/* The next piece, when the one before in its buffer has been given back; -1: there is none. */
static int64_t claim(ri_past *past) {
    pthread_mutex_lock(&past->mutex);
    const int64_t t = past->next < past->pieces ? past->next++ : -1;
    while (t >= 0 && past->runs && past->slot[t % past->slots].piece != t)
        pthread_cond_wait(&past->changed, &past->mutex);
    const bool wanted = past->runs;
    pthread_mutex_unlock(&past->mutex);
    return wanted ? t : -1;
}

static void *read_pieces(void *context) {
    ri_past *past = context;
    for (int64_t t = claim(past); t >= 0; t = claim(past)) {
        ri_extent held = read_piece(past, t);
        pthread_mutex_lock(&past->mutex);
        past->slot[t % past->slots].held = held;
        past->slot[t % past->slots].ready = true;
        pthread_cond_broadcast(&past->changed);
        pthread_mutex_unlock(&past->mutex);
    }
    return NULL;
}

/* Buffers that hold every piece, if there is room for enough of them. */
static bool cut_memory(ri_past *past, int threads, char *memory, size_t bytes) {
    const size_t skipped = (ALIGN - (size_t)((uintptr_t)memory % ALIGN)) % ALIGN;
    ri_extent piece;
    uint64_t largest = 0;
    for (int64_t t = 0; t < past->pieces; t++) {
        if (!find_piece(past, t, &piece))
            return false;
        largest = piece.bytes > largest ? piece.bytes : largest;
    }
    if (bytes < skipped || largest > bytes)
        return false;
    past->memory = memory + skipped;
    past->slot_bytes = ((size_t)largest + 2 * ALIGN - 2) / ALIGN * ALIGN;
    const size_t slots = (bytes - skipped) / past->slot_bytes;
    past->slots = slots < RI_PAST_SLOTS ? (int)slots : RI_PAST_SLOTS;
    for (int k = 0; k < past->slots; k++)
        past->slot[k].piece = k;
    return past->slots > threads;
}

static bool open_straight(ri_past *past) {
    ri_extent first;
    char name[64];
    if (!ri_dataset_extent(past->dataset, 0, 1, &past->file, &first))
        return false;
    snprintf(name, sizeof name, "/proc/self/fd/%d", past->file);
    past->straight = open(name, O_RDONLY | O_CLOEXEC | O_DIRECT);
    return past->straight >= 0;
}

static bool start_readers(ri_past *past) {
    if (pthread_mutex_init(&past->mutex, NULL) != 0)
        return false;
    if (pthread_cond_init(&past->changed, NULL) == 0) {
        past->runs = true;
        while (past->readers < RI_PAST_READERS &&
               ri_thread_start(&past->reader[past->readers], read_pieces, past) == 0)
            past->readers++;
        if (past->readers > 0)
            return true;
        pthread_cond_destroy(&past->changed);
    }
    pthread_mutex_destroy(&past->mutex);
    return false;
}

bool ri_past_start(ri_past *past, const ri_dataset *dataset, int64_t columns, int threads,
                   char *memory, size_t bytes) {
    *past = (ri_past){
        .dataset = dataset, .columns = columns, .pieces = (dataset->p + columns - 1) / columns};
    if (cut_memory(past, threads, memory, bytes) && open_straight(past)) {
        if (start_readers(past))
            return true;
        close(past->straight);
    }
    past->slots = 0;
    return false;
}

const ri_extent *ri_past_take(ri_past *past, int64_t t) {
    if (past->slots == 0)
        return NULL;
    const ri_past_slot *slot = &past->slot[t % past->slots];
    pthread_mutex_lock(&past->mutex);
    while (past->runs && !(slot->piece == t && slot->ready))
        pthread_cond_wait(&past->changed, &past->mutex);
    const bool good = slot->piece == t && slot->ready && slot->held.bytes > 0;
    pthread_mutex_unlock(&past->mutex);
    return good ? &slot->held : NULL;
}

void ri_past_give(ri_past *past, int64_t t) {
    if (past->slots == 0)
        return;
    ri_past_slot *slot = &past->slot[t % past->slots];
    pthread_mutex_lock(&past->mutex);
    slot->ready = false;
    slot->piece = t + past->slots;
    pthread_cond_broadcast(&past->changed);
    pthread_mutex_unlock(&past->mutex);
}

void ri_past_end(ri_past *past) {
    if (past->slots == 0)
        return;
    pthread_mutex_lock(&past->mutex);
    past->runs = false;
    pthread_cond_broadcast(&past->changed);
    pthread_mutex_unlock(&past->mutex);
}

void ri_past_stop(ri_past *past) {
    if (past->slots == 0)
        return;
    ri_past_end(past);
    for (int k = 0; k < past->readers; k++)
        pthread_join(past->reader[k], NULL);
    pthread_cond_destroy(&past->changed);
    pthread_mutex_destroy(&past->mutex);
    close(past->straight);
    past->slots = 0;
}
