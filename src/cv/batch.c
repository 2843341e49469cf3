/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/batch.h"

#include <stdlib.h>

#include <omp.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/checkpoint.h"
#include "cv/tasks.h"

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
    for (int64_t t = 0; b->workspace && t < ri_task_rooms(b->threads); t++)
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
    free(b->counted);
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

/* Goes on from what the last report counted; a walk by moments may have been set back since. */
static void count_unit(const ri_batch *b, int64_t u, int64_t next, bool done) {
    const ri_unit *unit = &b->unit[u];
    ri_counted *c = &b->counted[u];
    if (next < c->next)
        *c = (ri_counted){0};
    c->next = next;
    for (; c->alphas < unit->count && (done || b->route[u].place[c->alphas] < next); c->alphas++) {
        c->work += c->alphas == 0 ? ri_lead_cost(b->plan, unit) : 0;
        c->work += ri_alpha_cost(b->plan, unit->first + c->alphas);
    }
}

/* Points of all units. */
static void count_points(ri_batch *b) {
    ri_progress *p = b->progress;
    p->points_done = b->before.points_done;
    p->units_done = b->before.units_done;
    p->work_done = b->before.work_done;
    for (int64_t u = 0; u < b->count; u++) {
        const ri_walk *walk = &b->walk[u];
        int64_t next = walked_alphas(walk);
        bool done = next >= walk->end;
        count_unit(b, u, next, done);
        p->points_done += b->counted[u].alphas;
        p->work_done += b->counted[u].work;
        p->units_done += done;
        if (next > 0 && walk->done[next - 1].count > p->nonzeros)
            p->nonzeros = walk->done[next - 1].count;
    }
}

/* What is counted, to the hook. */
static void tell(ri_batch *b) {
    if (!b->hook || b->stop)
        return;
    ri_progress *p = b->progress;
    p->seconds = ri_seconds() - b->started;
    p->bytes_read = b->bytes_before + b->bytes;
    if (b->hook(b->context, p) != 0) {
#pragma omp atomic write
        b->stop = true;
    }
}

/* Main thread only. */
void ri_batch_report(ri_batch *b) {
    if (!b->hook || b->stop)
        return;
    count_points(b);
    tell(b);
}

bool ri_batch_stopping(ri_batch *b) {
    bool stop;
#pragma omp atomic read
    stop = b->stop;
    return stop;
}

bool ri_batch_poll(void *context) {
    ri_batch *b = context;
    if (omp_get_thread_num() == 0)
        ri_batch_report(b);
    return !b->finishing && ri_batch_stopping(b);
}

/* Of all walks that went by second moments. */
static ri_status predict_held_out(ri_batch *b, ri_error *err) {
    double begun = ri_seconds();
    ri_status status = ri_batch_predict(b, NULL, b->threads, &b->bytes, err);
    b->progress->screening += ri_seconds() - begun;
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
    count_points(b); /* also where nobody listens: the next batch goes on from it */
    tell(b);
}

static bool any_working(const ri_batch *b) {
    for (int64_t u = 0; u < b->count; u++)
        if (!ri_walk_done(&b->walk[u]))
            return true;
    return false;
}

static ri_status advance(ri_batch *b, ri_error *err) {
    ri_status status = RI_OK;
    heed_stop(b);
    if (b->gram) {
        status = ri_batch_by_moments(b, err);
        if (status == RI_INTERRUPTED) /* walks begun are dropped */
            ri_batch_save_complete(b, -1);
        if (status == RI_OK)
            status = predict_held_out(b, err);
        heed_stop(b);
        report_round(b);
    }
    while (status == RI_OK && any_working(b)) {
        if (ri_batch_stopping(b)) {
            ri_batch_save(b, true);
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        }
        status = ri_batch_windows(b, err);
        heed_stop(b);
        if (status == RI_OK)
            ri_batch_save(b, false);
        report_round(b);
    }
    if (status == RI_OK) {
        double begun = ri_seconds();
        status = ri_ridge_units(b, err);
        b->progress->screening += ri_seconds() - begun;
        if (status == RI_INTERRUPTED || (status == RI_OK && ri_seconds() > b->started + 1))
            ri_batch_save(b, true); /* what others go on after may take long */
    }
    if (status == RI_OK && ri_batch_stopping(b))
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
    b->counted = ri_calloc(count, sizeof *b->counted);
    b->workspace = ri_calloc((size_t)ri_task_rooms(b->threads), sizeof *b->workspace);
    if (!b->walk || !b->view || !b->route || !b->view_of || !b->posted || !b->walked ||
        !b->seconds || !b->solved || !b->waits || !b->turn || !b->index || !b->saved ||
        !b->resumed || !b->complete || !b->counted || !b->workspace)
        return ri_fail_memory(err, "the units of a run", count * sizeof *b->walk);
    RI_TRY(ri_pool_open(&b->pool, &b->plan->columns, err));
    b->pool.packs = ri_problem_counts(b->plan->problem);
    RI_TRY(ri_pool_hold_unpenalized(&b->pool, &b->bytes, err));
    RI_TRY(ri_batch_start(b, err));
    RI_TRY(ri_batch_resume(b, err));
    return advance(b, err);
}
