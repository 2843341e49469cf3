/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* O_DIRECT */
#include "data/past.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cached.h"
#include "base/clock.h"
#include "base/thread.h"

enum {
    ALIGN = 4096,     /* of offsets, lengths and memory: enough for every disk */
    USUAL_SLOTS = 16, /* of few threads */
};

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

/* Called with the lock held. */
static bool is_first(const ri_past *past, int64_t t) {
    for (int k = 0; k < RI_PAST_READERS; k++)
        if (past->begun[k] >= 0 && past->begun[k] < t)
            return false;
    return true;
}

/* Whether a piece that the cache does not have is to be left there. It is then this piece's turn:
 * the system reads ahead of what is read in a row. */
static bool is_filled(ri_past *past, int64_t t, const ri_extent *piece) {
    pthread_mutex_lock(&past->mutex);
    const bool fills = past->fill->fills;
    if (!fills)
        past->straight_bytes += (double)piece->bytes;
    while (fills && past->runs && !is_first(past, t))
        pthread_cond_wait(&past->changed, &past->mutex);
    for (int k = past->filled[0].bytes > 0; fills && k < 2; k++)
        past->filled[k] = *piece;
    pthread_mutex_unlock(&past->mutex);
    return fills;
}

/* To a buffer, from the start of a block of the file on. */
static ri_extent read_piece(ri_past *past, int64_t t) {
    ri_extent want, none = {0};
    if (!find_piece(past, t, &want) || want.bytes == 0)
        return none;
    const uint64_t from = want.at / ALIGN * ALIGN;
    const size_t wanted = (size_t)(want.at + want.bytes - from);
    const size_t whole = (wanted + ALIGN - 1) / ALIGN * ALIGN;
    char *out = past->memory + (size_t)(t % past->slots) * past->slot_bytes;
    if (whole > past->slot_bytes)
        return none;
    const bool through = ri_file_kept(past->file, want.at, want.bytes) || is_filled(past, t, &want);
    const bool good = (!through && read_range(past->straight, from, out, whole, wanted)) ||
                      read_range(past->file, from, out, wanted, wanted);
    return good ? (ri_extent){want.at, want.bytes, out + (want.at - from)} : none;
}

/* The next piece, when the one before in its buffer has been given back; -1: there is none. */
static int64_t claim(ri_past *past, int reader) {
    pthread_mutex_lock(&past->mutex);
    const int64_t t = past->next < past->pieces ? past->next++ : -1;
    past->begun[reader] = t;
    while (t >= 0 && past->runs && past->slot[t % past->slots].piece != t)
        pthread_cond_wait(&past->changed, &past->mutex);
    const bool wanted = past->runs;
    pthread_mutex_unlock(&past->mutex);
    return wanted ? t : -1;
}

static void *read_pieces(void *context) {
    ri_past *past = context;
    pthread_mutex_lock(&past->mutex);
    const int reader = past->started++;
    pthread_mutex_unlock(&past->mutex);
    for (int64_t t = claim(past, reader); t >= 0; t = claim(past, reader)) {
        ri_extent held = read_piece(past, t);
        pthread_mutex_lock(&past->mutex);
        past->slot[t % past->slots].held = held;
        past->slot[t % past->slots].ready = true;
        past->begun[reader] = -1;
        pthread_cond_broadcast(&past->changed);
        pthread_mutex_unlock(&past->mutex);
    }
    return NULL;
}

/* Buffers that hold every piece, if there is room for enough of them. */
static bool cut_memory(ri_past *past, int threads, ri_past_room room) {
    const size_t skipped = (ALIGN - (size_t)((uintptr_t)room.memory % ALIGN)) % ALIGN;
    ri_extent piece;
    uint64_t largest = 0;
    for (int64_t t = 0; t < past->pieces; t++) {
        if (!find_piece(past, t, &piece))
            return false;
        largest = piece.bytes > largest ? piece.bytes : largest;
    }
    if (room.bytes < skipped || largest > room.bytes)
        return false;
    past->memory = room.memory + skipped;
    past->slot_bytes = ((size_t)largest + 2 * ALIGN - 2) / ALIGN * ALIGN;
    const size_t slots = (room.bytes - skipped) / past->slot_bytes;
    const size_t wanted = threads < USUAL_SLOTS / 2 ? USUAL_SLOTS : 2 * (size_t)threads;
    past->slots = (int)(slots < wanted ? slots : wanted < RI_PAST_SLOTS ? wanted : RI_PAST_SLOTS);
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
        for (int k = 0; k < RI_PAST_READERS; k++)
            past->begun[k] = -1;
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

bool ri_past_start(ri_past *past, const ri_dataset *dataset, ri_fill *fill, int64_t columns,
                   int threads, ri_past_room room) {
    *past = (ri_past){.dataset = dataset,
                      .fill = fill,
                      .columns = columns,
                      .pieces = (dataset->p + columns - 1) / columns};
    if (cut_memory(past, threads, room) && open_straight(past)) {
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
    ri_past_slot *slot = &past->slot[t % past->slots];
    const double started = ri_seconds();
    pthread_mutex_lock(&past->mutex);
    const bool shown = past->shown;
    while (past->runs && !(slot->piece == t && slot->ready))
        pthread_cond_wait(&past->changed, &past->mutex);
    const bool good = slot->piece == t && slot->ready && slot->held.bytes > 0;
    if (slot->piece == t) {
        slot->taken = ri_seconds();
        slot->waited = shown ? slot->taken - started : 0;
        past->shown = true;
    }
    pthread_mutex_unlock(&past->mutex);
    return good ? &slot->held : NULL;
}

void ri_past_give(ri_past *past, int64_t t) {
    if (past->slots == 0)
        return;
    ri_past_slot *slot = &past->slot[t % past->slots];
    pthread_mutex_lock(&past->mutex);
    ri_fill_note(past->fill, slot->waited, ri_seconds() - slot->taken);
    *slot = (ri_past_slot){.piece = t + past->slots};
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
