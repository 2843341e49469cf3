/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *const ri_select_word[RI_SELECTS] = {"min", "1se", "bic", "ebic"};
const char *const ri_solver_word[RI_SOLVERS] = {"auto", "shooting", "newton"};

ri_status ri_fit_new(ri_fit *fit, int64_t alphas, int64_t nonzeros, ri_error *err) {
    size_t points = (size_t)alphas, entries = (size_t)nonzeros;
    *fit = (ri_fit){0};
    fit->start = ri_calloc(points + 1, sizeof *fit->start);
    fit->feature = ri_calloc(entries, sizeof *fit->feature);
    fit->coefficient = ri_calloc(entries, sizeof *fit->coefficient);
    fit->intercept = ri_calloc(points, sizeof *fit->intercept);
    fit->objective = ri_calloc(points, sizeof *fit->objective);
    fit->gap = ri_calloc(points, sizeof *fit->gap);
    fit->rounds = ri_calloc(points, sizeof *fit->rounds);
    fit->certified = ri_calloc(points, sizeof *fit->certified);
    fit->mse = ri_calloc(points, sizeof *fit->mse);
    fit->mae = ri_calloc(points, sizeof *fit->mae);
    if (!fit->start || !fit->feature || !fit->coefficient || !fit->intercept || !fit->objective ||
        !fit->gap || !fit->rounds || !fit->certified || !fit->mse || !fit->mae) {
        ri_fit_free(fit);
        return ri_fail_memory(err, "the coefficients of a fit", 16 * entries + 64 * points);
    }
    return RI_OK;
}

/* Those of every family have arrays of their own. */
static bool only_some_have(ri_metric metric, ri_family family) {
    return metric > RI_MAE && ri_metric_fits(metric, family);
}

ri_status ri_metrics_new(ri_family family, int64_t alphas, double *more[RI_METRICS],
                         ri_error *err) {
    for (int m = 0; m < RI_METRICS; m++) {
        if (!only_some_have((ri_metric)m, family))
            continue;
        more[m] = ri_calloc((size_t)alphas, sizeof *more[m]);
        if (!more[m])
            return ri_fail_memory(err, "the errors of a fit", 8 * (size_t)alphas);
    }
    return RI_OK;
}

double *ri_fit_errors(const ri_fit *fit, ri_metric metric) {
    return metric == RI_MSE ? fit->mse : metric == RI_MAE ? fit->mae : fit->more[metric];
}

double ri_fit_null_error(const ri_fit *fit, ri_metric metric) {
    return metric == RI_MSE   ? fit->null_mse
           : metric == RI_MAE ? fit->null_mae
                              : fit->null_more[metric];
}

void ri_fit_free(ri_fit *fit) {
    free(fit->start);
    free(fit->feature);
    free(fit->coefficient);
    free(fit->covariate);
    free(fit->intercept);
    free(fit->objective);
    free(fit->gap);
    free(fit->rounds);
    free(fit->certified);
    free(fit->mse);
    free(fit->mae);
    for (int m = 0; m < RI_METRICS; m++)
        free(fit->more[m]);
    *fit = (ri_fit){0};
}

void ri_fit_copy_facts(ri_fit *to, const ri_fit *from) {
    to->fold = from->fold;
    to->train = from->train;
    to->null_loss = from->null_loss;
    to->null_mse = from->null_mse;
    to->null_mae = from->null_mae;
    memcpy(to->null_more, from->null_more, sizeof to->null_more);
    to->constant = from->constant;
    to->twins = from->twins;
    to->dependent = from->dependent;
}

void ri_adaptive_free(ri_adaptive *adaptive) {
    free(adaptive->start);
    free(adaptive->feature);
    free(adaptive->initial);
    free(adaptive->weight);
    *adaptive = (ri_adaptive){0};
}

void ri_path_free(ri_path *path, int32_t folds) {
    ri_adaptive_free(&path->adaptive);
    if (path->fit)
        for (int32_t k = 0; k <= folds; k++)
            ri_fit_free(&path->fit[k]);
    free(path->fit);
    free(path->alpha);
    free(path->mean);
    free(path->mean_weighted);
    free(path->se);
    free(path->mae_mean);
    free(path->mae_se);
    for (int m = 0; m < RI_METRICS; m++) {
        free(path->more_mean[m]);
        free(path->more_se[m]);
    }
    free(path->prediction);
}

void ri_proxies_free(ri_proxies *proxies) {
    free(proxies->feature);
    free(proxies->vif);
    free(proxies->looked);
    free(proxies->start);
    free(proxies->proxy);
    free(proxies->r);
    *proxies = (ri_proxies){0};
}

void ri_record_free(ri_record *record) {
    if (!record)
        return;
    if (record->path)
        for (int64_t r = 0; r < record->paths; r++)
            ri_path_free(&record->path[r], record->folds);
    free(record->path);
    free(record->run.ledger);
    free(record->run.unit);
    free(record->fold);
    free(record->test.row);
    free(record->weight);
    free(record->penalty_factor);
    free(record->feature_mean);
    free(record->feature_sd);
    free(record->frequency);
    ri_stability_free(&record->stability);
    ri_covariates_free(&record->covariates);
    free(record->covariate_mean);
    free(record->covariate_sd);
    ri_names_free(&record->classes);
    ri_names_free(&record->sample);
    ri_names_free(&record->feature);
    ri_names_free(&record->chrom);
    ri_names_free(&record->a1);
    ri_names_free(&record->a2);
    free(record->pos);
    free(record->truth_feature);
    free(record->truth_coefficient);
    ri_proxies_free(&record->proxies);
    free(record->replicates.bias_squared);
    free(record->replicates.variance);
    free(record);
}

double ri_record_worst_gap(const ri_record *record) {
    double worst = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                worst = fmax(worst, record->path[r].fit[k].gap[a]);
    return worst;
}

bool ri_record_certified(const ri_record *record) {
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                if (!record->path[r].fit[k].certified[a])
                    return false;
    return true;
}
