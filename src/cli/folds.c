/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/folds.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/covariates.h"
#include "cli/keyed.h"
#include "cli/name_list.h"
#include "cli/option_entries.h"
#include "cv/fold_sizes.h"

enum { DEFAULT_FOLDS = 10 };

/* In the order of --fold-scheme's choices. */
static const char *const SCHEME[] = {"random",  "modulo", "contiguous",
                                     "grouped", "stored", "stratified"};
enum { RANDOM, MODULO, CONTIGUOUS, GROUPED, STORED, STRATIFIED };

const ri_option ri_options_folds[] = {
    {.name = "folds",
     .letter = 'k',
     .kind = RI_INTEGER,
     FIELD(folds),
     .argument = "K",
     .low = 2,
     .word = "loo",
     .unit = "folds",
     .shown = "10, or as many as --fold-file names",
     .help = "Number of folds; loo is leave-one-out: as many as samples with a response."},
    {.name = "repeats",
     .kind = RI_INTEGER,
     FIELD(repeats),
     .argument = "R",
     .initial = "1",
     .low = 1,
     .high = 10000,
     .help =
         "Repeated cross-validation: the samples are shuffled into folds R times, independently, "
         "by a scheme that is random. The curve is the mean over all R K folds, a sample's "
         "held-out prediction that over its R. The standard error is their sd / sqrt(K): repeats "
         "steady the curve, they add no samples."},
    {.name = "fold-scheme",
     .kind = RI_CHOICE,
     FIELD(fold_scheme),
     .argument = "SCHEME",
     .shown = "random, or stratified with --family binomial",
     .choices = "random|modulo|contiguous|grouped|stored|stratified",
     .help = "random: shuffled by --seed and the samples' names; modulo: kept row i goes to fold i "
             "mod K; contiguous: runs of rows; grouped: rows of one group stay together; stored: "
             "/folds of the dataset; stratified: random within each value of the response, or, "
             "where it has more than 10, within each tenth of its range by rank."},
    RI_ENTRY_GROUP(
        "the dataset's only group column",
        "Groups for --fold-scheme grouped, which it implies: a group column of the dataset, "
        "such as FID, or a column of --covar or /covariates."),
    {.name = "fold-file",
     .kind = RI_TEXT,
     FIELD(fold_file),
     .argument = "FILE",
     .help = "TSV with header 'sample fold': the fold of each sample as a whole number. Sets the "
             "scheme and the number of folds."},
    RI_ENTRY_SEED("Seed of the random schemes."),
    {0},
};

int ri_half_scheme(int choice) {
    static const int scheme[] = {RANDOM, GROUPED, STRATIFIED};
    return choice < 0 ? choice : scheme[choice];
}

static int compare_rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Labels of the kept rows to folds 0 .. K-1, in rising order of label. */
static ri_status number_labels(const ri_setup *setup, const double *label, int32_t *fold,
                               int32_t *folds, ri_error *err) {
    const double *y = setup->y;
    int64_t n = setup->dataset->n, kept = 0, distinct = 0;
    double *sorted = ri_alloc((size_t)n, sizeof *sorted);
    if (!sorted)
        return ri_fail_memory(err, "the folds", 8 * (uint64_t)n);
    for (int64_t i = 0; i < n; i++)
        if (!isnan(y[i]))
            sorted[kept++] = label[i];
    qsort(sorted, (size_t)kept, sizeof *sorted, compare_rising);
    for (int64_t i = 0; i < kept; i++)
        if (distinct == 0 || sorted[i] > sorted[distinct - 1])
            sorted[distinct++] = sorted[i];
    for (int64_t i = 0; i < n; i++) {
        const double *found = isnan(y[i]) ? NULL
                                          : bsearch(&label[i], sorted, (size_t)distinct,
                                                    sizeof *sorted, compare_rising);
        fold[i] = found ? (int32_t)(found - sorted) : RI_NO_FOLD;
    }
    *folds = (int32_t)distinct;
    free(sorted);
    return RI_OK;
}

static ri_status check_number(const ri_session *session, const char *source, int32_t folds,
                              ri_error *err) {
    int64_t asked = session->arguments.folds;
    if (folds < 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s puts all samples into one fold; at least 2 are "
                       "needed",
                       source);
    if (asked == RI_WORD)
        return ri_fail(err, RI_BAD_INPUT, "--folds loo makes its own folds and cannot use %s",
                       source);
    if (asked > 0 && asked != folds)
        return ri_fail(err, RI_BAD_INPUT, "%s has %lld folds, but --folds asks for %lld", source,
                       (long long)folds, (long long)asked);
    return RI_OK;
}

static ri_status folds_from_file(ri_session *session, ri_setup *setup, double *label,
                                 ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    ri_keyed keyed = {.option = "--fold-file",
                      .path = session->arguments.fold_file,
                      .key = "sample",
                      .value = "fold"};
    RI_TRY(ri_keyed_read(&keyed, &dataset->sample, label, err));
    for (int64_t i = 0; i < dataset->n; i++) {
        if (isnan(setup->y[i]))
            continue;
        const char *name = ri_names_get(&dataset->sample, i);
        if (isnan(label[i]))
            return ri_fail(err, RI_BAD_INPUT, "--fold-file: %s: sample '%s' has no line",
                           keyed.path, name);
        if (label[i] != floor(label[i]))
            return ri_fail(err, RI_BAD_INPUT,
                           "--fold-file: %s: fold %g of sample '%s' is not a whole number",
                           keyed.path, label[i], name);
    }
    if (keyed.unknown > 0)
        ri_console_warn(&session->console,
                        "--fold-file: %s: %lld samples are not in the dataset; ignored", keyed.path,
                        (long long)keyed.unknown);
    return RI_OK;
}

static ri_status folds_from_dataset(const ri_setup *setup, double *label, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    if (!dataset->fold)
        return ri_fail(err, RI_BAD_INPUT,
                       "--fold-scheme stored: %s has no /folds; choose another scheme",
                       dataset->path);
    for (int64_t i = 0; i < dataset->n; i++)
        label[i] = dataset->fold[i];
    return RI_OK;
}

/* Folds that somebody chose: from a file, or from the dataset. */
static ri_status take_labels(ri_session *session, ri_setup *setup, ri_error *err) {
    const char *path = session->arguments.fold_file;
    ri_settings *settings = &setup->problem.settings;
    double *label = ri_alloc((size_t)setup->dataset->n, sizeof *label);
    ri_status status;
    if (!label)
        return ri_fail_memory(err, "the folds", 8 * (uint64_t)setup->dataset->n);
    snprintf(settings->fold_scheme, sizeof settings->fold_scheme, "%s", path ? "file" : "stored");
    if (settings->repeats > 1) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "--repeats %d: the folds of %s are the same every time; leave it out, or "
                         "use a random scheme",
                         settings->repeats, path ? path : "/folds");
        goto done;
    }
    RI_GO(path ? folds_from_file(session, setup, label, err)
               : folds_from_dataset(setup, label, err));
    RI_GO(number_labels(setup, label, setup->fold, &setup->problem.folds, err));
    status =
        check_number(session, path ? path : "/folds of the dataset", setup->problem.folds, err);
done:
    free(label);
    return status;
}

/* Labels to groups 0, 1, ... in order of first appearance; a sample without one is a group of its
 * own. `*alone` counts those. */
static ri_status number_groups(const ri_sample_column *column, int64_t n, int32_t **group,
                               int64_t *groups, int64_t *alone, ri_error *err) {
    ri_names label = {0};
    ri_name_index *index = NULL;
    ri_status status = RI_OK;
    int32_t *number = ri_alloc((size_t)n, sizeof *number);
    if (!number)
        return ri_fail_memory(err, "the groups", 4 * (uint64_t)n);
    for (int64_t i = 0; i < n; i++)
        RI_GO(ri_names_add(&label, column->text[i], strlen(column->text[i]), err));
    RI_GO(ri_name_index_new(&label, &index, NULL, err));
    *groups = *alone = 0;
    for (int64_t i = 0; i < n; i++) {
        bool missing = ri_is_missing_text(column->text[i]);
        int64_t first = missing ? i : ri_name_index_find(index, column->text[i]);
        number[i] = first < i ? number[first] : (int32_t)(*groups)++;
        *alone += missing;
    }
    *group = number;
    number = NULL;
done:
    free(number);
    ri_name_index_free(index);
    ri_names_free(&label);
    return status;
}

/* Groups by a column of --covar or /covariates. */
static ri_status group_by_column(ri_session *session, const ri_setup *setup, const char *option,
                                 const char *name, int32_t **group, int64_t *groups,
                                 ri_error *err) {
    ri_sample_column column;
    int64_t alone = 0;
    RI_TRY(ri_sample_column_read(&setup->covar, setup->dataset, option, name, &column, err));
    ri_status status = number_groups(&column, setup->dataset->n, group, groups, &alone, err);
    ri_sample_column_free(&column);
    if (status == RI_OK && alone > 0)
        ri_console_note(&session->console,
                        "%s: %lld samples have no '%s': each is a group of its own", option,
                        (long long)alone, name);
    return status;
}

ri_status ri_setup_groups(ri_session *session, const ri_setup *setup, const char *option,
                          const char *name, int32_t **group, int64_t *groups, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    bool covariate = setup->covar.header.count > 0
                         ? ri_sample_table_find(&setup->covar, name) >= 0
                         : ri_name_list_find(&dataset->covariate_names, name) >= 0;
    if (covariate && ri_name_list_find(&dataset->group_names, name) < 0)
        return group_by_column(session, setup, option, name, group, groups, err);
    return ri_dataset_group(dataset, name, group, groups, err);
}

static ri_status find_groups(ri_session *session, ri_setup *setup, int32_t **group, int64_t *groups,
                             ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    const char *name = session->arguments.group;
    ri_settings *settings = &setup->problem.settings;
    if (!name && dataset->group_names.count != 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--fold-scheme grouped: %s has %lld group columns; name one by --group",
                       dataset->path, (long long)dataset->group_names.count);
    if (!name)
        name = ri_names_get(&dataset->group_names, 0);
    snprintf(settings->group_name, sizeof settings->group_name, "%s", name);
    return ri_setup_groups(session, setup, "--group", name, group, groups, err);
}

/* Each kept row is a fold of its own, in file order. */
static ri_status leave_one_out(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    int32_t folds = 0;
    if (given->fold_scheme >= 0 || given->group)
        return ri_fail(err, RI_BAD_INPUT,
                       "--folds loo holds out one sample at a time: it has no use for %s",
                       given->group ? "--group" : "--fold-scheme");
    if (given->repeats > 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--repeats %lld: leave-one-out is the same every time; leave it out",
                       (long long)given->repeats);
    if (setup->kept > INT32_MAX - 1)
        return ri_fail(err, RI_BAD_INPUT, "--folds loo: %lld samples are too many",
                       (long long)setup->kept);
    for (int64_t i = 0; i < setup->dataset->n; i++)
        setup->fold[i] = isnan(setup->y[i]) ? RI_NO_FOLD : folds++;
    setup->problem.folds = folds;
    snprintf(setup->problem.settings.fold_scheme, sizeof setup->problem.settings.fold_scheme,
             "loo");
    return RI_OK;
}

/* Folds that riata deals. */
static ri_status deal(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    const ri_dataset *dataset = setup->dataset;
    ri_settings *settings = &setup->problem.settings;
    int64_t asked = given->folds > 0 ? given->folds : DEFAULT_FOLDS;
    int32_t folds = asked < INT32_MAX ? (int32_t)asked : INT32_MAX, *group = NULL;
    int64_t groups = 0;
    int asked_scheme = given->fold_scheme;
    if (asked_scheme < 0)
        asked_scheme = settings->family == RI_BINOMIAL ? STRATIFIED : RANDOM;
    bool grouped = asked_scheme == GROUPED || given->group;
    const char *scheme = SCHEME[grouped ? GROUPED : asked_scheme];
    if (given->group && given->fold_scheme > RANDOM && given->fold_scheme != GROUPED)
        return ri_fail(err, RI_BAD_INPUT, "--group goes with --fold-scheme grouped, not with %s",
                       SCHEME[given->fold_scheme]);
    if (grouped)
        RI_TRY(find_groups(session, setup, &group, &groups, err));
    snprintf(settings->fold_scheme, sizeof settings->fold_scheme, "%s", scheme);
    ri_fold_rule rule = {.scheme = scheme,
                         .folds = folds,
                         .repeats = settings->repeats,
                         .seed = settings->seed,
                         .sample = &dataset->sample,
                         .group = group,
                         .groups = groups};
    ri_status status = ri_folds_repeat(&rule, dataset->n, setup->y, setup->fold, err);
    if (status == RI_OK)
        setup->problem.folds = folds * settings->repeats;
    free(group);
    return status;
}

static void warn_of_sizes(ri_session *session, const ri_setup *setup) {
    char text[512];
    int32_t folds = setup->problem.folds;
    ri_fold_sizes sizes = ri_fold_sizes_of(setup->fold, setup->dataset->n, folds,
                                           ri_settings_repeats(&setup->problem.settings));
    if (ri_fold_sizes_warn(&sizes, text, sizeof text))
        ri_console_warn(&session->console, "%s", text);
}

ri_status ri_setup_folds(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_settings *settings = &setup->problem.settings;
    if (strcmp(session->command, "cv") != 0 && strcmp(session->command, "stability") != 0 &&
        strcmp(session->command, "compare") != 0) {
        snprintf(settings->fold_scheme, sizeof settings->fold_scheme, "none");
        return RI_OK;
    }
    settings->repeats = (int32_t)given->repeats;
    size_t entries = (size_t)setup->dataset->n * (size_t)settings->repeats;
    setup->fold = ri_alloc(entries, sizeof *setup->fold);
    if (!setup->fold)
        return ri_fail_memory(err, "the folds", 4 * entries);
    setup->problem.fold = setup->fold;
    bool labels = given->fold_file || given->fold_scheme == STORED;
    RI_TRY(labels                    ? take_labels(session, setup, err)
           : given->folds == RI_WORD ? leave_one_out(session, setup, err)
                                     : deal(session, setup, err));
    warn_of_sizes(session, setup);
    return RI_OK;
}
