/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/walk_state.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/* A number that both sides must have in common. */
static void agree(ri_archive *a, int64_t value) {
    int64_t stored = value;
    ri_archive_count(a, &stored, value, value);
}

static void solution_state(ri_solution *s, ri_archive *a, int64_t p, int64_t held) {
    ri_archive_count(a, &s->count, 0, p);
    ri_archive_indices(a, &s->feature, s->count, p);
    ri_archive_array(a, &s->b, s->count, sizeof *s->b);
    double *number[] = {&s->intercept, &s->loss,  &s->rr,  &s->ry,
                        &s->norm1,     &s->norm2, &s->gap, &s->own_gap};
    for (size_t i = 0; i < sizeof number / sizeof *number; i++)
        ri_archive_double(a, number[i]);
    ri_archive_bytes(a, &s->rounds, sizeof s->rounds);
    ri_archive_count(a, &s->twins, 0, p);
    ri_archive_count(a, &s->dependent, 0, INT64_MAX);
    ri_archive_flag(a, &s->stalled);
    ri_archive_array(a, &s->prediction, held, sizeof *s->prediction);
}

/* The columns of the triangle, and the right-hand side in its space. */
static void factor_state(ri_factor *factor, ri_archive *a, int64_t most) {
    int64_t size = factor->size;
    bool single = factor->single;
    ri_archive_count(a, &size, 0, most);
    ri_archive_flag(a, &single);
    if (a->reads) {
        ri_factor_restart(factor, single);
        ri_error err;
        if (ri_factor_reserve(factor, size, &err) != RI_OK) {
            if (ri_archive_good(a))
                a->failure = err;
            return;
        }
        factor->size = size;
    }
    for (int64_t c = 0; c < size; c++)
        ri_archive_bytes(a, ri_factor_at(factor, c, c),
                         (size_t)(size - c) * ri_factor_width(factor));
    if (size > 0)
        ri_archive_bytes(a, factor->z, (size_t)size * sizeof *factor->z);
}

static void support_state(ri_support *support, ri_archive *a, int64_t p) {
    ri_archive_count(a, &support->size, 0, p);
    ri_archive_indices(a, &support->feature, support->size, p);
    ri_archive_array(a, &support->b, support->size, sizeof *support->b);
    if (a->reads)
        support->capacity = support->b_capacity = (size_t)support->size;
    ri_archive_double(a, &support->l2);
    ri_archive_flag(a, &support->exact);
    factor_state(&support->factor, a, p); /* shooting leaves an old one behind */
}

static void entries_state(ri_walk *walk, ri_archive *a, int64_t p) {
    ri_archive_count(a, &walk->entries, 0, 2 * p);
    ri_archive_array(a, &walk->entry, walk->entries, sizeof *walk->entry);
    for (int64_t i = 0; a->reads && walk->entry && i < walk->entries; i++)
        if (walk->entry[i].feature < 0 || walk->entry[i].feature >= p) {
            ri_archive_refuse(a, "has an index out of its range");
            walk->entries = 0;
        }
}

void ri_walk_state(ri_walk *walk, ri_archive *a) {
    const ri_view *view = walk->view;
    int64_t n = view->columns->x.n, p = view->columns->x.p, alphas = walk->options.alphas;
    const int64_t common[] = {RI_WALK_STATE, n, p, view->train, view->held, alphas};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        agree(a, common[i]);
    ri_archive_count(a, &walk->next, 0, alphas);
    ri_archive_count(a, &walk->look, 1, RI_LOOK_AHEAD);
    ri_archive_double(a, &walk->reach);
    ri_archive_int(a, &walk->attempts, 0, INT32_MAX);
    ri_archive_double(a, &walk->sweeps);
    ri_archive_count(a, &walk->dependent, 0, INT64_MAX);
    ri_archive_double(a, &walk->y_mean); /* an intercept that moves, where there is a loss */
    entries_state(walk, a, p);
    support_state(&walk->support, a, p);
    if (walk->twin)
        ri_archive_bytes(a, walk->twin, (size_t)p);
    for (int64_t i = 0; i < walk->next; i++)
        solution_state(&walk->done[i], a, p, view->held);
    if (a->reads) /* what gradients spare is all that they do */
        walk->knows = false;
    if (isnan(walk->reach))
        ri_archive_refuse(a, "has no number where one is needed");
}
