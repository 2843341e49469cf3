/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/raw.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libdeflate.h>

#include "base/memory.h"
#include "data/raw_where.h"

enum { EDGE = 32 }; /* of a square that is transposed at a time */

void ri_raw_close(ri_raw *raw) {
    if (raw->asked && raw->file >= 0)
        close(raw->file);
    ri_raw_keep_rooms(raw, false);
    free(raw->list);
    *raw = (ri_raw){.file = -1};
}

static bool read_bytes(const ri_raw *raw, uint64_t at, char *out, size_t wanted) {
    if (at > raw->room || wanted > raw->room - at)
        return false;
    while (wanted > 0) {
        ssize_t got = pread(raw->file, out, wanted, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        out += got;
        at += (uint64_t)got;
        wanted -= (size_t)got;
    }
    return true;
}

/* A row of elements `size` bytes apart to places `step` bytes apart. */
static void spread(const char *in, int64_t count, size_t size, char *out, size_t step) {
    if (step == size)
        memcpy(out, in, (size_t)count * size);
    else
        for (int64_t j = 0; j < count; j++)
            memcpy(out + (size_t)j * step, in + (size_t)j * size, size);
}

/* Elements [from, +count) of `in`, with rows of `row` elements, to their places. */
static void place(const ri_raw *raw, const char *in, int64_t row, const ri_raw_block *to) {
    for (int64_t j0 = 0; j0 < to->count[1]; j0 += EDGE) {
        int64_t width = to->step[1] == raw->size ? to->count[1] : EDGE;
        width = width < to->count[1] - j0 ? width : to->count[1] - j0;
        for (int64_t i = 0; i < to->count[0]; i++)
            spread(in + (size_t)((to->from[0] + i) * row + to->from[1] + j0) * raw->size, width,
                   raw->size, to->out + (size_t)i * to->step[0] + (size_t)j0 * to->step[1],
                   to->step[1]);
        if (width == to->count[1])
            return;
    }
}

struct ri_raw_rooms { /* for a chunk as stored, inflated, and in order */
    char *stored, *inflated, *whole;
    size_t capacity;
    struct libdeflate_decompressor *inflate;
    ri_raw_rooms *next;
};

static bool make_rooms(const ri_raw *raw, ri_raw_rooms *r, size_t bytes, uint64_t stored) {
    if (raw->shuffled && !r->inflated)
        r->inflated = ri_alloc(1, bytes);
    if (raw->deflated && !r->inflate)
        r->inflate = libdeflate_alloc_decompressor();
    return (r->inflated || !raw->shuffled) && (r->inflate || !raw->deflated) &&
           ri_renew(&r->stored, &r->capacity, (size_t)stored, 1);
}

static void free_rooms(ri_raw_rooms *r) {
    if (!r)
        return;
    free(r->stored);
    free(r->inflated);
    free(r->whole);
    libdeflate_free_decompressor(r->inflate);
    free(r);
}

/* Those of a thread; NULL without memory. */
static ri_raw_rooms *take_rooms(ri_raw *raw) {
    ri_raw_rooms *r;
#pragma omp critical(riata_raw_rooms)
    {
        r = raw->spare;
        raw->spare = r ? r->next : NULL;
    }
    return r ? r : ri_calloc(1, sizeof *r);
}

static void give_rooms(ri_raw *raw, ri_raw_rooms *r) {
    if (!raw->keeps || !r) {
        free_rooms(r);
        return;
    }
#pragma omp critical(riata_raw_rooms)
    {
        r->next = raw->spare;
        raw->spare = r;
    }
}

void ri_raw_keep_rooms(ri_raw *raw, bool keep) {
    raw->keeps = keep;
    while (!keep && raw->spare)
        free_rooms(take_rooms(raw));
}

/* Inlined for each size that is common: the compiler then interleaves whole vectors. */
__attribute__((always_inline)) static inline void
unshuffle_size(const char *restrict in, size_t elements, size_t size, char *restrict out) {
    for (size_t e = 0; e < elements; e++)
        for (size_t k = 0; k < size; k++)
            out[e * size + k] = in[k * elements + e];
}

/* Byte k of every element lies in the k-th part of a shuffled chunk. */
static void unshuffle(const char *in, size_t elements, size_t size, char *out) {
    if (size == 8)
        unshuffle_size(in, elements, 8, out);
    else if (size == 4)
        unshuffle_size(in, elements, 4, out);
    else
        unshuffle_size(in, elements, size, out);
}

/* Where a chunk has been read to already, or NULL. */
static const char *find_held(const ri_extent *held, const ri_raw_chunk *chunk) {
    return held && chunk->at >= held->at && chunk->bytes <= held->bytes &&
                   chunk->at - held->at <= held->bytes - chunk->bytes
               ? held->start + (chunk->at - held->at)
               : NULL;
}

/* The elements of a chunk, in order, to `whole`; its stored bytes are at `held`, or to be read. */
static bool load_chunk(const ri_raw *raw, const ri_raw_chunk *chunk, const char *held,
                       ri_raw_rooms *r, char *whole) {
    const size_t bytes = (size_t)(raw->chunk[0] * raw->chunk[1]) * raw->size;
    char *out = raw->shuffled ? r->inflated : whole;
    if (!raw->deflated) {
        if (chunk->bytes != bytes || !read_bytes(raw, chunk->at, out, bytes))
            return false;
    } else {
        /* NULL: another length than `bytes` is an error */
        if (!held && !read_bytes(raw, chunk->at, r->stored, (size_t)chunk->bytes))
            return false;
        if (libdeflate_zlib_decompress(r->inflate, held ? held : r->stored, (size_t)chunk->bytes,
                                       out, bytes, NULL) != LIBDEFLATE_SUCCESS)
            return false;
    }
    if (raw->shuffled)
        unshuffle(r->inflated, bytes / raw->size, raw->size, whole);
    return true;
}

/* The part of the block that lies in chunk (c0, c1), in elements of the chunk. */
static ri_raw_block cut(const ri_raw *raw, const ri_raw_block *block, const int64_t c[2]) {
    ri_raw_block part = *block;
    for (int d = 0; d < 2; d++) {
        int64_t start = c[d] * raw->chunk[d], end = start + raw->chunk[d];
        int64_t from = block->from[d] > start ? block->from[d] : start;
        int64_t to = block->from[d] + block->count[d];
        part.from[d] = from - start;
        part.count[d] = (to < end ? to : end) - from;
        part.out += (size_t)(from - block->from[d]) * block->step[d];
    }
    return part;
}

/* Whether a part is all of a chunk and wanted as it is in that. */
static bool is_whole(const ri_raw *raw, const ri_raw_block *part) {
    return part->count[0] == raw->chunk[0] && part->count[1] == raw->chunk[1] &&
           part->step[1] == raw->size && part->step[0] == (size_t)raw->chunk[1] * raw->size;
}

typedef enum outcome { READ, DAMAGED, NO_MEMORY } outcome;

static outcome read_chunk(ri_raw *raw, const ri_raw_block *block, const int64_t c[2],
                          ri_raw_rooms *r) {
    const size_t bytes = (size_t)(raw->chunk[0] * raw->chunk[1]) * raw->size;
    const ri_raw_chunk *chunk = &raw->list[c[0] * raw->chunks[1] + c[1]];
    ri_raw_block part = cut(raw, block, c);
    bool whole = is_whole(raw, &part);
    const char *held = raw->deflated ? find_held(block->held, chunk) : NULL;
    if (chunk->bytes > raw->room)
        return DAMAGED;
    if (!r || !make_rooms(raw, r, bytes, raw->deflated && !held ? chunk->bytes : 1))
        return NO_MEMORY;
    if (!whole && !r->whole && !(r->whole = ri_alloc(1, bytes)))
        return NO_MEMORY;
    if (!load_chunk(raw, chunk, held, r, whole ? part.out : r->whole))
        return DAMAGED;
    if (!whole)
        place(raw, r->whole, raw->chunk[1], &part);
    if (raw->deflated) {
#pragma omp atomic
        raw->inflated += (double)bytes;
    }
    return READ;
}

static bool read_chunks(ri_raw *raw, const ri_raw_block *block, int threads, int64_t failed[2]) {
    int64_t first[2], many[2], bad = INT64_MAX;
    bool memory = true;
    for (int d = 0; d < 2; d++) {
        first[d] = block->from[d] / raw->chunk[d];
        many[d] = (block->from[d] + block->count[d] - 1) / raw->chunk[d] - first[d] + 1;
    }
    const int64_t chunks = many[0] * many[1];
#pragma omp parallel num_threads(chunks < threads ? (int)chunks : threads)
    {
        ri_raw_rooms *r = take_rooms(raw);
#pragma omp for schedule(dynamic, 1)
        for (int64_t k = 0; k < chunks; k++) {
            const int64_t c[2] = {first[0] + k / many[1], first[1] + k % many[1]};
            const int64_t index = c[0] * raw->chunks[1] + c[1];
            outcome what = read_chunk(raw, block, c, r);
            if (what == READ)
                continue;
#pragma omp critical(riata_raw_failure)
            {
                memory = memory && what != NO_MEMORY;
                bad = index < bad ? index : bad;
            }
        }
        give_rooms(raw, r);
    }
    failed[0] = memory && bad < INT64_MAX ? bad / raw->chunks[1] * raw->chunk[0] : -1;
    failed[1] = memory && bad < INT64_MAX ? bad % raw->chunks[1] * raw->chunk[1] : -1;
    return bad == INT64_MAX;
}

/* Rows of a plain dataset; those that follow each other in the file and in memory at once. */
static bool read_rows(const ri_raw *raw, const ri_raw_block *block, int64_t failed[2]) {
    const size_t row = (size_t)raw->dims[1] * raw->size;
    const size_t wanted = (size_t)block->count[1] * raw->size;
    const bool whole = wanted == row && block->step[0] == row;
    for (int64_t i = 0, more; i < block->count[0]; i += more) {
        uint64_t at = ri_raw_row(raw, block->from[0] + i, &more);
        more = !whole ? 1 : more < block->count[0] - i ? more : block->count[0] - i;
        at += (uint64_t)block->from[1] * raw->size;
        if (read_bytes(raw, at, block->out + (size_t)i * block->step[0], (size_t)more * wanted))
            continue;
        failed[0] = block->from[0] + i;
        failed[1] = block->from[1];
        if (raw->list) { /* where the chunk starts */
            failed[0] -= failed[0] % raw->chunk[0];
            failed[1] = 0;
        }
        return false;
    }
    return true;
}

bool ri_raw_read(ri_raw *raw, const ri_raw_block *block, int threads, int64_t failed[2]) {
    failed[0] = failed[1] = -1;
    if (block->count[0] < 1 || block->count[1] < 1)
        return true;
    if (!raw->list || (ri_raw_plain(raw) && block->step[1] == raw->size))
        return read_rows(raw, block, failed);
    return read_chunks(raw, block, threads, failed);
}
