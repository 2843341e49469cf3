/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/memory.h"

#include <math.h>

#include "cv/batch.h"
#include "cv/expected.h"
#include "cv/fit_extent.h"
#include "cv/passes.h"
#include "cv/plan.h"
#include "cv/tasks.h"
#include "cv/turns.h"
#include "design/gram.h"
#include "design/joint.h"
#include "design/pool.h"
#include "kernel/kernel.h"
#include "solve/ridge.h"
#include "solve/walk.h"

/* Proportional set size without data: what a node's ranks share, libraries that no other program
 * uses included, and what each has for itself. */
static const double PROGRAM = 15e6, RANK = 7e6;

/* What a thread beside the first has more where windows fail: an arena of the allocator, which
 * gives back what exceeds 4 MB, and pages of blocks that the first one alone would not touch. */
static const double ARENA = 9e6;

/* Of these, what --memory need not count: what it keeps back has room for it. */
static const double LIBRARIES = 3e6;

/* Fits that choose their candidates as if on their own: folds have most of their rows in common. */
static const double OWN_CHOICES = 3.7;

/* Columns that are gathered as doubles over the support: those of working sets; and bytes of each
 * candidate that is not. */
static const double TAKEN = 1.4, LISTED = 105;

/* Columns of the batch with most, over those of the average one. */
static const double LARGEST_BATCH = 1.3;

/* Part of --memory that is kept back: pages and blocks are not filled to their end. */
static const double SPARE = 0.04;

/* Bytes of a feature's names, place and alleles, in the dataset and the record, and of what is
 * looked up for the tables: measured with 500,000 genotypes. */
static const double NAMES = 80;

/* Memory of the fits that are in hand together, and the least number of them. */
static const double BATCH_BYTES = 600e6;
enum { LEAST_BATCH = 12 };

double ri_memory_support(const ri_problem *problem) {
    return ri_fit_extent_of(problem, RI_MEMORY_EXPECTED).support;
}

/* Units of a rank. */
static double units_of(const ri_problem *problem, int ranks) {
    double units = (double)problem->l1_ratios * (problem->folds + 1) *
                   fmin(problem->blocks, (double)problem->alphas);
    return fmax(1, ceil(units / ranks));
}

/* What is left of a fit when it is done: coefficients, of half the support on the average, or of
 * most of it, and facts of its alphas, where these are few. That of ridges is counted apart. */
static double done_bytes(const ri_problem *problem, ri_fit_extent at) {
    const bool full = at.results > 1 && at.spread;
    double part = full ? 0.75 : 0.5, facts = full ? 100 : 0;
    return at.results > 0 ? (double)problem->alphas * (16 * part * at.support + facts) : 0;
}

/* What a fit in hand has beside that. */
static double fit_bytes(const ri_problem *problem, ri_fit_extent at, bool by_moments) {
    double n = (double)problem->x.n, p = (double)problem->x.p;
    /* moments, gradient and twins; residuals and rows; results */
    double results = done_bytes(problem, at);
    double kept = 21 * p + 8 * n * (RI_LOOK_AHEAD + 5);
    if (by_moments)
        return kept + results; /* a walk still has them when its result is made */
    /* a pass: its residuals; gradients of the window's alphas and those kept for the next, on their
     * way and as answers; what is known of candidates, and the factor: they are gone when the
     * result is made */
    double gradients = at.gradients + (RI_LOOK_AHEAD - 1) * at.support;
    double walking = 8 * n * RI_LOOK_AHEAD + 36 * gradients + 26 * at.compared + at.factor;
    return kept + fmax(0, at.results - 1) * results + fmax(walking, results);
}

/* What X split over nodes takes more, for each fit that the ranks of a group have in hand. Every
 * rank keeps views and gradients (of the first pass and the last) of all of them for its own
 * features, and in a round their residuals; of its own fits it gets the moments of the first pass,
 * and keeps no gradients. */
static double served_bytes(const ri_problem *problem, const ri_team *team) {
    double n = (double)problem->x.n, p = (double)problem->x.p;
    double ranks = (double)team->shard * team->ranks_on_node;
    if (team->shard <= 1)
        return 0;
    double view = 20 * n + 16 * p / ranks, asked = 8 * n * (RI_LOOK_AHEAD + 1);
    double pass = 8 * n * RI_LOOK_AHEAD, gradients = 2 * 4 * p / ranks;
    return ranks * (view + asked + pass + gradients) + (16 - 4) * p;
}

/* What passes that the ranks of a node make together take for each of the fits in hand there. */
static double joint_bytes(const ri_problem *problem, const ri_team *team, double fits) {
    int64_t all = (int64_t)fits * team->ranks_on_node;
    if (team->streamed || team->shard > 1)
        return 0;
    return (double)ri_joint_bytes(&problem->x, all, team->ranks_on_node) / (double)all;
}

bool ri_memory_together(const ri_problem *problem, const ri_team *team) {
    double units = units_of(problem, team->ranks);
    return joint_bytes(problem, team,
                       (double)ri_memory_batch(problem, (int64_t)units, team->threads)) > 0;
}

/* A column of the pool; genotypes are packed beside it, which those stored as bytes may be. */
static double column_bytes(const ri_problem *problem, const ri_team *team) {
    const ri_matrix *x = &problem->x;
    double bytes = (double)ri_pool_copy_bytes(x, team->streamed || team->shard > 1) + 40;
    bool packs = (x->storage == RI_I8 || x->storage == RI_DOSAGE) && ri_problem_counts(problem);
    return packs ? bytes + (double)ri_storage_bytes(RI_PACKED2, x->n) : bytes;
}

/* Columns that the fits of a rank look at, all together. */
static double pooled(const ri_problem *problem, const ri_team *team, ri_fit_extent at,
                     double fits) {
    double p = (double)problem->x.p, own = team->streamed ? at.most_candidates : at.stored;
    return p * (1 - pow(1 - fmin(1, own / p), fmin(fits, OWN_CHOICES)));
}

/* True where candidate columns are held for all fits together: else each looks at them where X has
 * them. */
static bool holds_columns(const ri_problem *problem, const ri_team *team) {
    return team->streamed || !ri_problem_shoots(problem);
}

/* Columns as doubles, of fits that shoot and of other losses, and lists of their candidates; with
 * those of a quadratic model and its factor. */
static double model_bytes(const ri_problem *problem, ri_fit_extent at) {
    double n = (double)problem->x.n, s = at.most_support;
    if (ri_problem_loss(problem))
        return LISTED * at.most_candidates + 8 * n * (TAKEN + 1) * s + 4.4 * s * s;
    return at.gathered > 0 ? LISTED * at.gathered + 8 * n * TAKEN * s : 0;
}

ri_memory ri_memory_of(const ri_problem *problem, const ri_team *team, ri_memory_case which) {
    ri_fit_extent at = ri_fit_extent_of(problem, which);
    double n = (double)problem->x.n, p = (double)problem->x.p, moments, matrices;
    double column = column_bytes(problem, team);
    double predictions = 8 * n * (double)(problem->alphas * problem->l1_ratios);
    ri_moments_memory(problem, &moments, &matrices);
    bool by_moments = moments > 0;
    double units = units_of(problem, team->ranks);
    double fits = (double)ri_memory_batch(problem, (int64_t)units, team->threads);
    if (fits < units) /* the largest of several batches */
        fits = fmin(units, fits * LARGEST_BATCH);
    bool held = !by_moments && holds_columns(problem, team);
    double pool = held ? pooled(problem, team, at, fits) * column : 0;
    double room =
        ri_ridge_memory(problem) > 0 ? ri_ridge_room_bytes(problem->x.n, problem->x.p) : 0;
    double ridge = which == RI_MEMORY_MOST ? ri_ridge_memory(problem) : ri_ridge_expected(problem);
    /* where X is split, moments of the first pass are gone before candidates are looked at */
    double early = team->shard > 1 && which == RI_MEMORY_EXPECTED
                       ? fmin(16 * p, pool / fits + 36 * at.gradients)
                       : 0;
    double candidates = by_moments ? p : at.most_candidates;
    double rooms = by_moments ? 1 : (double)ri_task_rooms(team->threads) / team->threads;
    return (ri_memory){
        .program = PROGRAM - (which == RI_MEMORY_MOST ? LIBRARIES : 0),
        .shared = (42 + NAMES) * p + ri_ridge_results(problem),
        .a_rank = RANK + moments + room + 5 * p + predictions * (1 + 2.0 / team->ranks),
        .columns = pool,
        .a_column = column,
        .least_columns = candidates * column,
        .a_thread =
            matrices + rooms * (64 * candidates + 8 * (5 * n + 200 * at.most_support)) +
            (by_moments ? 0 : model_bytes(problem, at)) +
            (which == RI_MEMORY_MOST && at.spread ? ARENA * (team->threads - 1) / team->threads
                                                  : 0),
        .done = units * done_bytes(problem, at),
        .factor = at.factor,
        .a_fit = fit_bytes(problem, at, by_moments) + ridge + served_bytes(problem, team) - early +
                 (by_moments ? 0 : joint_bytes(problem, team, fits))};
}

int64_t ri_memory_batch(const ri_problem *problem, int64_t count, int threads) {
    double moments, matrices, ridge = ri_ridge_memory(problem);
    ri_moments_memory(problem, &moments, &matrices);
    ri_fit_extent at = ri_fit_extent_of(problem, RI_MEMORY_EXPECTED);
    double bytes = fit_bytes(problem, at, moments > 0) + done_bytes(problem, at);
    int64_t size = (int64_t)(BATCH_BYTES / bytes);
    size = size < LEAST_BATCH ? LEAST_BATCH : size;
    size = size < threads ? threads : size;
    if (ridge > 0 && (double)size * ridge > BATCH_BYTES)
        size = ridge > BATCH_BYTES ? 1 : (int64_t)(BATCH_BYTES / ridge);
    if (problem->fits_in_hand > 0)
        size = problem->fits_in_hand;
    int64_t batches = (count + size - 1) / size;
    return batches > 0 ? (count + batches - 1) / batches : 1; /* equal ones */
}

double ri_memory_estimate(const ri_problem *problem, const ri_team *team) {
    ri_memory m = ri_memory_of(problem, team, RI_MEMORY_EXPECTED);
    int64_t units = (int64_t)units_of(problem, team->ranks);
    int64_t batch = ri_memory_batch(problem, units, team->threads);
    double all = (double)problem->l1_ratios * (problem->folds + 1) * problem->blocks;
    double fits = fmin((double)batch * team->ranks_on_node, all), at_once = 1;
    double columns = m.columns;
    if (team->shard <= 1 && ri_turns_pay(problem, batch))
        at_once = ri_turns_factors(batch) / (double)batch;
    if (problem->columns_in_hand > 0)
        columns = fmin(columns, (double)problem->columns_in_hand * m.a_column);
    return m.program + m.shared +
           team->ranks_on_node * (m.a_rank + m.done + columns + team->threads * m.a_thread) +
           fits * (m.a_fit - (1 - at_once) * m.factor);
}

double ri_memory_reads(const ri_problem *problem, const ri_team *team) {
    double units = units_of(problem, team->ranks), p = (double)problem->x.p;
    double size = (double)ri_memory_batch(problem, (int64_t)units, team->threads);
    ri_fit_extent at = ri_fit_extent_of(problem, RI_MEMORY_EXPECTED);
    double columns = holds_columns(problem, team) ? pooled(problem, team, at, size) : 0;
    if (ri_moments_expected(problem, ri_expected_correlation)) {
        /* those of all rows, of a fold where they are not kept; predictions */
        int32_t folds = ri_problem_folds(problem);
        bool again = ri_gram_fit_bytes(problem->x.n, problem->x.p, folds) > 0;
        return RI_PLAN_READS + 1 + (again ? folds : 0) + ceil(units / size) * (RI_BATCH_READS + 1);
    }
    double windows = ri_passes_of(problem).windows, most = (double)problem->columns_in_hand;
    if (ri_turns_pay(problem, (int64_t)size))
        windows += ri_turns_windows(problem);
    if (most > 0 && columns > most) /* those that have no room are read for every window */
        columns = most + windows * (columns - most);
    /* fits that shoot gather them anew for every window */
    double gathering = team->streamed ? 0 : windows * size * at.gathers / p;
    return RI_PLAN_READS +
           ceil(units / size) * (RI_BATCH_READS + windows + columns / p + gathering);
}

bool ri_memory_bound(ri_problem *problem, double x_bytes, const ri_team *team, double memory,
                     double *needed) {
    ri_memory m = ri_memory_of(problem, team, RI_MEMORY_MOST);
    double ranks = team->ranks_on_node, least = fmin(m.least_columns, m.columns);
    double fixed =
        x_bytes + m.program + m.shared + ranks * (m.a_rank + m.done + team->threads * m.a_thread);
    *needed = (fixed + ranks * (m.a_fit + least)) / (1 - SPARE);
    memory *= 1 - SPARE;
    double fits = floor((memory - fixed) / ranks / m.a_fit - least / m.a_fit);
    if (fits < 1)
        return false;
    fits = fmin(fits, units_of(problem, team->ranks));
    double columns = (memory - fixed) / ranks - fits * m.a_fit;
    problem->fits_in_hand = (int64_t)fits;
    problem->columns_in_hand = m.columns > 0 ? (int64_t)(columns / m.a_column) : 0;
    return true;
}
