/* SPDX-License-Identifier: BSD-3-Clause
 * The features of the chosen model with their signs as bars, and the covariates beside them. */
#include <math.h>
#include <stdlib.h>

#include "cv/proxies.h"
#include "result/page.h"
#include "result/view.h"

/* A bar from the middle, to the right for +, to the left for -. */
static void put_bar(FILE *out, double value, double most) {
    double length = most > 0 ? 48 * fabs(value) / most : 0;
    fprintf(out,
            "<svg class=\"bar\" viewBox=\"-50 0 100 12\" preserveAspectRatio=\"none\" role=\"img\" "
            "aria-label=\"%s, %.0f %% of the largest\">"
            "<rect class=\"%s\" x=\"%.2f\" y=\"1\" width=\"%.2f\" height=\"10\"/>"
            "<line class=\"zero\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"12\"/></svg>",
            value < 0 ? "negative" : "positive", most > 0 ? 100 * fabs(value) / most : 0.0,
            value < 0 ? "down" : "up", value < 0 ? -length : 0.0, length);
}

static void put_place(const ri_record *record, int64_t j, FILE *out) {
    if (record->chrom.count > 0) {
        fputs("<td>", out);
        ri_page_name(out, ri_names_get(&record->chrom, j));
        fputs("</td>", out);
    }
    if (record->pos)
        fprintf(out, "<td class=\"n\">%lld</td>", (long long)record->pos[j]);
    if (record->a1.count > 0) {
        fputs("<td>", out);
        ri_page_name(out, ri_names_get(&record->a1, j));
        if (record->a2.count > 0) {
            fputs(" / ", out);
            ri_page_name(out, ri_names_get(&record->a2, j));
        }
        fputs("</td>", out);
    }
    if (record->genotype)
        ri_page_cell(out, record->feature_mean[j] / 2, 3);
}

/* Variance inflation and number of proxies. */
static void put_proxies(const ri_record *record, int64_t feature, FILE *out) {
    const ri_proxies *x = &record->proxies;
    if (!(x->threshold > 0))
        return;
    int64_t k = ri_proxies_find(x, feature);
    bool looked = k >= 0 && x->looked[k];
    if (k >= 0 && isinf(x->vif[k]))
        fputs("<td class=\"n\">&#8734;</td>", out);
    else
        ri_page_cell(out, k >= 0 ? x->vif[k] : (double)NAN, 3);
    ri_page_cell(out, looked ? (double)(x->start[k + 1] - x->start[k]) : (double)NAN, 15);
}

static void put_effect(const ri_record *record, const ri_effect *effect, int64_t rank, double most,
                       FILE *out) {
    int64_t j = effect->feature;
    fprintf(out, "<tr><td class=\"n\">%lld</td><th scope=\"row\">", (long long)rank);
    ri_page_name(out, ri_names_get(&record->feature, j));
    fputs("</th><td>", out);
    put_bar(out, effect->standardized, most);
    fputs("</td>", out);
    ri_page_cell(out, effect->standardized, 3);
    ri_page_cell(out, effect->coefficient, 4);
    if (record->frequency)
        ri_page_cell(out, 100 * record->frequency[j], 3);
    put_proxies(record, j, out);
    put_place(record, j, out);
    fputs("</tr>\n", out);
}

static void put_heads(const ri_record *record, FILE *out) {
    char heads[512];
    snprintf(heads, sizeof heads,
             "#Rank|Feature|Sign and size|#Effect of one sd|#Coefficient%s%s%s%s%s%s",
             record->frequency ? "|#In % of folds" : "",
             record->proxies.threshold > 0 ? "|#Variance inflation|#Proxies" : "",
             record->chrom.count > 0 ? "|Chromosome" : "", record->pos ? "|#Position" : "",
             record->a1.count > 0 ? "|Counted / other allele" : "",
             record->genotype ? "|#Frequency" : "");
    ri_page_table(out, "Features of the chosen model, strongest first", heads);
}

static void put_legend(const ri_record *record, FILE *out) {
    fputs("<p>A bar to the right (+): samples with more of the feature have a higher predicted "
          "response, the other features held fixed; to the left (&#8722;): a lower one. <em>Effect "
          "of one sd</em> is the change of the prediction for one standard deviation of the "
          "feature, so that features in different units can be compared; <em>coefficient</em> is "
          "that for one unit of the feature as it is in the data",
          out);
    fputs(record->genotype ? ", here one more copy of the counted allele.</p>\n" : ".</p>\n", out);
    if (record->frequency)
        fputs("<p><em>In % of folds</em>: how often the feature was in the model when part of the "
              "samples was left out; low numbers mean that another sample could have brought "
              "another feature.</p>\n",
              out);
}

ri_status ri_page_put_features(const ri_record *record, FILE *out, ri_error *err) {
    ri_effect *effect;
    int64_t count;
    double most = 0;
    RI_TRY(ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect,
                           &count, err));
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(effect[i].standardized));
    ri_page_section(out, "features", "Selected features");
    if (count == 0) {
        fputs("<p>None: at this alpha every coefficient is 0.</p>\n", out);
    } else {
        put_legend(record, out);
        put_heads(record, out);
        for (int64_t i = 0; i < count && i < RI_PAGE_FEATURES; i++)
            put_effect(record, &effect[i], i + 1, most, out);
        ri_page_table_end(out);
    }
    if (count > RI_PAGE_FEATURES)
        fprintf(out,
                "<p>The strongest %d of %lld are shown; all of them are in the table "
                "<code>.features.tsv</code>.</p>\n",
                RI_PAGE_FEATURES, (long long)count);
    fputs("</section>\n", out);
    free(effect);
    return RI_OK;
}

ri_status ri_page_put_covariates(const ri_record *record, FILE *out, ri_error *err) {
    const ri_covariates *c = &record->covariates;
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    (void)err;
    if (c->count == 0)
        return RI_OK;
    ri_page_section(out, "covariates", "Covariates");
    fputs("<p>In every model, not penalised and never counted as features.</p>\n", out);
    ri_page_table(out, "Covariates of the chosen model", "Covariate|Against|#Coefficient");
    for (int64_t k = 0; k < c->count && k < RI_PAGE_FEATURES; k++) {
        fputs("<tr><th scope=\"row\">", out);
        ri_page_name(out, ri_names_get(&c->name, k));
        fputs("</th><td>", out);
        ri_page_name(out, ri_names_get(&c->reference, k));
        fputs("</td>", out);
        ri_page_cell(out, refit->covariate[record->index_selected * c->count + k], 4);
        fputs("</tr>\n", out);
    }
    ri_page_table_end(out);
    if (c->count > RI_PAGE_FEATURES)
        fprintf(out, "<p>The first %d of %lld are shown.</p>\n", RI_PAGE_FEATURES,
                (long long)c->count);
    fputs("</section>\n", out);
    return RI_OK;
}
