/* SPDX-License-Identifier: BSD-3-Clause
 * The public library: riata.h on top of the rooms below. */
#include "riata.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "cv/cv.h"
#include "result/result.h"

_Static_assert((int)RIATA_SYSTEM == (int)RI_SYSTEM && (int)RIATA_INTERRUPTED == (int)RI_INTERRUPTED,
               "one list of statuses");
_Static_assert((int)RIATA_F64 == (int)RI_F64 && (int)RIATA_I8 == (int)RI_I8, "one list of types");

_Static_assert((int)RIATA_POISSON == (int)RI_POISSON && (int)RIATA_AUC == (int)RI_AUC + 1,
               "one list of families, one of metrics");

struct riata_result {
    ri_record *record;
};

const char *riata_version(void) {
    return RIATA_VERSION;
}

riata_options riata_options_default(void) {
    return (riata_options){.folds = 10,
                           .seed = 1,
                           .alphas = 100,
                           .l1_ratio = 1,
                           .tol = 1e-6,
                           .intercept = 1,
                           .standardize = 1,
                           .repeats = 1};
}

typedef struct relay {
    const riata_options *options;
} relay;

static int relay_progress(void *context, const ri_progress *progress) {
    const riata_options *options = ((const relay *)context)->options;
    return options->progress
               ? options->progress(options->context, progress->points_done, progress->points_total)
               : 0;
}

/* A response that its family can have. */
static ri_status check_family(const riata_data *data, const riata_options *options, ri_error *err) {
    if (options->family < RIATA_GAUSSIAN || options->family > RIATA_POISSON)
        return ri_fail(err, RI_BAD_INPUT, "family %d is not one of riata_family",
                       (int)options->family);
    if (options->metric < RIATA_METRIC_BY_FAMILY || options->metric > RIATA_AUC)
        return ri_fail(err, RI_BAD_INPUT, "metric %d is not one of riata_metric",
                       (int)options->metric);
    const ri_loss *loss = ri_loss_of((ri_family)options->family);
    if (options->metric != RIATA_METRIC_BY_FAMILY &&
        !ri_metric_fits((ri_metric)(options->metric - 1), (ri_family)options->family))
        return ri_fail(err, RI_BAD_INPUT, "the %s family has no %s", loss->name,
                       ri_metric_words((ri_metric)(options->metric - 1)));
    for (int64_t i = 0; i < data->n; i++) {
        double y = data->y[i];
        if (options->family == RIATA_BINOMIAL && !isnan(y) && y != 0 && y != 1)
            return ri_fail(err, RI_BAD_INPUT, "y[%lld] = %g: the binomial family needs 0 or 1",
                           (long long)i, y);
        if (options->family == RIATA_POISSON && y < 0)
            return ri_fail(err, RI_BAD_INPUT, "y[%lld] = %g: counts are not negative", (long long)i,
                           y);
    }
    return RI_OK;
}

static ri_status check(const riata_data *data, const riata_options *options, ri_error *err) {
    if (data->n < 2 || data->p < 1 || !data->x || !data->y)
        return ri_fail(err, RI_BAD_INPUT, "n >= 2, p >= 1, x and y are needed");
    if (data->type < RIATA_F64 || data->type > RIATA_I8)
        return ri_fail(err, RI_BAD_INPUT, "type %d is not one of riata_type", (int)data->type);
    if (options->folds < 0 || options->folds == 1)
        return ri_fail(err, RI_BAD_INPUT, "folds %d: 0, or at least 2", options->folds);
    if (options->repeats > 1 && (data->fold || options->folds == 0))
        return ri_fail(err, RI_BAD_INPUT, "repeats %d: needs folds that are shuffled by seed",
                       options->repeats);
    if (!(options->tol > 0))
        return ri_fail(err, RI_BAD_INPUT, "tol %g: must be above 0", options->tol);
    for (int64_t i = 0; data->fold && options->folds && i < data->n; i++)
        if (!isnan(data->y[i]) && (data->fold[i] < 0 || data->fold[i] >= options->folds))
            return ri_fail(err, RI_BAD_INPUT, "fold[%lld] = %d: must lie in 0 .. %d", (long long)i,
                           data->fold[i], options->folds - 1);
    for (int64_t j = 0; j < data->p; j++)
        for (int64_t i = 0; i < data->n && data->type != RIATA_I8; i++) {
            double v = data->type == RIATA_F64 ? ((const double *)data->x)[j * data->n + i]
                                               : (double)((const float *)data->x)[j * data->n + i];
            if (isinf(v))
                return ri_fail(err, RI_BAD_INPUT, "x: feature %lld of sample %lld is infinite",
                               (long long)j, (long long)i);
        }
    return RI_OK;
}

static const char *deal_scheme(const riata_options *options) {
    return options->family == RIATA_BINOMIAL ? "stratified" : "random";
}

static ri_settings make_settings(const riata_data *data, const riata_options *options) {
    ri_family family = (ri_family)options->family;
    ri_settings settings = {.family = family,
                            .metric = options->metric == RIATA_METRIC_BY_FAMILY
                                          ? ri_metric_default(family)
                                          : (ri_metric)(options->metric - 1),
                            .tol = options->tol,
                            .intercept = options->intercept != 0,
                            .standardize = options->standardize != 0,
                            .positive = options->positive != 0,
                            .missing_mean = true,
                            .seed = options->seed,
                            .repeats = options->repeats};
    snprintf(settings.fold_scheme, sizeof settings.fold_scheme, "%s",
             options->folds == 0 ? "none"
             : data->fold        ? "file"
                                 : deal_scheme(options));
    return settings;
}

/* Rows without a response belong to no fold. */
static ri_status make_folds(const riata_data *data, const riata_options *options, int32_t *fold,
                            ri_error *err) {
    if (options->folds == 0)
        return RI_OK;
    ri_fold_rule rule = {.scheme = deal_scheme(options),
                         .folds = options->folds,
                         .repeats = options->repeats,
                         .seed = options->seed};
    if (!data->fold)
        return ri_folds_repeat(&rule, data->n, data->y, fold, err);
    for (int64_t i = 0; i < data->n; i++)
        fold[i] = isnan(data->y[i]) ? RI_NO_FOLD : data->fold[i];
    return RI_OK;
}

static ri_status number_names(ri_names *names, int64_t count, ri_error *err) {
    for (int64_t i = 0; i < count; i++) {
        char text[24];
        int length = snprintf(text, sizeof text, "%lld", (long long)i + 1);
        RI_TRY(ri_names_add(names, text, (size_t)length, err));
    }
    return RI_OK;
}

static ri_status finish_record(ri_record *record, const riata_options *options, ri_error *err) {
    snprintf(record->command, sizeof record->command, "%s", options->folds ? "cv" : "path");
    snprintf(record->response, sizeof record->response, "y");
    record->run.ranks = 1;
    if (options->family == RIATA_BINOMIAL) {
        RI_TRY(ri_names_add(&record->classes, "0", 1, err));
        RI_TRY(ri_names_add(&record->classes, "1", 1, err));
    }
    RI_TRY(number_names(&record->sample, record->n_all, err));
    return number_names(&record->feature, record->p, err);
}

static ri_status run(const ri_problem *problem, const riata_options *options, ri_record **out,
                     ri_error *err) {
    int threads = options->threads > 0 ? options->threads : omp_get_max_threads();
    relay relay_context = {.options = options};
    ri_plan *plan = NULL;
    const ri_unit *unit;
    ri_unit_result *result = NULL;
    ri_status status = ri_plan_new(problem, NULL, threads, &plan, err);
    if (status != RI_OK)
        return status;
    int64_t units = ri_plan_units(plan, &unit);
    result = ri_calloc((size_t)units, sizeof *result);
    if (!result) {
        status = ri_fail_memory(err, "the results", (size_t)units * sizeof *result);
        goto done;
    }
    RI_GO(ri_units_run(plan, unit, units, threads, relay_progress, &relay_context, result, err));
    RI_GO(ri_assemble(plan, result, out, err));
    RI_GO(finish_record(*out, options, err));
    (*out)->run.threads = threads;
done:
    for (int64_t u = 0; result && u < units; u++)
        ri_unit_result_free(&result[u]);
    free(result);
    ri_plan_free(plan);
    if (status != RI_OK) {
        ri_record_free(*out);
        *out = NULL;
    }
    return status;
}

static riata_status tell(ri_status status, const ri_error *own, riata_error *err) {
    if (err) {
        err->status = (int)status;
        snprintf(err->text, sizeof err->text, "%s", status == RI_OK ? "" : own->text);
    }
    return (riata_status)status;
}

riata_status riata_fit(const riata_data *data, const riata_options *options, riata_result **out,
                       riata_error *err) {
    *out = NULL;
    ri_error own = {0};
    ri_record *record = NULL;
    ri_status status = check(data, options, &own);
    if (status == RI_OK)
        status = check_family(data, options, &own);
    if (status != RI_OK)
        return tell(status, &own, err);
    int32_t repeats = options->repeats > 1 ? options->repeats : 1;
    int32_t *fold = ri_alloc((size_t)(data->n * repeats), sizeof *fold);
    riata_result *result = ri_calloc(1, sizeof *result);
    if (!fold || !result) {
        status = ri_fail_memory(&own, "the folds", 4ULL * (size_t)(data->n * repeats));
        goto done;
    }
    RI_GO(make_folds(data, options, fold, &own));
    ri_storage storage = (ri_storage)data->type;
    ri_problem problem = {.x = {.storage = storage,
                                .n = data->n,
                                .p = data->p,
                                .stride = ri_storage_bytes(storage, data->n),
                                .values = data->x},
                          .y = data->y,
                          .weight = data->weight,
                          .penalty_factor = data->penalty_factor,
                          .folds = options->folds * repeats,
                          .fold = options->folds ? fold : NULL,
                          .settings = make_settings(data, options),
                          .l1_ratios = 1,
                          .l1_ratio = &options->l1_ratio,
                          .alphas = options->alphas,
                          .alpha_list = options->alpha_list,
                          .eps = options->eps,
                          .blocks = 1};
    RI_GO(run(&problem, options, &record, &own));
    result->record = record;
    *out = result;
    result = NULL;
    if (!ri_record_certified(record))
        status = ri_fail(&own, RI_UNCERTIFIED, "the worst relative gap is %g, above tol %g",
                         ri_record_worst_gap(record), options->tol);
done:
    free(fold);
    free(result);
    return tell(status, &own, err);
}

void riata_result_free(riata_result *result) {
    if (!result)
        return;
    ri_record_free(result->record);
    free(result);
}

int64_t riata_alphas(const riata_result *result) {
    return result->record->path[0].alphas;
}

const double *riata_alpha(const riata_result *result) {
    return result->record->path[0].alpha;
}

const double *riata_cv_mean(const riata_result *result) {
    return result->record->path[0].mean;
}

const double *riata_cv_se(const riata_result *result) {
    return result->record->path[0].se;
}

int64_t riata_index_min(const riata_result *result) {
    return result->record->path[0].index_min;
}

int64_t riata_index_1se(const riata_result *result) {
    return result->record->path[0].index_1se;
}

double riata_worst_gap(const riata_result *result) {
    return ri_record_worst_gap(result->record);
}

static const ri_fit *refit(const riata_result *result) {
    return ri_path_refit(result->record, &result->record->path[0]);
}

double riata_objective(const riata_result *result, int64_t index) {
    return index >= 0 && index < riata_alphas(result) ? refit(result)->objective[index] : NAN;
}

int64_t riata_coefficients(const riata_result *result, int64_t index, const int64_t **feature,
                           const double **coefficient, double *intercept) {
    if (index < 0 || index >= riata_alphas(result))
        return -1;
    const ri_fit *fit = refit(result);
    *feature = fit->feature + fit->start[index];
    *coefficient = fit->coefficient + fit->start[index];
    if (intercept)
        *intercept = fit->intercept[index];
    return fit->start[index + 1] - fit->start[index];
}

riata_status riata_write(const riata_result *result, const char *path, riata_error *err) {
    ri_error own = {0};
    return tell(ri_result_write(result->record, path, &own), &own, err);
}
