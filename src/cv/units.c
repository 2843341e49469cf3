/* SPDX-License-Identifier: BSD-3-Clause
 * Runs units in batches and turns finished walks into results. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"
#include "cv/batch.h"
#include "cv/memory.h"

void ri_unit_result_free(ri_unit_result *result) {
    ri_fit_free(&result->fit);
    free(result->row);
    free(result->found);
    free(result->prediction);
    *result = (ri_unit_result){0};
}

static double objective(const ri_solution *s, double alpha, double l1_ratio) {
    return s->loss + alpha * (l1_ratio * s->norm1 + 0.5 * (1 - l1_ratio) * s->norm2);
}

/* The null model on the held-out rows. */
static ri_status judge_null(const ri_batch *b, const ri_walk *walk, ri_fit *fit, ri_error *err) {
    const ri_view *view = walk->view;
    RI_TRY(ri_held_metrics(b->plan->problem, view->row + view->train, view->held,
                           walk->null_prediction, fit->null_more, err));
    fit->null_mse = fit->null_more[RI_MSE];
    fit->null_mae = fit->null_more[RI_MAE];
    return RI_OK;
}

static void fill_fit(const ri_batch *b, int64_t u, int64_t count, ri_fit *fit) {
    const ri_walk *walk = &b->walk[u];
    const ri_view *view = walk->view;
    double tol = walk->options.tol;
    fit->fold = b->unit[u].fold;
    fit->train = view->train;
    fit->null_loss = walk->null_loss;
    fit->constant = view->constant;
    for (int64_t j = ri_matrix_features(&view->columns->x); j < view->columns->x.p; j++)
        fit->constant -= view->scale[j] == 0; /* covariates are not counted */
    for (int64_t j = 0; view->stretch && j < ri_matrix_features(&view->columns->x); j++)
        fit->constant -= view->stretch[j] == 0; /* nor are those that are left out */
    for (int64_t j = 0; walk->twin && j < view->columns->x.p; j++)
        fit->twins += walk->twin[j];
    fit->dependent = walk->dependent;
    for (int64_t a = 0, at = 0; a < count; a++) {
        const ri_solution *s = &walk->done[b->route[u].place[a]];
        for (int64_t k = 0; k < s->count; k++, at++) {
            fit->feature[at] = s->feature[k];
            fit->coefficient[at] = s->b[k] * view->scale[s->feature[k]];
        }
        fit->start[a + 1] = at;
        fit->intercept[a] = s->intercept;
        fit->objective[a] =
            objective(s, walk->options.alpha[b->route[u].place[a]], walk->options.l1_ratio);
        fit->gap[a] = s->gap;
        fit->rounds[a] = s->rounds;
        fit->certified[a] = s->gap <= tol;
        fit->mse[a] = fit->mae[a] = NAN;
    }
}

ri_status ri_batch_result(const ri_batch *b, int64_t u, ri_unit_result *out, ri_error *err) {
    const ri_walk *walk = &b->walk[u];
    int64_t nonzeros = 0, held = walk->view->held, count = b->unit[u].count;
    while (count > 0 && b->route[u].place[count - 1] >= walk->end)
        count--; /* not asked for any more */
    for (int64_t a = 0; a < count; a++)
        nonzeros += walk->done[b->route[u].place[a]].count;
    *out = (ri_unit_result){.unit = b->unit[u], .held_out = held};
    RI_TRY(ri_fit_new(&out->fit, count, nonzeros, err));
    out->row = ri_alloc((size_t)held, sizeof *out->row);
    out->prediction = ri_alloc((size_t)(held * count), sizeof *out->prediction);
    out->found = ri_alloc(2 * (size_t)count, sizeof *out->found);
    if (!out->row || !out->prediction || !out->found) {
        ri_unit_result_free(out);
        return ri_fail_memory(err, "predictions", 8ULL * (size_t)(held * count));
    }
    out->unit.count = (int32_t)count;
    fill_fit(b, u, count, &out->fit);
    RI_TRY(judge_null(b, walk, &out->fit, err));
    for (int64_t a = 0; a < count; a++) {
        const ri_solution *s = &walk->done[b->route[u].place[a]];
        out->found[2 * a] = s->twins;
        out->found[2 * a + 1] = s->dependent;
    }
    for (int64_t i = 0; i < held; i++)
        out->row[i] = walk->view->row[walk->view->train + i];
    for (int64_t a = 0; held && a < count; a++)
        memcpy(out->prediction + a * held, walk->done[b->route[u].place[a]].prediction,
               (size_t)held * sizeof(double));
    out->bytes_read = b->bytes / (double)b->count;
    out->seconds = b->seconds[u];
    return RI_OK;
}

static bool any_walks(const ri_plan *plan, const ri_unit *unit, int64_t count) {
    for (int64_t u = 0; u < count; u++)
        if (ri_ridge_alphas(plan, &unit[u]) < unit[u].count)
            return true;
    return false;
}

int64_t ri_plan_hand(const ri_plan *plan, int64_t count, int threads) {
    return ri_plan_by_moments(plan) ? count : ri_memory_batch(plan->problem, count, threads);
}

bool ri_plan_apart(const ri_plan *plan) {
    return !ri_plan_by_moments(plan);
}

int64_t ri_plan_pass_fits(const ri_plan *plan, int64_t count, int threads) {
    if (plan->problem->x.stream || ri_plan_by_moments(plan) || count == 0)
        return 0;
    return ri_memory_batch(plan->problem, count, threads);
}

/* What the calls of one ri_units_run share. */
typedef struct run {
    const ri_plan *plan;
    int threads;
    ri_progress_hook hook;
    void *context;
    ri_progress progress;
    double started, bytes; /* of X read */
    double before;         /* likewise, when moments were begun */
} run;

/* While second moments are formed X counts as read as far as they are. */
static bool watch_moments(void *context, double part) {
    run *r = context;
    if (!r->hook)
        return false;
    r->progress.seconds = ri_seconds() - r->started;
    if (part >= 0)
        r->progress.bytes_read = r->before + part * ri_matrix_bytes(&r->plan->problem->x);
    return r->hook(r->context, &r->progress) != 0;
}

/* Second moments of all features by the folds of a repeat, where fits are to walk by them. */
static ri_status form_moments(run *r, int32_t repeat, ri_gram **out, ri_error *err) {
    const ri_plan *plan = r->plan;
    const ri_problem *problem = plan->problem;
    const ri_gram_work work = {r->threads, watch_moments, r};
    int32_t folds = ri_problem_folds(problem);
    const int32_t *fold = folds > 0 ? problem->fold + repeat * problem->x.n : NULL;
    *out = NULL;
    r->before = r->bytes;
    if (problem->x.stream && problem->x.stream->shard)
        return ri_fail(err, RI_BAD_INPUT,
                       "a problem of this shape is solved by the second moments of all features, "
                       "with all of X on every node: give no --shard, or --solver newton, which "
                       "works with passes over X");
    int32_t *group = ri_alloc((size_t)problem->x.n, sizeof *group);
    if (!group)
        return ri_fail_memory(err, "the rows", 4ULL * (size_t)problem->x.n);
    for (int64_t i = 0; i < problem->x.n; i++)
        group[i] = isnan(problem->y[i]) ? -1 : fold ? fold[i] % folds : 0;
    ri_status status = ri_gram_new(&plan->columns, problem->weight, group, folds > 0 ? folds : 1,
                                   &work, &r->bytes, out, err);
    free(group);
    return status;
}

static ri_status take_results(ri_batch *b, ri_unit_result *result, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(b->threads)
    for (int64_t u = 0; u < b->count; u++) {
        ri_error own = {0};
        ri_status mine = RI_OK;
        if (!ri_failure_before(&failure, u))
            mine = ri_batch_result(b, u, &result[u], &own);
        ri_failure_note(&failure, u, mine, &own);
        ri_walk_free(&b->walk[u]); /* else all results would be there twice */
    }
    return ri_failure_tell(&failure, err);
}

/* Units that share passes, or second moments, in batches. */
static ri_status run_batches(run *r, const ri_gram *gram, const ri_unit *unit, int64_t count,
                             ri_unit_result *result, ri_error *err) {
    int64_t size = ri_memory_batch(r->plan->problem, count, r->threads), done = 0;
    ri_status status = RI_OK;
    for (; done < count && status == RI_OK; done += size) {
        ri_batch b = {.plan = r->plan,
                      .unit = unit + done,
                      .count = count - done < size ? count - done : size,
                      .threads = r->threads,
                      .gram = gram,
                      .hook = r->hook,
                      .context = r->context,
                      .progress = &r->progress,
                      .started = r->started,
                      .bytes_before = r->bytes};
        status = ri_batch_run(&b, err);
        if (status == RI_OK)
            status = take_results(&b, result + done, err);
        r->bytes += b.bytes;
        ri_batch_free(&b);
    }
    return status;
}

/* The units of one repeat by its second moments. */
static ri_status run_repeat(run *r, int32_t repeat, const ri_unit *unit, int64_t count,
                            ri_unit_result *result, ri_error *err) {
    ri_unit *mine = ri_alloc((size_t)count, sizeof *mine);
    ri_unit_result *own = ri_calloc((size_t)count, sizeof *own);
    ri_gram *gram = NULL;
    ri_status status = RI_OK;
    int64_t taken = 0;
    double read = r->bytes;
    if (!mine || !own) {
        status = ri_fail_memory(err, "the units of a repeat", (size_t)count * sizeof *own);
        goto done;
    }
    for (int64_t u = 0; u < count; u++)
        if (ri_problem_repeat(r->plan->problem, unit[u].fold) == repeat)
            mine[taken++] = unit[u];
    if (taken > 0) {
        double begun = ri_seconds();
        RI_GO(form_moments(r, repeat, &gram, err));
        r->progress.screening += ri_seconds() - begun;
        read = r->bytes - read; /* shared by all of the repeat */
        status = run_batches(r, gram, mine, taken, own, err);
    }
    for (int64_t m = 0; m < taken && status == RI_OK; m++)
        own[m].bytes_read += read / (double)taken;
    for (int64_t u = 0, m = 0; u < count; u++)
        if (ri_problem_repeat(r->plan->problem, unit[u].fold) == repeat)
            result[u] = own[m++];
done:
    ri_gram_free(gram);
    free(mine);
    free(own);
    return status;
}

static ri_status run_units(run *r, const ri_unit *unit, int64_t count, ri_unit_result *result,
                           ri_error *err) {
    ri_status status = RI_OK;
    if (!ri_plan_by_moments(r->plan) || !any_walks(r->plan, unit, count))
        return run_batches(r, NULL, unit, count, result, err);
    for (int32_t k = 0; k < ri_settings_repeats(&r->plan->problem->settings); k++)
        if (status == RI_OK)
            status = run_repeat(r, k, unit, count, result, err);
    return status;
}

/* Those that the checkpoint has finished; the others are moved to `left`, their number is `*count`.
 */
static ri_status take_finished(run *r, const ri_unit *unit, ri_unit_result *result, ri_unit *left,
                               int64_t *count, ri_error *err) {
    int64_t all = *count;
    *count = 0;
    for (int64_t u = 0; u < all; u++) {
        bool found;
        RI_TRY(ri_units_take_finished(r->plan, &unit[u], &result[u], &found, err));
        if (!found)
            left[(*count)++] = unit[u];
        r->progress.units_done += found;
        r->progress.points_done += found ? unit[u].count : 0;
        r->progress.work_done += found ? ri_unit_cost(r->plan, &unit[u]) : 0;
    }
    return RI_OK;
}

/* The units that the checkpoint has not finished, between those that it has. */
static ri_status complete_units(run *r, const ri_unit *unit, int64_t count, ri_unit_result *result,
                                ri_error *err) {
    ri_unit *left = ri_alloc((size_t)count, sizeof *left);
    ri_unit_result *own = ri_calloc((size_t)count, sizeof *own);
    ri_status status = RI_OK;
    int64_t todo = count;
    if (!left || !own)
        status = ri_fail_memory(err, "units of work", (size_t)count * sizeof *own);
    if (status == RI_OK)
        status = take_finished(r, unit, result, left, &todo, err);
    if (status == RI_OK)
        status = run_units(r, left, todo, own, err);
    for (int64_t u = 0, m = 0; own && m < todo && u < count; u++)
        if (!result[u].row)
            result[u] = own[m++];
    free(left);
    free(own);
    return status;
}

ri_status ri_units_run(const ri_plan *plan, const ri_unit *unit, int64_t count, int threads,
                       ri_progress_hook hook, void *context, ri_unit_result *result,
                       ri_error *err) {
    run r = {.plan = plan,
             .threads = threads,
             .hook = hook,
             .context = context,
             .progress = {.units_total = count},
             .started = ri_seconds()};
    for (int64_t u = 0; u < count; u++) {
        result[u] = (ri_unit_result){0};
        r.progress.points_total += unit[u].count;
        r.progress.work_total += ri_unit_cost(plan, &unit[u]);
    }
    ri_status status = complete_units(&r, unit, count, result, err);
    for (int64_t u = 0; status != RI_OK && u < count; u++)
        ri_unit_result_free(&result[u]);
    return status;
}
