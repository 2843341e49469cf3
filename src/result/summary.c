/* SPDX-License-Identifier: BSD-3-Clause
 * The summary in words: its order, what was asked, and the machine. */
#include "result/summary.h"

#include <stdlib.h>
#include <string.h>

#include "result/result.h"
#include "result/stability_words.h"
#include "result/view.h"

static const char *model_name(double l1_ratio) {
    return l1_ratio >= 1 ? "lasso" : l1_ratio <= 0 ? "ridge" : "elastic net";
}

static void say_data(const ri_record *record, FILE *out) {
    char dataset[RI_SHORT_TEXT], response[RI_SHORT_TEXT];
    ri_summary_say(out, "Data", "%s: response '%s', %lld samples, %lld features%s",
                   ri_text_shorten(record->dataset, 60, dataset),
                   ri_text_shorten(record->response, RI_SUMMARY_NAME, response),
                   (long long)record->n, (long long)record->p,
                   record->genotype ? " (genotypes)" : "");
    int64_t missing = record->n_all - record->n - record->test.rows;
    if (missing > 0)
        ri_summary_say(out, "",
                       "%lld sample%s without a response%s: left out of training, but predicted",
                       (long long)missing, ri_summary_plural(missing),
                       record->covariates.count > 0 ? " or a covariate" : "");
    if (record->missing_values > 0)
        ri_summary_say(out, "",
                       "%lld missing value%s in X, each taken as the mean of the training rows of "
                       "its fit",
                       (long long)record->missing_values,
                       ri_summary_plural(record->missing_values));
}

static void say_family(const ri_record *record, FILE *out) {
    char negative[RI_SHORT_TEXT], positive[RI_SHORT_TEXT];
    if (record->settings.family == RI_BINOMIAL)
        ri_summary_say(
            out, "Family",
            "binomial (logistic): the probability of '%s' against '%s'; coefficients change its "
            "log odds",
            ri_text_shorten(ri_names_get(&record->classes, 1), RI_SUMMARY_NAME, positive),
            ri_text_shorten(ri_names_get(&record->classes, 0), RI_SUMMARY_NAME, negative));
    else if (record->settings.family == RI_POISSON)
        ri_summary_say(out, "Family",
                       "poisson: counts; coefficients change the logarithm of the mean");
}

static void say_folds(const ri_record *record, FILE *out) {
    const ri_settings *s = &record->settings;
    char group[RI_SHORT_TEXT], folds[RI_FOLDS_TEXT];
    if (record->folds == 0)
        return;
    ri_record_folds_text(record, folds);
    if (strcmp(s->fold_scheme, "grouped") == 0)
        ri_summary_say(out, "Folds", "%s, whole groups of '%s' together, seed %llu", folds,
                       ri_text_shorten(s->group_name, RI_SUMMARY_NAME, group),
                       (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "stratified") == 0)
        ri_summary_say(out, "Folds", "%s, shuffled within strata of the response, seed %llu", folds,
                       (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "random") == 0)
        ri_summary_say(out, "Folds", "%s, shuffled by sample name, seed %llu", folds,
                       (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "loo") == 0)
        ri_summary_say(out, "Folds", "%d, leave-one-out", (int)record->folds);
    else
        ri_summary_say(out, "Folds", "%s, scheme %s", folds, s->fold_scheme);
}

static void say_model(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const ri_settings *s = &record->settings;
    const char *positive = s->positive ? ", coefficients >= 0" : "";
    const char *intercept = s->intercept ? "" : ", no intercept";
    const char *scale = s->standardize ? "" : ", features not standardised";
    if (path->alphas == 1 && path->alpha[0] == 0)
        ri_summary_say(out, "Model", "least squares (alpha 0)%s%s%s", positive, intercept, scale);
    else if (path->alphas == 1)
        ri_summary_say(out, "Model", "%s (l1_ratio %.6g)%s%s%s, one alpha: %.6g",
                       model_name(path->l1_ratio), path->l1_ratio, positive, intercept, scale,
                       path->alpha[0]);
    else
        ri_summary_say(out, "Model", "%s (l1_ratio %.6g)%s%s%s, %lld alphas from %.6g down to %.6g",
                       model_name(path->l1_ratio), path->l1_ratio, positive, intercept, scale,
                       (long long)path->alphas, path->alpha[0], path->alpha[path->alphas - 1]);
    if (path->adaptive.fits > 0)
        ri_summary_say(
            out, "", "adaptive: penalty factors 1 / |b|^%.4g of a first %s at alpha %.4g",
            path->adaptive.gamma, path->adaptive.ridge ? "ridge" : "lasso", path->adaptive.alpha);
    if (path->relaxed >= 1)
        ri_summary_say(out, "", "relaxed: least squares on its support (gamma 0)");
    else if (path->relaxed > 0)
        ri_summary_say(out, "",
                       "relaxed: %.4g x its coefficients + %.4g x least squares on its support",
                       1 - path->relaxed, path->relaxed);
    char label[RI_LABEL_TEXT];
    for (int64_t r = 0; r < record->paths && record->paths > 1; r++) {
        const ri_path *other = &record->path[r];
        bool by_error = record->settings.select < RI_SELECT_BIC;
        const char *chosen = r != record->selected_path ? ""
                             : by_error                 ? " (chosen: the lowest)"
                                                        : " (chosen)";
        if (other->mean)
            ri_summary_say(out, r == 0 ? "Paths" : "", "%s: best %s %.6g at alpha %.6g%s",
                           ri_path_label(other, label), ri_record_error(record),
                           other->mean[other->index_min], other->alpha[other->index_min], chosen);
        else
            ri_summary_say(out, r == 0 ? "l1_ratios" : "", "%.6g: %lld alphas from %.6g%s",
                           other->l1_ratio, (long long)other->alphas, other->alpha[0],
                           r == record->selected_path ? " (described below)" : "");
    }
}

static void say_run(const ri_record *record, FILE *out) {
    const ri_run_facts *run = &record->run;
    char host[RI_SHORT_TEXT];
    ri_summary_say(
        out, "Machine",
        "%.3g s, and %.3g s of reading, on %d rank%s x %d thread%s (%s, %s); X was read %.3g "
        "times; peak memory %.4g MB",
        run->seconds, run->seconds_reading, (int)run->ranks, ri_summary_plural(run->ranks),
        (int)run->threads, ri_summary_plural(run->threads),
        ri_text_shorten(run->host, RI_SUMMARY_NAME, host), run->simd, run->passes_over_x,
        run->peak_rss_mb);
    if (run->kept_to_mb > 0)
        ri_summary_say(out, "Streamed",
                       "X was left in its file, since it does not fit into memory: the run kept to "
                       "the %.0f MB "
                       "that were free, as with --memory",
                       run->kept_to_mb);
}

static void say_stability(const ri_record *record, FILE *out) {
    ri_stability_words words;
    if (ri_stability_say(record, &words, NULL) != RI_OK)
        return;
    for (int k = 0; k < words.count; k++)
        ri_summary_say(out, k == 0 ? "Stability" : "", "%s", words.text[k]);
}

/* The model chosen by its curve or criterion. */
static void say_chosen(const ri_record *record, FILE *out) {
    ri_effect *effect = NULL;
    int64_t count = 0;
    ri_summary_say_choice(record, out);
    ri_summary_say_frequency(record, out);
    ri_summary_say_error(record, out);
    ri_summary_say_test(record, out);
    ri_summary_say_covariates(record, out);
    if (ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect, &count,
                        NULL) == RI_OK) {
        ri_summary_say_effects(record, effect, count, out);
        ri_summary_say_truth(record, effect, count, out);
    }
    ri_summary_say_replicates(record, out);
    free(effect);
}

void ri_summary_print(const ri_record *record, FILE *out) {
    say_data(record, out);
    say_family(record, out);
    say_folds(record, out);
    say_model(record, out);
    if (record->stability.pairs > 0)
        say_stability(record, out);
    else
        say_chosen(record, out);
    ri_summary_say_ties(record, out);
    ri_summary_say_certificate(record, out);
    say_run(record, out);
}
