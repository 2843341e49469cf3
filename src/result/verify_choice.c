/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_choice.h"

#include <math.h>

/* Mean of the curve where less is better: of the AUC what is missing to 1. */
static double height(const ri_record *record, const ri_path *path, int64_t i) {
    return record->settings.metric == RI_AUC ? 1 - path->mean[i] : path->mean[i];
}

/* By the curve: the lowest mean, ties to the larger alpha; the largest alpha within one standard
 * error of it; the path of the lowest mean, ties to the larger l1_ratio. */
static bool curve_choices_agree(const ri_record *record, int64_t *best) {
    double lowest = INFINITY;
    *best = 0;
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        int64_t least = 0, one_error = 0;
        for (int64_t i = 1; i < path->alphas; i++)
            least = height(record, path, i) < height(record, path, least) ? i : least;
        double mean = height(record, path, least), limit = mean + path->se[least];
        while (one_error < least && !(height(record, path, one_error) <= limit))
            one_error++;
        if (path->index_min != least || path->index_1se != one_error)
            return false;
        if (mean < lowest || (mean == lowest && path->l1_ratio > record->path[*best].l1_ratio)) {
            *best = r;
            lowest = mean;
        }
    }
    return true;
}

static long double factor_of(const ri_record *record, int64_t feature) {
    return record->penalty_factor ? record->penalty_factor[feature] : 1.0L;
}

/* n log(RSS / n) + df log n + 2 gamma log C(p, df) of the refit, from its definition; NaN where it
 * has no meaning. */
static long double criterion(const ri_record *record, const ri_path *path, int64_t i) {
    const ri_fit *fit = &path->fit[record->folds];
    long double penalty = 0, choices = 0, ratio = path->l1_ratio, n = record->n;
    int64_t df = 0, p = 0;
    for (int64_t e = fit->start[i]; e < fit->start[i + 1]; e++) {
        int64_t j = fit->feature[e];
        long double b = fabsl((long double)fit->coefficient[e]), f = factor_of(record, j);
        if (record->settings.standardize)
            b *= record->feature_sd[j];
        penalty += f * (ratio * b + (1 - ratio) / 2 * b * b);
        df += b > 0 && f > 0;
    }
    for (int64_t j = 0; j < record->p; j++)
        p += factor_of(record, j) > 0;
    for (int64_t k = 1; k <= df; k++)
        choices += logl((long double)(p - df + k) / (long double)k);
    long double gamma = record->settings.select == RI_SELECT_EBIC ? record->settings.ebic_gamma : 0;
    long double mean_square = 2 * (fit->objective[i] - path->alpha[i] * penalty);
    bool gaussian = record->settings.family == RI_GAUSSIAN;
    if (!(ratio > 0) || df >= record->n - 1 ||
        (gaussian && !(mean_square > 2e-12L * fit->null_loss)))
        return NAN;
    return n * (gaussian ? logl(mean_square) : mean_square) + (long double)df * logl(n) +
           2 * gamma * choices;
}

/* By an information criterion, nothing may be lower than the chosen point, rounding allowed for. */
static bool criterion_agrees(const ri_record *record) {
    long double chosen =
        criterion(record, &record->path[record->selected_path], record->index_selected);
    long double rounding = 1e-9L * (fabsl(chosen) + (long double)record->n);
    for (int64_t r = 0; r < record->paths; r++)
        for (int64_t i = 0; i < record->path[r].alphas; i++) {
            long double other = criterion(record, &record->path[r], i);
            if (!isnan(other) && !(chosen <= other + rounding))
                return false;
        }
    return true;
}

bool ri_verify_choice(const ri_record *record) {
    int64_t best = 0;
    if (record->folds > 0 && !curve_choices_agree(record, &best))
        return false;
    if (record->settings.select >= RI_SELECT_BIC)
        return criterion_agrees(record);
    if (record->folds == 0)
        return record->index_selected == record->path[record->selected_path].alphas - 1;
    const ri_path *path = &record->path[best];
    bool one_error = record->settings.select == RI_SELECT_1SE;
    return record->selected_path == best &&
           record->index_selected == (one_error ? path->index_1se : path->index_min);
}
