/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/raw_where.h"

#include "base/cached.h"

enum { GAP_BYTES = 64 << 10 }; /* between chunks that are read together */

bool ri_raw_plain(const ri_raw *raw) {
    return raw->asked && raw->file >= 0 &&
           (!raw->list || (!raw->shuffled && !raw->deflated && raw->chunk[1] == raw->dims[1]));
}

uint64_t ri_raw_row(const ri_raw *raw, int64_t i, int64_t *more) {
    const size_t row = (size_t)raw->dims[1] * raw->size;
    if (!raw->list) {
        *more = raw->dims[0] - i;
        return raw->at + (uint64_t)i * row;
    }
    const ri_raw_chunk *chunk = &raw->list[i / raw->chunk[0]];
    *more = raw->chunk[0] - i % raw->chunk[0];
    return chunk->at <= raw->room && chunk->bytes == (uint64_t)raw->chunk[0] * row
               ? chunk->at + (uint64_t)(i % raw->chunk[0]) * row
               : raw->room;
}

bool ri_raw_cached(const ri_raw *raw, int d, int64_t i) {
    int64_t more, at = i / (raw->list ? raw->chunk[d] : 1);
    return ri_file_cached(raw->file, raw->list ? raw->list[d == 0 ? at * raw->chunks[1] : at].at
                                               : ri_raw_row(raw, i, &more));
}

bool ri_raw_find(const ri_raw *raw, int64_t from, int64_t count, uint64_t *at) {
    const size_t row = (size_t)raw->dims[1] * raw->size;
    *at = ri_raw_row(raw, from, &(int64_t){0});
    for (int64_t i = 0, more; i < count; i += more)
        if (ri_raw_row(raw, from + i, &more) != *at + (uint64_t)i * row)
            return false;
    const uint64_t bytes = (uint64_t)count * row;
    return *at % raw->size == 0 && *at <= raw->room && bytes <= raw->room - *at;
}

/* Chunks [first[d], last[d]] of both dimensions that hold these lines of dimension d. */
static void find_chunks(const ri_raw *raw, int d, int64_t from, int64_t count, int64_t first[2],
                        int64_t last[2]) {
    for (int k = 0; k < 2; k++) {
        first[k] = k == d ? from / raw->chunk[k] : 0;
        last[k] = k == d ? (from + count - 1) / raw->chunk[k] : raw->chunks[k] - 1;
    }
}

static bool is_undamaged(const ri_raw *raw, const ri_raw_chunk *chunk) {
    return chunk->at <= raw->room && chunk->bytes <= raw->room - chunk->at;
}

bool ri_raw_extent(const ri_raw *raw, int d, int64_t from, int64_t count, ri_extent *out) {
    int64_t first[2], last[2];
    uint64_t sum = 0, start = UINT64_MAX, end = 0;
    *out = (ri_extent){0};
    if (ri_raw_plain(raw) && d == 0) {
        out->bytes = (uint64_t)count * (uint64_t)raw->dims[1] * raw->size;
        return ri_raw_find(raw, from, count, &out->at);
    }
    if (!raw->list || !raw->deflated)
        return false;
    find_chunks(raw, d, from, count, first, last);
    for (int64_t i = first[0]; i <= last[0]; i++)
        for (int64_t j = first[1]; j <= last[1]; j++) {
            const ri_raw_chunk *chunk = &raw->list[i * raw->chunks[1] + j];
            if (!is_undamaged(raw, chunk))
                return false;
            sum += chunk->bytes;
            start = chunk->at < start ? chunk->at : start;
            end = chunk->at + chunk->bytes > end ? chunk->at + chunk->bytes : end;
        }
    *out = (ri_extent){.at = start, .bytes = end - start};
    return out->bytes - sum <= sum / 8 + GAP_BYTES;
}

void ri_raw_ahead(const ri_raw *raw, int d, int64_t from, int64_t count) {
    int64_t first[2], last[2];
    if (!raw->asked || raw->file < 0 || count < 1)
        return;
    if (!raw->list) {
        const uint64_t row = (uint64_t)raw->dims[1] * raw->size;
        if (d == 0)
            ri_file_ahead(raw->file, raw->at + (uint64_t)from * row, (uint64_t)count * row);
        return;
    }
    find_chunks(raw, d, from, count, first, last);
    for (int64_t i = first[0]; i <= last[0]; i++)
        for (int64_t j = first[1]; j <= last[1]; j++) {
            const ri_raw_chunk *chunk = &raw->list[i * raw->chunks[1] + j];
            if (is_undamaged(raw, chunk))
                ri_file_ahead(raw->file, chunk->at, chunk->bytes);
        }
}
