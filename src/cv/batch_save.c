/* SPDX-License-Identifier: BSD-3-Clause
 * Units in hand to and from the checkpoint. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/batch.h"
#include "cv/checkpoint.h"
#include "solve/walk_state.h"

/* Writing may take this part of the time; but it is tried at least this often (seconds), and after
 * it failed not sooner than that. What is finished is written once, however often that is done: it
 * waits for seconds only. */
static const double WRITING_PART = 0.03, LONGEST = 300, AFTER_FAILURE = 10, SOON = 3;

static void walk_body(void *context, ri_archive *archive) {
    ri_walk_state(context, archive);
}

/* A packed result. */
typedef struct package {
    void *bytes;
    int64_t length;
} package;

static void package_body(void *context, ri_archive *archive) {
    package *packed = context;
    ri_archive_count(archive, &packed->length, 0, INT64_MAX);
    ri_archive_array(archive, &packed->bytes, packed->length, 1);
}

/* Error of held-out rows by the metric of the run. */
static ri_status held_error(const ri_problem *problem, const int32_t *row, int64_t rows,
                            const double *prediction, double *error, ri_error *err) {
    double all[RI_METRICS];
    RI_TRY(ri_held_metrics(problem, row, rows, prediction, all, err));
    *error = all[problem->settings.metric];
    return RI_OK;
}

static bool is_finished(const ri_batch *b, int64_t u) {
    return ri_walk_done(&b->walk[u]) && !ri_ridge_waits(b, u);
}

/* Alphas of unit u that are done. */
static int64_t count_done(const ri_batch *b, int64_t u) {
    const ri_walk *walk = &b->walk[u];
    int64_t done = 0, end = walk->next < walk->end ? walk->next : walk->end;
    while (done < b->unit[u].count && b->route[u].place[done] < end)
        done++;
    return done;
}

static ri_status make_note(const ri_batch *b, int64_t u, ri_unit_note *note, ri_error *err) {
    const ri_checkpoint *c = b->plan->problem->checkpoint;
    const ri_walk *walk = &b->walk[u];
    const ri_view *view = walk->view;
    size_t done = (size_t)count_done(b, u);
    *note = (ri_unit_note){.unit = b->unit[u],
                           .stage = c->stage,
                           .index = b->index[u],
                           .finished = is_finished(b, u),
                           .done = (int64_t)done,
                           .seconds = c->spent + ri_seconds() - c->started,
                           .alpha = ri_alloc(done, sizeof(double)),
                           .error = ri_alloc(done, sizeof(double))};
    if (!note->alpha || !note->error)
        return ri_fail_memory(err, "the errors of a unit", 16 * done);
    for (size_t a = 0; a < done; a++) {
        int64_t place = b->route[u].place[a];
        note->alpha[a] = walk->options.alpha[place];
        note->error[a] = NAN;
        if (note->unit.fold != RI_REFIT)
            RI_TRY(held_error(b->plan->problem, view->row + view->train, view->held,
                              walk->done[place].prediction, &note->error[a], err));
    }
    return RI_OK;
}

static ri_status save_result(const ri_batch *b, int64_t u, ri_unit_note *note, ri_error *err) {
    ri_unit_result result = {0};
    package packed = {0};
    size_t length;
    RI_TRY(ri_batch_result(b, u, &result, err));
    ri_status status = ri_unit_pack(&result, &packed.bytes, &length, err);
    ri_unit_result_free(&result);
    RI_TRY(status);
    packed.length = (int64_t)length;
    status = ri_checkpoint_put(b->plan->problem->checkpoint, note, package_body, &packed, err);
    free(packed.bytes);
    return status;
}

/* Has come further than what is written. What has not come past its first alpha starts anew, by
 * moments or by passes. */
static bool is_news(const ri_batch *b, int64_t u) {
    if (b->index[u] < 0 || b->saved[u] == RI_ALL_SAVED)
        return false;
    return is_finished(b, u) || b->walk[u].next > b->saved[u];
}

static ri_status save_unit(ri_batch *b, int64_t u, ri_error *err) {
    ri_unit_note note = {0};
    ri_status status = make_note(b, u, &note, err);
    if (status == RI_OK && note.finished)
        status = save_result(b, u, &note, err);
    else if (status == RI_OK)
        status =
            ri_checkpoint_put(b->plan->problem->checkpoint, &note, walk_body, &b->walk[u], err);
    if (status == RI_OK)
        b->saved[u] = note.finished ? RI_ALL_SAVED : b->walk[u].next;
    ri_unit_note_free(&note);
    return status;
}

/* When to write next, after writing from `began` on: `all` units, or those that are finished. */
static void set_clock(ri_checkpoint *c, double began, bool all) {
    double now = ri_seconds(), pause = fmin((now - began) / WRITING_PART, LONGEST);
    if (c->unsaved > 0)
        pause = fmax(pause, AFTER_FAILURE);
    if (all || c->unsaved > 0)
        c->due = c->every > 0 || c->unsaved > 0 ? now + fmax(c->every, pause) : now;
    c->finished_due = c->due;
    if (c->unsaved == 0)
        c->finished_due = fmin(c->due, now + fmax(c->every, SOON));
}

void ri_batch_save(ri_batch *b, bool at_once) {
    ri_checkpoint *c = b->plan->problem->checkpoint;
    double began = ri_seconds();
    if (!c || (!at_once && began < c->finished_due))
        return;
    bool all = at_once || began >= c->due;
    int64_t failed = 0;
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads) reduction(+ : failed)
    for (int64_t u = 0; u < b->count; u++) {
        ri_error reason = {0};
        if (!is_news(b, u) || !(all || is_finished(b, u)) || save_unit(b, u, &reason) == RI_OK)
            continue;
        failed++;
#pragma omp critical(riata_save_failure)
        if (c->unsaved == 0)
            c->failure = reason;
    }
    c->unsaved = failed;
    set_clock(c, began, all);
}

void ri_batch_save_complete(ri_batch *b, int64_t u) {
    ri_checkpoint *c = b->plan->problem->checkpoint;
    if (!c)
        return;
#pragma omp critical(riata_save_complete)
    {
        double began = ri_seconds();
        if (u >= 0)
            b->complete[u] = true;
        if (u < 0 || began >= c->finished_due) {
            int64_t failed = 0;
            ri_error reason = {0};
            double *bytes = &b->workspace[omp_get_thread_num()].candidates.bytes;
            ri_status predicted = ri_batch_predict(b, b->complete, 1, bytes, &reason);
            for (int64_t v = 0; v < b->count; v++)
                if (b->complete[v] && is_news(b, v)) {
                    if (predicted == RI_OK && save_unit(b, v, &reason) == RI_OK)
                        continue;
                    failed++;
                    if (c->unsaved == 0)
                        c->failure = reason;
                }
            c->unsaved = failed;
            set_clock(c, began, true);
        }
    }
}

ri_status ri_batch_resume(ri_batch *b, ri_error *err) {
    ri_checkpoint *c = b->plan->problem->checkpoint;
    for (int64_t u = 0; c && u < b->count; u++) {
        b->index[u] = ri_plan_index(b->plan, &b->unit[u]);
        if (b->index[u] < 0)
            continue;
        RI_TRY(ri_checkpoint_get(c, &b->unit[u], b->index[u], false, walk_body, &b->walk[u],
                                 &b->resumed[u], err));
        if (b->resumed[u])
            b->saved[u] = b->walk[u].next;
    }
    return RI_OK;
}

/* Early stopping learns of them as if they had just been found. */
static ri_status post_errors(const ri_plan *plan, const ri_unit_result *result, ri_error *err) {
    ri_stop *stop = ri_plan_stop(plan);
    const ri_unit *unit = &result->unit;
    for (int64_t a = 0; stop && unit->fold != RI_REFIT && a < unit->count; a++) {
        double error;
        RI_TRY(held_error(plan->problem, result->row, result->held_out,
                          result->prediction + a * result->held_out, &error, err));
        ri_stop_post(stop, unit->path, unit->fold, unit->first + a,
                     ri_metric_badness(plan->problem->settings.metric, error));
    }
    return RI_OK;
}

ri_status ri_units_take_finished(const ri_plan *plan, const ri_unit *unit, ri_unit_result *result,
                                 bool *found, ri_error *err) {
    ri_checkpoint *c = plan->problem->checkpoint;
    int64_t index = c ? ri_plan_index(plan, unit) : -1;
    package packed = {0};
    *found = false;
    if (index < 0)
        return RI_OK;
    ri_status status = ri_checkpoint_get(c, unit, index, true, package_body, &packed, found, err);
    if (status == RI_OK && *found)
        status = ri_unit_unpack(packed.bytes, (size_t)packed.length, result, err);
    if (status == RI_OK && *found)
        status = post_errors(plan, result, err);
    free(packed.bytes);
    return status;
}
