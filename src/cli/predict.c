/* SPDX-License-Identifier: BSD-3-Clause
 * riata predict: the chosen model of a result, applied to a dataset. */
#include "result/predict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/covariates.h"
#include "cli/open.h"
#include "data/levels.h"
#include "result/result.h"

/* In the order of --select's choices. */
enum { AS_STORED, MINIMUM, ONE_SE };

static const ri_option CHOICE[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "stored",
     .choices = "stored|min|1se",
     .help = "Which alpha: the one that was chosen when the result was made, the minimum of the "
             "error curve, or the largest alpha within one standard error of it."},
    {.name = "alpha-index",
     .kind = RI_INTEGER,
     FIELD(alpha_index),
     .argument = "I",
     .low = 0,
     .shown = "by --select",
     .help = "Position of the alpha on the grid, 0 being the largest."},
    {0},
};

static const ri_option OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "FILE",
     .shown = "standard output",
     .help = "TSV (compressed where the name ends in .gz) with the columns sample and prediction, "
             "and observed where the dataset has the "
             "response."},
    {0},
};

static ri_status choose_alpha(const ri_record *record, const ri_arguments *given, int64_t *alpha,
                              ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    *alpha = record->index_selected;
    if (given->alpha_index >= path->alphas)
        return ri_fail(err, RI_BAD_INPUT,
                       "--alpha-index: '%lld' is not allowed; the grid has %lld "
                       "alphas, give at most %lld",
                       (long long)given->alpha_index, (long long)path->alphas,
                       (long long)path->alphas - 1);
    if (given->alpha_index >= 0)
        *alpha = given->alpha_index;
    else if (given->select != AS_STORED && record->folds == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--select: the result of '%s' has no error curve; use "
                       "--alpha-index",
                       record->command);
    else if (given->select != AS_STORED)
        *alpha = given->select == MINIMUM ? path->index_min : path->index_1se;
    return RI_OK;
}

/* What a prediction is called, and what it is: the response itself, or mean and linear predictor.
 */
static void write_prediction(FILE *file, const ri_record *record, double prediction) {
    char number[RI_NUMBER_TEXT];
    fprintf(file, "\t%s", ri_format_number(ri_mean_of(record, prediction), number));
    if (record->settings.family != RI_GAUSSIAN)
        fprintf(file, "\t%s", ri_format_number(prediction, number));
    if (record->settings.family == RI_BINOMIAL)
        fprintf(file, "\t%s", ri_names_get(&record->classes, prediction > 0));
}

static void write_rows(FILE *file, const ri_record *record, const ri_dataset *dataset,
                       const double *prediction) {
    static const char *const heads[RI_FAMILIES] = {[RI_GAUSSIAN] = "prediction",
                                                   [RI_BINOMIAL] =
                                                       "probability\tlinear_predictor\tclass",
                                                   [RI_POISSON] = "prediction\tlinear_predictor"};
    char number[RI_NUMBER_TEXT];
    fprintf(file, "sample\t%s%s\n", heads[record->settings.family], dataset->y ? "\tobserved" : "");
    for (int64_t i = 0; i < dataset->n; i++) {
        fputs(ri_names_get(&dataset->sample, i), file);
        write_prediction(file, record, prediction[i]);
        if (dataset->y)
            fprintf(file, "\t%s",
                    isnan(dataset->y[i]) ? "NA" : ri_class_label(dataset, dataset->y[i], number));
        fputc('\n', file);
    }
}

static ri_status write_predictions(const char *path, const ri_record *record,
                                   const ri_dataset *dataset, const double *prediction,
                                   ri_error *err) {
    ri_output output;
    if (!path) {
        write_rows(stdout, record, dataset, prediction);
        return fflush(stdout) == 0 ? RI_OK
                                   : ri_fail(err, RI_SYSTEM, "standard output cannot be written");
    }
    RI_TRY(ri_output_open(path, &output, err));
    write_rows(output.file, record, dataset, prediction);
    return ri_output_close(&output, 1, err);
}

/* How far predictions are from the responses that are known. */
static void tell_errors(ri_console *console, const ri_record *record,
                        const ri_predict_report *report) {
    if (report->foreign_class[0])
        ri_console_warn(console,
                        "the dataset's response has the class '%s', which the result does not "
                        "know ('%s' and '%s'): predictions are not held against it",
                        report->foreign_class, ri_names_get(&record->classes, 0),
                        ri_names_get(&record->classes, 1));
    if (report->known > 0 && record->settings.family == RI_GAUSSIAN)
        ri_console_note(console, "%lld responses are known: MSE %.6g, R2 %.4g",
                        (long long)report->known, report->mse, report->r2);
    else if (report->known > 0 && record->settings.family == RI_POISSON)
        ri_console_note(console, "%lld responses are known: deviance %.6g, MSE %.6g",
                        (long long)report->known, report->error[RI_DEVIANCE], report->mse);
    else if (report->known > 0)
        ri_console_note(console,
                        "%lld responses are known: deviance %.6g, %.4g %% misclassified, AUC %.4g",
                        (long long)report->known, report->error[RI_DEVIANCE],
                        100 * report->error[RI_CLASS_ERROR], report->error[RI_AUC]);
}

static void tell(ri_session *session, const ri_record *record, const ri_predict_report *report,
                 double alpha) {
    ri_console *console = &session->console;
    ri_console_note(console, "alpha %g: %lld features with a coefficient are used", alpha,
                    (long long)report->used);
    if (report->absent > 0)
        ri_console_warn(console,
                        "%lld features with a coefficient are not in the dataset, the "
                        "first is '%s': their training mean is taken",
                        (long long)report->absent, report->first_absent);
    if (report->foreign > 0)
        ri_console_warn(console,
                        "%lld features have other alleles here, the first is '%s': their "
                        "training mean is taken",
                        (long long)report->foreign, report->first_foreign);
    if (report->swapped > 0)
        ri_console_note(console, "%lld features count the other allele here: turned round",
                        (long long)report->swapped);
    if (report->missing > 0)
        ri_console_note(console, "%lld missing values take the training mean",
                        (long long)report->missing);
    if (report->missing_covariates > 0)
        ri_console_note(console, "%lld missing covariates take the training mean",
                        (long long)report->missing_covariates);
    if (report->extra > 0)
        ri_console_note(console, "%lld features of the dataset are unknown to the result: ignored",
                        (long long)report->extra);
    tell_errors(console, record, report);
}

static ri_status run_predict(ri_session *session, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_record *record = NULL;
    ri_dataset *dataset = NULL;
    double *prediction = NULL, *covariate = NULL;
    ri_predict_report report;
    int64_t alpha;
    ri_status status;
    RI_GO(ri_check_data(session, given->operand[1], err));
    RI_GO(ri_record_open(given->operand[0], &record, err));
    RI_GO(choose_alpha(record, given, &alpha, err));
    RI_GO(ri_open_data(session, given->operand[1], NULL, true, &dataset, err));
    if (given->output)
        RI_GO(ri_output_prepare(given->output, err));
    prediction = ri_alloc((size_t)dataset->n, sizeof *prediction);
    if (!prediction) {
        status = ri_fail_memory(err, "the predictions", 8 * (uint64_t)dataset->n);
        goto done;
    }
    RI_GO(ri_covariates_for(session, &record->covariates, dataset, &covariate, err));
    RI_GO(ri_predict(record, record->selected_path, alpha, dataset, covariate, prediction, &report,
                     err));
    RI_GO(write_predictions(given->output, record, dataset, prediction, err));
    tell(session, record, &report, ri_record_selected(record)->alpha[alpha]);
done:
    free(prediction);
    free(covariate);
    ri_dataset_close(dataset);
    ri_record_free(record);
    return status;
}

const ri_command ri_command_predict = {
    .name = "predict",
    .purpose = "apply a result to a dataset",
    .operands = "RESULT [DATA]",
    .least = 1,
    .most = 2,
    .example = "riata predict out/first.h5 new.h5 -o predictions.tsv",
    .detail = "Features are matched by name, not by position; genotypes also by their alleles. R2 "
              "is 1 - sum of squared errors / sum of squares of the known responses about their "
              "mean.",
    .groups = RI_GROUPS({"Choice", CHOICE}, {"Dataset", ri_options_dataset},
                        {"Covariates", ri_options_covar_files}, {"PLINK 1 files", ri_options_bfile},
                        {"Phenotypes", ri_options_pheno}, {"Selection", ri_options_select},
                        {"Output", OUTPUT}, {"Messages", ri_options_messages}),
    .run = run_predict,
};
