/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"
#include "cv/checkpoint.h"
#include "cv/turns.h"
#include "design/pass.h"
#include "solve/walk_confirm.h"

/* Steps between alphas are at least this ratio, but for alphas below FAR of the one before. */
static const double LEAST_STEP = 0.8, FAR = 1e-4;

static void free_route(ri_route *route) {
    free(route->alpha);
    free(route->lead);
    free(route->place);
}

void ri_batch_free(ri_batch *b) {
    for (int64_t u = 0; b->walk && u < b->count; u++)
        ri_walk_free(&b->walk[u]);
    for (int64_t v = 0; b->view && v < b->views; v++)
        ri_view_free(&b->view[v]);
    for (int64_t u = 0; b->route && u < b->count; u++)
        free_route(&b->route[u]);
    for (int t = 0; b->workspace && t < b->threads; t++)
        ri_workspace_free(&b->workspace[t]);
    ri_pool_free(&b->pool);
    free(b->walk);
    free(b->view);
    free(b->route);
    free(b->view_of);
    free(b->posted);
    free(b->walked);
    free(b->seconds);
    free(b->solved);
    free(b->waits);
    free(b->turn);
    free(b->index);
    free(b->saved);
    free(b->resumed);
    free(b->complete);
    free(b->workspace);
}

/* Of the alphas of its route. Another thread may be on this walk, by moments. */
static int64_t walked_alphas(const ri_walk *walk) {
    int64_t next, waiting;
#pragma omp atomic read seq_cst
    next = walk->next;
#pragma omp atomic read seq_cst
    waiting = walk->waiting;
    return next + waiting;
}

/* Points of all units. */
static void count_points(ri_batch *b) {
    ri_progress *p = b->progress;
    p->points_done = b->before.points_done;
    p->units_done = b->before.units_done;
    p->work_done = b->before.work_done;
    for (int64_t u = 0; u < b->count; u++) {
        const ri_walk *walk = &b->walk[u];
        const ri_unit *unit = &b->unit[u];
        int64_t next = walked_alphas(walk);
        bool done = next >= walk->end;
        for (int64_t a = 0; a < unit->count && (done || b->route[u].place[a] < next); a++) {
            p->points_done++;
            p->work_done += a == 0 ? ri_lead_cost(b->plan, unit) : 0;
            p->work_done += ri_alpha_cost(b->plan, unit->first + a);
        }
        p->units_done += done;
        if (next > 0 && walk->done[next - 1].count > p->nonzeros)
            p->nonzeros = walk->done[next - 1].count;
    }
}

/* Main thread only. */
static void report(ri_batch *b) {
    if (!b->hook || b->stop)
        return;
    ri_progress *p = b->progress;
    count_points(b);
    p->seconds = ri_seconds() - b->started;
    p->bytes_read = b->bytes_before + b->bytes;
    if (b->hook(b->context, p) != 0) {
#pragma omp atomic write
        b->stop = true;
    }
}

static bool stopping(ri_batch *b) {
    bool stop;
#pragma omp atomic read
    stop = b->stop;
    return stop;
}

static ri_status make_views(ri_batch *b, ri_error *err) {
    const ri_problem *problem = b->plan->problem;
    uint8_t *role = ri_alloc((size_t)problem->x.n, 1);
    if (!role)
        return ri_fail_memory(err, "the rows", (size_t)problem->x.n);
    ri_status status = RI_OK;
    for (int64_t u = 0; u < b->count && status == RI_OK; u++) {
        int64_t v = 0;
        for (; v < u && b->unit[v].fold != b->unit[u].fold; v++)
            ;
        if (v < u) {
            b->view_of[u] = b->view_of[v];
            continue;
        }
        ri_plan_roles(problem, b->unit[u].fold, role);
        b->view_of[u] = b->views;
        status = ri_view_new(&b->plan->columns, role, problem->weight, &b->view[b->views], err);
        b->views += status == RI_OK;
        if (status == RI_OK)
            status =
                ri_adaptive_spread(problem, b->unit[u].fold, &b->view[b->views - 1].stretch, err);
    }
    free(role);
    return status;
}

int64_t ri_route_leads(double from, double to) {
    if (!(from > to))
        return 0;
    double steps = log(fmax(to, FAR * from) / from) / log(LEAST_STEP);
    return steps > 1 ? (int64_t)ceil(steps - 1e-9) - 1 : 0;
}

static ri_status make_route(ri_batch *b, int64_t u, ri_error *err) {
    const ri_unit *unit = &b->unit[u];
    const double *grid = b->plan->alpha[unit->path] + unit->first;
    ri_route *route = &b->route[u];
    double top = ri_plan_alpha_max(b->plan, unit->path), last = top;
    int64_t most = unit->count, walked = b->walked[u];
    for (int64_t a = 0; a < walked; last = grid[a++])
        most += ri_route_leads(last, grid[a]);
    route->alpha = ri_alloc((size_t)most, sizeof *route->alpha);
    route->lead = ri_calloc((size_t)most, sizeof *route->lead);
    route->place = ri_alloc((size_t)unit->count, sizeof *route->place);
    if (!route->alpha || !route->lead || !route->place)
        return ri_fail_memory(err, "the alphas of a unit", 17ULL * (unsigned long long)most);
    last = top;
    for (int64_t a = 0; a < unit->count; last = grid[a++]) {
        int64_t leads = a < walked ? ri_route_leads(last, grid[a]) : 0;
        double step =
            leads > 0 ? pow(fmax(grid[a], FAR * last) / last, 1.0 / (double)(leads + 1)) : 1;
        for (int64_t k = 1; k <= leads; k++) {
            route->lead[route->alphas] = true;
            route->alpha[route->alphas++] = last * pow(step, (double)k);
        }
        route->place[a] = route->alphas;
        route->alpha[route->alphas++] = grid[a];
    }
    return RI_OK;
}

/* Any thread; only the first may report. */
static bool poll(void *context) {
    ri_batch *b = context;
    if (omp_get_thread_num() == 0)
        report(b);
    return !b->finishing && stopping(b);
}

static ri_status start_walks(ri_batch *b, ri_error *err) {
    const ri_settings *settings = &b->plan->problem->settings;
    for (int64_t u = 0; u < b->count; u++) {
        b->walked[u] = b->unit[u].count - ri_ridge_alphas(b->plan, &b->unit[u]);
        RI_TRY(make_route(b, u, err));
        ri_walk_options options = {.l1_ratio = b->plan->problem->l1_ratio[b->unit[u].path],
                                   .tol = settings->tol,
                                   .positive = settings->positive,
                                   .shooting = settings->solver == RI_SOLVER_SHOOTING,
                                   .loss = ri_problem_loss(b->plan->problem),
                                   .free_engine = settings->solver == RI_SOLVER_AUTO,
                                   .alpha = b->route[u].alpha,
                                   .alphas = b->route[u].alphas,
                                   .lead = b->route[u].lead,
                                   .poll = poll,
                                   .context = b};
        RI_TRY(ri_walk_start(&b->walk[u], &b->view[b->view_of[u]], b->plan->problem->y, &options,
                             &b->workspace[0], err));
        if (b->walked[u] == b->unit[u].count)
            continue;
        b->walk[u].end = b->walked[u] > 0 ? b->route[u].place[b->walked[u] - 1] + 1 : 0;
        if (b->walked[u] > 0) /* no window looks at what is left to ridge */
            b->walk[u].options.alphas = b->walk[u].end;
    }
    return RI_OK;
}

static ri_status moments_of_unpenalized(ri_batch *b, ri_error *err) {
    const double *factor = b->plan->problem->penalty_factor;
    for (int64_t j = 0; factor && j < b->plan->problem->x.p; j++)
        if (factor[j] == 0)
            RI_TRY(ri_pass_moments(b->view, b->views, &j, 1, &b->bytes, err));
    return RI_OK;
}

static void free_answers(ri_request *request, int64_t count) {
    for (int64_t q = 0; q < count; q++)
        for (int64_t t = 0; t < request[q].count; t++)
            free(request[q].answer[t].entry);
    free(request);
}

/* Puts the time since `begun` on the accounts of the walks that share it: those not done, all of
 * the threads' time. */
static void share_time(ri_batch *b, double begun) {
    double spent = ri_seconds() - begun;
    int64_t walks = 0;
    b->progress->screening += spent;
    for (int64_t u = 0; u < b->count; u++)
        walks += !ri_walk_done(&b->walk[u]);
    for (int64_t u = 0; u < b->count; u++)
        if (!ri_walk_done(&b->walk[u]))
            b->seconds[u] += spent * b->threads / (double)walks;
}

/* A multiplication and an addition for each value of X and residual; moments take three. */
static void count_flops(ri_batch *b, const ri_request *request, int64_t count, int each) {
    const ri_matrix *x = &b->plan->problem->x;
    for (int64_t q = 0; q < count; q++)
        b->progress->flops += 2.0 * each * (double)request[q].multiplied * ri_matrix_values(x);
}

/* The first pass serves one walk of each view; the others of that view get a copy. */
static ri_status first_pass(ri_batch *b, ri_error *err) {
    ri_request *request = ri_calloc((size_t)b->views, sizeof *request);
    if (!request)
        return ri_fail_memory(err, "the first pass", (size_t)b->views * sizeof *request);
    for (int64_t u = b->count - 1; u >= 0; u--) {
        ri_request own;
        ri_walk_request(&b->walk[u], &own);
        if (b->gram) /* starts from every gradient */
            own.answer[0].floor = -INFINITY;
        if (ri_walk_done(&b->walk[u])) /* ridge needs the moments alone */
            own.answer[0].floor = INFINITY;
        ri_request *at = &request[b->view_of[u]];
        if (at->view)
            own.answer[0].floor = fmin(own.answer[0].floor, at->answer[0].floor);
        *at = own;
    }
    double begun = ri_seconds();
    ri_status status =
        ri_pass_first(&b->plan->columns, b->view, request, b->views, b->threads, &b->bytes, err);
    share_time(b, begun);
    count_flops(b, request, b->views, 3);
    for (int64_t u = 0; u < b->count && status == RI_OK; u++) {
        const ri_request *own = &request[b->view_of[u]];
        if (own->gradient && b->walk[u].gradient != own->gradient)
            memcpy(b->walk[u].gradient, own->gradient,
                   (size_t)b->plan->problem->x.p * sizeof *own->gradient);
        status = ri_walk_accept(&b->walk[u], own, err);
    }
    free_answers(request, b->views);
    return status;
}

/* Whether the columns of candidates are copied, which X is read for but once; shooting alone, and
 * losses of other families, gather their own, where X is in memory. */
static bool holds_columns(const ri_batch *b) {
    return b->plan->columns.x.stream || (b->plan->problem->settings.solver != RI_SOLVER_SHOOTING &&
                                         !ri_problem_loss(b->plan->problem));
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
    return ri_walk_accept(&b->walk[u], request, err);
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
    share_time(b, begun);
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

/* What a walk does in its turn. */
typedef ri_status advance_walk(ri_batch *b, int64_t u, ri_workspace *workspace, ri_error *err);

static ri_status solve_window(ri_batch *b, int64_t u, ri_workspace *workspace, ri_error *err) {
    RI_TRY(ri_walk_solve(&b->walk[u], &b->pool, workspace, err));
    b->solved[u] = true;
    return RI_OK;
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

/* Gives every walk of [first, next) that is not done its turn, threads over walks. */
static ri_status advance_walks(ri_batch *b, int64_t first, int64_t next, advance_walk *advance,
                               ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
    double begun = ri_seconds();
    report(b); /* the first thread may come too late to a walk */
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int64_t k = first; k < next; k++) {
        int64_t u = first + next - 1 - k; /* the refit, the largest, first */
        if (omp_get_thread_num() == 0)
            report(b);
        if (rests(b, u) || stopping(b))
            continue;
        ri_error own = {0};
        double from = ri_thread_seconds();
        ri_status mine = advance(b, u, &b->workspace[omp_get_thread_num()], &own);
        b->seconds[u] += ri_thread_seconds() - from;
        ri_failure_note(&failure, k, mine, &own);
    }
    b->progress->descent += ri_seconds() - begun;
    return ri_failure_tell(&failure, err);
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
            share_time(b, begun);
        }
        if (status == RI_OK)
            status = advance_walks(b, from, to, solve_window, err);
    }
    return status;
}

/* What the threads read of X while they solved. */
static void count_gathered(ri_batch *b) {
    for (int t = 0; t < b->threads; t++) {
        b->bytes += b->workspace[t].candidates.bytes;
        b->workspace[t].candidates.bytes = 0;
    }
}

/* Of all walks that went by second moments. */
static ri_status predict_held_out(ri_batch *b, ri_error *err) {
    double begun = ri_seconds();
    ri_status status = ri_batch_predict(b, NULL, b->threads, &b->bytes, err);
    b->progress->screening += ri_seconds() - begun;
    return status;
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
    share_time(b, begun);
    count_flops(b, request, count, 1);
    if (status == RI_OK)
        status = step_walks(b, accept, request, b->turn, err);
    free_answers(request, count);
    return status;
}

/* Errors of the alphas that have become certified, and the alphas that nobody needs any more. */
static void heed_stop(ri_batch *b) {
    ri_stop *stop = ri_plan_stop(b->plan);
    if (!stop)
        return;
    for (int64_t u = 0; u < b->count; u++) {
        const ri_unit *unit = &b->unit[u];
        const ri_walk *walk = &b->walk[u];
        const ri_view *view = walk->view;
        int64_t a = b->posted[u];
        for (; unit->fold != RI_REFIT && a < unit->count && b->route[u].place[a] < walk->next;
             a++) {
            double error[RI_METRICS];
            ri_metric metric = b->plan->problem->settings.metric;
            if (ri_held_metrics(b->plan->problem, view->row + view->train, view->held,
                                walk->done[b->route[u].place[a]].prediction, error, NULL) != RI_OK)
                return; /* without memory for it nothing is known, and all alphas are needed */
            ri_stop_post(stop, unit->path, unit->fold, unit->first + a,
                         ri_metric_badness(metric, error[metric]));
        }
        b->posted[u] = a;
    }
    ri_stop_look(stop);
    for (int64_t u = 0; u < b->count; u++) {
        int64_t left = stop->needed[b->unit[u].path] - b->unit[u].first;
        left = left < b->walked[u] ? left : b->walked[u];
        if (left < b->unit[u].count)
            b->walk[u].end = left > 0 ? b->route[u].place[left - 1] + 1 : 0;
    }
}

/* What came of a round; no other thread is at work. */
static void report_round(ri_batch *b) {
    const ri_checkpoint *checkpoint = b->plan->problem->checkpoint;
    b->progress->unsaved = checkpoint ? checkpoint->unsaved : 0;
    count_points(b);
    report(b);
}

static bool any_working(const ri_batch *b) {
    for (int64_t u = 0; u < b->count; u++)
        if (!ri_walk_done(&b->walk[u]))
            return true;
    return false;
}

/* A window of every walk that is not done. With a checkpoint those that were begun when the run was
 * asked to stop are finished and count; else they are dropped. */
static ri_status advance_windows(ri_batch *b, ri_error *err) {
    ri_turns_take(b);
    RI_TRY(choose_candidates(b, err));
    b->finishing = b->plan->problem->checkpoint != NULL;
    ri_status status = solve_windows(b, err);
    b->finishing = false;
    count_gathered(b);
    RI_TRY(status);
    if (stopping(b) && !b->plan->problem->checkpoint)
        return ri_fail(err, RI_INTERRUPTED, "interrupted");
    return certify_windows(b, err);
}

/* Certificates from X for solutions by second moments that wait for them, window by window. */
static ri_status confirm_waiting(ri_batch *b, ri_error *err) {
    ri_walk **walk = ri_alloc((size_t)b->count, sizeof(ri_walk *));
    ri_status status =
        walk ? RI_OK : ri_fail_memory(err, "the units of a run", (size_t)b->count * sizeof *walk);
    while (status == RI_OK && !stopping(b)) {
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
        report(b);
    }
    free(walk);
    if (status == RI_OK && stopping(b))
        status = ri_fail(err, RI_INTERRUPTED, "interrupted");
    return status;
}

static ri_status advance(ri_batch *b, ri_error *err) {
    ri_status status = RI_OK;
    heed_stop(b);
    if (b->gram) {
        status = advance_walks(b, 0, b->count, walk_by_moments, err);
        count_gathered(b);
        if (status == RI_OK)
            status = confirm_waiting(b, err);
        if (status == RI_INTERRUPTED) /* walks begun are dropped */
            ri_batch_save_complete(b, -1);
        if (status == RI_OK)
            status = predict_held_out(b, err);
        heed_stop(b);
        report_round(b);
    }
    while (status == RI_OK && any_working(b)) {
        if (stopping(b)) {
            ri_batch_save(b, true);
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        }
        status = advance_windows(b, err);
        heed_stop(b);
        if (status == RI_OK)
            ri_batch_save(b, false);
        report_round(b);
    }
    if (status == RI_OK) {
        status = ri_ridge_units(b, err);
        if (status == RI_INTERRUPTED || (status == RI_OK && ri_seconds() > b->started + 1))
            ri_batch_save(b, true); /* what others go on after may take long */
    }
    if (status == RI_OK && stopping(b))
        status = ri_fail(err, RI_INTERRUPTED, "interrupted");
    heed_stop(b);
    report_round(b); /* the last word of this batch */
    return status;
}

ri_status ri_batch_run(ri_batch *b, ri_error *err) {
    size_t count = (size_t)b->count;
    b->before = *b->progress;
    b->walk = ri_calloc(count, sizeof *b->walk);
    b->view = ri_calloc(count, sizeof *b->view);
    b->route = ri_calloc(count, sizeof *b->route);
    b->view_of = ri_calloc(count, sizeof *b->view_of);
    b->posted = ri_calloc(count, sizeof *b->posted);
    b->walked = ri_calloc(count, sizeof *b->walked);
    b->seconds = ri_calloc(count, sizeof *b->seconds);
    b->solved = ri_calloc(count, sizeof *b->solved);
    b->waits = ri_calloc(count, sizeof *b->waits);
    b->turn = ri_calloc(count, sizeof *b->turn);
    b->index = ri_calloc(count, sizeof *b->index);
    b->saved = ri_calloc(count, sizeof *b->saved);
    b->resumed = ri_calloc(count, sizeof *b->resumed);
    b->complete = ri_calloc(count, sizeof *b->complete);
    b->workspace = ri_calloc((size_t)b->threads, sizeof *b->workspace);
    if (!b->walk || !b->view || !b->route || !b->view_of || !b->posted || !b->walked ||
        !b->seconds || !b->solved || !b->waits || !b->turn || !b->index || !b->saved ||
        !b->resumed || !b->complete || !b->workspace)
        return ri_fail_memory(err, "the units of a run", count * sizeof *b->walk);
    RI_TRY(ri_pool_open(&b->pool, &b->plan->columns, err));
    b->pool.packs = ri_problem_counts(b->plan->problem);
    RI_TRY(ri_pool_hold_unpenalized(&b->pool, &b->bytes, err));
    RI_TRY(make_views(b, err));
    RI_TRY(moments_of_unpenalized(b, err));
    RI_TRY(start_walks(b, err));
    RI_TRY(first_pass(b, err));
    RI_TRY(ri_batch_resume(b, err));
    return advance(b, err);
}
