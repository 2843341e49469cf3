/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/split.h"
#include "data/levels.h"

/* A class with a smaller share is rare: said, with what to do. */
static const double RARE = 0.1;

static bool is_binomial(const ri_setup *setup) {
    return setup->problem.settings.family == RI_BINOMIAL;
}

ri_status ri_setup_family(const ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_settings *settings = &setup->problem.settings;
    settings->family = (ri_family)given->family;
    settings->metric =
        given->metric > 0 ? (ri_metric)(given->metric - 1) : ri_metric_default(settings->family);
    const char *family = ri_loss_of(settings->family)->name;
    if (!ri_metric_fits(settings->metric, settings->family))
        return ri_fail(err, RI_BAD_INPUT, "--metric %s does not go with --family %s",
                       ri_metric_name(settings->metric), family);
    if (!is_binomial(setup) && (given->positive_class || given->class_weight))
        return ri_fail(err, RI_BAD_INPUT, "%s needs --family binomial",
                       given->positive_class ? "--positive-class" : "--class-weight");
    return RI_OK;
}

/* Kept rows of a class. */
static int64_t count_class(const ri_setup *setup, double which) {
    int64_t count = 0;
    for (int64_t i = 0; i < setup->dataset->n; i++)
        count += setup->y[i] == which;
    return count;
}

static void tell_classes(ri_session *session, const ri_setup *setup) {
    int64_t count[2] = {count_class(setup, 0), count_class(setup, 1)};
    int rare = count[0] < count[1] ? 0 : 1;
    double share = (double)count[rare] / (double)(count[0] + count[1]);
    const char *name[2] = {ri_names_get(&setup->classes, 0), ri_names_get(&setup->classes, 1)};
    ri_console_note(&session->console,
                    "the positive class is '%s' (%lld samples), the other '%s' (%lld)", name[1],
                    (long long)count[1], name[0], (long long)count[0]);
    if (share < RARE)
        ri_console_warn(&session->console,
                        "the classes are unbalanced: %.1f %% of the samples are '%s'; always "
                        "saying '%s' would be right for all others, so look at --metric auc, or "
                        "give both classes the same total weight with --class-weight balanced",
                        100 * share, name[rare], name[!rare]);
}

static ri_status check_counts(const ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    for (int64_t i = 0; i < dataset->n; i++)
        if (setup->y[i] < 0)
            return ri_fail(
                err, RI_BAD_INPUT,
                "%s: response '%s' of sample '%s' is %g; --family poisson is for counts, "
                "which are not negative",
                dataset->path, dataset->response ? dataset->response : "y",
                ri_names_get(&dataset->sample, i), setup->y[i]);
    return RI_OK;
}

ri_status ri_setup_classes(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    ri_names_free(&setup->classes);
    if (is_binomial(setup)) {
        RI_TRY(ri_classes_find(dataset, setup->y, session->arguments.positive_class,
                               &setup->classes, err));
        RI_TRY(ri_classes_code(dataset, &setup->classes, setup->y, err));
        tell_classes(session, setup);
        return RI_OK;
    }
    if (dataset->level.count > 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: response '%s' is text ('%s', ...); --family binomial tells two classes "
                       "apart, other families need numbers",
                       dataset->path, dataset->response ? dataset->response : "y",
                       ri_names_get(&dataset->level, 0));
    return setup->problem.settings.family == RI_POISSON ? check_counts(setup, err) : RI_OK;
}

/* Total weight of a class. */
static double class_total(const ri_setup *setup, double which) {
    double sum = 0;
    for (int64_t i = 0; i < setup->dataset->n; i++)
        if (setup->y[i] == which)
            sum += setup->weight ? setup->weight[i] : 1;
    return sum;
}

static ri_status fail_weight(const ri_setup *setup, const char *text, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "--class-weight: '%s' is not 'balanced' and not of the form %s=1,%s=2, weights "
                   "above 0",
                   text, ri_names_get(&setup->classes, 0), ri_names_get(&setup->classes, 1));
}

/* "LABEL=W,LABEL=W" to weights of both classes; a class that is not named has 1. */
static ri_status parse_weights(const ri_setup *setup, const char *text, double factor[2],
                               ri_error *err) {
    char *copy = strdup(text), *rest = copy;
    ri_status status = copy ? RI_OK : ri_fail_memory(err, "the class weights", strlen(text));
    while (status == RI_OK && rest) {
        char *item = strsep(&rest, ","), *equals = strrchr(item, '=');
        double value;
        int which = -1;
        if (equals)
            *equals = '\0';
        for (int k = 0; k < 2 && equals; k++)
            which = strcmp(item, ri_names_get(&setup->classes, k)) == 0 ? k : which;
        if (which < 0 || !ri_parse_number(equals + 1, &value) || !(value > 0) || isinf(value))
            status = fail_weight(setup, text, err);
        else
            factor[which] = value;
    }
    free(copy);
    return status;
}

ri_status ri_setup_class_weights(ri_session *session, ri_setup *setup, ri_error *err) {
    const char *text = session->arguments.class_weight;
    double factor[2] = {1, 1};
    int64_t n = setup->dataset->n;
    if (!text)
        return RI_OK;
    if (strcmp(text, "balanced") == 0) {
        double total[2] = {class_total(setup, 0), class_total(setup, 1)};
        if (!(total[0] > 0 && total[1] > 0))
            return ri_fail(err, RI_BAD_INPUT,
                           "--class-weight balanced: all weights of one class are 0");
        for (int k = 0; k < 2; k++)
            factor[k] = (total[0] + total[1]) / (2 * total[k]);
    } else {
        RI_TRY(parse_weights(setup, text, factor, err));
    }
    double *weight = ri_alloc((size_t)n, sizeof *weight);
    if (!weight)
        return ri_fail_memory(err, "the weights", 8 * (uint64_t)n);
    for (int64_t i = 0; i < n; i++) {
        double y = ri_setup_tests(setup, i) ? setup->test_y[i] : setup->y[i];
        weight[i] = isnan(y) ? 0 : factor[y == 1] * (setup->weight ? setup->weight[i] : 1);
    }
    free(setup->weight);
    setup->weight = weight;
    ri_console_note(&session->console,
                    "--class-weight: %g for '%s', %g for '%s'; errors are weighted too", factor[0],
                    ri_names_get(&setup->classes, 0), factor[1], ri_names_get(&setup->classes, 1));
    return RI_OK;
}

/* Samples of fold k with weight, of each class; `outside`: of all other folds of its repeat. */
static void count_fold(const ri_setup *setup, int32_t k, int64_t held[2], int64_t outside[2]) {
    const ri_problem *problem = &setup->problem;
    int64_t n = setup->dataset->n;
    const int32_t *fold = problem->fold + ri_problem_repeat(problem, k) * n;
    held[0] = held[1] = outside[0] = outside[1] = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(setup->y[i]) || (setup->weight && setup->weight[i] == 0))
            continue;
        int64_t *count = fold[i] == k ? held : outside;
        count[setup->y[i] == 1]++;
    }
}

ri_status ri_setup_check_folds(ri_session *session, const ri_setup *setup, ri_error *err) {
    int32_t alone = 0, first = -1;
    for (int32_t k = 0; is_binomial(setup) && k < setup->problem.folds; k++) {
        int64_t held[2], outside[2];
        count_fold(setup, k, held, outside);
        if (outside[0] == 0 || outside[1] == 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "without fold %d no sample of class '%s' is left to train on; use "
                           "--fold-scheme stratified, fewer folds, or more samples of that class",
                           k, ri_names_get(&setup->classes, outside[0] == 0 ? 0 : 1));
        if (held[0] == 0 || held[1] == 0) {
            first = alone++ == 0 ? k : first;
        }
    }
    if (alone > 0)
        ri_console_note(&session->console,
                        "%d fold%s of samples of one class only, the first is %d: the AUC is not "
                        "defined there and is left out",
                        alone, alone == 1 ? " is" : "s are", first);
    return RI_OK;
}
