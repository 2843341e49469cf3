/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/criteria.h"

#include <math.h>

/* Below this part of the null model's loss a training error is rounding. */
static const double NOTHING_LEFT = 1e-12;

static double penalty_factor(const ri_record *record, int64_t feature) {
    return record->penalty_factor ? record->penalty_factor[feature] : 1;
}

int64_t ri_fit_support(const ri_record *record, const ri_fit *fit, int64_t alpha) {
    int64_t count = 0;
    for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++)
        count += fit->coefficient[e] != 0 && penalty_factor(record, fit->feature[e]) > 0;
    return count;
}

/* |coefficient| of an entry of the refit as the penalty sees it. */
static double penalised_size(const ri_record *record, const ri_path *path, const ri_fit *fit,
                             int64_t entry) {
    double scale = record->settings.standardize ? record->feature_sd[fit->feature[entry]] : 1;
    if (penalty_factor(record, fit->feature[entry]) > 0)
        scale /= ri_adaptive_weight(&path->adaptive, record->folds, fit->feature[entry]);
    return fabs(fit->coefficient[entry] * scale);
}

double ri_path_penalty(const ri_record *record, const ri_path *path, int64_t alpha) {
    const ri_fit *fit = ri_path_refit(record, path);
    double penalty = 0;
    if (path->relaxed > 0)
        return 0;
    for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++) {
        double size = penalised_size(record, path, fit, e);
        penalty += penalty_factor(record, fit->feature[e]) *
                   (path->l1_ratio * size + (1 - path->l1_ratio) / 2 * size * size);
    }
    return path->alpha[alpha] * penalty;
}

double ri_path_training_error(const ri_record *record, const ri_path *path, int64_t alpha) {
    double objective = ri_path_refit(record, path)->objective[alpha];
    if (path->relaxed > 0) /* its objective is the loss alone */
        return 2 * objective;
    return 2 * (objective - ri_path_penalty(record, path, alpha));
}

double ri_path_training_r2(const ri_record *record, const ri_path *path, int64_t alpha) {
    double null = 2 * ri_path_refit(record, path)->null_loss;
    return null > 0 ? 1 - ri_path_training_error(record, path, alpha) / null : NAN;
}

static double l1_norm(const ri_record *record, const ri_path *path, int64_t alpha) {
    const ri_fit *fit = ri_path_refit(record, path);
    double sum = 0;
    for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++)
        if (penalty_factor(record, fit->feature[e]) > 0)
            sum += fabs(fit->coefficient[e] * record->feature_sd[fit->feature[e]]);
    return sum;
}

void ri_path_shrinkage(const ri_record *record, const ri_path *path, double *shrinkage) {
    double most = 0;
    for (int64_t a = 0; a < path->alphas; a++) {
        shrinkage[a] = l1_norm(record, path, a);
        most = fmax(most, shrinkage[a]);
    }
    for (int64_t a = 0; a < path->alphas; a++)
        shrinkage[a] = most > 0 ? shrinkage[a] / most : (double)NAN;
}

static int64_t penalised_features(const ri_record *record) {
    int64_t count = 0;
    if (!record->penalty_factor)
        return record->p;
    for (int64_t j = 0; j < record->p; j++)
        count += record->penalty_factor[j] > 0;
    return count;
}

/* log C(from, taken) */
static double log_choices(int64_t from, int64_t taken) {
    double n = (double)from, k = (double)taken;
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* -2 log likelihood at its best noise variance, less constants; NaN where nothing is left of the
 * residuals. Losses that are likelihoods themselves have n times twice the loss: the deviance. */
static double fit_term(const ri_record *record, const ri_path *path, int64_t alpha) {
    double mse = ri_path_training_error(record, path, alpha);
    double null = 2 * ri_path_refit(record, path)->null_loss;
    if (record->settings.family != RI_GAUSSIAN)
        return (double)record->n * mse;
    return mse > NOTHING_LEFT * null ? (double)record->n * log(mse) : NAN;
}

double ri_path_bic(const ri_record *record, const ri_path *path, int64_t alpha, double gamma) {
    int64_t df = ri_fit_support(record, ri_path_refit(record, path), alpha);
    if (!(path->l1_ratio > 0) || df >= record->n - 1)
        return NAN;
    double extra = gamma > 0 ? 2 * gamma * log_choices(penalised_features(record), df) : 0;
    return fit_term(record, path, alpha) + log((double)record->n) * (double)df + extra;
}

int64_t ri_path_least_bic(const ri_record *record, const ri_path *path, double gamma) {
    int64_t least = -1;
    double lowest = INFINITY;
    for (int64_t a = 0; a < path->alphas; a++) {
        double value = ri_path_bic(record, path, a, gamma);
        if (value < lowest) {
            lowest = value;
            least = a;
        }
    }
    return least;
}

double ri_settings_gamma(const ri_settings *settings, ri_select rule) {
    return rule == RI_SELECT_EBIC ? settings->ebic_gamma : 0;
}
