/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_errors.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "result/verify_loss.h"

double ri_verify_difference(double a, double b, double scale) {
    if (isnan(a) || isnan(b))
        return isnan(a) && isnan(b) ? 0 : (double)INFINITY;
    double size = fmax(fabs(b), scale);
    return a == b ? 0 : fabs(a - b) / size;
}

static void raise_to(double *most, double value) {
    if (!(value <= *most))
        *most = value;
}

void ri_verify_errors_free(ri_verify_errors *errors) {
    for (int m = 0; m < RI_METRICS; m++) {
        for (int64_t r = 0; errors->of[m] && r < errors->record->paths; r++)
            free(errors->of[m][r]);
        free(errors->of[m]);
    }
    *errors = (ri_verify_errors){0};
}

ri_status ri_verify_errors_new(const ri_record *record, ri_verify_errors *out, ri_error *err) {
    *out = (ri_verify_errors){.record = record};
    bool good = true;
    for (int m = 0; m < RI_METRICS && good; m++) {
        if (!ri_metric_fits((ri_metric)m, record->settings.family))
            continue;
        out->of[m] = ri_calloc((size_t)record->paths, sizeof *out->of[m]);
        good = out->of[m] != NULL;
        for (int64_t r = 0; good && r < record->paths; r++) {
            size_t points = (size_t)record->folds * (size_t)record->path[r].alphas;
            good = (out->of[m][r] = ri_alloc(points, sizeof(double))) != NULL;
        }
    }
    if (good)
        return RI_OK;
    ri_verify_errors_free(out);
    return ri_fail_memory(err, "the recomputed errors", 16 * (size_t)record->folds);
}

static int compare_rising(const void *a, const void *b) {
    long double x = *(const long double *)a, y = *(const long double *)b;
    return (x > y) - (x < y);
}

/* Negative rows in rising order of their predictions, with the weight of all up to each. */
typedef struct negatives {
    long double (*row)[2]; /* prediction, weight up to it */
    int64_t count;
} negatives;

/* Weight of the negatives below `eta`, and half of those that tie. */
static long double weight_below(const negatives *n, long double eta) {
    int64_t border[2]; /* first not below; first above */
    for (int which = 0; which < 2; which++) {
        int64_t low = 0, high = n->count;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            bool before = which == 0 ? n->row[middle][0] < eta : n->row[middle][0] <= eta;
            low = before ? middle + 1 : low;
            high = before ? high : middle;
        }
        border[which] = low;
    }
    long double below = border[0] > 0 ? n->row[border[0] - 1][1] : 0;
    long double up_to = border[1] > 0 ? n->row[border[1] - 1][1] : 0;
    return (below + up_to) / 2;
}

static long double weight_of(const ri_record *record, int64_t i) {
    return record->weight ? record->weight[i] : 1;
}

static ri_status find_auc(const ri_record *record, const double *y, const ri_verify_point *p,
                          double *auc, ri_error *err) {
    const ri_verify_rows *rows = p->rows;
    negatives n = {.row = ri_alloc((size_t)rows->held, sizeof *n.row)};
    if (!n.row)
        return ri_fail_memory(err, "the order of predictions", 32 * (size_t)rows->held);
    for (int64_t t = rows->train; t < rows->train + rows->held; t++)
        if (y[rows->row[t]] == 0) {
            n.row[n.count][0] = (double)p->fitted[t];
            n.row[n.count++][1] = weight_of(record, rows->row[t]);
        }
    if (n.count > 0)
        qsort(n.row, (size_t)n.count, sizeof *n.row, compare_rising);
    for (int64_t i = 1; i < n.count; i++)
        n.row[i][1] += n.row[i - 1][1];
    long double pairs = 0, positive = 0, negative = n.count > 0 ? n.row[n.count - 1][1] : 0;
    for (int64_t t = rows->train; t < rows->train + rows->held; t++)
        if (y[rows->row[t]] == 1) {
            long double w = weight_of(record, rows->row[t]);
            positive += w;
            pairs += w * weight_below(&n, (double)p->fitted[t]);
        }
    *auc = positive > 0 && negative > 0 ? (double)(pairs / (positive * negative)) : (double)NAN;
    free(n.row);
    return RI_OK;
}

ri_status ri_verify_errors_add(ri_verify_errors *errors, const double *y, const ri_verify_point *p,
                               ri_error *err) {
    const ri_record *record = errors->record;
    const ri_verify_rows *rows = p->rows;
    ri_family family = record->settings.family;
    long double weight = 0, sum[RI_METRICS] = {0};
    if (rows->fold == RI_REFIT)
        return RI_OK;
    for (int64_t t = rows->train; t < rows->train + rows->held; t++) {
        int64_t i = rows->row[t];
        long double w = weight_of(record, i), e = y[i] - ri_verify_mean(family, p->fitted[t]);
        weight += w;
        sum[RI_MSE] += w * e * e;
        sum[RI_MAE] += w * fabsl(e);
        if (family == RI_GAUSSIAN)
            continue;
        sum[RI_DEVIANCE] += w * 2 * ri_verify_loss(family, y[i], p->fitted[t]);
        sum[RI_CLASS_ERROR] += (y[i] == 1) != ((double)p->fitted[t] > 0) ? w : 0;
    }
    int64_t at = p->k * record->path[p->path].alphas + p->alpha;
    for (int m = 0; m < RI_AUC; m++)
        if (errors->of[m])
            errors->of[m][p->path][at] = weight > 0 ? (double)(sum[m] / weight) : (double)NAN;
    return errors->of[RI_AUC] ? find_auc(record, y, p, &errors->of[RI_AUC][p->path][at], err)
                              : RI_OK;
}

/* Mean and standard error over folds of one alpha: `error` [folds * alphas]. Folds without held-out
 * weight say nothing and are left out. Repeats do not make the standard error smaller. */
static void mean_and_error(const ri_record *record, const double *error, int64_t alphas, int64_t i,
                           double *mean, double *se) {
    int32_t folds = record->folds, used = 0;
    long double sum = 0, squares = 0;
    for (int32_t k = 0; k < folds; k++)
        if (!isnan(error[k * alphas + i])) {
            sum += error[k * alphas + i];
            used++;
        }
    for (int32_t k = 0; k < folds; k++)
        if (!isnan(error[k * alphas + i])) {
            long double d = error[k * alphas + i] - sum / used;
            squares += d * d;
        }
    *mean = used > 0 ? (double)(sum / used) : (double)NAN;
    long double once = (long double)used / ri_settings_repeats(&record->settings);
    *se = used > 1 ? (double)sqrtl(squares / (used - 1) / once) : (double)NAN;
}

/* Mean of the fold errors, each counting by its held-out weight; folds without one left out. */
static double weighted_mean(const ri_record *record, const double *error, int64_t alphas,
                            int64_t i) {
    long double all = 0, sum = 0;
    for (int64_t e = 0; e < record->n_all * ri_settings_repeats(&record->settings); e++) {
        double w = record->weight ? record->weight[e % record->n_all] : 1;
        if (record->fold[e] < 0 || w == 0 || isnan(error[record->fold[e] * alphas + i]))
            continue;
        all += w;
        sum += w * (long double)error[record->fold[e] * alphas + i];
    }
    return all > 0 ? (double)(sum / all) : (double)NAN;
}

/* The curve of a metric against a stored one. */
static void judge_curve(const ri_verify_errors *errors, int64_t r, ri_metric metric,
                        const double *stored_mean, const double *stored_se, double scale,
                        double *most) {
    const ri_path *path = &errors->record->path[r];
    for (int64_t i = 0; i < path->alphas; i++) {
        double mean, se;
        mean_and_error(errors->record, errors->of[metric][r], path->alphas, i, &mean, &se);
        raise_to(most, ri_verify_difference(stored_mean[i], mean, scale));
        raise_to(most, ri_verify_difference(stored_se[i], se, fmax(scale, mean)));
    }
}

double ri_verify_curve_difference(const ri_verify_errors *errors, int64_t r, double y_sd) {
    const ri_record *record = errors->record;
    const ri_path *path = &record->path[r];
    const double scale[RI_METRICS] = {y_sd * y_sd, y_sd, 1, 1, 1};
    ri_metric chosen = record->settings.metric;
    double most = 0;
    for (int m = 0; m < RI_METRICS; m++) {
        ri_metric metric = (ri_metric)m;
        for (int32_t k = 0; errors->of[m] && k < record->folds; k++)
            for (int64_t i = 0; i < path->alphas; i++)
                raise_to(&most,
                         ri_verify_difference(ri_fit_errors(&path->fit[k], metric)[i],
                                              errors->of[m][r][k * path->alphas + i], scale[m]));
        if (path->more_mean[m])
            judge_curve(errors, r, metric, path->more_mean[m], path->more_se[m], scale[m], &most);
    }
    judge_curve(errors, r, chosen, path->mean, path->se, scale[chosen], &most);
    judge_curve(errors, r, RI_MAE, path->mae_mean, path->mae_se, scale[RI_MAE], &most);
    for (int64_t i = 0; i < path->alphas; i++)
        raise_to(&most,
                 ri_verify_difference(path->mean_weighted[i],
                                      weighted_mean(record, errors->of[chosen][r], path->alphas, i),
                                      scale[chosen]));
    return most;
}
