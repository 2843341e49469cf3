/* SPDX-License-Identifier: BSD-3-Clause
 * The top of the page: what was asked, the answer in a few sentences, and what to be warned of. */
#include <math.h>
#include <stdlib.h>

#include "result/notes.h"
#include "result/page.h"
#include "result/result.h"
#include "result/view.h"

enum { NAMED = 3 };

static const char *model_of(const ri_path *path) {
    return path->l1_ratio >= 1 ? "lasso" : path->l1_ratio <= 0 ? "ridge" : "elastic net";
}

static int64_t count_points(const ri_record *record, bool missed) {
    int64_t count = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                count += !missed || !record->path[r].fit[k].certified[a];
    return count;
}

static void put_warning(const ri_record *record, FILE *out) {
    int64_t missed = count_points(record, true);
    if (missed == 0)
        return;
    fputs("<div class=\"warn\" role=\"alert\"><p><strong>Not certified.</strong> ", out);
    ri_page_say(out,
                "%lld of %lld fits missed the duality gap of %g that was asked for. Their numbers "
                "are marked below and may be off; do not rely on them.",
                (long long)missed, (long long)count_points(record, false), record->settings.tol);
    fputs("</p></div>\n", out);
}

static void put_tile(FILE *out, const char *what, double value, int digits, const char *unit) {
    fputs("<li><b>", out);
    ri_page_number(out, value, digits);
    fprintf(out, "%s</b>%s</li>\n", unit, what);
}

static void put_tiles(const ri_record *record, int64_t support, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t a = record->index_selected;
    fputs("<ul class=\"key\">\n", out);
    put_tile(out, "samples", (double)record->n, 15, "");
    put_tile(out, "features", (double)record->p, 15, "");
    put_tile(out, "features kept", (double)support, 15, "");
    if (path->mean) {
        double r2 = ri_path_r2(record, path, a);
        bool squared = record->settings.metric == RI_MSE;
        put_tile(out,
                 record->settings.family == RI_GAUSSIAN
                     ? "R&#178; on samples not seen"
                     : "of the deviance explained on samples not seen",
                 r2, 3, "");
        put_tile(out, squared ? "typical error (RMSE)" : ri_metric_words(record->settings.metric),
                 squared ? sqrt(path->mean[a]) : path->mean[a], 3, "");
    } else {
        put_tile(out,
                 record->settings.family == RI_GAUSSIAN
                     ? "R&#178; on its own samples"
                     : "of the deviance explained on its own samples",
                 ri_path_training_r2(record, path, a), 3, "");
    }
    fputs("</ul>\n", out);
}

static void say_choice(const ri_record *record, int64_t support, FILE *out) {
    static const char *const rule[RI_SELECTS] = {
        "the lowest cross-validated error", "the one-standard-error rule",
        "the Bayesian information criterion", "the extended Bayesian information criterion"};
    const ri_path *path = ri_record_selected(record);
    bool by_rule = path->mean || record->settings.select >= RI_SELECT_BIC;
    fputs("<li>", out);
    ri_page_say(out, "The %s keeps %lld of %lld features at alpha %.4g, ", model_of(path),
                (long long)support, (long long)record->p, path->alpha[record->index_selected]);
    if (by_rule)
        ri_page_say(out, "chosen by %s.", rule[record->settings.select]);
    else
        ri_page_say(out, "%s.",
                    path->alphas > 1 ? "the smallest of the grid: no choice was made"
                                     : "the one that was given");
    fputs("</li>\n", out);
}

/* How well held-out samples are predicted. */
static void say_held_out(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t a = record->index_selected;
    double r2 = ri_path_r2(record, path, a);
    if (record->settings.metric != RI_MSE)
        ri_page_say(out,
                    "On samples that a fit had not seen, the %s is %.4g, give or take %.2g; the "
                    "model without features has %.4g.",
                    ri_metric_words(record->settings.metric), path->mean[a], path->se[a],
                    ri_path_null_error(record, path));
    else if (r2 > 0)
        ri_page_say(out,
                    "On samples that a fit had not seen, it predicts %.3g %% of the variance of "
                    "%s; the mean squared error is %.4g, give or take %.2g.",
                    100 * r2, record->response, path->mean[a], path->se[a]);
    else
        ri_page_say(out,
                    "On samples that a fit had not seen, it predicts %s no better than its mean "
                    "does (mean squared error %.4g, give or take %.2g).",
                    record->response, path->mean[a], path->se[a]);
}

static void say_error(const ri_record *record, FILE *out) {
    fputs("<li>", out);
    if (ri_record_selected(record)->mean)
        say_held_out(record, out);
    else
        ri_page_say(out,
                    "The fit was not tried on samples it had not seen: riata cv does that. How "
                    "it fits the samples it was made from flatters every model.");
    fputs("</li>\n", out);
}

/* Samples that were kept out of everything. */
static void say_test(const ri_record *record, FILE *out) {
    const ri_test *test = &record->test;
    if (test->rows == 0)
        return;
    fputs("<li>", out);
    ri_page_say(out, "On %lld test samples, kept out of everything:", (long long)test->rows);
    for (ri_metric m = 0; m < RI_METRICS; m++)
        if (ri_metric_fits(m, record->settings.family)) {
            ri_page_say(out, " %s ", ri_metric_words(m));
            ri_page_number(out, test->error[m], 4);
            fputs(";", out);
        }
    if (record->settings.family == RI_GAUSSIAN) {
        fputs(" R&#178; ", out);
        ri_page_number(out, test->r2, 3);
    }
    fputs(".</li>\n", out);
}

static void say_strongest(const ri_record *record, const ri_effect *effect, int64_t count,
                          FILE *out) {
    if (count == 0) {
        fputs("<li>No feature is in the model: it predicts the same for every sample.</li>\n", out);
        return;
    }
    fputs("<li>Strongest: ", out);
    for (int64_t i = 0; i < count && i < NAMED; i++) {
        fputs(i ? ", " : "", out);
        ri_page_name(out, ri_names_get(&record->feature, effect[i].feature));
        fputs(effect[i].standardized > 0 ? " (more of it goes with more)"
                                         : " (more of it goes with less)",
              out);
    }
    fputs(".</li>\n", out);
}

static void put_notes(const ri_record *record, FILE *out) {
    ri_notes notes = ri_record_notes(record);
    for (int k = 0; k < notes.count; k++) {
        fputs("<p class=\"note\"><strong>Note:</strong> ", out);
        ri_page_text(out, notes.text[k]);
        fputs(".</p>\n", out);
    }
}

ri_status ri_page_put_head(const ri_record *record, FILE *out, ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    int64_t count, missed = count_points(record, true);
    int64_t support = ri_fit_support(record, ri_path_refit(record, path), record->index_selected);
    ri_effect *effect;
    RI_TRY(ri_path_effects(record, path, record->index_selected, &effect, &count, err));
    fputs("<header><h1>What predicts ", out);
    ri_page_name(out, record->response);
    fputs("</h1>\n<p class=\"soft\">", out);
    ri_page_say(out, "%s of %s, riata %s, %.10s", model_of(path), record->dataset, record->command,
                record->run.started);
    fputs("</p></header>\n", out);
    put_warning(record, out);
    ri_page_section(out, "short", "In short");
    put_tiles(record, support, out);
    fputs("<ul>\n", out);
    say_choice(record, support, out);
    say_error(record, out);
    say_test(record, out);
    say_strongest(record, effect, count, out);
    if (missed == 0)
        fputs("<li>Every fit is proven to be the best one, within the tolerance asked for.</li>\n",
              out);
    fputs("<li>A feature that goes with the response need not be its cause, and one that is left "
          "out may have an effect too, which a feature like it already accounts for.</li>\n</ul>\n",
          out);
    put_notes(record, out);
    fputs("</section>\n", out);
    free(effect);
    return RI_OK;
}
