/* SPDX-License-Identifier: BSD-3-Clause
 * What the numbers rest on: data, model, certificates, and where the result comes from. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/page.h"
#include "result/result.h"
#include "result/view.h"

static void open_facts(FILE *out, const char *id, const char *title, const char *caption) {
    ri_page_section(out, id, title);
    fputs("<div class=\"facts\">", out);
    ri_page_table(out, caption, "");
}

static void close_facts(FILE *out) {
    ri_page_table_end(out);
    fputs("</div></section>\n", out);
}

static void put_data(const ri_record *record, FILE *out) {
    ri_page_fact(out, "Dataset", "%s", record->dataset);
    ri_page_fact(out, "Response", "%s: mean %.6g, standard deviation %.6g", record->response,
                 record->y_mean, record->y_sd);
    ri_page_fact(out, "Samples", "%lld used of %lld%s", (long long)record->n,
                 (long long)record->n_all,
                 record->n < record->n_all ? "; the others have no response or covariate: they are "
                                             "predicted, not learnt from"
                                           : "");
    ri_page_fact(out, "Features", "%lld%s%s", (long long)record->p,
                 record->genotype ? ", genotypes (copies of the counted allele)" : "",
                 record->penalty_factor ? ", with penalty factors of their own" : "");
    ri_page_fact(out, "Missing values", "%lld%s", (long long)record->missing_values,
                 record->missing_values > 0
                     ? ", each taken as the mean of the training samples of its fit"
                     : "");
    ri_page_fact(out, "Weights", "%s", record->weight ? "as given" : "all samples alike");
}

static void put_model(const ri_record *record, FILE *out) {
    const ri_settings *s = &record->settings;
    const ri_path *path = ri_record_selected(record);
    char folds[RI_FOLDS_TEXT];
    ri_page_fact(out, "Objective",
                 "1/(2n) sum w (y - b0 - x'b)^2 + alpha (r |b|_1 + (1 - r)/2 |b|_2^2), l1_ratio r "
                 "= %.6g",
                 path->l1_ratio);
    ri_page_fact(out, "Features are", "%s%s",
                 s->standardize ? "standardised over the training samples of each fit"
                                : "used as they are, not standardised",
                 s->positive ? "; coefficients are not negative" : "");
    ri_page_fact(out, "Intercept", "%s", s->intercept ? "fitted, not penalised" : "none");
    ri_page_fact(out, "Grid", "%lld alphas from %.6g down to %.6g, %lld l1_ratio%s",
                 (long long)path->alphas, path->alpha[0], path->alpha[path->alphas - 1],
                 (long long)record->paths, record->paths == 1 ? "" : "s");
    if (record->folds > 0)
        ri_page_fact(out, "Folds", "%s, %s%s%s, seed %llu", ri_record_folds_text(record, folds),
                     s->fold_scheme, s->group_name[0] ? " by " : "", s->group_name,
                     (unsigned long long)s->seed);
    if (record->truths > 0)
        ri_page_fact(out, "Truth", "simulated data: %lld features have a true coefficient",
                     (long long)record->truths);
}

ri_status ri_page_put_facts(const ri_record *record, FILE *out, ri_error *err) {
    (void)err;
    open_facts(out, "data", "Data and model", "What went in");
    put_data(record, out);
    put_model(record, out);
    close_facts(out);
    return RI_OK;
}

static void put_fit(const ri_record *record, const ri_path *path, int32_t k, FILE *out) {
    const ri_fit *fit = &path->fit[k];
    int64_t certified = 0;
    double worst = 0;
    for (int64_t a = 0; a < path->alphas; a++) {
        certified += fit->certified[a];
        worst = isnan(fit->gap[a]) ? fit->gap[a] : fmax(worst, fit->gap[a]);
    }
    if (k < record->folds)
        fprintf(out, "<tr><th scope=\"row\">fold %d</th>", (int)k);
    else
        fputs("<tr><th scope=\"row\">all samples</th>", out);
    const double cell[] = {path->l1_ratio, (double)fit->train, (double)certified,
                           (double)path->alphas};
    for (int c = record->paths > 1 ? 0 : 1; c < 4; c++) {
        fputs("<td class=\"n\">", out);
        ri_page_number(out, cell[c], 15);
        fputs("</td>", out);
    }
    fputs("<td class=\"n\">", out);
    ri_page_number(out, worst, 3);
    fprintf(out, "</td><td>%s</td></tr>\n",
            certified == path->alphas ? "certified" : "<strong>not certified</strong>");
}

ri_status ri_page_put_certificates(const ri_record *record, FILE *out, ri_error *err) {
    enum { MOST = 60 };
    int64_t fits = record->paths * (record->folds + 1), shown = 0;
    (void)err;
    ri_page_section(out, "certificates", "Certificates");
    fputs("<p>", out);
    ri_page_say(out,
                "The relative duality gap bounds how far a fit can be from the best one, over all "
                "features and in units of the loss of the model without any. Asked for: at most "
                "%g. riata verify computes all of it again from the data.",
                record->settings.tol);
    fputs("</p>\n", out);
    ri_page_table(out, "Fits along the whole grid",
                  record->paths > 1
                      ? "Fit|#l1_ratio|#Samples|#Certified|#of alphas|#Worst gap|Status"
                      : "Fit|#Samples|#Certified|#of alphas|#Worst gap|Status");
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            if (shown++ < MOST)
                put_fit(record, &record->path[r], k, out);
    ri_page_table_end(out);
    if (fits > MOST)
        fprintf(out,
                "<p>The first %d of %lld fits are shown; the JSON names all that are not "
                "certified.</p>\n",
                MOST, (long long)fits);
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    fputs("<p>", out);
    ri_page_say(out,
                "Of the fit to all samples: %lld features never vary, %lld equal or mirror an "
                "earlier one, and %lld were met that depend linearly on others of the model.",
                (long long)refit->constant, (long long)refit->twins, (long long)refit->dependent);
    fputs("</p></section>\n", out);
    return RI_OK;
}

ri_status ri_page_put_run(const ri_record *record, FILE *out, ri_error *err) {
    const ri_run_facts *run = &record->run;
    (void)err;
    open_facts(out, "run", "Where it comes from", "Facts of the run");
    ri_page_fact(out, "Command", "%s", run->command_line);
    ri_page_fact(out, "Started", "%s on %s", run->started, run->host);
    ri_page_fact(out, "Dataset fingerprint", "%016llx", (unsigned long long)record->fingerprint);
    ri_page_fact(out, "Seed", "%llu", (unsigned long long)record->settings.seed);
    ri_page_fact(out, "riata", "%s", RIATA_VERSION);
    ri_page_fact(out, "Machine",
                 "%d rank%s x %d thread%s, %s; %.3g s and %.3g s of reading; %.4g MB at the peak; "
                 "X read %.3g times",
                 (int)run->ranks, run->ranks == 1 ? "" : "s", (int)run->threads,
                 run->threads == 1 ? "" : "s", run->simd, run->seconds, run->seconds_reading,
                 run->peak_rss_mb, run->passes_over_x);
    ri_page_fact(out, "Again",
                 "the same command gives the same numbers on any number of ranks and "
                 "threads");
    close_facts(out);
    return RI_OK;
}

ri_status ri_page_put_summary(const ri_record *record, FILE *out, ri_error *err) {
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return ri_fail_memory(err, "the report", 4096);
    ri_summary_print(record, memory);
    if (fclose(memory) != 0) {
        free(text);
        return ri_fail_memory(err, "the report", length);
    }
    ri_page_section(out, "summary", "The summary as it is printed");
    fputs("<pre tabindex=\"0\">", out);
    for (char *line = text; line && *line;) { /* line ends are what ri_page_text would take out */
        size_t bytes = strcspn(line, "\n");
        bool more = line[bytes] == '\n';
        line[bytes] = '\0';
        ri_page_text(out, line);
        fputs(more ? "\n" : "", out);
        line += bytes + more;
    }
    fputs("</pre></section>\n", out);
    free(text);
    return RI_OK;
}
