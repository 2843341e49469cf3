/* SPDX-License-Identifier: BSD-3-Clause
 * Models side by side on test samples: the table of riata compare, and what it means. */
#include <stdlib.h>
#include <string.h>

#include "result/page.h"

static void put_row(const ri_comparison *c, ri_model m, FILE *out) {
    static const struct {
        ri_compared column;
        int digits;
    } mean_of[] = {{RI_COMPARED_RMSE, 5},
                   {RI_COMPARED_R2, 4},
                   {RI_COMPARED_FEATURES, 4},
                   {RI_COMPARED_FOUND, 4}};
    fputs("<tr><th scope=\"row\">", out);
    ri_page_text(out, ri_model_name(m));
    fputs("</th>", out);
    for (size_t k = 0; k < sizeof mean_of / sizeof *mean_of; k++) {
        double mean, error;
        if (mean_of[k].column == RI_COMPARED_FOUND && c->truths == 0)
            continue;
        ri_comparison_mean(c, m, mean_of[k].column, &mean, &error);
        ri_page_cell(out, mean, mean_of[k].digits);
        if (mean_of[k].column == RI_COMPARED_RMSE && c->repeats > 1)
            ri_page_cell(out, error, 3);
    }
    ri_page_cell(out, ri_comparison_median(c, m, RI_COMPARED_ALPHA), 4);
    ri_page_cell(out, ri_comparison_median(c, m, RI_COMPARED_L1_RATIO), 3);
    fputs("</tr>\n", out);
}

static void put_table(const ri_comparison *c, FILE *out) {
    char heads[160];
    snprintf(heads, sizeof heads, "Model|#Test RMSE%s|#Test R&#178;|#Features%s|#alpha|#l1_ratio",
             c->repeats > 1 ? "|#Standard error" : "", c->truths > 0 ? "|#True ones" : "");
    ri_page_table(out, "Models on the same test samples", heads);
    for (int m = 0; m < c->models; m++)
        put_row(c, (ri_model)m, out);
    ri_page_table_end(out);
}

/* A paragraph for each line of the words. */
static ri_status put_words(const ri_comparison *c, FILE *out, ri_error *err) {
    char *words = NULL, *rest;
    size_t length = 0;
    FILE *text = open_memstream(&words, &length);
    if (text)
        ri_comparison_say(c, text);
    if (!text || fclose(text) != 0) {
        free(words);
        return ri_fail_memory(err, "the words of a comparison", length);
    }
    for (char *line = strtok_r(words, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        fputs("<p>", out);
        ri_page_text(out, line);
        fputs("</p>\n", out);
    }
    free(words);
    return RI_OK;
}

ri_status ri_page_put_comparison(const ri_comparison *c, FILE *out, ri_error *err) {
    ri_page_section(out, "comparison", "Comparison");
    fputs("<p>Other models of ", out);
    ri_page_name(out, c->response);
    ri_page_say(out,
                ", from %s: each fitted to the same %lld training samples, its alpha chosen on the "
                "same %lld folds of them, and judged on the same %lld test samples.",
                c->dataset, (long long)c->train, (long long)c->folds, (long long)(c->n - c->train));
    if (c->repeats > 1)
        ri_page_say(out,
                    " Means over %lld draws of the test samples; of alpha and l1_ratio, medians.",
                    (long long)c->repeats);
    fputs("</p>\n", out);
    put_table(c, out);
    RI_TRY(put_words(c, out, err));
    fputs("</section>\n", out);
    return RI_OK;
}
