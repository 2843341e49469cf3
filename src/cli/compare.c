/* SPDX-License-Identifier: BSD-3-Clause
 * riata compare: least squares, ridge, lasso and elastic net on the same samples, folds and test.
 */
#include "result/comparison.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "cli/command.h"
#include "cli/covariates.h"
#include "cli/describe.h"
#include "cli/folds.h"
#include "cli/groups.h"
#include "cli/load.h"
#include "cli/names.h"
#include "cli/open.h"
#include "cli/option_entries.h"
#include "cli/progress.h"
#include "cli/setup.h"
#include "cli/split.h"
#include "cv/criteria.h"
#include "result/result.h"

static const double DEFAULT_FRACTION = 0.2;

/* Last alpha of ridge over its first, where no grid was asked for. The first is 1000 times that of
 * the lasso, and the best is found far below it, or next to 0 where the signal is strong. */
static const double RIDGE_EPS = 1e-7;

static const ri_option REPEATS[] = {
    {.name = "test-repeats",
     .kind = RI_INTEGER,
     FIELD(test_repeats),
     .argument = "R",
     .initial = "1",
     .low = 1,
     .high = 100000,
     .unit = "draws",
     .help =
         "Draws of the test samples, by --test-seed, the seed after it, ...; the table has means "
         "over them and their standard errors."},
    {0},
};

static const ri_option MODELS[] = {
    RI_ENTRY_L1_RATIO("0.5", "Mixes of the elastic net; of several the folds choose one."),
    {.name = "alpha",
     .kind = RI_NUMBER,
     FIELD(alpha),
     .argument = "A",
     .low = 0,
     .above_low = true,
     .shown = "none",
     .help = "A fifth model: the lasso at this alpha, chosen by nobody."},
    RI_ENTRY_TOL,
    RI_ENTRY_WEIGHTS("of training and of errors."),
    {0},
};

static const ri_option SELECT[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "min",
     .choices = "min|1se",
     .help = "Which alpha is chosen: the minimum of the error curve, or the largest alpha within "
             "one standard error of it."},
    {0},
};

typedef struct comparing {
    ri_setup setup;
    ri_load load;
    int threads;
    char *prefix;
    ri_comparison result; /* values on rank 0 */
} comparing;

/* Options that compare fills in, and those that make no sense together. */
static ri_status check_options(ri_session *session, ri_error *err) {
    ri_arguments *given = &session->arguments;
    bool named = given->test_file || given->test_column;
    if (!named && !(given->test_fraction > 0))
        given->test_fraction = DEFAULT_FRACTION;
    if (named && given->test_repeats > 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--test-repeats %lld: the test samples are named one by one and the same in "
                       "every draw; use --test-fraction, or leave it out",
                       (long long)given->test_repeats);
    if (given->alpha_blocks > 1)
        return ri_fail(err, RI_BAD_INPUT, "--alpha-blocks is not for compare");
    return RI_OK;
}

static ri_status prepare(ri_session *session, comparing *c, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_status status = check_options(session, err);
    if (status == RI_OK)
        status = ri_setup_open(session, &c->setup, err);
    if (status == RI_OK) {
        const char *path = c->setup.dataset->path;
        c->prefix = given->output ? strdup(given->output) : ri_name_default(path, session->command);
        status = !c->prefix ? ri_fail_memory(err, "file names", strlen(path))
                 : ri_cluster_rank(session->cluster) == 0 ? ri_output_prepare(c->prefix, err)
                                                          : RI_OK;
    }
    RI_TRY(ri_cluster_agree(session->cluster, status, err));
    RI_TRY(ri_setup_threads(session, &c->threads, err));
    return ri_load_x(session, &c->setup, c->threads, &c->load, err);
}

/* The problem of one model; `value` is room for a number that it points to. */
static ri_problem problem_of(const ri_session *session, const comparing *c, ri_model model,
                             double *value) {
    static const double LASSO = 1, RIDGE = 0;
    ri_problem problem = c->setup.problem;
    if (model == RI_MODEL_ELASTIC_NET)
        return problem;
    problem.l1_ratios = 1;
    problem.l1_ratio = model == RI_MODEL_RIDGE ? &RIDGE : &LASSO;
    if (model == RI_MODEL_RIDGE && problem.eps == 0)
        problem.eps = RIDGE_EPS;
    if (model == RI_MODEL_RIDGE || model == RI_MODEL_LASSO)
        return problem;
    *value = model == RI_MODEL_FIXED ? session->arguments.alpha : 0;
    problem.alphas = 1;
    problem.alpha_list = value;
    problem.folds = 0;
    problem.fold = NULL;
    problem.settings.repeats = 1;
    problem.settings.select = RI_SELECT_MIN;
    snprintf(problem.settings.fold_scheme, sizeof problem.settings.fold_scheme, "none");
    return problem;
}

static void put(comparing *c, ri_model model, int64_t repeat, ri_compared column, double value) {
    ri_comparison_column(&c->result, model, column)[repeat] = value;
}

static int64_t count_found(const ri_truth *truth, const ri_fit *fit, int64_t a) {
    int64_t found = 0;
    for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++)
        for (int64_t t = 0; t < truth->count; t++)
            found += truth->feature[t] == fit->feature[k];
    return found;
}

/* Rank 0: what the table has of a model's record. */
static ri_status take(comparing *c, ri_model model, int64_t repeat, ri_record *record,
                      ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *refit = ri_path_refit(record, path);
    int64_t a = record->index_selected;
    const ri_truth *truth = &c->setup.dataset->truth;
    RI_TRY(ri_setup_judge_test(&c->setup, record, err));
    put(c, model, repeat, RI_COMPARED_RMSE, sqrt(record->test.error[RI_MSE]));
    put(c, model, repeat, RI_COMPARED_MAE, record->test.error[RI_MAE]);
    put(c, model, repeat, RI_COMPARED_R2, record->test.r2);
    put(c, model, repeat, RI_COMPARED_FEATURES, (double)ri_fit_support(record, refit, a));
    put(c, model, repeat, RI_COMPARED_FOUND,
        truth->count > 0 ? (double)count_found(truth, refit, a) : (double)NAN);
    put(c, model, repeat, RI_COMPARED_ALPHA, path->alpha[a]);
    put(c, model, repeat, RI_COMPARED_L1_RATIO,
        model == RI_MODEL_LEAST_SQUARES ? (double)NAN : path->l1_ratio);
    put(c, model, repeat, RI_COMPARED_CERTIFIED, ri_record_certified(record));
    put(c, model, repeat, RI_COMPARED_SECONDS, record->run.seconds);
    return RI_OK;
}

/* Many short runs: nothing is drawn, but an interrupt is heeded. */
static int heed_interrupt(void *context, const ri_progress *progress) {
    (void)context;
    (void)progress;
    return ri_interrupted();
}

static ri_status run_model(ri_session *session, comparing *c, ri_model model, int64_t repeat,
                           ri_error *err) {
    double value;
    ri_record *record = NULL;
    ri_problem problem = problem_of(session, c, model, &value);
    ri_progress_view view = {.console = &session->console, .x_bytes = ri_matrix_bytes(&problem.x)};
    bool once = c->result.repeats == 1;
    ri_status status =
        ri_cluster_run(session->cluster, &problem, c->threads,
                       once ? ri_progress_show : heed_interrupt, &view, &record, err);
    if (once)
        ri_console_end_progress(&session->console);
    if (status == RI_UNCERTIFIED)
        status = RI_OK; /* the table says so */
    if (status == RI_OK) {
        if (ri_cluster_rank(session->cluster) == 0)
            status = take(c, model, repeat, record, err);
        status = ri_cluster_agree(session->cluster, status, err);
    }
    ri_record_free(record);
    return status;
}

/* Another draw of the test samples; what it has to say was said of the first. */
static ri_status draw_again(ri_session *session, comparing *c, ri_error *err) {
    bool silent = session->console.silent;
    session->arguments.test_seed++;
    session->console.silent = true;
    ri_status status = ri_setup_again(session, &c->setup, err);
    session->console.silent = silent;
    c->setup.problem.x = c->load.x;
    return ri_cluster_agree(session->cluster, status, err);
}

static ri_status describe(const ri_session *session, comparing *c, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    const ri_setup *setup = &c->setup;
    ri_comparison *r = &c->result;
    *r = (ri_comparison){.n = setup->kept + setup->test.rows,
                         .p = setup->dataset->p,
                         .train = setup->kept,
                         .folds = ri_problem_folds(&setup->problem),
                         .repeats = given->test_repeats,
                         .truths = setup->dataset->truth.count,
                         .test_fraction = setup->test.fraction,
                         .test_seed = setup->test.seed,
                         .seed = setup->problem.settings.seed,
                         .fixed_alpha = given->alpha,
                         .models = given->alpha > 0 ? RI_MODELS : RI_MODEL_FIXED};
    snprintf(r->dataset, sizeof r->dataset, "%s", setup->dataset->path);
    snprintf(r->response, sizeof r->response, "%s",
             setup->dataset->response ? setup->dataset->response : "y");
    snprintf(r->test_chosen, sizeof r->test_chosen, "%s", setup->test.chosen);
    snprintf(r->command_line, sizeof r->command_line, "%s", session->command_line);
    RI_TRY(ri_dataset_fingerprint(setup->dataset, &r->fingerprint, err));
    return ri_comparison_new(r, err);
}

/* Rank 0: files, and the table on the screen. */
static ri_status deliver(const ri_session *session, const comparing *c, ri_error *err) {
    RI_TRY(ri_comparison_write(&c->result, c->prefix, err));
    if (session->arguments.quiet)
        return RI_OK;
    ri_comparison_print(&c->result, stdout);
    printf("\nResults: %s.h5 .json .comparison.tsv .repeats.tsv\n", c->prefix);
    return RI_OK;
}

static ri_status compare(ri_session *session, comparing *c, ri_error *err) {
    RI_TRY(prepare(session, c, err));
    RI_TRY(ri_cluster_agree(session->cluster, describe(session, c, err), err));
    for (int64_t r = 0; r < c->result.repeats; r++) {
        if (r > 0)
            RI_TRY(draw_again(session, c, err));
        for (int m = 0; m < c->result.models; m++)
            RI_TRY(run_model(session, c, (ri_model)m, r, err));
        if (c->result.repeats > 1)
            ri_console_note(&session->console, "draw %lld of %lld is done", (long long)r + 1,
                            (long long)c->result.repeats);
    }
    ri_status status = RI_OK;
    if (ri_cluster_rank(session->cluster) == 0)
        status = deliver(session, c, err);
    RI_TRY(ri_cluster_agree(session->cluster, status, err));
    for (int m = 0; m < c->result.models; m++)
        for (int64_t r = 0; r < c->result.repeats; r++)
            if (ri_comparison_column(&c->result, (ri_model)m, RI_COMPARED_CERTIFIED)[r] != 1 &&
                ri_cluster_rank(session->cluster) == 0)
                status =
                    ri_fail(err, RI_UNCERTIFIED,
                            "some points of %s missed --tol %g; results are written and marked",
                            ri_model_name((ri_model)m), session->arguments.tol);
    return ri_cluster_agree(session->cluster, status, err);
}

static ri_status run_compare(ri_session *session, ri_error *err) {
    comparing c = {0};
    ri_status status = compare(session, &c, err);
    ri_load_free(&c.load);
    ri_cluster_release(session->cluster);
    ri_comparison_free(&c.result);
    ri_setup_close(&c.setup);
    free(c.prefix);
    return status;
}

const ri_command ri_command_compare = {
    .name = "compare",
    .purpose = "least squares, ridge, lasso and elastic net side by side",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata compare data.h5 --test-repeats 20 -o out/compared",
    .detail =
        "Every model is fitted to the same training samples; its alpha is chosen on the same "
        "folds of them; its error is that on the same test samples, a fifth unless told "
        "otherwise. One table: test RMSE and its standard error over draws of the test "
        "samples, R2, features used, alpha, time; and what it means. Ridge's grid goes down to "
        "1e-7 of its first alpha, unless --eps or --alpha-list says otherwise.",
    .groups =
        RI_GROUPS({"Test samples", ri_options_test}, {"Draws", REPEATS}, {"Models", MODELS},
                  {"Folds", ri_options_folds}, {"Grid", ri_options_grid}, {"Choice", SELECT},
                  {"Missing values", ri_options_missing}, {"Covariates", ri_options_covariates},
                  RI_GROUPS_DATASET, {"Output", ri_options_prefix}, {"Machine", ri_options_threads},
                  {"Memory", ri_options_memory}, {"Messages", ri_options_messages}),
    .on_every_rank = true,
    .run = run_compare,
};
