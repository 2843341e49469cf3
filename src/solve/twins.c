/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/twins.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/random.h"

typedef struct signed_column {
    double size;
    int64_t local;
} signed_column;

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

/* The size of a fixed random projection: the same for equal and mirrored columns. */
static void sign_columns(ri_candidates *c, signed_column *order) {
    double *u = c->scratch;
    for (int64_t t = 0; t < c->train; t++)
        u[t] = ri_random_uniform(1, RI_STREAM_TWIN, (uint64_t)c->view->row[t]) - 0.5;
    c->columns->project(c, u, c->value);
    for (int64_t k = 0; k < c->size; k++)
        order[k] = (signed_column){fabs(c->value[k]), k};
}

/* Marks losers of equal columns in `gone` by comparing neighbours in the order of signatures. */
static void mark_twins(ri_candidates *c, signed_column *order, bool *gone) {
    sign_columns(c, order);
    qsort(order, (size_t)c->size, sizeof *order, compare_size);
    double tolerance = 1e-9 * sqrt((double)c->train);
    for (int64_t i = 0; i < c->size; i++) {
        int64_t a = order[i].local;
        for (int64_t j = i + 1; !gone[a] && j < c->size; j++) {
            int64_t b = order[j].local;
            if (order[j].size - order[i].size > tolerance * sqrt(c->square[a]))
                break;
            if (gone[b] || c->penalty[a] == 0 || c->penalty[b] == 0)
                continue;
            c->bytes += 2 * ri_view_column_bytes(c->view);
            if (!ri_view_equal(c->view, c->feature[a], c->feature[b], !c->positive, c->scratch))
                continue;
            gone[winner(c, a, b) == a ? b : a] = true;
        }
    }
}

ri_status ri_twins_merge(ri_candidates *c, uint8_t *twin, ri_error *err) {
    signed_column *order = ri_alloc((size_t)c->size, sizeof *order);
    bool *gone = ri_calloc((size_t)c->size, sizeof *gone);
    if (!order || !gone) {
        free(order);
        free(gone);
        return ri_fail_memory(err, "the search for equal columns", 17ULL * (size_t)c->size);
    }
    mark_twins(c, order, gone);
    int64_t kept = 0;
    for (int64_t k = 0; k < c->size; k++) {
        if (gone[k]) {
            twin[c->feature[k]] = 1;
            continue;
        }
        c->columns->shift(c, k, kept);
        c->feature[kept] = c->feature[k];
        c->penalty[kept] = c->penalty[k];
        c->square[kept] = c->square[k];
        kept++;
    }
    c->size = kept;
    free(order);
    free(gone);
    return RI_OK;
}
