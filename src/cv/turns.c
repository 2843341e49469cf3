/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/turns.h"

#include <math.h>

#include "cv/fit_extent.h"

/* Bytes of all factors, as they are expected, from which on walks take turns. */
static const double LARGE = 100e6;

/* Walks that go first, and alphas that are walked in turns: one in so many. */
enum { FIRST_PART = 3, LAST_PART = 3 };

/* A factor where turns begin, over its end: 0.45 to 0.5 on genotypes of 2,000 samples. */
static const double WAITING = 0.5;

static int64_t leaders_of(int64_t count) {
    return (count + FIRST_PART - 1) / FIRST_PART;
}

bool ri_turns_pay(const ri_problem *problem, int64_t count) {
    double moments, matrices;
    if (problem->x.stream || problem->fits_in_hand > 0 || problem->blocks > 1 ||
        problem->settings.early_stop || ri_problem_loss(problem) || count < FIRST_PART)
        return false;
    ri_moments_memory(problem, &moments, &matrices);
    double factor = ri_fit_extent_of(problem, RI_MEMORY_EXPECTED).factor;
    return moments == 0 && (double)count * factor >= LARGE;
}

double ri_turns_windows(const ri_problem *problem) {
    return ceil((double)problem->alphas / LAST_PART / RI_LOOK_AHEAD);
}

double ri_turns_factors(int64_t count) {
    double leaders = (double)leaders_of(count), others = (double)count - leaders;
    return fmax(leaders + WAITING * others, others);
}

void ri_turns_take(ri_batch *b) {
    int64_t first = b->count - leaders_of(b->count); /* the refit, the largest, is the last */
    bool wait = false;
    for (int64_t u = first; u < b->count; u++)
        wait |= !ri_walk_done(&b->walk[u]);
    wait = wait && ri_turns_pay(b->plan->problem, b->count);
    for (int64_t u = 0; u < b->count; u++) {
        const ri_walk *walk = &b->walk[u];
        int64_t alone = walk->options.alphas - walk->options.alphas / LAST_PART;
        b->waits[u] = wait && u < first && !ri_walk_done(walk) && walk->next >= alone;
    }
}
