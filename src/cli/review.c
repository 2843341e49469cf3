/* SPDX-License-Identifier: BSD-3-Clause
 * riata verify and riata report: what can be done with a result file afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"
#include "cli/command.h"
#include "cli/groups.h"
#include "cli/names.h"
#include "cli/open.h"
#include "cli/report_h5ad.h"
#include "result/result.h"
#include "result/verify.h"

/* `path`, or "PATH.h5" where only that exists. The caller frees it; NULL without memory. */
static char *find_file(const char *path) {
    char *longer = ri_name_join(path, strlen(path), ".h5");
    if (!longer || (access(path, F_OK) != 0 && access(longer, F_OK) == 0))
        return longer;
    free(longer);
    return strdup(path);
}

ri_status ri_record_open(const char *path, ri_record **out, ri_error *err) {
    char *found = find_file(path);
    *out = NULL;
    ri_status status =
        found ? ri_result_read(found, out, err) : ri_fail_memory(err, "a file name", strlen(path));
    free(found);
    return status;
}

/* Points that the result itself marks as above its tolerance. */
static int64_t count_uncertified(const ri_record *record) {
    int64_t count = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                count += !record->path[r].fit[k].certified[a];
    return count;
}

static void print_verdict(const ri_record *record, const ri_verdict *verdict, int64_t uncertified) {
    printf("%lld points recomputed, %lld not as recorded\n", (long long)verdict->points,
           (long long)verdict->failed);
    printf("points above the tolerance %-8g %lld\n", record->settings.tol, (long long)uncertified);
    printf("worst relative duality gap          %.3g (", verdict->worst_gap);
    if (verdict->worst_fold == RI_REFIT)
        printf("refit");
    else
        printf("fold %d", verdict->worst_fold);
    printf(", alpha index %lld", (long long)verdict->worst_alpha);
    if (record->paths > 1)
        printf(", l1_ratio %g", record->path[verdict->worst_path].l1_ratio);
    printf(")\n");
    printf("objectives differ by at most        %.3g (relative)\n", verdict->objective_difference);
    if (record->folds > 0)
        printf("error curve differs by at most      %.3g (relative)\n", verdict->curve_difference);
    printf("predictions differ by at most       %.3g (of the response's sd)\n",
           verdict->prediction_difference);
    if (record->folds > 0)
        printf("samples predicted by a fit that saw them  %lld\n", (long long)verdict->leaks);
    printf("choice of alpha %s\n", verdict->choice_agrees ? "agrees" : "DIFFERS");
    printf("%s%s\n", verdict->passed ? "VERIFIED" : "NOT VERIFIED",
           uncertified > 0 ? ", but not certified" : "");
}

static ri_status run_verify(ri_session *session, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_record *record = NULL;
    ri_dataset *dataset = NULL;
    ri_verify_options options = {.threads = given->threads > 0 ? (int)given->threads : 0};
    ri_verdict verdict;
    ri_status status;
    RI_GO(ri_check_data(session, given->operand[1], err));
    RI_GO(ri_record_open(given->operand[0], &record, err));
    RI_GO(ri_open_data(session, given->operand[1], record->response, false, &dataset, err));
    RI_GO(ri_verify(record, dataset, &options, &verdict, err));
    int64_t uncertified = count_uncertified(record);
    if (!given->quiet)
        print_verdict(record, &verdict, uncertified);
    if (!verdict.passed)
        status = ri_fail(err, RI_UNCERTIFIED, "%s does not hold for %s", given->operand[0],
                         given->operand[1]);
    else if (uncertified > 0)
        status = ri_fail(err, RI_UNCERTIFIED,
                         "%s is what its data say, but %lld of its points are not certified",
                         given->operand[0], (long long)uncertified);
done:
    ri_dataset_close(dataset);
    ri_record_free(record);
    return status;
}

/* All exports under one prefix, and the summary. */
static ri_status export_all(ri_session *session, const ri_record *record, const char *prefix,
                            ri_error *err) {
    char written[RI_WRITTEN_TEXT];
    int drawn = 0;
    RI_TRY(ri_export_tables(record, prefix, written, err));
    RI_TRY(ri_export_pictures(record, prefix, &drawn, err));
    if (!session->arguments.quiet) {
        ri_summary_print(record, stdout);
        printf("\nWritten: %s.html %s %s\n", prefix, written,
               drawn ? ".curve.svg .path.svg" : ".curve.gp .path.gp (for gnuplot)");
    }
    return RI_OK;
}

static bool is_page(const char *name) {
    size_t length = strlen(name);
    return length > 5 && strcmp(name + length - 5, ".html") == 0;
}

/* What riata compare found on the data of the record. */
static ri_status open_comparison(const char *path, const ri_record *record, ri_comparison *out,
                                 ri_error *err) {
    char *found = find_file(path);
    if (!found)
        return ri_fail_memory(err, "a file name", strlen(path));
    ri_status status = ri_comparison_read(found, out, err);
    if (status == RI_OK && out->fingerprint != record->fingerprint)
        status =
            ri_fail(err, RI_BAD_INPUT,
                    "%s: compares models of '%s' in %s, but the result is one of '%s' in other "
                    "data, %s; run riata compare on these",
                    found, out->response, out->dataset, record->response, record->dataset);
    free(found);
    return status;
}

/* The page alone, for -o NAME.html, or everything under a prefix. */
static ri_status export_report(ri_session *session, const ri_record *record,
                               const ri_comparison *comparison, const char *output, ri_error *err) {
    if (is_page(output)) {
        RI_TRY(ri_export_page(record, comparison, output, err));
        if (!session->arguments.quiet)
            printf("Written: %s\n", output);
        return RI_OK;
    }
    size_t room = strlen(output) + 8;
    char *page = malloc(room);
    if (!page)
        return ri_fail_memory(err, "a file name", room);
    snprintf(page, room, "%s.html", output);
    ri_status status = ri_export_page(record, comparison, page, err);
    free(page);
    return status == RI_OK ? export_all(session, record, output, err) : status;
}

static ri_status run_report(ri_session *session, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    const char *result = given->operand[0];
    size_t length = strlen(result);
    if (length > 3 && strcmp(result + length - 3, ".h5") == 0)
        length -= 3;
    char *prefix = given->output ? strdup(given->output) : ri_name_join(result, length, "");
    ri_record *record = NULL;
    ri_comparison comparison = {0};
    if (!prefix)
        return ri_fail_memory(err, "a file name", length);
    ri_status status;
    RI_GO(ri_record_open(result, &record, err));
    if (given->compare)
        RI_GO(open_comparison(given->compare, record, &comparison, err));
    RI_GO(ri_report_h5ad(session, record, err));
    RI_GO(export_report(session, record, given->compare ? &comparison : NULL, prefix, err));
done:
    ri_comparison_free(&comparison);
    ri_record_free(record);
    free(prefix);
    return status;
}

static const ri_option REPORT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "PREFIX|PAGE.html",
     .shown = "RESULT without .h5",
     .help = "A name that ends in .html: writes that page alone, which holds pictures, tables and "
             "words and needs no other file. Else writes PREFIX.html .json .curve.tsv "
             ".features.tsv .curve.svg .path.svg, and .covariates.tsv where there are any."},
    {.name = "compare",
     .kind = RI_TEXT,
     FIELD(compare),
     .argument = "FILE",
     .shown = "none",
     .help =
         "What riata compare wrote about the same data, PREFIX or PREFIX.h5: the page shows its "
         "table, and what it means."},
    {0},
};

const ri_command ri_command_verify = {
    .name = "verify",
    .purpose = "recompute a result from the data, and say whether it holds",
    .operands = "RESULT [DATA]",
    .least = 1,
    .most = 2,
    .example = "riata verify out/first.h5 data.h5",
    .detail = "Objective and duality gap of every point, the error curve and the out-of-fold "
              "predictions are computed again in long double by simple code that shares nothing "
              "with the solver. Exit status 2 where something does not hold, or is not certified.",
    .groups = RI_GROUPS(RI_GROUPS_DATASET, {"Missing values", ri_options_missing},
                        {"Machine", ri_options_threads}, {"Messages", ri_options_messages}),
    .run = run_verify,
};

const ri_command ri_command_report = {
    .name = "report",
    .purpose = "write the report page, tables, pictures and summary, from the result file alone",
    .operands = "RESULT",
    .least = 1,
    .most = 1,
    .example = "riata report out/first.h5 -o report.html",
    .groups = RI_GROUPS({"Output", REPORT}, {"AnnData", ri_options_h5ad},
                        {"Messages", ri_options_messages}),
    .run = run_report,
};
