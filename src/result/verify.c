/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "data/levels.h"
#include "result/verify_choice.h"
#include "result/verify_errors.h"
#include "result/verify_loss.h"
#include "result/verify_points.h"
#include "result/verify_relax.h"
#include "result/verify_stability.h"

static const double LEAST_TOL = 1e-12;      /* of a gap, in double precision */
static const double MOST_DIFFERENCE = 1e-8; /* of objectives, predictions and curves */
static const double GROUP_BYTES = 500e6;    /* of points in hand together */

typedef struct audit {
    const ri_record *record;
    const ri_dataset *dataset;
    ri_verdict *verdict;
    int threads;
    double y_sd;
    double rounding; /* of predictions, in units of y_sd: from numbers on the original scale */
    ri_verify_errors errors;
    uint8_t *leak;        /* [n_all] */
    int32_t *selected;    /* [p] fits of the folds that have the feature */
    double **mean;        /* [paths] -> [alphas * n_all] mean prediction of the repeats, or NULL */
    ri_verify_rows *rows; /* [folds + 1]; empty where not in hand */
} audit;

static void raise_to(double *most, double value) {
    if (!(value <= *most))
        *most = value;
}

static ri_status check_same(const ri_record *record, const ri_dataset *dataset, ri_error *err) {
    if (dataset->n != record->n_all || dataset->p != record->p)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s has %lld samples and %lld features, the result was made from %lld and "
                       "%lld: give the dataset it was made from",
                       dataset->path, (long long)dataset->n, (long long)dataset->p,
                       (long long)record->n_all, (long long)record->p);
    if (!dataset->y)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: no response was opened; the result is of response '%s'", dataset->path,
                       record->response);
    uint64_t fingerprint;
    RI_TRY(ri_dataset_fingerprint(dataset, &fingerprint, err));
    if (fingerprint != record->fingerprint)
        return ri_fail(
            err, RI_BAD_INPUT,
            "%s is not the dataset of this result: names, response '%s' or values differ "
            "(fingerprint %016llx, not %016llx)",
            dataset->path, record->response, (unsigned long long)fingerprint,
            (unsigned long long)record->fingerprint);
    return RI_OK;
}

static double spread_of_response(const ri_record *record, const ri_dataset *dataset) {
    const double *y = dataset->y;
    long double weight = 0, sum = 0, squares = 0;
    for (int64_t i = 0; i < record->n_all; i++)
        if (ri_verify_kept(record, dataset, i)) {
            long double w = record->weight ? record->weight[i] : 1;
            weight += w;
            sum += w * y[i];
        }
    for (int64_t i = 0; i < record->n_all; i++)
        if (ri_verify_kept(record, dataset, i)) {
            long double d = y[i] - sum / weight;
            squares += (record->weight ? record->weight[i] : 1) * d * d;
        }
    return (double)sqrtl(squares / weight);
}

/* Gap and objective of one point against the record. */
static void judge_fit(audit *a, const ri_verify_point *p) {
    ri_verdict *v = a->verdict;
    const ri_fit *fit = p->fit;
    double gap = (double)p->gap, null_loss = (double)p->rows->null_loss;
    double tol = fmax(a->record->settings.tol, LEAST_TOL);
    double lost = DBL_EPSILON * (double)p->reach; /* of the intercept; its square is in the loss */
    lost = null_loss > 0 ? lost * lost / null_loss : 0;
    double limit = tol * (1 + 1e-6) + LEAST_TOL + lost;
    if (!fit->certified[p->alpha])
        limit = 1.01 * fit->gap[p->alpha] + LEAST_TOL + lost;
    v->points++;
    v->failed += !(gap <= limit);
    if (!(gap <= v->worst_gap)) {
        v->worst_gap = gap;
        v->worst_fold = fit->fold;
        v->worst_alpha = p->alpha;
        v->worst_path = p->path;
    }
    double scale = null_loss > 0 ? null_loss : (double)p->rows->raw_loss;
    double off = ri_verify_difference(fit->objective[p->alpha], (double)p->objective, scale);
    raise_to(&v->objective_difference, fmax(off - lost, 0));
    raise_to(&v->objective_difference, ri_verify_difference(fit->null_loss, null_loss, scale));
    if (p->alpha == 0 && p->path == 0)
        v->leaks += llabs((long long)(fit->train - p->rows->train));
    raise_to(&a->rounding, 16 * DBL_EPSILON * (double)p->reach / a->y_sd);
}

/* True where a stored prediction is the recomputed one. */
static bool judge_prediction(audit *a, double stored, double recomputed, double allowed) {
    double off = fabs(stored - recomputed) / a->y_sd;
    off = isnan(off) ? (double)INFINITY : off;
    raise_to(&a->verdict->prediction_difference, off);
    return off <= allowed;
}

static void add_predictions(audit *a, const ri_verify_point *p) {
    const ri_verify_rows *rows = p->rows;
    double *mean = a->mean[p->path] + p->alpha * a->record->n_all;
    for (int64_t t = rows->train; t < rows->train + rows->held; t++)
        mean[rows->row[t]] += (double)(p->fitted[t] / ri_settings_repeats(&a->record->settings));
}

/* Stored predictions of the rows that this fit predicts; a wrong one of a fold is a leak. */
static void judge_predictions(audit *a, const ri_verify_point *p) {
    const ri_verify_rows *rows = p->rows;
    const double *stored = a->record->path[p->path].prediction + p->alpha * a->record->n_all;
    double allowed = MOST_DIFFERENCE + 16 * DBL_EPSILON * (double)p->reach / a->y_sd;
    if (a->mean && rows->fold != RI_REFIT) {
        add_predictions(a, p);
        return;
    }
    int64_t first = a->record->folds > 0 ? rows->train : 0;
    for (int64_t t = first; t < rows->train + rows->held; t++) {
        int64_t i = rows->row[t];
        bool close = judge_prediction(a, stored[i], (double)p->fitted[t], allowed);
        if (rows->fold != RI_REFIT && !close)
            a->leak[i] = 1;
    }
}

/* Of repeated folds: the mean prediction of every row, once all points are judged. */
static void judge_mean_predictions(audit *a, int64_t r) {
    const ri_path *path = &a->record->path[r];
    int64_t n = a->record->n_all;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; a->record->fold[i] != RI_NO_FOLD && k < path->alphas; k++)
            if (!judge_prediction(a, path->prediction[k * n + i], a->mean[r][k * n + i],
                                  MOST_DIFFERENCE + a->rounding))
                a->leak[i] = 1;
}

static ri_status judge_group(audit *a, ri_verify_point *point, int64_t count, ri_error *err) {
    ri_status status = ri_verify_points(a->dataset, point, count, a->threads, err);
    for (int64_t i = 0; status == RI_OK && i < count; i++) {
        judge_fit(a, &point[i]);
        judge_predictions(a, &point[i]);
        status = ri_verify_errors_add(&a->errors, a->dataset->y, &point[i], err);
    }
    ri_verify_points_free(point, count);
    return status;
}

static double bytes_of_rows(const ri_record *record) {
    double directions = 2 + (double)record->covariates.count;
    for (int64_t j = 0; record->penalty_factor && j < record->p; j++)
        directions += record->penalty_factor[j] == 0;
    return (16 * directions + 64) * (double)record->n_all;
}

/* Takes up the rows of fit k, unless they are in hand. */
static ri_status take_rows(audit *a, int32_t k, ri_error *err) {
    if (a->rows[k].row)
        return RI_OK;
    int32_t fold = k < a->record->folds ? k : RI_REFIT;
    return ri_verify_rows_new(a->record, a->dataset, fold, &a->rows[k], err);
}

static void drop_rows(audit *a) {
    for (int32_t k = 0; k <= a->record->folds; k++)
        ri_verify_rows_free(&a->rows[k]);
}

/* All points, fit by fit, in groups that fit in memory. */
static ri_status judge_points(audit *a, ri_error *err) {
    const ri_record *record = a->record;
    double a_point = (double)ri_verify_point_bytes(record->n_all), a_fit = bytes_of_rows(record);
    int64_t most = 1 + (int64_t)(GROUP_BYTES / a_point), total = 0, count = 0;
    for (int64_t r = 0; r < record->paths; r++)
        total += record->path[r].alphas * (record->folds + 1);
    most = most < total ? most : total;
    ri_verify_point *point = ri_alloc((size_t)most, sizeof *point);
    if (!point)
        return ri_fail_memory(err, "the points of a result", sizeof *point * (size_t)most);
    ri_status status = RI_OK;
    double held = 0;
    for (int32_t k = 0; k <= record->folds; k++)
        for (int64_t r = 0; r < record->paths; r++)
            for (int64_t i = 0; i < record->path[r].alphas; i++) {
                double more = a_point + (a->rows[k].row ? 0 : a_fit);
                if (count == most || (count > 0 && held + more > GROUP_BYTES)) {
                    RI_GO(judge_group(a, point, count, err));
                    drop_rows(a);
                    count = 0;
                    held = 0;
                }
                held += a_point + (a->rows[k].row ? 0 : a_fit);
                RI_GO(take_rows(a, k, err));
                point[count++] = (ri_verify_point){.path = r,
                                                   .alpha = i,
                                                   .k = k,
                                                   .fit = &record->path[r].fit[k],
                                                   .rows = &a->rows[k]};
            }
    RI_GO(judge_group(a, point, count, err));
done:
    drop_rows(a);
    free(point);
    return status;
}

/* Selection frequencies: the folds' fits that have a feature, counted one by one. */
static bool frequencies_agree(audit *a) {
    const ri_record *record = a->record;
    const ri_path *path = ri_record_selected(record);
    int64_t i = record->index_selected;
    if (!record->frequency) /* a result of an earlier version: nothing is claimed */
        return true;
    for (int32_t k = 0; k < record->folds; k++)
        for (int64_t e = path->fit[k].start[i]; e < path->fit[k].start[i + 1]; e++)
            a->selected[path->fit[k].feature[e]] += path->fit[k].coefficient[e] != 0;
    for (int64_t j = 0; j < record->p; j++)
        if (!(fabs(record->frequency[j] * record->folds - a->selected[j]) < 1e-6))
            return false;
    return true;
}

/* Errors of the test samples from their stored predictions, which are those of the refit and
 * verified as such. */
static void judge_test(audit *a) {
    const ri_record *record = a->record;
    const ri_test *test = &record->test;
    const double *stored = ri_record_selected(record)->prediction;
    stored += record->index_selected * record->n_all;
    long double weight = 0, square = 0, absolute = 0, sum = 0, squares = 0;
    if (test->rows == 0)
        return;
    for (int64_t i = 0; i < record->n_all; i++)
        if (test->row[i]) {
            long double w = record->weight ? record->weight[i] : 1;
            long double e = a->dataset->y[i] - ri_verify_mean(record->settings.family, stored[i]);
            weight += w;
            sum += w * a->dataset->y[i];
            square += w * e * e;
            absolute += w * fabsl(e);
        }
    for (int64_t i = 0; i < record->n_all; i++)
        if (test->row[i]) {
            long double d = a->dataset->y[i] - sum / weight;
            squares += (record->weight ? record->weight[i] : 1) * d * d;
        }
    double *most = &a->verdict->curve_difference, y = a->y_sd;
    double r2 = squares > 0 ? (double)(1 - square / squares) : (double)NAN;
    raise_to(most, ri_verify_difference(test->error[RI_MSE], (double)(square / weight), y * y));
    raise_to(most, ri_verify_difference(test->error[RI_MAE], (double)(absolute / weight), y));
    raise_to(most, ri_verify_difference(test->r2, r2, 1));
}

static void conclude(audit *a, bool stability) {
    const ri_record *record = a->record;
    ri_verdict *v = a->verdict;
    for (int64_t r = 0; a->mean && r < record->paths; r++)
        judge_mean_predictions(a, r);
    for (int64_t i = 0; i < record->n_all; i++)
        v->leaks += a->leak[i];
    v->choice_agrees = true;
    judge_test(a);
    if (record->folds > 0) {
        for (int64_t r = 0; r < record->paths; r++)
            raise_to(&v->curve_difference, ri_verify_curve_difference(&a->errors, r, a->y_sd));
    }
    v->choice_agrees =
        stability && ri_verify_relax(record) && ri_verify_choice(record) && frequencies_agree(a);
    double most = MOST_DIFFERENCE + a->rounding;
    v->passed = v->failed == 0 && v->leaks == 0 && v->choice_agrees &&
                v->objective_difference <= MOST_DIFFERENCE && v->prediction_difference <= most &&
                v->curve_difference <= most;
}

static void free_audit(audit *a) {
    for (int64_t r = 0; a->mean && r < a->record->paths; r++)
        free(a->mean[r]);
    ri_verify_errors_free(&a->errors);
    free(a->mean);
    free(a->leak);
    free(a->selected);
    free(a->rows);
}

static ri_status make_audit(audit *a, ri_error *err) {
    const ri_record *record = a->record;
    size_t paths = (size_t)record->paths, folds = (size_t)record->folds;
    RI_TRY(ri_verify_errors_new(record, &a->errors, err));
    a->leak = ri_calloc((size_t)record->n_all, 1);
    a->selected = ri_calloc((size_t)record->p, sizeof *a->selected);
    a->rows = ri_calloc(folds + 1, sizeof *a->rows);
    bool good = a->leak && a->selected && a->rows;
    if (good && ri_settings_repeats(&record->settings) > 1)
        good = (a->mean = ri_calloc(paths, sizeof *a->mean)) != NULL;
    for (size_t r = 0; good && r < paths; r++) {
        size_t predictions = (size_t)(record->n_all * record->path[r].alphas);
        if (good && a->mean)
            good = (a->mean[r] = ri_calloc(predictions, sizeof(double))) != NULL;
    }
    return good ? RI_OK : ri_fail_memory(err, "the recomputed errors", 16 * paths * folds);
}

/* The dataset with its response as the family has it: 0 and 1. `y` is the caller's to free. */
static ri_status code_response(const ri_record *record, const ri_dataset *dataset,
                               ri_dataset *coded, double **y, ri_error *err) {
    *coded = *dataset;
    if (record->settings.family != RI_BINOMIAL)
        return RI_OK;
    *y = ri_alloc((size_t)dataset->n, sizeof **y);
    if (!*y)
        return ri_fail_memory(err, "the response", 8 * (size_t)dataset->n);
    memcpy(*y, dataset->y, (size_t)dataset->n * sizeof **y);
    coded->y = *y;
    return ri_classes_code(dataset, &record->classes, *y, err);
}

ri_status ri_verify(const ri_record *record, const ri_dataset *dataset,
                    const ri_verify_options *options, ri_verdict *verdict, ri_error *err) {
    *verdict = (ri_verdict){0};
    RI_TRY(check_same(record, dataset, err));
    ri_dataset coded;
    double *y = NULL;
    ri_status status = code_response(record, dataset, &coded, &y, err);
    if (status != RI_OK) {
        free(y);
        return status;
    }
    audit a = {.record = record,
               .dataset = &coded,
               .verdict = verdict,
               .threads = options->threads > 0 ? options->threads : omp_get_max_threads(),
               .y_sd = spread_of_response(record, &coded)};
    status = make_audit(&a, err);
    if (status == RI_OK)
        status = judge_points(&a, err);
    bool stability = true;
    if (status == RI_OK)
        status = ri_verify_stability(record, &stability, err);
    if (status == RI_OK)
        conclude(&a, stability);
    free_audit(&a);
    free(y);
    return status;
}
