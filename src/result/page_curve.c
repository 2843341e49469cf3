/* SPDX-License-Identifier: BSD-3-Clause
 * How well the models of all alphas predict, which one is chosen and why, and what alpha does. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "result/page.h"
#include "result/svg.h"
#include "result/view.h"

enum { ROWS = 12, LEGEND_TEXT = 64 };

static void put_key(FILE *out, const char *style, const char *text) {
    ri_page_key(out, style);
    fprintf(out, "%s</li>\n", text);
}

static void put_curves(const ri_record *record, const ri_plot *plot) {
    const ri_path *path = ri_record_selected(record);
    char style[32];
    ri_plot_band(plot, path, path->mean, path->se, "band");
    for (int64_t r = 0; r < record->paths; r++) {
        snprintf(style, sizeof style, "c%d%s%s", (int)(r % RI_COLOURS),
                 r == record->selected_path ? "" : " thin", r >= RI_COLOURS ? " dash" : "");
        ri_plot_line(plot, &record->path[r], record->path[r].mean, style);
    }
}

static void put_curve_legend(const ri_record *record, FILE *out) {
    char style[32], text[LEGEND_TEXT];
    fputs("<ul class=\"legend\">\n", out);
    for (int64_t r = 0; r < record->paths && record->paths > 1; r++) {
        snprintf(style, sizeof style, "c%d%s", (int)(r % RI_COLOURS),
                 r >= RI_COLOURS ? " dash" : "");
        char label[RI_LABEL_TEXT];
        snprintf(text, sizeof text, "%s%s", ri_path_label(&record->path[r], label),
                 r == record->selected_path ? " (chosen)" : "");
        put_key(out, style, text);
    }
    if (record->paths == 1)
        put_key(out, "c0", "mean of the folds");
    put_key(out, "band", "its standard error");
    fputs("</ul>\n", out);
}

static void put_curve(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    ri_range range = {INFINITY, -INFINITY};
    for (int64_t r = 0; r < record->paths; r++)
        for (int64_t a = 0; a < record->path[r].alphas; a++)
            ri_range_add(&range, record->path[r].mean[a]);
    for (int64_t a = 0; a < path->alphas; a++) {
        ri_range_add(&range, path->mean[a] - path->se[a]);
        ri_range_add(&range, path->mean[a] + path->se[a]);
    }
    ri_plot plot = ri_plot_new(out, "curve", record->path, record->paths, range);
    char said[256];
    snprintf(said, sizeof said,
             "The error is lowest, %.4g, at alpha %.4g; at the largest alpha it is %.4g and at the "
             "smallest %.4g.",
             path->mean[path->index_min], path->alpha[path->index_min], path->mean[0],
             path->mean[path->alphas - 1]);
    fputs("<figure>", out);
    ri_plot_begin(&plot, "Cross-validated error against alpha", said,
                  ri_metric_words(record->settings.metric));
    put_curves(record, &plot);
    ri_plot_mark(&plot, path->alpha[path->index_min], "minimum", 0, "first");
    if (path->index_1se != path->index_min)
        ri_plot_mark(&plot, path->alpha[path->index_1se], "1 se", 1, "second");
    ri_plot_end(&plot);
    put_curve_legend(record, out);
    fputs("<figcaption>The error on samples left out of the fit, for every strength of the "
          "penalty. Too strong (left): signal is missed. Too weak (right): noise is "
          "fitted.</figcaption></figure>\n",
          out);
}

static void put_choice(const ri_record *record, const ri_path *path, const char *rule, int64_t a,
                       FILE *out) {
    bool chosen = path == ri_record_selected(record) && a == record->index_selected;
    if (a < 0)
        return;
    fprintf(out, "<tr><th scope=\"row\">%s%s</th>", rule, chosen ? " (chosen)" : "");
    if (record->paths > 1)
        ri_page_cell(out, path->l1_ratio, 4);
    ri_page_cell(out, path->alpha[a], 4);
    ri_page_cell(out, (double)ri_fit_support(record, ri_path_refit(record, path), a), 15);
    if (path->mean) {
        ri_page_cell(out, path->mean[a], 4);
        ri_page_cell(out, path->se[a], 2);
        if (record->settings.metric == RI_MSE)
            ri_page_cell(out, ri_path_r2(record, path, a), 3);
    }
    fputs("</tr>\n", out);
}

static void put_choices(const ri_record *record, FILE *out) {
    char heads[256];
    bool folds = record->folds > 0;
    char errors[96] = "";
    if (folds)
        snprintf(errors, sizeof errors, "|#Error (%s)|#Standard error|#%c&#178;",
                 ri_record_error(record), ri_record_share(record)[0]);
    snprintf(heads, sizeof heads, "Rule%s|#alpha|#Features%s",
             record->paths > 1 ? "|#l1_ratio" : "", errors);
    ri_page_table(out, "What each rule would choose", heads);
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        put_choice(record, path, "minimum", path->index_min, out);
        put_choice(record, path, "1 se", path->index_1se, out);
        put_choice(record, path, "BIC", ri_path_least_bic(record, path, 0), out);
        put_choice(record, path, "extended BIC",
                   ri_path_least_bic(record, path, record->settings.ebic_gamma), out);
    }
    ri_page_table_end(out);
}

ri_status ri_page_put_error(const ri_record *record, FILE *out, ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    char folds[RI_FOLDS_TEXT];
    (void)err;
    if (path->alphas == 1 && !path->mean)
        return RI_OK;
    ri_page_section(out, "error", path->mean ? "How well it predicts" : "Choice of alpha");
    if (path->mean) {
        fputs("<p>", out);
        ri_page_say(out,
                    "The samples were dealt into %s folds (%s). Each fold was predicted by a fit "
                    "of the others, so that no error below is one on samples that were "
                    "learnt from. The model without any feature has an error of %.4g.",
                    ri_record_folds_text(record, folds), record->settings.fold_scheme,
                    ri_path_null_error(record, path));
        fputs("</p>\n", out);
        if (path->alphas > 1)
            put_curve(record, out);
        if (path->stopped_early)
            fputs("<p>The run stopped early: the curve had turned, and smaller alphas were not "
                  "tried.</p>\n",
                  out);
    }
    put_choices(record, out);
    fputs("<p class=\"soft\">minimum: the lowest cross-validated error. 1 se: the largest alpha "
          "within one standard error of it, a sparser model that cannot be told from the best. BIC "
          "and extended BIC weigh the fit to all samples against the number of features.</p>\n"
          "</section>\n",
          out);
    return RI_OK;
}

/* Rows of the table along alpha, evenly spaced, the chosen one among them. */
static bool in_table(const ri_record *record, const ri_path *path, int64_t a) {
    int64_t last = path->alphas - 1;
    if (path->alphas <= ROWS || a == record->index_selected || a == last)
        return true;
    return a * (ROWS - 2) / last != (a - 1) * (ROWS - 2) / last || a == 0;
}

static void put_alphas(const ri_record *record, const double *training, const double *shrinkage,
                       FILE *out) {
    const ri_path *path = ri_record_selected(record);
    ri_page_table(out, "From all zero to the weakest penalty of the grid",
                  path->mean ? "#alpha|#Features|#Shrinkage|#Training error|#Error on others"
                             : "#alpha|#Features|#Shrinkage|#Training error");
    for (int64_t a = 0; a < path->alphas; a++) {
        if (!in_table(record, path, a))
            continue;
        fputs("<tr>", out);
        ri_page_cell(out, path->alpha[a], 4);
        ri_page_cell(out, (double)ri_fit_support(record, ri_path_refit(record, path), a), 15);
        ri_page_cell(out, shrinkage[a], 3);
        ri_page_cell(out, training[a], 4);
        if (path->mean)
            ri_page_cell(out, path->mean[a], 4);
        fputs(a == record->index_selected ? "<td>chosen</td></tr>\n" : "</tr>\n", out);
    }
    ri_page_table_end(out);
}

/* What the training error can be compared with: the same measure on held-out samples. */
typedef struct held_out {
    const double *mean, *se; /* NULL where there is none */
} held_out;

static held_out comparable(const ri_record *record) {
    const ri_path *path = ri_record_selected(record);
    ri_metric wanted = record->settings.family == RI_GAUSSIAN ? RI_MSE : RI_DEVIANCE;
    if (path->mean && record->settings.metric == wanted)
        return (held_out){path->mean, path->se};
    return path->mean ? (held_out){path->more_mean[wanted], path->more_se[wanted]} : (held_out){0};
}

static void put_errors(const ri_record *record, const double *training, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const char *error =
        ri_metric_words(record->settings.family == RI_GAUSSIAN ? RI_MSE : RI_DEVIANCE);
    held_out others = comparable(record);
    ri_range range = {0, 0};
    char said[256];
    for (int64_t a = 0; a < path->alphas; a++) {
        ri_range_add(&range, training[a]);
        ri_range_add(&range, others.mean ? others.mean[a] + others.se[a] : (double)NAN);
    }
    const ri_replicates *x = &record->replicates;
    for (int64_t a = 0; a < path->alphas && x->count > 0; a++) {
        ri_range_add(&range, x->bias_squared[a]);
        ri_range_add(&range, x->variance[a]);
    }
    ri_plot plot = ri_plot_new(out, "errors", path, 1, range);
    snprintf(said, sizeof said,
             "The training error falls from %.4g at the largest alpha to %.4g at the smallest.",
             training[0], training[path->alphas - 1]);
    fputs("<figure>", out);
    ri_plot_begin(&plot, "Training error and error on other samples", said, error);
    if (others.mean) {
        ri_plot_band(&plot, path, others.mean, others.se, "band");
        ri_plot_line(&plot, path, others.mean, "c0");
    }
    ri_plot_line(&plot, path, training, "c1 dash");
    if (x->count > 0) {
        ri_plot_line(&plot, path, x->bias_squared, "c2");
        ri_plot_line(&plot, path, x->variance, "c3 dots");
    }
    ri_plot_mark(&plot, path->alpha[record->index_selected], "chosen", 0, "first");
    ri_plot_end(&plot);
    fputs("<ul class=\"legend\">\n", out);
    put_key(out, "c1 dash", "on the training samples");
    if (others.mean) {
        put_key(out, "c0", "on samples left out");
        put_key(out, "band", "its standard error");
    }
    if (x->count > 0) {
        put_key(out, "c2", "true bias, squared");
        put_key(out, "c3 dots", "true variance");
    }
    fputs("</ul>\n", out);
    if (x->count > 0)
        fprintf(out,
                "<figcaption>True bias and variance are those of %lld draws of the noise, whose "
                "variance is %.4g: the expected error on new responses is the sum of the "
                "three.</figcaption>",
                (long long)x->count, x->noise_variance);
    fputs("</figure>\n", out);
}

ri_status ri_page_put_alpha(const ri_record *record, FILE *out, ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    size_t alphas = (size_t)path->alphas;
    if (alphas == 1)
        return RI_OK;
    double *training = ri_alloc(2 * alphas, sizeof *training);
    if (!training)
        return ri_fail_memory(err, "the report", 2 * alphas * sizeof *training);
    double *shrinkage = training + alphas;
    for (int64_t a = 0; a < path->alphas; a++)
        training[a] = ri_path_training_error(record, path, a);
    ri_path_shrinkage(record, path, shrinkage);
    ri_page_section(out, "alpha", "What alpha does");
    fputs("<p>A large alpha shrinks all coefficients to 0; as it falls, features enter and grow. "
          "The training error always falls with it, since the fit follows its own samples ever "
          "more closely. The error on other samples falls only as long as signal is learnt "
          "(less bias) and rises where noise is (more variance).</p>\n",
          out);
    put_errors(record, training, out);
    put_alphas(record, training, shrinkage, out);
    fputs("<p class=\"soft\">Shrinkage: sum of the sizes of the standardised coefficients, over "
          "its largest along the path. 0 is all zero, 1 the least shrunken.</p>\n</section>\n",
          out);
    free(training);
    return RI_OK;
}
