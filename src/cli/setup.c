/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/setup.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/adaptive.h"
#include "cli/covariates.h"
#include "cli/family.h"
#include "cli/folds.h"
#include "cli/keyed.h"
#include "cli/name_list.h"
#include "cli/open.h"
#include "cli/split.h"
#include "cv/expected.h"

/* The option that names responses. */
static const char **name_option(ri_session *session) {
    ri_arguments *given = &session->arguments;
    return given->pheno ? &given->pheno_name : &given->response;
}

static ri_status open_dataset(ri_session *session, ri_setup *setup, ri_error *err) {
    const char **name = name_option(session);
    if (*name) {
        RI_TRY(ri_name_list(*name, session->arguments.pheno ? "--pheno-name" : "--response",
                            &setup->responses, err));
        *name = ri_names_get(&setup->responses, 0);
    }
    RI_TRY(ri_open_data(session, session->arguments.operand[0], NULL, false, &setup->dataset, err));
    const ri_dataset *dataset = setup->dataset;
    if (dataset->samples_first)
        ri_console_warn(&session->console,
                        "%s:%s is stored samples first and is transposed while it is read; "
                        "storing it (p, n) makes reading faster",
                        dataset->path, dataset->x_path);
    return RI_OK;
}

static ri_status take_covariates(ri_session *session, ri_setup *setup, ri_error *err) {
    RI_TRY(ri_covar_table(session, setup->dataset, &setup->covar, err));
    RI_TRY(ri_covariates_take(session, setup->dataset, &setup->covar, &setup->covariates, err));
    if (setup->covariates.count > 0)
        ri_console_note(&session->console, "%lld covariates are in every model, unpenalised",
                        (long long)setup->covariates.count);
    return RI_OK;
}

/* The response of the rows that are trained on. */
static ri_status take_response(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    int64_t n = dataset->n, lacking = 0;
    setup->y = ri_alloc((size_t)n, sizeof *setup->y);
    if (!setup->y)
        return ri_fail_memory(err, "the response", 8 * (uint64_t)n);
    for (int64_t i = 0; i < n; i++) {
        bool complete = session->arguments.covar_missing == 1 ||
                        ri_covariates_complete(&setup->covariates, n, i);
        setup->y[i] = complete ? dataset->y[i] : (double)NAN;
        lacking += !complete && !isnan(dataset->y[i]);
    }
    if (lacking > 0)
        ri_console_note(&session->console,
                        "%lld samples with a response lack a covariate: left out of training, and "
                        "predicted with its mean; --covar-missing mean keeps them",
                        (long long)lacking);
    return RI_OK;
}

/* A response that varies, on enough rows. */
static ri_status check_response(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    double low = INFINITY, high = -INFINITY;
    int64_t missing = 0;
    for (int64_t i = 0; i < dataset->n; i++) {
        missing += isnan(dataset->y[i]) != 0;
        if (isnan(setup->y[i]))
            continue;
        setup->kept++;
        low = fmin(low, setup->y[i]);
        high = fmax(high, setup->y[i]);
    }
    const char *name = dataset->response ? dataset->response : "the response";
    if (missing == dataset->n)
        return ri_fail(err, RI_BAD_INPUT, "%s: response '%s' is missing in all %lld rows",
                       dataset->path, name, (long long)dataset->n);
    if (setup->kept == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: no sample has both the response '%s' and all covariates; see "
                       "--covar-missing",
                       dataset->path, name);
    if (low == high)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: response '%s' is constant: all %lld rows have the value %g",
                       dataset->path, name, (long long)setup->kept, low);
    if (missing > 0)
        ri_console_note(&session->console,
                        "%lld of %lld rows have no response: left out of training, and predicted",
                        (long long)missing, (long long)dataset->n);
    return RI_OK;
}

static void tell_unknown(ri_session *session, const ri_keyed *keyed) {
    if (keyed->unknown > 0)
        ri_console_warn(&session->console,
                        "%s: %s: %lld lines name a %s that the dataset does not have, the first "
                        "is '%s'; ignored",
                        keyed->option, keyed->path, (long long)keyed->unknown, keyed->key,
                        keyed->first_unknown);
}

/* Every kept row needs an entry of a per-sample file. */
static ri_status check_complete(const ri_keyed *keyed, const ri_setup *setup, const double *number,
                                ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    for (int64_t i = 0; i < dataset->n; i++)
        if (isnan(number[i]) && (!isnan(setup->y[i]) || ri_setup_tests(setup, i)))
            return ri_fail(err, RI_BAD_INPUT, "%s: %s: sample '%s' has no line", keyed->option,
                           keyed->path, ri_names_get(&dataset->sample, i));
    return RI_OK;
}

static ri_status take_weights(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    const char *path = session->arguments.weights;
    double total = 0;
    if (!path && !dataset->weight)
        return RI_OK;
    setup->weight = ri_alloc((size_t)dataset->n, sizeof *setup->weight);
    if (!setup->weight)
        return ri_fail_memory(err, "the weights", 8 * (uint64_t)dataset->n);
    if (path) {
        ri_keyed keyed = {.option = "--weights", .path = path, .key = "sample", .value = "weight"};
        RI_TRY(ri_keyed_read(&keyed, &dataset->sample, setup->weight, err));
        RI_TRY(check_complete(&keyed, setup, setup->weight, err));
        tell_unknown(session, &keyed);
    } else {
        memcpy(setup->weight, dataset->weight, (size_t)dataset->n * sizeof *setup->weight);
        ri_console_note(&session->console, "weights are those of the dataset, /weights");
    }
    for (int64_t i = 0; i < dataset->n; i++) {
        if (isnan(setup->y[i]) && !ri_setup_tests(setup, i)) {
            setup->weight[i] = 0;
            continue;
        }
        if (!(setup->weight[i] >= 0) || isinf(setup->weight[i]))
            return ri_fail(err, RI_BAD_INPUT,
                           "%s:/weights: sample '%s' has the weight %g; weights are at least 0",
                           dataset->path, ri_names_get(&dataset->sample, i), setup->weight[i]);
        total += isnan(setup->y[i]) ? 0 : setup->weight[i];
    }
    if (!(total > 0))
        return ri_fail(err, RI_BAD_INPUT, "%s: all weights are 0", path ? path : dataset->path);
    return RI_OK;
}

static ri_status take_penalty_factors(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    const char *path = session->arguments.penalty_factors;
    int64_t columns = dataset->p + setup->covariates.count;
    bool penalised = false;
    if (!path && setup->covariates.count == 0)
        return RI_OK;
    setup->penalty_factor = ri_calloc((size_t)columns, sizeof *setup->penalty_factor);
    if (!setup->penalty_factor)
        return ri_fail_memory(err, "the penalty factors", 8 * (uint64_t)columns);
    for (int64_t j = 0; !path && j < dataset->p; j++)
        setup->penalty_factor[j] = 1;
    if (!path)
        return RI_OK;
    ri_keyed keyed = {
        .option = "--penalty-factors", .path = path, .key = "feature", .value = "factor"};
    RI_TRY(ri_keyed_read(&keyed, &dataset->feature, setup->penalty_factor, err));
    tell_unknown(session, &keyed);
    for (int64_t j = 0; j < dataset->p; j++) {
        if (isnan(setup->penalty_factor[j]))
            setup->penalty_factor[j] = 1;
        penalised |= setup->penalty_factor[j] > 0;
    }
    if (!penalised)
        return ri_fail(err, RI_BAD_INPUT,
                       "--penalty-factors: %s: every feature has the factor 0; nothing is "
                       "penalised and there is no alpha to choose",
                       path);
    return RI_OK;
}

static int compare_falling(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The grid: a list (sorted, equal values once), one alpha, or N log-spaced ones. */
static ri_status take_grid(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_problem *problem = &setup->problem;
    const double *list = given->alpha_list.value;
    int64_t count = given->alpha_list.count, kept = 0;
    if (strcmp(session->command, "fit") == 0) {
        list = &given->alpha;
        count = 1;
    }
    problem->alphas = given->alphas;
    problem->eps = isnan(given->eps) ? 0 : given->eps;
    if (count > 0) {
        setup->alpha_list = ri_alloc((size_t)count, sizeof *setup->alpha_list);
        if (!setup->alpha_list)
            return ri_fail_memory(err, "the alphas", 8 * (uint64_t)count);
        memcpy(setup->alpha_list, list, (size_t)count * sizeof *list);
        qsort(setup->alpha_list, (size_t)count, sizeof *list, compare_falling);
        for (int64_t a = 0; a < count; a++)
            if (kept == 0 || setup->alpha_list[a] < setup->alpha_list[kept - 1])
                setup->alpha_list[kept++] = setup->alpha_list[a];
        problem->alphas = kept;
        problem->alpha_list = setup->alpha_list;
    }
    problem->blocks = (int32_t)(given->alpha_blocks > 0 ? given->alpha_blocks : 1);
    if (problem->blocks > problem->alphas)
        return ri_fail(err, RI_BAD_INPUT,
                       "--alpha-blocks: '%lld' is not allowed; give at most the number of alphas, "
                       "%lld",
                       (long long)problem->blocks, (long long)problem->alphas);
    if (given->early_stop && problem->blocks > 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--early-stop follows the error curve from the largest alpha down and "
                       "--alpha-blocks starts in its middle: give one of the two");
    return RI_OK;
}

/* Information criteria count features, and ridge keeps all of them. */
static ri_status check_rule(const ri_session *session, const ri_setup *setup, ri_error *err) {
    bool lasso = false;
    for (int64_t r = 0; r < setup->problem.l1_ratios; r++)
        lasso |= setup->problem.l1_ratio[r] > 0;
    if (setup->problem.settings.select < RI_SELECT_BIC || lasso)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "--select %s counts the features that are not 0, and ridge (--l1-ratio 0) keeps "
                   "all of them%s",
                   ri_select_word[setup->problem.settings.select],
                   strcmp(session->command, "cv") == 0 ? "; take min or 1se" : "");
}

static void take_model(const ri_session *session, ri_setup *setup) {
    const ri_arguments *given = &session->arguments;
    ri_problem *problem = &setup->problem;
    ri_settings *settings = &problem->settings;
    settings->tol = given->tol;
    settings->intercept = !given->no_intercept;
    settings->standardize = !given->no_standardize;
    settings->positive = given->positive;
    settings->covariate_mean = given->covar_missing == 1;
    settings->missing_mean = given->missing == RI_MISSING_MEAN ||
                             (given->missing == RI_MISSING_NOT_GIVEN && setup->dataset->genotype);
    settings->solver = (ri_solver)given->solver;
    settings->select = (ri_select)given->select;
    if (strcmp(session->command, "path") == 0 && given->select > 0)
        settings->select = (ri_select)(given->select + 1); /* last, bic, ebic */
    settings->ebic_gamma = strcmp(session->command, "fit") == 0 ? RI_EBIC_GAMMA : given->ebic_gamma;
    settings->seed = (uint64_t)given->seed;
    settings->early_stop = given->early_stop;
    settings->patience = (int32_t)given->patience;
    bool refines = strcmp(session->command, "cv") == 0 && given->refine > 0;
    settings->first_fit = ri_adaptive_hash(session);
    settings->refine = refines ? (int32_t)given->refine : 0;
    problem->l1_ratios = given->l1_ratio.count;
    problem->l1_ratio = given->l1_ratio.value;
    problem->y = setup->y;
    problem->kept = setup->kept;
    problem->deviation = ri_expected_deviation(setup->y, setup->dataset->n);
    problem->weight = setup->weight;
    problem->penalty_factor = setup->penalty_factor;
    problem->x.storage = setup->dataset->sparse ? RI_CSC : setup->dataset->storage;
    problem->x.n = setup->dataset->n;
    problem->x.p = setup->dataset->p + setup->covariates.count;
    problem->x.extras = setup->covariates.count;
    problem->x.extra = setup->covariates.value;
    problem->x.stride = ri_storage_bytes(problem->x.storage, problem->x.n);
    if (setup->dataset->sparse)
        problem->x.entry_bytes =
            (double)ri_dataset_entries(setup->dataset, 0, setup->dataset->p) *
            (double)(sizeof(int32_t) + ri_storage_bytes(setup->dataset->storage, 1));
}

/* All that depends on the response of the dataset. */
static ri_status respond(ri_session *session, ri_setup *setup, ri_error *err) {
    free(setup->y);
    free(setup->weight);
    free(setup->fold);
    ri_setup_free_test(setup);
    setup->y = setup->weight = NULL;
    setup->fold = NULL;
    setup->kept = 0;
    RI_TRY(take_response(session, setup, err));
    RI_TRY(ri_setup_family(session, setup, err));
    RI_TRY(check_response(session, setup, err));
    RI_TRY(ri_setup_classes(session, setup, err));
    RI_TRY(ri_setup_test(session, setup, err));
    RI_TRY(take_weights(session, setup, err));
    RI_TRY(ri_setup_class_weights(session, setup, err));
    take_model(session, setup);
    RI_TRY(check_rule(session, setup, err));
    RI_TRY(ri_setup_folds(session, setup, err));
    return ri_setup_check_folds(session, setup, err);
}

ri_status ri_setup_open(ri_session *session, ri_setup *setup, ri_error *err) {
    *setup = (ri_setup){0};
    RI_TRY(open_dataset(session, setup, err));
    RI_TRY(take_covariates(session, setup, err));
    RI_TRY(take_grid(session, setup, err));
    RI_TRY(take_penalty_factors(session, setup, err));
    return respond(session, setup, err);
}

ri_status ri_setup_response(ri_session *session, ri_setup *setup, int64_t k, ri_error *err) {
    const char *name = ri_names_get(&setup->responses, k);
    ri_pheno_report report;
    *name_option(session) = name;
    ri_pheno_options pheno = ri_given_pheno(&session->arguments);
    if (!pheno.file)
        RI_TRY(ri_dataset_take_response(setup->dataset, name, err));
    RI_TRY(ri_dataset_take_pheno(setup->dataset, &pheno, &report, err));
    if (pheno.file)
        ri_tell_pheno(session, &report);
    return respond(session, setup, err);
}

ri_status ri_setup_again(ri_session *session, ri_setup *setup, ri_error *err) {
    return respond(session, setup, err);
}

ri_status ri_setup_threads(ri_session *session, int *threads, ri_error *err) {
    char note[512] = "";
    int64_t given = session->arguments.threads;
    RI_TRY(ri_cluster_threads(session->cluster, given > 0 ? (int)given : 0, threads, note,
                              sizeof note, err));
    omp_set_num_threads(*threads);
    if (note[0])
        ri_console_note(&session->console, "%s", note);
    return RI_OK;
}

void ri_setup_close(ri_setup *setup) {
    ri_dataset_close(setup->dataset);
    ri_names_free(&setup->responses);
    ri_names_free(&setup->classes);
    ri_sample_table_free(&setup->covar);
    ri_covariates_free(&setup->covariates);
    free(setup->y);
    free(setup->weight);
    free(setup->penalty_factor);
    free(setup->alpha_list);
    free(setup->fold);
    ri_setup_free_test(setup);
    *setup = (ri_setup){0};
}
