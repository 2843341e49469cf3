/* SPDX-License-Identifier: BSD-3-Clause
 * Of the summary: the coefficients of the chosen model and what their signs mean. */
#include <stdlib.h>
#include <string.h>

#include "result/summary.h"
#include "result/view.h"

static void say_one_effect(const ri_record *record, const ri_effect *effect, FILE *out) {
    char name[RI_SHORT_TEXT], response[RI_SHORT_TEXT], allele[RI_SHORT_TEXT];
    ri_text_shorten(ri_names_get(&record->feature, effect->feature), RI_SUMMARY_NAME, name);
    ri_text_shorten(record->settings.family == RI_BINOMIAL ? ri_names_get(&record->classes, 1)
                                                           : record->response,
                    16, response);
    int padding = RI_SUMMARY_NAME - (int)ri_summary_columns(name, strlen(name));
    fprintf(out, "%*s%s%*s %+11.4g  ", RI_SUMMARY_LABEL, "", name, padding, "",
            effect->standardized);
    bool more = effect->coefficient > 0, binomial = record->settings.family == RI_BINOMIAL;
    const char *direction = binomial ? more ? "more likely" : "less likely"
                            : more   ? "higher"
                                     : "lower";
    if (record->genotype && record->a1.count > 0)
        fprintf(out, "more %s: %s %s\n",
                ri_text_shorten(ri_names_get(&record->a1, effect->feature), 12, allele), direction,
                response);
    else
        fprintf(out, "higher: %s %s\n", direction, response);
}

void ri_summary_say_covariates(const ri_record *record, FILE *out) {
    const ri_covariates *c = &record->covariates;
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    if (c->count == 0)
        return;
    ri_summary_say(
        out, "Covariates",
        "%lld, unpenalised, in every model; change of the prediction for one unit, the others held "
        "fixed",
        (long long)c->count);
    for (int64_t k = 0; k < c->count && k < RI_SUMMARY_STRONGEST; k++) {
        char name[RI_SHORT_TEXT], reference[RI_SHORT_TEXT];
        ri_text_shorten(ri_names_get(&c->name, k), RI_SUMMARY_NAME, name);
        ri_text_shorten(ri_names_get(&c->reference, k), 16, reference);
        int padding = RI_SUMMARY_NAME - (int)ri_summary_columns(name, strlen(name));
        fprintf(out, "%*s%s%*s %+11.4g", RI_SUMMARY_LABEL, "", name, padding, "",
                refit->covariate[record->index_selected * c->count + k]);
        fprintf(out, "%s%s\n", reference[0] ? "  against " : "", reference);
    }
    if (c->count > RI_SUMMARY_STRONGEST)
        ri_summary_say(out, "", "and %lld more in .covariates.tsv",
                       (long long)(c->count - RI_SUMMARY_STRONGEST));
}

void ri_summary_say_effects(const ri_record *record, const ri_effect *effect, int64_t count,
                            FILE *out) {
    if (count == 0) {
        ri_summary_say(out, "Features", "none: the prediction is the same for every sample");
        return;
    }
    ri_summary_say(out, "Strongest",
                   "change of the prediction for one standard deviation of a feature, "
                   "the others held fixed");
    for (int64_t i = 0; i < count && i < RI_SUMMARY_STRONGEST; i++)
        say_one_effect(record, &effect[i], out);
    if (count > RI_SUMMARY_STRONGEST)
        ri_summary_say(out, "", "and %lld more in .features.tsv",
                       (long long)(count - RI_SUMMARY_STRONGEST));
    ri_summary_say(
        out, "Signs", "%s",
        record->genotype
            ? "+ means: each copy of the counted allele (A1) goes with a higher response; - with a "
              "lower one. Linked markers stand in for each other: this is no proof of a cause"
        : record->settings.family == RI_BINOMIAL
            ? "+ means: a higher value makes the positive class more likely, given the other "
              "features; - less. This is no proof of a cause"
            : "+ means: a higher value goes with a higher response, given the other features; - "
              "with a lower one. This is no proof of a cause");
}

void ri_summary_say_truth(const ri_record *record, const ri_effect *effect, int64_t count,
                          FILE *out) {
    double *truth = ri_record_truth(record);
    int64_t found = 0, real = 0;
    for (int64_t j = 0; truth && j < record->p; j++)
        real += truth[j] != 0;
    for (int64_t i = 0; truth && i < count; i++)
        found += truth[effect[i].feature] != 0;
    if (truth)
        ri_summary_say(out, "Truth", "%lld of %lld true features are among the %lld selected",
                       (long long)found, (long long)real, (long long)count);
    free(truth);
}
