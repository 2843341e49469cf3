/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/shard_columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cluster/shard_send.h"

void ri_trade_close(ri_trade *t) {
    const int ranks = t->s ? t->s->ranks : 0;
    for (int r = 0; t->list && r < ranks; r++)
        free(t->list[r]);
    free(t->list);
    free(t->count);
    free(t->start);
    free(t->wanted);
    free(t->wish);
    free(t->source);
    free(t->held);
    ri_bytes_free_all(t->out, ranks);
    ri_bytes_free_all(t->in, ranks);
    ri_bytes_free_all(t->give, ranks);
    ri_bytes_free_all(t->take, ranks);
    *t = (ri_trade){0};
}

ri_status ri_trade_open(ri_trade *t, ri_shards *s, const ri_want *want, ri_error *err) {
    const size_t ranks = (size_t)s->ranks, mates = (size_t)s->mates;
    *t = (ri_trade){.s = s, .want = want};
    t->start = ri_calloc(mates + 1, sizeof *t->start);
    t->list = ri_calloc(ranks, sizeof *t->list);
    t->count = ri_calloc(ranks, sizeof *t->count);
    t->out = ri_calloc(ranks, sizeof *t->out);
    t->in = ri_calloc(ranks, sizeof *t->in);
    t->give = ri_calloc(ranks, sizeof *t->give);
    t->take = ri_calloc(ranks, sizeof *t->take);
    if (!t->start || !t->list || !t->count || !t->out || !t->in || !t->give || !t->take)
        return ri_shards_no_memory(ranks * 160, err);
    for (int r = 0; r < s->ranks; r++) {
        int64_t columns = s->head[r].columns;
        t->list[r] = ri_alloc((size_t)columns, sizeof **t->list);
        if (!t->list[r])
            return ri_shards_no_memory((size_t)columns * sizeof **t->list, err);
        if (s->node_of[r] == s->node)
            t->start[s->mate_of[r] + 1] = columns;
    }
    for (int m = 0; m < s->mates; m++)
        t->start[m + 1] += t->start[m];
    const size_t all = (size_t)(t->all = t->start[s->mates]);
    t->wanted = ri_alloc(all, sizeof *t->wanted);
    t->wish = ri_alloc(all, sizeof *t->wish);
    t->source = ri_alloc(all, sizeof *t->source);
    t->held = ri_alloc(all, mates);
    return t->wanted && t->wish && t->source && t->held
               ? RI_OK
               : ri_shards_no_memory(all * (28 + mates), err);
}

/* --- what comes from where ------------------------------------------------------------------- */

static int compare_wishes(const void *a, const void *b) {
    const ri_wish *left = a, *right = b;
    if (left->feature != right->feature)
        return left->feature < right->feature ? -1 : 1;
    return (left->at > right->at) - (left->at < right->at);
}

static int32_t mate_at(const ri_trade *t, int64_t at) {
    int32_t m = 0;
    while (at >= t->start[m + 1])
        m++;
    return m;
}

/* The first rank of the node that holds what is wanted at `at`, or -1. */
static int32_t holder_of(const ri_trade *t, int64_t at) {
    for (int32_t m = 0; m < t->s->mates; m++)
        if (t->held[m * t->all + at])
            return m;
    return -1;
}

/* The same on all ranks of a node: who holds it gives it, else the first that wants it gets it from
 * elsewhere and gives it to the others. */
static void choose_sources(ri_trade *t) {
    ri_wish *list = t->wish;
    for (int64_t k = 0; k < t->all; k++)
        list[k] = (ri_wish){t->wanted[k], k};
    if (t->all > 0)
        qsort(list, (size_t)t->all, sizeof *list, compare_wishes);
    for (int64_t k = 0, first = 0; k < t->all; k++) {
        if (list[k].feature != list[first].feature)
            first = k;
        int32_t holder = holder_of(t, list[k].at);
        t->source[list[k].at] = holder >= 0 ? holder : mate_at(t, list[first].at);
    }
}

/* What this rank gets from other nodes is left of its list. */
static void shorten_list(ri_trade *t) {
    const ri_shards *s = t->s;
    int64_t *own = t->list[s->rank], count = 0;
    for (int64_t k = t->start[s->mate]; k < t->start[s->mate + 1]; k++)
        if (t->source[k] == s->mate)
            own[count++] = t->wanted[k];
    t->count[s->rank] = count;
}

void ri_trade_hear(ri_trade *t) {
    ri_shards *s = t->s;
    MPI_Request request;
    if (t->want->columns > 0)
        memcpy(t->wanted + t->start[s->mate], t->want->feature,
               (size_t)t->want->columns * sizeof *t->wanted);
    for (int m = 0; m < s->mates; m++)
        ri_group_share(s->cluster->node, t->wanted + t->start[m],
                       (size_t)(t->start[m + 1] - t->start[m]) * sizeof *t->wanted, m);
    for (int64_t k = 0; k < t->all; k++)
        t->held[s->mate * t->all + k] = s->stream->column[t->wanted[k]] != NULL;
    for (int m = 0; m < s->mates; m++)
        ri_group_share(s->cluster->node, t->held + m * t->all, (size_t)t->all, m);
    choose_sources(t);
    shorten_list(t);
    MPI_Iallgather(MPI_IN_PLACE, 1, MPI_INT64_T, t->count, 1, MPI_INT64_T, s->group, &request);
    ri_group_wait(&request, NULL, NULL);
    for (int r = 0; r < s->ranks; r++)
        s->travelled[RI_SHARD_COLUMNS] +=
            ri_shards_share(s, t->list[r], (size_t)t->count[r] * sizeof **t->list, r);
}

/* --- on their way ---------------------------------------------------------------------------- */

static int64_t count_within(const int64_t *list, int64_t count, int64_t from, int64_t to) {
    int64_t within = 0;
    for (int64_t k = 0; k < count; k++)
        within += list[k] >= from && list[k] < to;
    return within;
}

/* Columns that mate `to` takes from mate `from`. */
static int64_t count_handed(const ri_trade *t, int from, int to) {
    int64_t handed = 0;
    for (int64_t k = t->start[to]; k < t->start[to + 1]; k++)
        handed += t->source[k] == from;
    return handed;
}

static bool reserve(const ri_trade *t, ri_bytes *bytes, int64_t columns) {
    return ri_bytes_reserve(bytes, (size_t)columns * t->s->column);
}

ri_status ri_trade_pack(ri_trade *t, ri_error *err) {
    const ri_shards *s = t->s;
    const int64_t from = s->from[s->rank], to = s->to[s->rank];
    const int64_t *own = t->list[s->rank], asked = t->count[s->rank];
    for (int r = 0; r < s->ranks; r++) {
        const bool mate = s->node_of[r] == s->node && r != s->rank;
        int64_t out = count_within(t->list[r], t->count[r], from, to);
        int64_t in = count_within(own, asked, s->from[r], s->to[r]);
        int64_t give = mate ? count_handed(t, s->mate, s->mate_of[r]) : 0;
        int64_t take = mate ? count_handed(t, s->mate_of[r], s->mate) : 0;
        if (!reserve(t, &t->out[r], out) || !reserve(t, &t->in[r], in) ||
            !reserve(t, &t->give[r], give) || !reserve(t, &t->take[r], take))
            return ri_shards_no_memory((size_t)(out + in + give + take) * s->column, err);
        char *at = t->out[r].at;
        for (int64_t k = 0; k < t->count[r]; k++)
            if (t->list[r][k] >= from && t->list[r][k] < to) {
                memcpy(at, ri_shard_column(&s->face, t->list[r][k]), s->column);
                at += s->column;
            }
    }
    return RI_OK;
}

static void unpack(const ri_trade *t) {
    const ri_shards *s = t->s;
    const ri_want *want = t->want;
    const int32_t *source = t->source + t->start[s->mate];
    for (int r = 0; r < s->ranks; r++) {
        const char *at = t->in[r].at;
        for (int64_t k = 0; k < want->columns; k++)
            if (source[k] == s->mate && want->feature[k] >= s->from[r] &&
                want->feature[k] < s->to[r]) {
                memcpy(want->out[k], at, s->column);
                at += s->column;
            }
    }
}

/* A column that this rank holds or has just got. */
static const void *column_of(const ri_trade *t, int64_t feature) {
    const void *held = t->s->stream->column[feature];
    int64_t low = 0, high = t->want->columns;
    while (!held && high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        *(t->want->feature[middle] <= feature ? &low : &high) = middle;
    }
    return held ? held : t->want->out[low];
}

static void hand_over(ri_trade *t) {
    ri_shards *s = t->s;
    for (int r = 0; r < s->ranks; r++) {
        char *at = t->give[r].at;
        if (t->give[r].length == 0)
            continue;
        for (int64_t k = t->start[s->mate_of[r]]; k < t->start[s->mate_of[r] + 1]; k++)
            if (t->source[k] == s->mate) {
                memcpy(at, column_of(t, t->wanted[k]), s->column);
                at += s->column;
            }
    }
    (void)ri_shards_transfer(s, t->give, t->take);
    for (int r = 0; r < s->ranks; r++) {
        const char *at = t->take[r].at;
        if (t->take[r].length == 0)
            continue;
        for (int64_t k = 0; k < t->want->columns; k++)
            if (t->source[t->start[s->mate] + k] == s->mate_of[r]) {
                memcpy(t->want->out[k], at, s->column);
                at += s->column;
            }
    }
}

void ri_trade_make(ri_trade *t) {
    t->s->travelled[RI_SHARD_COLUMNS] += ri_shards_transfer(t->s, t->out, t->in);
    unpack(t);
    hand_over(t);
}
