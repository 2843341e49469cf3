/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_rows.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "result/verify_loss.h"

/* A squared length below this part of what it was is rounding. */
static const long double NOTHING = 1e-26L, NOTHING_OF_RAW = 1e-32L;
/* A null model that leaves less of the response's square fits it exactly: the rule of the solver.
 */
static const long double EXACT = 1e-24L;

void ri_verify_rows_free(ri_verify_rows *rows) {
    free(rows->row);
    free(rows->root);
    free(rows->y);
    free(rows->response);
    free(rows->basis);
    *rows = (ri_verify_rows){0};
}

ri_status ri_verify_read(const ri_dataset *dataset, int64_t j, void *stored, double *x,
                         ri_error *err) {
    size_t stride = ri_storage_bytes(dataset->storage, dataset->n);
    RI_TRY(ri_dataset_read(dataset, j, 1, stored, stride, NULL, err));
    for (int64_t i = 0; i < dataset->n; i++)
        x[i] = ri_element(dataset->storage, stored, i);
    return RI_OK;
}

bool ri_verify_kept(const ri_record *record, const ri_dataset *dataset, int64_t i) {
    if (record->test.rows > 0 && record->test.row[i])
        return false;
    return !isnan(dataset->y[i]) && (record->settings.covariate_mean ||
                                     ri_covariates_complete(&record->covariates, record->n_all, i));
}

/* Role of a row: 1 trained on, 2 predicted, 0 neither. */
static int role(const ri_verify_rows *rows, const ri_dataset *dataset, int64_t i) {
    if (!ri_verify_kept(rows->record, dataset, i))
        return rows->fold == RI_REFIT ? 2 : 0;
    if (rows->fold == RI_REFIT)
        return 1;
    const ri_record *record = rows->record;
    int32_t folds = record->folds / ri_settings_repeats(&record->settings);
    return record->fold[rows->fold / folds * record->n_all + i] == rows->fold ? 2 : 1;
}

static ri_status list_rows(ri_verify_rows *rows, const ri_dataset *dataset, ri_error *err) {
    const double *weight = rows->record->weight;
    for (int64_t i = 0; i < dataset->n; i++) {
        rows->train += role(rows, dataset, i) == 1;
        rows->held += role(rows, dataset, i) == 2;
    }
    size_t train = (size_t)rows->train, all = train + (size_t)rows->held;
    rows->row = ri_alloc(all, sizeof *rows->row);
    rows->root = ri_alloc(train, sizeof *rows->root);
    rows->y = ri_alloc(train, sizeof *rows->y);
    rows->response = ri_alloc(train, sizeof *rows->response);
    if (!rows->row || !rows->root || !rows->y || !rows->response)
        return ri_fail_memory(err, "the rows of a fit", 40 * all);
    long double sum = 0;
    for (int64_t i = 0, t = 0, h = rows->train; i < dataset->n; i++) {
        int what = role(rows, dataset, i);
        if (what == 2)
            rows->row[h++] = i;
        if (what != 1)
            continue;
        rows->root[t] = weight ? weight[i] : 1;
        sum += rows->root[t];
        rows->row[t++] = i;
    }
    if (!(sum > 0))
        return ri_fail(err, RI_BAD_INPUT,
                       "fold %d of the result leaves no training row of positive weight",
                       rows->fold);
    for (int64_t t = 0; t < rows->train; t++)
        rows->root[t] = sqrtl(rows->root[t] * (long double)rows->train / sum);
    return RI_OK;
}

ri_verify_column ri_verify_moments(const ri_verify_rows *rows, const double *x) {
    const ri_settings *settings = &rows->record->settings;
    long double weight = 0, sum = 0, squares = 0;
    double first = NAN;
    bool constant = true;
    for (int64_t t = 0; t < rows->train; t++) {
        double v = x[rows->row[t]];
        if (isnan(v) || rows->root[t] == 0)
            continue;
        first = isnan(first) ? v : first;
        constant = constant && v == first;
        weight += rows->root[t] * rows->root[t];
        sum += rows->root[t] * rows->root[t] * v;
    }
    ri_verify_column column = {.mean = constant && !isnan(first) ? first : 0};
    if (!constant)
        column.mean = sum / weight;
    for (int64_t t = 0; t < rows->train; t++) {
        double v = x[rows->row[t]];
        long double d = isnan(v) ? 0 : rows->root[t] * (v - column.mean);
        squares += d * d;
    }
    column.center = settings->intercept ? column.mean : 0;
    column.scale = 1;
    if (constant && (settings->intercept || settings->standardize))
        column.scale = 0;
    else if (settings->standardize)
        column.scale = 1 / sqrtl(squares / (long double)rows->train);
    return column;
}

void ri_verify_standardise(const ri_verify_rows *rows, const double *x,
                           const ri_verify_column *column, long double *z) {
    for (int64_t t = 0; t < rows->train; t++) {
        double v = x[rows->row[t]];
        long double filled = isnan(v) ? column->mean : v;
        z[t] = rows->root[t] * (filled - column->center) * column->scale;
    }
}

/* Twice: once is not enough where little of v is left. */
void ri_verify_project(const ri_verify_rows *rows, long double *v) {
    for (int pass = 0; pass < 2; pass++)
        for (int64_t q = 0; q < rows->directions; q++) {
            const long double *u = rows->basis + q * rows->train;
            long double dot = 0;
            for (int64_t t = 0; t < rows->train; t++)
                dot += u[t] * v[t];
            for (int64_t t = 0; t < rows->train; t++)
                v[t] -= dot * u[t];
        }
}

static long double square(const long double *v, int64_t n) {
    long double sum = 0;
    for (int64_t t = 0; t < n; t++)
        sum += v[t] * v[t];
    return sum;
}

/* Makes the vector behind the last direction the next one, unless it depends on those before. */
static void add_direction(ri_verify_rows *rows) {
    long double *v = rows->basis + rows->directions * rows->train;
    long double before = square(v, rows->train);
    ri_verify_project(rows, v);
    long double left = square(v, rows->train);
    if (!(left > NOTHING * before))
        return;
    for (int64_t t = 0; t < rows->train; t++)
        v[t] /= sqrtl(left);
    rows->directions++;
}

static ri_status add_unpenalized(ri_verify_rows *rows, const ri_dataset *dataset, void *stored,
                                 double *x, ri_error *err) {
    const double *factor = rows->record->penalty_factor;
    for (int64_t j = 0; factor && j < dataset->p; j++) {
        if (factor[j] != 0)
            continue;
        RI_TRY(ri_verify_read(dataset, j, stored, x, err));
        ri_verify_column column = ri_verify_moments(rows, x);
        ri_verify_standardise(rows, x, &column, rows->basis + rows->directions * rows->train);
        if (column.scale != 0)
            add_direction(rows);
    }
    return RI_OK;
}

/* The covariates of the record, as add_unpenalized. */
static void add_covariates(ri_verify_rows *rows) {
    const ri_record *record = rows->record;
    for (int64_t c = 0; c < record->covariates.count; c++) {
        const double *x = record->covariates.value + c * record->n_all;
        ri_verify_column column = ri_verify_moments(rows, x);
        ri_verify_standardise(rows, x, &column, rows->basis + rows->directions * rows->train);
        if (column.scale != 0)
            add_direction(rows);
    }
}

static ri_status make_basis(ri_verify_rows *rows, const ri_dataset *dataset, ri_error *err) {
    const ri_record *record = rows->record;
    size_t most = 1 + (size_t)record->covariates.count, train = (size_t)rows->train;
    for (int64_t j = 0; record->penalty_factor && j < record->p; j++)
        most += record->penalty_factor[j] == 0;
    rows->basis = ri_alloc((most + 1) * train, sizeof *rows->basis);
    double *x = ri_alloc((size_t)dataset->n, sizeof *x);
    void *stored = ri_alloc(ri_storage_bytes(dataset->storage, dataset->n), 1);
    ri_status status = RI_OK;
    if (!rows->basis || !x || !stored) {
        status = ri_fail_memory(err, "the unpenalised columns", (most + 1) * train * 16);
        goto done;
    }
    for (int64_t t = 0; t < rows->train; t++) {
        rows->basis[t] = rows->root[t];
        rows->response[t] = dataset->y[rows->row[t]];
        rows->y[t] = rows->root[t] * rows->response[t];
    }
    long double raw = square(rows->y, rows->train);
    if (record->settings.intercept)
        add_direction(rows);
    ri_verify_project(rows, rows->y);
    long double spread = square(rows->y, rows->train);
    RI_GO(add_unpenalized(rows, dataset, stored, x, err));
    add_covariates(rows);
    ri_verify_project(rows, rows->y);
    long double left = square(rows->y, rows->train);
    bool nothing = left <= EXACT * spread || left <= NOTHING_OF_RAW * raw;
    rows->raw_loss = raw / (2 * (long double)rows->train);
    rows->null_loss = nothing ? 0 : left / (2 * (long double)rows->train);
    rows->null_residual = sqrtl(2 * rows->null_loss);
    if (record->settings.family != RI_GAUSSIAN)
        status = ri_verify_null_model(rows, err);
done:
    free(x);
    free(stored);
    return status;
}

ri_status ri_verify_rows_new(const ri_record *record, const ri_dataset *dataset, int32_t fold,
                             ri_verify_rows *out, ri_error *err) {
    *out = (ri_verify_rows){.record = record, .fold = fold};
    ri_status status = list_rows(out, dataset, err);
    if (status == RI_OK)
        status = make_basis(out, dataset, err);
    if (status != RI_OK)
        ri_verify_rows_free(out);
    return status;
}
