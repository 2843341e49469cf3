/* SPDX-License-Identifier: BSD-3-Clause
 * What walks do together in a round: candidates, windows, one pass for all. */
#include "cv/batch.h"

#include <stdlib.h>

#include <omp.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"
#include "cv/tasks.h"
#include "cv/turns.h"
#include "design/pass.h"
#include "solve/walk_confirm.h"

static void free_answers(ri_request *request) {
    for (int64_t t = 0; t < request->count; t++) {
        free(request->answer[t].entry);
        request->answer[t].entry = NULL;
    }
}

void ri_batch_free_answers(ri_request *request, int64_t count) {
    for (int64_t q = 0; q < count; q++)
        free_answers(&request[q]);
    free(request);
}

/* Puts the time since `begun` on the accounts of the walks that share it: those not done, all of
 * the threads' time. */
void ri_batch_share_time(ri_batch *b, double begun) {
    double spent = ri_seconds() - begun;
    int64_t walks = 0;
    b->progress->screening += spent;
    for (int64_t u = 0; u < b->count; u++)
        walks += !ri_walk_done(&b->walk[u]);
    for (int64_t u = 0; u < b->count; u++)
        if (!ri_walk_done(&b->walk[u]))
            b->seconds[u] += spent * b->threads / (double)walks;
}

void ri_batch_count_flops(ri_batch *b, const ri_request *request, int64_t count, int each) {
    const ri_matrix *x = &b->plan->problem->x;
    for (int64_t q = 0; q < count; q++)
        b->progress->flops += 2.0 * each * (double)request[q].multiplied * ri_matrix_values(x);
}

/* Whether the columns of candidates are copied, which X is read for but once; shooting alone, and
 * losses of other families, gather their own, where X is in memory. */
static bool holds_columns(const ri_batch *b) {
    return b->plan->columns.x.stream || !ri_problem_shoots(b->plan->problem);
}

/* What a walk does at a time when no other depends on it. */
typedef ri_status walk_step(ri_batch *b, int64_t u, ri_request *request, ri_error *err);

/* That of all walks, threads over them; walk u has at[u] of the requests, or, negative, no turn. */
static ri_status step_walks(ri_batch *b, walk_step *step, ri_request *request, const int64_t *at,
                            ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int64_t u = 0; u < b->count; u++) {
        ri_error own = {0};
        ri_status mine = at[u] < 0 ? RI_OK : step(b, u, request ? request + at[u] : NULL, &own);
        ri_failure_note(&failure, u, mine, &own);
    }
    return ri_failure_tell(&failure, err);
}

static ri_status choose(ri_batch *b, int64_t u, ri_request *request, ri_error *err) {
    (void)request;
    return ri_walk_choose(&b->walk[u], err);
}

static ri_status accept(ri_batch *b, int64_t u, ri_request *request, ri_error *err) {
    b->solved[u] = false;
    ri_status status = ri_walk_accept(&b->walk[u], request, err);
    free_answers(request); /* before those of others are copied */
    return status;
}

/* Has no window in this round. */
static bool rests(const ri_batch *b, int64_t u) {
    return b->waits[u] || ri_walk_done(&b->walk[u]);
}

static ri_status choose_candidates(ri_batch *b, ri_error *err) {
    double begun = ri_seconds();
    for (int64_t u = 0; u < b->count; u++)
        b->turn[u] = rests(b, u) ? -1 : 0;
    RI_TRY(step_walks(b, choose, NULL, b->turn, err));
    ri_batch_share_time(b, begun);
    return RI_OK;
}

/* Marks the candidates of walks from `from` on as wanted, for as long as all of them together are
 * no more columns than may be held; returns the first walk left out, at least the next. */
static int64_t want_columns(ri_batch *b, int64_t from) {
    const bool streamed = b->plan->columns.x.stream != NULL;
    const int64_t most = b->plan->problem->columns_in_hand;
    int64_t held = 0, u = from;
    for (; u < b->count; u++) {
        const ri_walk *walk = &b->walk[u];
        int64_t more = 0;
        if (rests(b, u) || (walk->shoots && !streamed))
            continue;
        for (int64_t k = 0; k < walk->candidates; k++)
            more += !b->pool.wanted[walk->candidate[k]];
        if (u > from && most > 0 && held + more > most)
            break;
        held += more;
        for (int64_t k = 0; k < walk->candidates; k++)
            b->pool.wanted[walk->candidate[k]] = 1;
    }
    return u;
}

static ri_status walk_by_moments(ri_batch *b, int64_t u, ri_workspace *workspace, ri_error *err) {
    int32_t fold = b->unit[u].fold, group = -1;
    if (b->resumed[u]) /* it has left the moments behind */
        return RI_OK;
    if (fold != RI_REFIT)
        group = fold % ri_problem_folds(b->plan->problem);
    RI_TRY(ri_walk_by_moments(&b->walk[u], b->gram, group, workspace, err));
    if (ri_walk_done(&b->walk[u]) && !ri_ridge_waits(b, u))
        ri_batch_save_complete(b, u);
    return RI_OK;
}

/* All walks by second moments, threads over walks. */
static ri_status advance_walks(ri_batch *b, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
    double begun = ri_seconds();
    ri_batch_report(b); /* the first thread may come too late to a walk */
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int64_t k = 0; k < b->count; k++) {
        int64_t u = b->count - 1 - k; /* the refit, the largest, first */
        if (omp_get_thread_num() == 0)
            ri_batch_report(b);
        if (rests(b, u) || ri_batch_stopping(b))
            continue;
        ri_error own = {0};
        double from = ri_thread_seconds();
        ri_status mine = walk_by_moments(b, u, &b->workspace[omp_get_thread_num()], &own);
        b->seconds[u] += ri_thread_seconds() - from;
        ri_failure_note(&failure, k, mine, &own);
    }
    b->progress->descent += ri_seconds() - begun;
    return ri_failure_tell(&failure, err);
}

/* Windows of the walks of [first, next) that have one in this round. */
static ri_status solve_walks(ri_batch *b, int64_t first, int64_t next, ri_error *err) {
    double begun = ri_seconds();
    int64_t *unit = ri_alloc((size_t)(next - first), sizeof *unit), count = 0;
    if (!unit)
        return ri_fail_memory(err, "the windows of a round", 8ULL * (size_t)(next - first));
    for (int64_t u = next - 1; u >= first; u--) /* the refit, the largest, first */
        if (!rests(b, u))
            unit[count++] = u;
    ri_batch_report(b); /* the first thread may come too late to a walk */
    ri_status status = ri_tasks_run(b, unit, count, err);
    free(unit);
    b->progress->descent += ri_seconds() - begun;
    return status;
}

/* All walks whose columns can be held together, then the next ones. */
static ri_status solve_windows(ri_batch *b, ri_error *err) {
    ri_status status = RI_OK;
    for (int64_t from = 0, to; from < b->count && status == RI_OK; from = to) {
        to = b->count;
        if (holds_columns(b)) {
            double begun = ri_seconds();
            to = want_columns(b, from);
            status = ri_pool_hold(&b->pool, b->threads, &b->bytes, err);
            ri_batch_share_time(b, begun);
        }
        if (status == RI_OK)
            status = solve_walks(b, from, to, err);
    }
    return status;
}

/* What the threads read of X while they solved. */
static void count_gathered(ri_batch *b) {
    for (int64_t t = 0; t < ri_task_rooms(b->threads); t++) {
        b->bytes += b->workspace[t].candidates.bytes;
        b->workspace[t].candidates.bytes = 0;
    }
}

/* One pass for the windows that are solved. */
static ri_status certify_windows(ri_batch *b, ri_error *err) {
    ri_request *request = ri_calloc((size_t)b->count, sizeof *request);
    if (!request)
        return ri_fail_memory(err, "the requests of a pass", (size_t)b->count * sizeof *request);
    int64_t count = 0;
    for (int64_t u = 0; u < b->count; u++) {
        b->turn[u] = b->solved[u] ? count++ : -1;
        if (b->solved[u])
            ri_walk_request(&b->walk[u], &request[b->turn[u]]);
        if (b->solved[u])
            request[b->turn[u]].fit = u;
    }
    double begun = ri_seconds();
    ri_status status = RI_OK;
    if (count > 0)
        status = ri_pass_run(&b->plan->columns, request, count, b->threads, &b->bytes, err);
    ri_batch_share_time(b, begun);
    ri_batch_count_flops(b, request, count, 1);
    if (status == RI_OK)
        status = step_walks(b, accept, request, b->turn, err);
    ri_batch_free_answers(request, count);
    return status;
}

/* A window of every walk that is not done. With a checkpoint those that were begun when the run was
 * asked to stop are finished and count; else they are dropped. */
ri_status ri_batch_windows(ri_batch *b, ri_error *err) {
    ri_turns_take(b);
    RI_TRY(choose_candidates(b, err));
    b->finishing = b->plan->problem->checkpoint != NULL;
    ri_status status = solve_windows(b, err);
    b->finishing = false;
    count_gathered(b);
    RI_TRY(status);
    if (ri_batch_stopping(b) && !b->plan->problem->checkpoint)
        return ri_fail(err, RI_INTERRUPTED, "interrupted");
    return certify_windows(b, err);
}

/* Certificates from X for solutions by second moments that wait for them, window by window. */
static ri_status confirm_waiting(ri_batch *b, ri_error *err) {
    ri_walk **walk = ri_alloc((size_t)b->count, sizeof(ri_walk *));
    ri_status status =
        walk ? RI_OK : ri_fail_memory(err, "the units of a run", (size_t)b->count * sizeof *walk);
    while (status == RI_OK && !ri_batch_stopping(b)) {
        int64_t count = 0;
        for (int64_t u = 0; u < b->count; u++) {
            b->solved[u] = ri_walk_recall(&b->walk[u]);
            if (b->solved[u])
                walk[count++] = &b->walk[u];
        }
        if (count == 0)
            break;
        status = ri_walks_residuals(walk, count, b->threads, &b->bytes, err);
        if (status == RI_OK)
            status = certify_windows(b, err);
        for (int64_t u = 0; u < b->count && status == RI_OK; u++)
            if (b->solved[u] && ri_walk_done(&b->walk[u]) && !ri_ridge_waits(b, u))
                ri_batch_save_complete(b, u);
        ri_batch_report(b);
    }
    free(walk);
    if (status == RI_OK && ri_batch_stopping(b))
        status = ri_fail(err, RI_INTERRUPTED, "interrupted");
    return status;
}

ri_status ri_batch_by_moments(ri_batch *b, ri_error *err) {
    ri_status status = advance_walks(b, err);
    for (int t = 0; t < b->threads; t++)
        ri_factor_free(&b->workspace[t].newton.idle);
    count_gathered(b);
    RI_TRY(status);
    return confirm_waiting(b, err);
}
