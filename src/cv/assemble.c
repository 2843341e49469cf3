/* SPDX-License-Identifier: BSD-3-Clause
 * All units put together: fits joined over blocks, fold errors, the curve, the choices. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/failure.h"
#include "base/memory.h"
#include "cv/criteria.h"
#include "cv/fitted.h"
#include "cv/frequency.h"
#include "cv/plan.h"
#include "kernel/kernel.h"

/* Errors of alpha i of a block become those of alpha a of the fit. */
static ri_status put_errors(const ri_problem *p, const ri_unit_result *block, int64_t i,
                            ri_fit *out, int64_t a, ri_error *err) {
    double error[RI_METRICS];
    RI_TRY(ri_held_metrics(p, block->row, block->held_out, block->prediction + i * block->held_out,
                           error, err));
    for (int m = 0; m < RI_METRICS; m++)
        if (ri_fit_errors(out, (ri_metric)m))
            ri_fit_errors(out, (ri_metric)m)[a] = error[m];
    return RI_OK;
}

/* Joins the blocks of one fit; `block` points to the first, in order. Covariates, the columns
 * behind the features, are taken out of the sparse coefficients. What a block had is freed when it
 * is copied: coefficients of ridges are most of a run's memory. */
static ri_status join_blocks(const ri_problem *p, ri_unit_result *block, int64_t blocks,
                             ri_fit *out, ri_error *err) {
    const ri_matrix *x = &p->x;
    int64_t nonzeros = 0, entry = 0, a = 0, alphas = 0, features = ri_matrix_features(x);
    for (int64_t b = 0; b < blocks; b++) {
        nonzeros += block[b].fit.start[block[b].unit.count];
        alphas += block[b].unit.count;
    }
    RI_TRY(ri_fit_new(out, alphas, nonzeros, err));
    RI_TRY(ri_metrics_new(p->settings.family, alphas, out->more, err));
    if (x->extras > 0) {
        out->covariate = ri_calloc((size_t)(alphas * x->extras), sizeof *out->covariate);
        if (!out->covariate)
            return ri_fail_memory(err, "the covariates", 8ULL * (size_t)(alphas * x->extras));
    }
    ri_fit_copy_facts(out, &block[0].fit);
    for (int64_t b = 0; b < blocks; b++) {
        const ri_fit *fit = &block[b].fit;
        out->twins = fit->twins > out->twins ? fit->twins : out->twins;
        out->dependent = fit->dependent > out->dependent ? fit->dependent : out->dependent;
        for (int64_t i = 0; i < block[b].unit.count; i++, a++) {
            for (int64_t k = fit->start[i]; k < fit->start[i + 1]; k++) {
                int64_t j = fit->feature[k];
                if (j >= features) {
                    out->covariate[a * x->extras + j - features] = fit->coefficient[k];
                    continue;
                }
                out->feature[entry] = j;
                out->coefficient[entry++] = fit->coefficient[k];
            }
            out->start[a + 1] = entry;
            out->intercept[a] = fit->intercept[i];
            out->objective[a] = fit->objective[i];
            out->gap[a] = fit->gap[i];
            out->rounds[a] = fit->rounds[i];
            out->certified[a] = fit->certified[i];
            RI_TRY(put_errors(p, &block[b], i, out, a, err));
        }
        ri_fit_free(&block[b].fit);
    }
    return RI_OK;
}

/* Predictions [n_all] of an alpha: of the rows that fits hold out; those of later repeats are added
 * to what is there. */
static void place_predictions(const ri_problem *p, const ri_unit_result *units, int64_t blocks,
                              int64_t a, double *prediction) {
    for (int64_t i = 0; i < p->x.n; i++)
        prediction[i] = NAN;
    for (int64_t u = 0; u < (p->folds + 1) * blocks; u++) {
        const ri_unit_result *unit = units + u;
        int32_t k = (int32_t)(u / blocks);
        bool add = k < p->folds && ri_problem_repeat(p, k) > 0;
        int64_t at = a - unit->unit.first;
        if (at < 0 || at >= unit->unit.count)
            continue;
        for (int64_t i = 0; i < unit->held_out; i++) {
            double value = unit->prediction[at * unit->held_out + i];
            prediction[unit->row[i]] = add ? prediction[unit->row[i]] + value : value;
        }
    }
}

/* Fits and predictions of a path; `path->alphas` becomes those that every fit has. */
static ri_status join_units(const ri_plan *plan, ri_unit_result *units, int64_t blocks,
                            ri_path *path, ri_error *err) {
    const ri_problem *p = plan->problem;
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel num_threads(plan->threads)
    {
#pragma omp for schedule(dynamic, 1) nowait
        for (int32_t k = 0; k <= p->folds; k++) {
            ri_error own = {0};
            ri_status mine = join_blocks(p, units + k * blocks, blocks, &path->fit[k], &own);
            ri_failure_note(&failure, k, mine, &own);
        }
#pragma omp for schedule(dynamic, 1)
        for (int64_t a = 0; a < p->alphas; a++)
            place_predictions(p, units, blocks, a, path->prediction + a * p->x.n);
    }
    for (int32_t k = 0; k <= p->folds; k++) {
        int64_t computed = 0;
        for (int64_t b = 0; b < blocks; b++)
            computed += units[k * blocks + b].unit.count;
        path->alphas = computed < path->alphas ? computed : path->alphas;
    }
    return ri_failure_tell(&failure, err);
}

/* Sums over the repeats to their means; rows without a response were predicted once. */
static void average_predictions(const ri_problem *p, int64_t alphas, double *prediction) {
    double repeats = ri_settings_repeats(&p->settings);
    for (int64_t a = 0; a < alphas && repeats > 1; a++)
        for (int64_t i = 0; i < p->x.n; i++)
            if (!isnan(p->y[i]))
                prediction[a * p->x.n + i] /= repeats;
}

static double fold_weight(const ri_problem *p, int32_t k) {
    const int32_t *fold = p->fold + ri_problem_repeat(p, k) * p->x.n;
    double weight = 0;
    for (int64_t i = 0; i < p->x.n; i++)
        if (fold[i] == k)
            weight += p->weight ? p->weight[i] : 1;
    return weight;
}

/* A point of the curve of a metric over the folds that have held-out weight. */
static void mean_and_error(const ri_problem *p, const ri_path *path, int64_t a, ri_metric metric,
                           double *work, double *mean, double *error) {
    for (int32_t k = 0; k < p->folds; k++)
        work[k] = ri_fit_errors(&path->fit[k], metric)[a];
    ri_curve_point(work, 1, p->folds, ri_settings_repeats(&p->settings), mean, error);
}

/* Where the curve has turned the path ends, whatever went on after that. What has turned is said by
 * the numbers that the stop saw. */
static ri_status cut_path(const ri_problem *p, ri_path *path, ri_error *err) {
    ri_metric metric = p->settings.metric;
    if (!p->settings.early_stop)
        return RI_OK;
    ri_stop *stop;
    double *work = ri_alloc((size_t)(path->alphas + p->folds), sizeof *work);
    if (!work)
        return ri_fail_memory(err, "the error curve", 8 * (size_t)(path->alphas + p->folds));
    ri_status status = ri_stop_new(1, p->folds, path->alphas, p->settings.patience, &stop, err);
    if (status == RI_OK) {
        stop->repeats = ri_settings_repeats(&p->settings);
        for (int32_t k = 0; k < p->folds; k++)
            for (int64_t a = 0; a < path->alphas; a++)
                ri_stop_post(stop, 0, k, a,
                             ri_metric_badness(metric, ri_fit_errors(&path->fit[k], metric)[a]));
        path->stopped_early = ri_stop_rule(stop, stop->error, path->alphas, work, &path->alphas);
        ri_stop_free(stop);
    }
    free(work);
    return status;
}

/* Mean of the folds' errors by their held-out weight, of those that have one. */
static double weighted_mean(const double *error, const double *weight, int32_t folds) {
    double all = 0, sum = 0;
    for (int32_t k = 0; k < folds; k++)
        all += isnan(error[k]) ? 0 : weight[k];
    for (int32_t k = 0; k < folds; k++)
        if (weight[k] > 0 && !isnan(error[k]))
            sum += weight[k] / all * error[k];
    return all > 0 ? sum : (double)NAN;
}

ri_status ri_curve_make(const ri_problem *p, ri_path *path, ri_error *err) {
    size_t alphas = (size_t)path->alphas;
    const ri_settings *settings = &p->settings;
    path->mean = ri_calloc(alphas, sizeof(double));
    path->mean_weighted = ri_calloc(alphas, sizeof(double));
    path->se = ri_calloc(alphas, sizeof(double));
    path->mae_mean = ri_calloc(alphas, sizeof(double));
    path->mae_se = ri_calloc(alphas, sizeof(double));
    double *weight = ri_alloc(2 * (size_t)p->folds, sizeof *weight);
    ri_status status = RI_OK;
    if (!path->mean || !path->mean_weighted || !path->se || !path->mae_mean || !path->mae_se ||
        !weight) {
        free(weight);
        return ri_fail_memory(err, "the error curve", 40 * alphas);
    }
    double *work = weight + p->folds;
    RI_GO(ri_metrics_new(settings->family, path->alphas, path->more_mean, err));
    RI_GO(ri_metrics_new(settings->family, path->alphas, path->more_se, err));
    for (int32_t k = 0; k < p->folds; k++)
        weight[k] = fold_weight(p, k);
    for (int64_t a = 0; a < path->alphas; a++) {
        mean_and_error(p, path, a, RI_MAE, work, &path->mae_mean[a], &path->mae_se[a]);
        for (int m = 0; m < RI_METRICS; m++)
            if (path->more_mean[m])
                mean_and_error(p, path, a, (ri_metric)m, work, &path->more_mean[m][a],
                               &path->more_se[m][a]);
        mean_and_error(p, path, a, settings->metric, work, &path->mean[a], &path->se[a]);
        path->mean_weighted[a] = weighted_mean(work, weight, p->folds);
    }
done:
    free(weight);
    return status;
}

/* What was found out about features beyond the end of the path depends on how far some rank went.
 * A path that can stop early is of one block. */
static void forget_the_rest(const ri_unit_result *unit, int64_t alphas, ri_fit *fit) {
    fit->twins = unit->found[2 * alphas - 2];
    fit->dependent = unit->found[2 * alphas - 1];
}

static ri_status assemble_path(const ri_plan *plan, int64_t r, ri_unit_result *units,
                               int64_t blocks, ri_path *path, ri_error *err) {
    const ri_problem *p = plan->problem;
    size_t points = (size_t)(p->alphas * p->x.n);
    path->l1_ratio = p->l1_ratio[r];
    path->alphas = p->alphas;
    path->index_min = path->index_1se = -1;
    path->alpha = ri_alloc((size_t)p->alphas, sizeof *path->alpha);
    path->fit = ri_calloc((size_t)p->folds + 1, sizeof *path->fit);
    path->prediction = ri_alloc(points, sizeof *path->prediction);
    if (!path->alpha || !path->fit || !path->prediction)
        return ri_fail_memory(err, "the predictions", 8ULL * points);
    memcpy(path->alpha, plan->alpha[r], (size_t)p->alphas * sizeof *path->alpha);
    RI_TRY(join_units(plan, units, blocks, path, err));
    if (p->folds == 0)
        return RI_OK;
    average_predictions(p, path->alphas, path->prediction);
    RI_TRY(ri_curve_make(p, path, err));
    RI_TRY(cut_path(p, path, err));
    if (path->stopped_early)
        for (int32_t k = 0; k <= p->folds; k++)
            forget_the_rest(units + k * blocks, path->alphas, &path->fit[k]);
    ri_path_choose(path, p->settings.metric);
    return RI_OK;
}

/* Values and moments of the covariates; their names are for the caller. */
static ri_status copy_covariates(const ri_plan *plan, ri_record *record, ri_error *err) {
    const ri_matrix *x = &plan->problem->x;
    size_t count = (size_t)x->extras, values = count * (size_t)x->n;
    if (count == 0)
        return RI_OK;
    record->covariates.value = ri_alloc(values, sizeof(double));
    record->covariate_mean = ri_alloc(count, sizeof(double));
    record->covariate_sd = ri_alloc(count, sizeof(double));
    if (!record->covariates.value || !record->covariate_mean || !record->covariate_sd)
        return ri_fail_memory(err, "the covariates", 8 * values);
    record->covariates.count = x->extras;
    memcpy(record->covariates.value, x->extra, values * sizeof(double));
    memcpy(record->covariate_mean, plan->mean + record->p, count * sizeof(double));
    memcpy(record->covariate_sd, plan->sd + record->p, count * sizeof(double));
    return RI_OK;
}

/* True where the penalty factors are worth recording: some feature has another than 1. */
static bool factors_differ(const ri_problem *p) {
    bool differ = p->penalty_factor && p->x.extras == 0;
    for (int64_t j = 0; p->penalty_factor && j < ri_matrix_features(&p->x); j++)
        differ |= p->penalty_factor[j] != 1;
    return differ;
}

static ri_status copy_problem(const ri_plan *plan, ri_record *record, ri_error *err) {
    const ri_problem *p = plan->problem;
    size_t n = (size_t)p->x.n, features = (size_t)record->p;
    bool factors = factors_differ(p);
    size_t entries = n * (size_t)ri_settings_repeats(&p->settings);
    record->fold = ri_alloc(entries, sizeof *record->fold);
    record->feature_mean = ri_alloc(features, sizeof(double));
    record->feature_sd = ri_alloc(features, sizeof(double));
    bool good = record->fold && record->feature_mean && record->feature_sd;
    if (p->weight)
        good = good && (record->weight = ri_alloc(n, sizeof(double)));
    if (factors)
        good = good && (record->penalty_factor = ri_alloc(features, sizeof(double)));
    if (!good)
        return ri_fail_memory(err, "the record of a run", 16 * features + 16 * n);
    for (size_t i = 0; i < entries; i++)
        record->fold[i] = p->folds > 0 ? p->fold[i] : RI_NO_FOLD;
    memcpy(record->feature_mean, plan->mean, features * sizeof(double));
    memcpy(record->feature_sd, plan->sd, features * sizeof(double));
    if (p->weight)
        memcpy(record->weight, p->weight, n * sizeof(double));
    if (factors)
        memcpy(record->penalty_factor, p->penalty_factor, features * sizeof(double));
    for (size_t j = 0; j < features; j++)
        record->missing_values += plan->missing_count[j];
    return copy_covariates(plan, record, err);
}

static void response_moments(const ri_problem *p, ri_record *record) {
    double weight = 0, sum = 0, squares = 0;
    for (int64_t i = 0; i < p->x.n; i++)
        if (!isnan(p->y[i])) {
            double w = p->weight ? p->weight[i] : 1;
            weight += w;
            sum += w * p->y[i];
        }
    record->y_mean = sum / weight;
    for (int64_t i = 0; i < p->x.n; i++)
        if (!isnan(p->y[i])) {
            double w = p->weight ? p->weight[i] : 1, d = p->y[i] - record->y_mean;
            squares += w * d * d;
        }
    record->y_sd = sqrt(squares / weight);
}

ri_status ri_assemble(const ri_plan *plan, ri_unit_result *result, ri_record **out, ri_error *err) {
    *out = NULL;
    const ri_problem *p = plan->problem;
    ri_status status = RI_OK;
    ri_record *record = ri_calloc(1, sizeof *record);
    if (!record)
        return ri_fail_memory(err, "the record of a run", sizeof *record);
    record->settings = p->settings;
    record->n_all = p->x.n;
    record->n = plan->kept;
    record->p = ri_matrix_features(&p->x);
    record->folds = p->folds;
    RI_GO(copy_problem(plan, record, err));
    response_moments(p, record);
    record->path = ri_calloc((size_t)p->l1_ratios, sizeof *record->path);
    if (!record->path) {
        status = ri_fail_memory(err, "the record of a run", sizeof *record->path);
        goto done;
    }
    record->paths = p->l1_ratios;
    int64_t per_path = plan->units / p->l1_ratios, blocks = per_path / (p->folds + 1);
    for (int64_t r = 0; r < p->l1_ratios; r++) {
        ri_path *path = &record->path[r];
        RI_GO(assemble_path(plan, r, result + r * per_path, blocks, path, err));
        if (p->folds == 0)
            RI_GO(ri_fitted_values(plan, path, err));
    }
    ri_record_choose(record);
    RI_GO(ri_record_count_folds(record, err));
    *out = record;
    return RI_OK;
done:
    ri_record_free(record);
    return status;
}
