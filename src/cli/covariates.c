/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/covariates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cli/name_list.h"
#include "data/wording.h"

#define COVAR_FILE                                                                                 \
    {                                                                                              \
        .name = "covar", .kind = RI_TEXT, FIELD(covar), .argument = "FILE",                        \
        .shown = "/covariates of the dataset",                                                     \
        .help =                                                                                    \
            "Table of covariates, one line a sample, with a header that begins with FID IID, or "  \
            "with IID, sample or id. Samples are matched by name."                                 \
    }

const ri_option ri_options_covar_files[] = {COVAR_FILE, {0}};

const ri_option ri_options_covariates[] = {
    COVAR_FILE,
    {.name = "covar-name",
     .kind = RI_TEXT,
     FIELD(covar_name),
     .argument = "A,B",
     .shown = "every column of --covar; none of the dataset",
     .help = "Covariates that are always in the model, unpenalised. A column with texts is "
             "categorical: a 0/1 covariate for each of its levels but the most frequent one."},
    {.name = "covar-categorical",
     .kind = RI_TEXT,
     FIELD(covar_categorical),
     .argument = "A,B",
     .help = "Covariates that are categorical though their levels look like numbers."},
    {.name = "sex",
     .kind = RI_SWITCH,
     FIELD(sex),
     .help = "Sex is a covariate, SEX: column 5 of the .fam, 1 male, 2 female, anything else "
             "missing; also of a dataset imported from PLINK files."},
    {.name = "covar-missing",
     .kind = RI_CHOICE,
     FIELD(covar_missing),
     .argument = "WHAT",
     .initial = "leave-out",
     .choices = "leave-out|mean",
     .help = "A sample without a value of some covariate: leave it out of training (it is "
             "predicted), or take the mean of the training rows of each fit."},
    {0},
};

void ri_sample_column_free(ri_sample_column *column) {
    free(column->text);
    ri_names_free(&column->names);
    *column = (ri_sample_column){0};
}

ri_status ri_sample_column_read(const ri_sample_table *table, const ri_dataset *dataset,
                                const char *option, const char *name, ri_sample_column *out,
                                ri_error *err) {
    int64_t n = dataset->n, at = -1;
    *out = (ri_sample_column){.text = ri_alloc((size_t)n, sizeof *out->text)};
    if (!out->text)
        return ri_fail_memory(err, "a column of samples", 8ULL * (size_t)n);
    ri_status status = RI_OK;
    bool sex = strcmp(name, RI_SEX) == 0 && ri_sample_table_find(table, name) < 0;
    if (table->header.count > 0 && !sex) {
        at = ri_sample_table_find(table, name);
        if (at < 0)
            status = ri_fail_unknown_column(err, table->path, option, name, &table->header);
    } else {
        status = ri_dataset_covariate(dataset, name, &out->names, err);
    }
    for (int64_t i = 0; status == RI_OK && i < n; i++)
        out->text[i] = at >= 0 ? ri_sample_table_get(table, at, i) : ri_names_get(&out->names, i);
    if (status != RI_OK)
        ri_sample_column_free(out);
    return status;
}

ri_status ri_covar_table(ri_session *session, const ri_dataset *dataset, ri_sample_table *table,
                         ri_error *err) {
    const char *path = session->arguments.covar;
    *table = (ri_sample_table){0};
    if (!path)
        return RI_OK;
    RI_TRY(ri_sample_table_read(path, "--covar", &dataset->sample, table, err));
    if (table->unmatched > 0)
        ri_console_warn(&session->console, "--covar: %s has no line for %lld of %lld samples", path,
                        (long long)table->unmatched, (long long)dataset->n);
    if (table->unused > 0)
        ri_console_note(&session->console,
                        "--covar: %lld lines of %s are of samples that are not in the dataset",
                        (long long)table->unused, path);
    return RI_OK;
}

/* Says how a categorical covariate was expanded; the columns from `first` on are its own. */
static void tell_levels(ri_session *session, const ri_covariates *c, const char *name,
                        int64_t first) {
    if (c->count == first)
        ri_console_warn(&session->console,
                        "covariate '%s' has one level only and adds nothing to the model", name);
    else if (ri_names_get(&c->level, first)[0] != '\0')
        ri_console_note(&session->console,
                        "covariate '%s' is categorical: %lld levels, the reference is '%s'", name,
                        (long long)(c->count - first + 1), ri_names_get(&c->reference, first));
}

/* Adds RI_SEX to the names of covariates, and says how many samples have it. */
static ri_status add_sex(ri_session *session, const ri_dataset *dataset, ri_names *name,
                         ri_error *err) {
    ri_names sex = {0};
    long long male = 0, female = 0;
    if (ri_name_list_find(name, RI_SEX) >= 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--sex: the covariate %s is there already, by --covar or --covar-name; give "
                       "one of the two",
                       RI_SEX);
    if (ri_name_list_find(&dataset->covariate_names, RI_SEX) < 0)
        return ri_fail(
            err, RI_BAD_INPUT,
            "--sex: %s says of no sample whether it is male (1 in column 5 of a .fam) or "
            "female (2); other sources come by --covar",
            dataset->path);
    ri_status status = ri_dataset_covariate(dataset, RI_SEX, &sex, err);
    for (int64_t i = 0; status == RI_OK && i < sex.count; i++) {
        male += strcmp(ri_names_get(&sex, i), "male") == 0;
        female += strcmp(ri_names_get(&sex, i), "female") == 0;
    }
    if (status == RI_OK)
        ri_console_note(&session->console, "--sex: %lld male, %lld female, %lld unknown", male,
                        female, (long long)sex.count - male - female);
    ri_names_free(&sex);
    RI_TRY(status);
    return ri_names_add(name, RI_SEX, strlen(RI_SEX), err);
}

/* All of a table but what says which samples are tested, or in what groups. */
static ri_status every_column(const ri_arguments *given, const ri_names *header, ri_names *out,
                              ri_error *err) {
    for (int64_t k = 0; k < header->count; k++) {
        const char *name = ri_names_get(header, k);
        if (given->test_column && strcmp(name, given->test_column) == 0)
            continue;
        if (given->test_group && strcmp(name, given->test_group) == 0)
            continue;
        RI_TRY(ri_names_add(out, name, strlen(name), err));
    }
    return RI_OK;
}

ri_status ri_covariates_take(ri_session *session, const ri_dataset *dataset,
                             const ri_sample_table *table, ri_covariates *out, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_names name = {0}, categorical = {0};
    ri_sample_column column = {0};
    ri_status status = RI_OK;
    *out = (ri_covariates){0};
    if (given->covar_name)
        RI_GO(ri_name_list(given->covar_name, "--covar-name", &name, err));
    else
        RI_GO(every_column(given, &table->header, &name, err));
    if (given->sex)
        RI_GO(add_sex(session, dataset, &name, err));
    if (given->covar_categorical)
        RI_GO(ri_name_list(given->covar_categorical, "--covar-categorical", &categorical, err));
    for (int64_t k = 0; k < categorical.count; k++)
        if (ri_name_list_find(&name, ri_names_get(&categorical, k)) < 0) {
            status = ri_fail(err, RI_BAD_INPUT, "--covar-categorical: '%s' is no covariate",
                             ri_names_get(&categorical, k));
            goto done;
        }
    for (int64_t k = 0; k < name.count; k++) {
        const char *text = ri_names_get(&name, k);
        int64_t first = out->count;
        RI_GO(ri_sample_column_read(table, dataset, "--covar-name", text, &column, err));
        RI_GO(ri_covariates_add(out, text, column.text, dataset->n,
                                ri_name_list_find(&categorical, text) >= 0, err));
        tell_levels(session, out, text, first);
        ri_sample_column_free(&column);
    }
done:
    ri_sample_column_free(&column);
    ri_names_free(&name);
    ri_names_free(&categorical);
    if (status != RI_OK)
        ri_covariates_free(out);
    return status;
}

/* Codes each column of the model once. */
static ri_status code_all(const ri_covariates *model, const ri_dataset *dataset,
                          const ri_sample_table *table, double *value, int64_t *unknown,
                          ri_error *err) {
    for (int64_t c = 0; c < model->count; c++) {
        const char *source = ri_names_get(&model->source, c);
        ri_sample_column column;
        if (c > 0 && strcmp(source, ri_names_get(&model->source, c - 1)) == 0)
            continue;
        RI_TRY(ri_sample_column_read(table, dataset, "--covar", source, &column, err));
        ri_status status =
            ri_covariates_code(model, source, column.text, dataset->n, value, unknown, err);
        ri_sample_column_free(&column);
        RI_TRY(status);
    }
    return RI_OK;
}

ri_status ri_covariates_for(ri_session *session, const ri_covariates *model,
                            const ri_dataset *dataset, double **value, ri_error *err) {
    ri_sample_table table = {0};
    int64_t unknown = 0;
    ri_status status;
    *value = NULL;
    if (model->count == 0)
        return RI_OK;
    if (!session->arguments.covar && dataset->covariate_names.count == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "the result has covariates, the first is '%s', and %s has none: give their "
                       "table by --covar",
                       ri_names_get(&model->source, 0), dataset->path);
    RI_GO(ri_covar_table(session, dataset, &table, err));
    *value = ri_alloc((size_t)(model->count * dataset->n), sizeof **value);
    if (!*value) {
        status = ri_fail_memory(err, "the covariates", 8ULL * (size_t)dataset->n);
        goto done;
    }
    RI_GO(code_all(model, dataset, &table, *value, &unknown, err));
    if (unknown > 0)
        ri_console_warn(&session->console,
                        "%lld samples have a level of a covariate that the result does not know: "
                        "taken as missing",
                        (long long)unknown);
done:
    ri_sample_table_free(&table);
    if (status != RI_OK) {
        free(*value);
        *value = NULL;
    }
    return status;
}
