/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cv/held_errors.h"
#include "data/levels.h"

/* "0" and "." stand for an allele that was never seen. */
static bool same_allele(const char *a, const char *b) {
    bool unknown =
        strcmp(a, "0") == 0 || strcmp(b, "0") == 0 || strcmp(a, ".") == 0 || strcmp(b, ".") == 0;
    return unknown || strcmp(a, b) == 0;
}

typedef enum strand { AS_TRAINED, SWAPPED, FOREIGN } strand;

/* How the alleles of column `column` stand to those that feature `feature` was trained with. */
static strand compare_alleles(const ri_record *record, int64_t feature, const ri_dataset *dataset,
                              int64_t column) {
    if (!record->genotype || !dataset->genotype || record->a1.count == 0 || record->a2.count == 0 ||
        dataset->a1.count == 0 || dataset->a2.count == 0)
        return AS_TRAINED;
    const char *a1 = ri_names_get(&record->a1, feature), *a2 = ri_names_get(&record->a2, feature);
    const char *b1 = ri_names_get(&dataset->a1, column), *b2 = ri_names_get(&dataset->a2, column);
    if (same_allele(a1, b1) && same_allele(a2, b2))
        return AS_TRAINED;
    return same_allele(a1, b2) && same_allele(a2, b1) ? SWAPPED : FOREIGN;
}

static void note_first(char *first, size_t size, const char *name) {
    if (first[0] == '\0')
        snprintf(first, size, "%s", name);
}

/* One prediction under way. */
typedef struct application {
    const ri_record *record;
    const ri_dataset *dataset;
    void *column; /* of the dataset */
    double *prediction;
    ri_predict_report *report;
} application;

static void add_constant(const application *work, double value) {
    for (int64_t i = 0; i < work->dataset->n; i++)
        work->prediction[i] += value;
}

/* Adds coefficient times column `at` of the dataset. */
static ri_status add_column(const application *work, int64_t feature, int64_t at,
                            double coefficient, bool swapped, ri_error *err) {
    const ri_dataset *dataset = work->dataset;
    const ri_record *record = work->record;
    int64_t missing = 0;
    size_t stride = ri_storage_bytes(dataset->storage, dataset->n);
    RI_TRY(ri_dataset_read(dataset, at, 1, work->column, stride, &missing, err));
    if (missing > 0 && !record->genotype && !record->settings.missing_mean)
        return ri_dataset_missing_error(dataset, at, 1, work->column, stride, err);
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = ri_element(dataset->storage, work->column, i);
        if (isnan(value))
            value = record->feature_mean[feature];
        else if (swapped)
            value = 2 - value;
        work->prediction[i] += coefficient * value;
    }
    work->report->missing += missing;
    return RI_OK;
}

static ri_status add_feature(const application *work, int64_t feature, double coefficient,
                             const ri_name_index *index, ri_error *err) {
    ri_predict_report *report = work->report;
    const char *name = ri_names_get(&work->record->feature, feature);
    int64_t at = ri_name_index_find(index, name);
    strand alleles =
        at < 0 ? AS_TRAINED : compare_alleles(work->record, feature, work->dataset, at);
    if (at >= 0 && alleles != FOREIGN) {
        report->used++;
        report->swapped += alleles == SWAPPED;
        return add_column(work, feature, at, coefficient, alleles == SWAPPED, err);
    }
    if (at < 0) {
        report->absent++;
        note_first(report->first_absent, sizeof report->first_absent, name);
    } else {
        report->foreign++;
        note_first(report->first_foreign, sizeof report->first_foreign, name);
    }
    add_constant(work, coefficient * work->record->feature_mean[feature]);
    return RI_OK;
}

static void add_covariates(const application *work, const ri_fit *fit, int64_t alpha,
                           const double *covariate) {
    int64_t count = work->record->covariates.count, n = work->dataset->n;
    for (int64_t c = 0; c < count; c++)
        for (int64_t i = 0; i < n; i++) {
            double value = covariate[c * n + i];
            work->report->missing_covariates += isnan(value) != 0;
            value = isnan(value) ? work->record->covariate_mean[c] : value;
            work->prediction[i] += fit->covariate[alpha * count + c] * value;
        }
}

static ri_status count_extra(const application *work, ri_error *err) {
    ri_name_index *known = NULL;
    RI_TRY(ri_name_index_new(&work->record->feature, &known, NULL, err));
    for (int64_t j = 0; j < work->dataset->p; j++)
        work->report->extra +=
            ri_name_index_find(known, ri_names_get(&work->dataset->feature, j)) < 0;
    ri_name_index_free(known);
    return RI_OK;
}

/* 1 - sum of squares / that of the known responses about their mean. */
static double share_of_squares(const application *work, const double *y, double mse) {
    double sum = 0, spread = 0;
    for (int64_t i = 0; i < work->dataset->n; i++)
        sum += isnan(y[i]) ? 0 : y[i];
    double mean = sum / (double)work->report->known;
    for (int64_t i = 0; i < work->dataset->n; i++)
        spread += isnan(y[i]) ? 0 : (y[i] - mean) * (y[i] - mean);
    return spread > 0 ? 1 - mse * (double)work->report->known / spread : NAN;
}

/* Errors of all rows whose response is known: `y` is as the family has it. */
static ri_status measure(const application *work, const double *y, ri_error *err) {
    ri_predict_report *report = work->report;
    int32_t n = (int32_t)work->dataset->n, *row = ri_alloc((size_t)n, sizeof *row);
    if (!row)
        return ri_fail_memory(err, "the rows", 4 * (size_t)n);
    for (int32_t i = 0; i < n; i++) {
        row[i] = i;
        report->known += !isnan(y[i]);
    }
    ri_problem problem = {.y = y, .settings = {.family = work->record->settings.family}};
    ri_status status = ri_held_metrics(&problem, row, n, work->prediction, report->error, err);
    report->mse = report->error[RI_MSE];
    report->r2 = report->known > 0 ? share_of_squares(work, y, report->mse) : NAN;
    free(row);
    return status;
}

/* Where the dataset has the response. Classes that the result does not know cannot be held against
 * its predictions: they may be another response's. */
static ri_status score(const application *work, ri_error *err) {
    const ri_dataset *dataset = work->dataset;
    ri_predict_report *report = work->report;
    report->mse = report->r2 = NAN;
    if (!dataset->y)
        return RI_OK;
    if (work->record->settings.family != RI_BINOMIAL)
        return dataset->level.count == 0 ? measure(work, dataset->y, err) : RI_OK;
    double *y = ri_alloc((size_t)dataset->n, sizeof *y);
    if (!y)
        return ri_fail_memory(err, "the responses", 8 * (size_t)dataset->n);
    memcpy(y, dataset->y, (size_t)dataset->n * sizeof *y);
    ri_status status = RI_OK;
    if (ri_classes_code(dataset, &work->record->classes, y, NULL) == RI_OK)
        status = measure(work, y, err);
    else
        ri_classes_foreign(dataset, &work->record->classes, report->foreign_class,
                           sizeof report->foreign_class);
    free(y);
    return status;
}

double ri_mean_of(const ri_record *record, double prediction) {
    return record->settings.family == RI_GAUSSIAN
               ? prediction
               : ri_loss_of(record->settings.family)->mean(prediction);
}

ri_status ri_predict(const ri_record *record, int64_t path, int64_t alpha,
                     const ri_dataset *dataset, const double *covariate, double *prediction,
                     ri_predict_report *report, ri_error *err) {
    const ri_fit *fit = ri_path_refit(record, &record->path[path]);
    size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    application work = {record, dataset, ri_alloc(bytes, 1), prediction, report};
    ri_name_index *index = NULL;
    ri_status status;
    *report = (ri_predict_report){0};
    if (!work.column)
        return ri_fail_memory(err, "a column of X", bytes);
    RI_GO(ri_name_index_new(&dataset->feature, &index, NULL, err));
    RI_GO(count_extra(&work, err));
    if (report->extra == dataset->p) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: none of its %lld features is one of the result's %lld; the first are "
                         "'%s' here and '%s' there",
                         dataset->path, (long long)dataset->p, (long long)record->p,
                         ri_names_get(&dataset->feature, 0), ri_names_get(&record->feature, 0));
        goto done;
    }
    for (int64_t i = 0; i < dataset->n; i++)
        prediction[i] = fit->intercept[alpha];
    add_covariates(&work, fit, alpha, covariate);
    for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++)
        RI_GO(add_feature(&work, fit->feature[e], fit->coefficient[e], index, err));
    status = score(&work, err);
done:
    ri_name_index_free(index);
    free(work.column);
    return status;
}
