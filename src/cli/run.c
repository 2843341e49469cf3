/* SPDX-License-Identifier: BSD-3-Clause
 * riata cv, path and fit: the same run with and without folds, with a grid or one alpha. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/output.h"
#include "cli/adaptive.h"
#include "cli/calibration.h"
#include "cli/command.h"
#include "cli/covariates.h"
#include "cli/cv_groups.h"
#include "cli/describe.h"
#include "cli/folds.h"
#include "cli/help.h"
#include "cli/load.h"
#include "cli/loco.h"
#include "cli/names.h"
#include "cli/open.h"
#include "cli/progress.h"
#include "cli/relax.h"
#include "cli/replicates.h"
#include "cli/resume.h"
#include "cli/run.h"
#include "cli/setup.h"
#include "cli/split.h"
#include "cv/proxies.h"
#include "kernel/kernel.h"
#include "result/result.h"

#define FIELD(name) .field = offsetof(ri_arguments, name)

/* One run from options to files. */
struct run {
    ri_setup setup;
    char *prefix;        /* of the log, and of the files, unless there are several responses */
    char *result_prefix; /* of the files of the response in hand */
    char *result_path, *log_path;
    ri_load load;
    int threads;
    char started[32];
    ri_record *record; /* rank 0 */
};

static bool same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

static int64_t count_responses(const struct run *run) {
    return run->setup.responses.count > 1 ? run->setup.responses.count : 1;
}

/* PREFIX, or of several responses PREFIX.NAME. */
static char *response_prefix(const struct run *run, int64_t k) {
    if (count_responses(run) == 1)
        return strdup(run->prefix);
    const char *name = ri_names_get(&run->setup.responses, k);
    size_t room = strlen(run->prefix) + strlen(name) + 2;
    char *text = ri_alloc(room, 1);
    if (text)
        snprintf(text, room, "%s.%s", run->prefix, name);
    for (char *at = text ? text + strlen(run->prefix) : NULL; at && *at; at++)
        *at = *at == '/' ? '_' : *at;
    return text;
}

/* Names of the files of response k, and, on rank 0, whether they can be written. */
static ri_status name_result(const ri_session *session, struct run *run, int64_t k, ri_error *err) {
    const char *dataset = run->setup.dataset->path;
    free(run->result_prefix);
    free(run->result_path);
    run->result_prefix = response_prefix(run, k);
    run->result_path = run->result_prefix
                           ? ri_name_join(run->result_prefix, strlen(run->result_prefix), ".h5")
                           : NULL;
    if (!run->result_path)
        return ri_fail_memory(err, "file names", strlen(dataset));
    if (same_file(run->result_path, dataset))
        return ri_fail(err, RI_BAD_INPUT,
                       "--output: '%s' would replace the dataset %s; choose another prefix",
                       run->result_prefix, dataset);
    return ri_cluster_rank(session->cluster) == 0 ? ri_output_prepare(run->result_path, err)
                                                  : RI_OK;
}

static char *checkpoint_folder(const ri_session *session, const struct run *run, int64_t k) {
    bool several = count_responses(run) > 1;
    return ri_resume_folder(session, run->prefix,
                            several ? ri_names_get(&run->setup.responses, k) : NULL);
}

static ri_status check_checkpoint(ri_session *session, const struct run *run, int64_t k,
                                  ri_error *err) {
    if (ri_cluster_rank(session->cluster) != 0)
        return RI_OK;
    char *folder = checkpoint_folder(session, run, k);
    ri_status status =
        ri_resume_check(session, run->setup.dataset, &run->setup.problem, folder, err);
    free(folder);
    return status;
}

static ri_status prepare_output(const ri_session *session, struct run *run, ri_error *err) {
    const char *dataset = run->setup.dataset->path;
    run->prefix = session->arguments.output ? strdup(session->arguments.output)
                                            : ri_name_default(dataset, session->command);
    if (run->prefix)
        run->log_path = ri_name_join(run->prefix, strlen(run->prefix), ".log");
    if (!run->log_path)
        return ri_fail_memory(err, "file names", strlen(dataset));
    return name_result(session, run, 0, err);
}

/* What is wrong with a later response is found before anything is read; it is said when it is its
 * turn. */
static ri_status check_later_responses(ri_session *session, struct run *run, ri_error *err) {
    bool silent = session->console.silent;
    int64_t count = count_responses(run);
    ri_status status = RI_OK;
    session->console.silent = true;
    for (int64_t k = 1; k < count && status == RI_OK; k++) {
        status = ri_setup_response(session, &run->setup, k, err);
        if (status == RI_OK)
            status = name_result(session, run, k, err);
        if (status == RI_OK)
            status = check_checkpoint(session, run, k, err);
    }
    if (count > 1 && status == RI_OK)
        status = ri_setup_response(session, &run->setup, 0, err);
    session->console.silent = silent;
    return status;
}

/* What can be said before the first byte of X is read. */
static void announce(ri_session *session, const struct run *run) {
    FILE *log = session->console.log.file;
    if (log) {
        ri_version_print(log);
        fprintf(log, "command   %s\nstarted   %s\n\n", session->command_line, run->started);
    }
    const ri_problem *problem = &run->setup.problem;
    char folds[64] = "no folds";
    int32_t repeats = ri_settings_repeats(&problem->settings);
    int used = repeats > 1 ? snprintf(folds, sizeof folds, "%d x ", (int)repeats) : 0;
    if (problem->folds > 0)
        snprintf(folds + used, sizeof folds - (size_t)used, "%d folds (%s)",
                 (int)(problem->folds / repeats), problem->settings.fold_scheme);
    ri_console_note(&session->console,
                    "%s: %lld samples with a response, %lld features (%s), %s, %lld alphas, %d "
                    "rank%s x %d thread%s, SIMD %s",
                    run->setup.dataset->path, (long long)run->setup.kept,
                    (long long)run->setup.dataset->p, ri_storage_name(problem->x.storage), folds,
                    (long long)problem->alphas, ri_cluster_ranks(session->cluster),
                    ri_cluster_ranks(session->cluster) == 1 ? "" : "s", run->threads,
                    run->threads == 1 ? "" : "s", ri_kernel_get()->name);
}

static ri_status check_proxies(const ri_session *session, ri_error *err) {
    double threshold = session->arguments.proxies;
    if (threshold == 0 || threshold >= 0.5)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "--proxies: '%g' is not allowed; give a correlation of at least 0.5, or 0 to "
                   "look for none",
                   threshold);
}

/* Everything cheap that can be wrong, each rank its own part; then all ranks agree. */
static ri_status prepare(ri_session *session, struct run *run, ri_error *err) {
    char note[512] = "";
    int64_t threads = session->arguments.threads > 0 ? session->arguments.threads : 0;
    time_t now = time(NULL);
    struct tm utc;
    strftime(run->started, sizeof run->started, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    ri_status status = check_proxies(session, err);
    if (status == RI_OK)
        status = ri_setup_open(session, &run->setup, err);
    if (status == RI_OK)
        status = prepare_output(session, run, err);
    if (status == RI_OK)
        status = ri_loco_check(session, run->setup.dataset, err);
    if (status == RI_OK)
        status = check_checkpoint(session, run, 0, err);
    if (status == RI_OK)
        status = ri_relax_check(session, &run->setup.problem, err);
    if (status == RI_OK && strcmp(session->command, "cv") == 0)
        status = ri_adaptive_check(session, &run->setup.problem, err);
    if (status == RI_OK)
        status = ri_replicates_check(session, run->setup.dataset, &run->setup.problem, err);
    if (status == RI_OK)
        status = check_later_responses(session, run, err);
    if (status == RI_OK)
        status = ri_console_open_log(&session->console, run->log_path, err);
    RI_TRY(ri_cluster_agree(session->cluster, status, err));
    RI_TRY(
        ri_cluster_threads(session->cluster, (int)threads, &run->threads, note, sizeof note, err));
    omp_set_num_threads(run->threads);
    if (note[0])
        ri_console_note(&session->console, "%s", note);
    announce(session, run);
    return RI_OK;
}

static ri_status solve(ri_session *session, struct run *run, ri_error *err) {
    const ri_problem *problem = &run->setup.problem;
    ri_progress_view view = {.console = &session->console,
                             .x_bytes = ri_matrix_bytes(&problem->x),
                             .checkpoint = problem->checkpoint};
    const ri_adaptive_run weighted = {
        .problem = problem, .threads = run->threads, .hook = ri_progress_show, .context = &view};
    bool cv = strcmp(session->command, "cv") == 0;
    ri_status status = cv && ri_adaptive_given(session)
                           ? ri_adaptive_start(session, &weighted, &run->record, err)
                           : ri_cluster_run(session->cluster, problem, run->threads,
                                            ri_progress_show, &view, &run->record, err);
    ri_console_end_progress(&session->console);
    if ((status == RI_OK || status == RI_UNCERTIFIED) && problem->settings.refine > 0) {
        ri_console_note(&session->console, "refining: %d alphas around the minimum of each curve",
                        problem->settings.refine);
        status = ri_cluster_refine(session->cluster, problem, run->threads, ri_progress_show, &view,
                                   run->record, err);
        ri_console_end_progress(&session->console);
    }
    if (status == RI_OK || status == RI_UNCERTIFIED)
        status = ri_relax_run(session, problem, run->threads, run->record, err);
    if (status == RI_OK || status == RI_UNCERTIFIED)
        status =
            ri_replicates_run(session, run->setup.dataset, problem, run->threads, run->record, err);
    if (status == RI_UNCERTIFIED)
        status = RI_OK; /* judged from the record, once it is written */
    return status;
}

/* What the numeric problem does not know: names, truth, facts of the run; and what is counted from
 * the fits. */
static ri_status complete_record(const ri_session *session, struct run *run, ri_error *err) {
    ri_record *record = run->record;
    RI_TRY(ri_record_describe(record, run->setup.dataset, &run->setup.covariates, err));
    for (int64_t k = 0; k < run->setup.classes.count; k++) {
        const char *name = ri_names_get(&run->setup.classes, k);
        RI_TRY(ri_names_add(&record->classes, name, strlen(name), err));
    }
    snprintf(record->command, sizeof record->command, "%s", session->command);
    record->missing_values = run->load.missing;
    if (strcmp(session->command, "stability") == 0)
        RI_TRY(
            ri_stability_new(record, session->arguments.threshold, session->arguments.pfer, err));
    RI_TRY(ri_setup_judge_test(&run->setup, record, err));
    ri_run_facts *facts = &record->run;
    facts->seconds_reading = run->load.seconds;
    facts->passes_over_x += run->load.looks;
    run->load.looks = 0; /* they served all responses */
    snprintf(facts->simd, sizeof facts->simd, "%s", ri_kernel_get()->name);
    snprintf(facts->started, sizeof facts->started, "%s", run->started);
    snprintf(facts->command_line, sizeof facts->command_line, "%s", session->command_line);
    return RI_OK;
}

/* Folds and alphas that missed the tolerance, as one sentence. */
static ri_status judge(const ri_record *record, const char *prefix, ri_error *err) {
    int64_t missed = 0, points = 0, worst_alpha = 0;
    int32_t worst_fold = RI_REFIT;
    double worst = -1;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++) {
                const ri_fit *fit = &record->path[r].fit[k];
                points++;
                missed += !fit->certified[a];
                if (!fit->certified[a] && !(fit->gap[a] <= worst)) {
                    worst = fit->gap[a];
                    worst_fold = fit->fold;
                    worst_alpha = a;
                }
            }
    if (missed == 0)
        return RI_OK;
    char where[32] = "the refit";
    if (worst_fold != RI_REFIT)
        snprintf(where, sizeof where, "fold %d", worst_fold);
    return ri_fail(err, RI_UNCERTIFIED,
                   "%lld of %lld points missed --tol %g, the worst is %s at alpha index %lld with "
                   "a gap of %g; results are written and marked, %s.json lists all under "
                   "'uncertified'",
                   (long long)missed, (long long)points, record->settings.tol, where,
                   (long long)worst_alpha, worst, prefix);
}

static void print_files(FILE *out, const char *prefix, const char *written, bool drawn,
                        bool stability) {
    fprintf(out, "\nResults: %s.h5 %s\n", prefix, written);
    if (drawn)
        fprintf(out, "Pictures: %s.curve.svg %s.path.svg%s%s%s\n", prefix, prefix,
                stability ? " " : "", stability ? prefix : "", stability ? ".stability.svg" : "");
    else
        fprintf(out,
                "No gnuplot here: to draw the pictures, run gnuplot on %s.curve.gp and "
                "%s.path.gp\n",
                prefix, prefix);
}

/* Features that could stand in for the selected ones. */
static ri_status find_proxies(const ri_session *session, struct run *run, ri_error *err) {
    const ri_problem *problem = &run->setup.problem;
    double bytes = 0, x_bytes = ri_matrix_bytes(&problem->x);
    RI_TRY(ri_record_find_proxies(run->record, problem, session->arguments.proxies, run->threads,
                                  &bytes, err));
    run->record->run.passes_over_x += x_bytes > 0 ? bytes / x_bytes : 0;
    return RI_OK;
}

/* Rank 0: files, log and summary. */
static ri_status deliver(ri_session *session, struct run *run, ri_error *err) {
    int drawn = 0;
    char written[RI_WRITTEN_TEXT];
    RI_TRY(complete_record(session, run, err));
    RI_TRY(find_proxies(session, run, err));
    bool stability = run->record->stability.pairs > 0;
    RI_TRY(ri_result_write_all(run->record, run->result_prefix, written, &drawn, err));
    if (session->console.log.file) {
        fputc('\n', session->console.log.file);
        ri_summary_print(run->record, session->console.log.file);
        print_files(session->console.log.file, run->result_prefix, written, drawn, stability);
        ri_calibration calibration;
        ri_calibration_load(&calibration);
        ri_ledger_print(run->record, &calibration.limits, session->console.log.file);
    }
    if (!session->arguments.quiet) {
        ri_summary_print(run->record, stdout);
        print_files(stdout, run->result_prefix, written, drawn, stability);
    }
    return judge(run->record, run->result_prefix, err);
}

/* One response with X in memory. */
static ri_status compute_response(ri_session *session, struct run *run, ri_error *err) {
    ri_status status = solve(session, run, err);
    if (status == RI_OK) {
        if (ri_cluster_rank(session->cluster) == 0)
            status = deliver(session, run, err);
        status = ri_cluster_agree(session->cluster, status, err);
    }
    if (session->arguments.loco >= 0 && (status == RI_OK || status == RI_UNCERTIFIED)) {
        ri_error own = {0};
        ri_status left_out = ri_loco_write(session, run->setup.dataset, &run->setup.problem,
                                           run->record, run->result_prefix, run->threads, &own);
        if (left_out != RI_OK) {
            status = left_out;
            *err = own;
        }
    }
    ri_record_free(run->record);
    run->record = NULL;
    return status;
}

/* The same, kept in its checkpoint until it is done. */
static ri_status run_response(ri_session *session, struct run *run, int64_t k, ri_error *err) {
    ri_resume kept;
    ri_status status;
    char *folder = checkpoint_folder(session, run, k);
    bool first = ri_cluster_rank(session->cluster) == 0;
    if (ri_resume_is_done(session, folder, run->result_path, &status)) {
        ri_console_note(&session->console, "%s is there and finished", run->result_path);
        free(folder);
        return status == RI_UNCERTIFIED
                   ? ri_fail(err, status, "%s has points that missed --tol", run->result_path)
                   : RI_OK;
    }
    RI_TRY(ri_resume_open(session, run->setup.dataset, &run->setup.problem, folder, &kept, err));
    run->setup.problem.checkpoint = kept.folder ? &kept.checkpoint : NULL;
    status = compute_response(session, run, err);
    run->setup.problem.checkpoint = NULL;
    ri_error unsaid;
    if (first && kept.folder && (status == RI_OK || status == RI_UNCERTIFIED) &&
        (count_responses(run) == 1 ||
         ri_checkpoint_finish(kept.folder, (int)status, &unsaid) != RI_OK))
        ri_checkpoint_remove(kept.folder);
    ri_resume_close(session, &kept, status, err);
    return status;
}

/* Everything is written: nothing is left to go on from. */
static void remove_checkpoints(const ri_session *session, const struct run *run) {
    int64_t count = count_responses(run);
    for (int64_t k = 0; k <= count && ri_cluster_rank(session->cluster) == 0 && count > 1; k++) {
        char *folder = k < count ? checkpoint_folder(session, run, k)
                                 : ri_resume_folder(session, run->prefix, NULL);
        if (folder)
            ri_checkpoint_remove(folder);
        free(folder);
    }
}

static ri_status prepare_response(ri_session *session, struct run *run, int64_t k, ri_error *err) {
    ri_console_note(&session->console, "response %lld of %lld: %s", (long long)k + 1,
                    (long long)count_responses(run), ri_names_get(&run->setup.responses, k));
    ri_status status = ri_setup_response(session, &run->setup, k, err);
    run->setup.problem.x = run->load.x;
    if (status == RI_OK)
        status = name_result(session, run, k, err);
    return ri_cluster_agree(session->cluster, status, err);
}

/* All of them on one reading of X. An uncertified one does not keep the others from their turn. */
static ri_status run_responses(ri_session *session, struct run *run, ri_error *err) {
    ri_status worst = RI_OK;
    ri_error first = {0};
    int64_t count = count_responses(run);
    for (int64_t k = 0; k < count; k++) {
        ri_status status = RI_OK;
        if (count > 1)
            status = prepare_response(session, run, k, err);
        if (status == RI_OK)
            status = run_response(session, run, k, err);
        if (status == RI_UNCERTIFIED && worst == RI_OK) {
            worst = status;
            first = *err;
        }
        if (status != RI_OK && status != RI_UNCERTIFIED)
            return status;
    }
    remove_checkpoints(session, run);
    if (worst != RI_OK)
        *err = first;
    return worst;
}

ri_status ri_run(ri_session *session, ri_error *err) {
    struct run run = {0};
    ri_status status = prepare(session, &run, err);
    if (status == RI_OK)
        status = ri_load_x(session, &run.setup, run.threads, &run.load, err);
    if (status == RI_OK)
        status = run_responses(session, &run, err);
    bool keep = status == RI_OK || status == RI_UNCERTIFIED;
    if (status == RI_UNCERTIFIED && session->console.log.file)
        fprintf(session->console.log.file, "%s\n", err->text);
    ri_error log_error = {0};
    if (ri_console_close_log(&session->console, keep, &log_error) != RI_OK && keep) {
        *err = log_error;
        status = RI_SYSTEM;
    }
    ri_load_free(&run.load);
    ri_cluster_release(session->cluster);
    ri_setup_close(&run.setup);
    free(run.prefix);
    free(run.result_prefix);
    free(run.result_path);
    free(run.log_path);
    return status;
}

#define EBIC_GAMMA                                                                                 \
    {                                                                                              \
        .name = "ebic-gamma", .kind = RI_NUMBER, FIELD(ebic_gamma), .argument = "G",               \
        .initial = "0.5", .low = 0,                                                                \
        .help =                                                                                    \
            "Weight of log C(p, features) in the extended BIC; 0 is BIC, 1 the strictest in use."  \
    }

const ri_option ri_options_choice[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "min",
     .choices = "min|1se|bic|ebic",
     .help = "Which alpha is chosen: the minimum of the error curve, the largest alpha within one "
             "standard error of it, or the minimum of an information criterion of the refit."},
    EBIC_GAMMA,
    {.name = "refine",
     .kind = RI_INTEGER,
     FIELD(refine),
     .argument = "N",
     .low = 2,
     .high = 10000,
     .unit = "alphas",
     .shown = "no such alphas",
     .help = "Then look closer: N more alphas between the neighbours of the minimum of each curve, "
             "fitted in all folds and put into the curve before alpha is chosen."},
    {.name = "metric",
     .kind = RI_CHOICE,
     FIELD(metric),
     .argument = "METRIC",
     .initial = "auto",
     .choices = "auto|mse|mae|deviance|class|auc",
     .help = "The error of the curve that chooses. auto: mse, or deviance where --family is not "
             "gaussian. class is the share of misclassified samples, auc the area under the ROC "
             "curve, the larger the better; both need --family binomial."},
    {0},
};

static const ri_option CRITERION[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "last",
     .choices = "last|bic|ebic",
     .help =
         "Which alpha is chosen: the smallest one, or the minimum of an information criterion."},
    EBIC_GAMMA,
    {0},
};

static const ri_option ALPHA[] = {
    {.name = "alpha",
     .kind = RI_NUMBER,
     FIELD(alpha),
     .argument = "A",
     .low = 0,
     .required = true,
     .help = "The strength of the penalty."},
    {0},
};

const ri_command ri_command_cv = {
    .name = "cv",
    .purpose = "choose alpha by cross-validation, and refit",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "mpirun -n 2 riata cv data.h5 --folds 10 --threads 2 -o out/first",
    .detail = "Fits the path of every fold and of all samples, each point certified by its duality "
              "gap; writes the error curve, the chosen alpha, all coefficients and out-of-fold "
              "predictions. Under mpirun it runs on all ranks; results do not depend on the number "
              "of ranks and threads.",
    .groups = {RI_CV_GROUPS},
    .on_every_rank = true,
    .run = ri_run,
};

const ri_command ri_command_path = {
    .name = "path",
    .purpose = "fit one path over the grid of alphas, without folds",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata path data.h5 --alphas 50 -o out/path",
    .detail = "Writes the same files as cv, less what folds give.",
    .groups = {{"Grid", ri_options_grid},
               {"Test samples", ri_options_test},
               {"Choice", CRITERION},
               {"Model", ri_options_model},
               {"Correlated features", ri_options_proxies},
               {"Simulated data", ri_options_replicates},
               {"Missing values", ri_options_missing},
               {"Covariates", ri_options_covariates},
               {"Chromosomes", ri_options_loco},
               {"Dataset", ri_options_dataset},
               {"PLINK 1 files", ri_options_bfile},
               {"Phenotypes", ri_options_pheno},
               {"Selection", ri_options_select},
               {"Output", ri_options_prefix},
               {"Stopping and resuming", ri_options_checkpoint},
               {"Machine", ri_options_machine},
               {"Messages", ri_options_messages}},
    .on_every_rank = true,
    .run = ri_run,
};

const ri_command ri_command_fit = {
    .name = "fit",
    .purpose = "fit the model at one alpha",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata fit data.h5 --alpha 0.5 -o out/fit",
    .groups = {{"Strength", ALPHA},
               {"Test samples", ri_options_test},
               {"Model", ri_options_model},
               {"Correlated features", ri_options_proxies},
               {"Missing values", ri_options_missing},
               {"Covariates", ri_options_covariates},
               {"Chromosomes", ri_options_loco},
               {"Dataset", ri_options_dataset},
               {"PLINK 1 files", ri_options_bfile},
               {"Phenotypes", ri_options_pheno},
               {"Selection", ri_options_select},
               {"Output", ri_options_prefix},
               {"Stopping and resuming", ri_options_checkpoint},
               {"Machine", ri_options_machine},
               {"Messages", ri_options_messages}},
    .on_every_rank = true,
    .run = ri_run,
};
