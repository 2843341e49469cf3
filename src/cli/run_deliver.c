/* SPDX-License-Identifier: BSD-3-Clause
 * The last step of a run, on rank 0: what came out is completed, written, shown and judged. */
#include <stdio.h>
#include <string.h>

#include "cli/calibration.h"
#include "cli/describe.h"
#include "cli/running.h"
#include "cli/split.h"
#include "cv/proxies.h"
#include "kernel/kernel.h"
#include "result/result.h"

/* What the numeric problem does not know: names, truth, facts of the run; and what is counted from
 * the fits. */
static ri_status complete_record(const ri_session *session, ri_running *run, ri_error *err) {
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
    facts->kept_to_mb = run->load.kept_to / 1e6;
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
static ri_status find_proxies(const ri_session *session, ri_running *run, ri_error *err) {
    const ri_problem *problem = &run->setup.problem;
    double bytes = 0, x_bytes = ri_matrix_bytes(&problem->x);
    RI_TRY(ri_record_find_proxies(run->record, problem, session->arguments.proxies, run->threads,
                                  &bytes, err));
    run->record->run.passes_over_x += x_bytes > 0 ? bytes / x_bytes : 0;
    return RI_OK;
}

/* The place for it was good when the run began: what is wrong by now is no mistake of the user. */
static ri_status write_result(const ri_running *run, char *written, int *drawn, ri_error *err) {
    ri_status status = ri_result_write_all(run->record, run->result_prefix, written, drawn, err);
    if (status != RI_BAD_INPUT)
        return status;
    if (err)
        err->status = RI_SYSTEM;
    return RI_SYSTEM;
}

ri_status ri_running_deliver(ri_session *session, ri_running *run, ri_error *err) {
    int drawn = 0;
    char written[RI_WRITTEN_TEXT];
    RI_TRY(complete_record(session, run, err));
    RI_TRY(find_proxies(session, run, err));
    bool stability = run->record->stability.pairs > 0;
    RI_TRY(write_result(run, written, &drawn, err));
    if (session->console.log.file) {
        fputc('\n', session->console.log.file);
        ri_summary_print(run->record, session->console.log.file);
        print_files(session->console.log.file, run->result_prefix, written, drawn, stability);
        ri_calibration calibration;
        ri_calibration_load(&calibration);
        ri_ledger_print(run->record, ri_matrix_bytes(&run->setup.problem.x), &calibration.limits,
                        session->console.log.file);
    }
    if (!session->arguments.quiet) {
        ri_summary_print(run->record, stdout);
        print_files(stdout, run->result_prefix, written, drawn, stability);
    }
    return judge(run->record, run->result_prefix, err);
}
