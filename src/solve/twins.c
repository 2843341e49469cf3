/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/twins.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "solve/candidates.h"

typedef struct signed_column {
    double size;
    int64_t local;
} signed_column;

typedef struct search { /* among c->size columns */
    signed_column *order, *fresh;
    int64_t *list;  /* [fresh] those that are looked at for the first time */
    int64_t *place; /* of known columns among the candidates, or -1; then of candidates when the
                       equal ones are gone */
    double *size;   /* [c->size] */
    bool *is_fresh, *gone;
    int64_t count; /* fresh ones */
} search;

void ri_distinct_free(ri_distinct *distinct) {
    free(distinct->feature);
    free(distinct->size);
    free(distinct->order);
    *distinct = (ri_distinct){0};
}

static int compare_size(const void *a, const void *b) {
    const signed_column *left = a, *right = b;
    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return (left->local > right->local) - (left->local < right->local);
}

/* Of equal columns a and b: the one that stays. */
static int64_t winner(const ri_candidates *c, int64_t a, int64_t b) {
    if (c->penalty[a] != c->penalty[b])
        return c->penalty[a] < c->penalty[b] ? a : b;
    return a < b ? a : b;
}

/* Finds candidates among the known columns, and their sizes there; lists the others. */
static void find_known(const ri_candidates *c, const ri_distinct *known, search *s) {
    int64_t k = 0;
    for (int64_t i = 0; i < known->count; i++) {
        for (; k < c->size && c->feature[k] < known->feature[i]; k++)
            s->list[s->count++] = k;
        bool found = k < c->size && c->feature[k] == known->feature[i];
        s->place[i] = found ? k : -1;
        if (found)
            s->size[k++] = known->size[i];
    }
    while (k < c->size)
        s->list[s->count++] = k++;
}

/* The sizes of a fixed random projection of the fresh columns. */
static void sign_columns(ri_candidates *c, search *s) {
    double *u = c->scratch;
    for (int64_t t = 0; t < c->train; t++)
        u[t] = ri_random_uniform(1, RI_STREAM_TWIN, (uint64_t)c->view->row[t]) - 0.5;
    c->columns->project(c, s->list, s->count, u, c->value);
    for (int64_t i = 0; i < s->count; i++) {
        int64_t k = s->list[i];
        s->size[k] = fabs(c->value[i]);
        s->is_fresh[k] = true;
        s->fresh[i] = (signed_column){s->size[k], k};
    }
}

/* All candidates by size: the known ones are in order. */
static void sort_columns(const ri_distinct *known, search *s) {
    int64_t i = 0, at = 0;
    qsort(s->fresh, (size_t)s->count, sizeof *s->fresh, compare_size);
    for (int64_t f = 0; f <= s->count; f++) {
        for (; i < known->count; i++) {
            int64_t k = s->place[known->order[i]];
            if (k < 0)
                continue;
            signed_column next = {s->size[k], k};
            if (f < s->count && compare_size(&next, &s->fresh[f]) > 0)
                break;
            s->order[at++] = next;
        }
        if (f < s->count)
            s->order[at++] = s->fresh[f];
    }
}

/* Marks losers of equal columns in `gone` by comparing neighbours in the order of sizes. */
static void mark_twins(ri_candidates *c, const search *s) {
    double tolerance = 1e-9 * sqrt((double)c->train);
    for (int64_t i = 0; i < c->size; i++) {
        int64_t a = s->order[i].local;
        for (int64_t j = i + 1; !s->gone[a] && j < c->size; j++) {
            int64_t b = s->order[j].local;
            if (s->order[j].size - s->order[i].size > tolerance * sqrt(c->square[a]))
                break;
            if (s->gone[b] || c->penalty[a] == 0 || c->penalty[b] == 0 ||
                !(s->is_fresh[a] || s->is_fresh[b]))
                continue;
            c->bytes += 2 * ri_view_column_bytes(c->view);
            if (!ri_view_equal(c->view, c->feature[a], c->feature[b], !c->positive, c->scratch))
                continue;
            s->gone[winner(c, a, b) == a ? b : a] = true;
        }
    }
}

/* Closes the gaps that marked columns leave. */
static void drop_twins(ri_candidates *c, const search *s, uint8_t *twin) {
    int64_t kept = 0;
    for (int64_t k = 0; k < c->size; k++) {
        s->place[k] = s->gone[k] ? -1 : kept;
        if (s->gone[k]) {
            twin[c->feature[k]] = 1;
            continue;
        }
        c->columns->shift(c, k, kept);
        c->feature[kept] = c->feature[k];
        c->penalty[kept] = c->penalty[k];
        c->square[kept] = c->square[k];
        s->size[kept] = s->size[k];
        kept++;
    }
    c->size = kept;
}

/* What is left, of `before` columns, is known from now on. */
static ri_status keep_known(const ri_candidates *c, const search *s, int64_t before,
                            ri_distinct *known, ri_error *err) {
    size_t count = (size_t)c->size, had = known->room, same[2] = {had, had};
    if (!ri_renew(&known->feature, &known->room, count, sizeof *known->feature) ||
        !ri_renew(&known->size, &same[0], count, sizeof *known->size) ||
        !ri_renew(&known->order, &same[1], count, sizeof *known->order)) {
        ri_distinct_free(known);
        return ri_fail_memory(err, "the search for equal columns", 24ULL * count);
    }
    known->count = 0;
    for (int64_t i = 0; i < before; i++)
        if (!s->gone[s->order[i].local])
            known->order[known->count++] = s->place[s->order[i].local];
    memcpy(known->feature, c->feature, count * sizeof *known->feature);
    memcpy(known->size, s->size, count * sizeof *known->size);
    return RI_OK;
}

static void free_search(search *s) {
    free(s->order);
    free(s->fresh);
    free(s->list);
    free(s->place);
    free(s->size);
    free(s->is_fresh);
    free(s->gone);
}

ri_status ri_twins_merge(ri_candidates *c, uint8_t *twin, ri_distinct *distinct, ri_error *err) {
    const ri_distinct none = {0}, *known = distinct ? distinct : &none;
    int64_t before = c->size;
    size_t count = (size_t)before, most = (size_t)(before > known->count ? before : known->count);
    search s = {.order = ri_alloc(count, sizeof *s.order),
                .fresh = ri_alloc(count, sizeof *s.fresh),
                .list = ri_alloc(count, sizeof *s.list),
                .place = ri_alloc(most, sizeof *s.place),
                .size = ri_alloc(count, sizeof *s.size),
                .is_fresh = ri_calloc(count, sizeof *s.is_fresh),
                .gone = ri_calloc(count, sizeof *s.gone)};
    ri_status status = RI_OK;
    if (s.order && s.fresh && s.list && s.place && s.size && s.is_fresh && s.gone) {
        find_known(c, known, &s);
        sign_columns(c, &s);
        sort_columns(known, &s);
        mark_twins(c, &s);
        drop_twins(c, &s, twin);
        if (distinct)
            status = keep_known(c, &s, before, distinct, err);
    } else {
        status = ri_fail_memory(err, "the search for equal columns", 58ULL * count);
    }
    free_search(&s);
    return status;
}
