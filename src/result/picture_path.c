/* SPDX-License-Identifier: BSD-3-Clause
 * The script of the coefficient paths: the strongest features named and coloured, the others grey.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "result/picture.h"
#include "result/view.h"

enum { NAMED = 12, DRAWN = 300, POINTS_SHOWN_UP_TO = 12, NAME_COLUMNS = 22 };

/* A feature that is not zero everywhere. */
typedef struct line {
    int64_t feature;
    double chosen; /* |standardised coefficient| at the selected alpha */
    double most;   /* and its largest over the path */
} line;

static int compare_lines(const void *left, const void *right) {
    const line *a = left, *b = right;
    if (a->chosen != b->chosen)
        return a->chosen < b->chosen ? 1 : -1;
    if (a->most != b->most)
        return a->most < b->most ? 1 : -1;
    return a->feature < b->feature ? -1 : 1;
}

static double standardized(const ri_record *record, const ri_fit *fit, int64_t entry) {
    double value = fit->coefficient[entry] * record->feature_sd[fit->feature[entry]];
    return isfinite(value) ? value : 0;
}

/* All lines, strongest first; and `*slot`, [p], number of a feature's line or -1. */
static ri_status find_lines(const ri_record *record, line **out, int64_t *count, int64_t **slot,
                            ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *fit = ri_path_refit(record, path);
    size_t p = (size_t)record->p;
    line *found = ri_calloc(p, sizeof *found);
    int64_t *number = ri_alloc(p, sizeof *number);
    *count = 0;
    if (!found || !number) {
        free(found);
        free(number);
        return ri_fail_memory(err, "the picture of coefficients", p * sizeof *found);
    }
    for (int64_t a = 0; a < path->alphas; a++)
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            line *at = &found[fit->feature[e]];
            double size = fabs(standardized(record, fit, e));
            at->most = fmax(at->most, size);
            if (a == record->index_selected)
                at->chosen = size;
        }
    for (int64_t j = 0; j < record->p; j++)
        if (found[j].most > 0)
            found[(*count)++] = (line){j, found[j].chosen, found[j].most};
    qsort(found, (size_t)*count, sizeof *found, compare_lines);
    memset(number, 0xff, p * sizeof *number);
    for (int64_t l = 0; l < *count; l++)
        number[found[l].feature] = l;
    *out = found;
    *slot = number;
    return RI_OK;
}

/* One data block of a feature; points in the middle of a run of zeros are left out. */
static void put_line(const ri_path *path, const ri_alpha_axis *axis, const double *value,
                     FILE *out) {
    int64_t last = path->alphas - 1;
    for (int64_t a = 0; a <= last; a++) {
        bool needed =
            value[a] != 0 || a == last || (a > 0 && value[a - 1] != 0) || value[a + 1] != 0;
        if (needed)
            fprintf(out, "%.8g %.8g\n", ri_alpha_axis_place(axis, path->alpha[a]), value[a]);
    }
}

static void put_data(const ri_path *path, const ri_alpha_axis *axis, const double *value,
                     int64_t lines, FILE *out) {
    for (int64_t l = 0; l < lines && l < NAMED; l++) {
        fprintf(out, "$feature%lld << EOD\n", (long long)l);
        put_line(path, axis, value + l * path->alphas, out);
        fputs("EOD\n", out);
    }
    fputs("$others << EOD\n", out);
    for (int64_t l = NAMED; l < lines; l++) {
        put_line(path, axis, value + l * path->alphas, out);
        fputs("\n", out);
    }
    fputs("EOD\n", out);
}

static void put_plot(const ri_record *record, const line *found, int64_t count, int64_t drawn,
                     FILE *out) {
    bool points = ri_record_selected(record)->alphas <= POINTS_SHOWN_UP_TO;
    fputs("plot 0 with lines linecolor '#808080' linewidth 1 notitle", out);
    if (drawn > NAMED) {
        fputs(", \\\n     $others with lines linecolor '#c4c4c4' linewidth 1 title ", out);
        if (drawn < count)
            fprintf(out, "'%lld others of %lld'", (long long)(drawn - NAMED),
                    (long long)(count - NAMED));
        else
            fprintf(out, "'%lld other%s'", (long long)(drawn - NAMED),
                    drawn - NAMED == 1 ? "" : "s");
    }
    for (int64_t l = 0; l < drawn && l < NAMED; l++) {
        fprintf(out,
                ", \\\n     $feature%lld with %s linecolor '%s' linewidth 2 dashtype %s "
                "pointtype 7 pointsize 0.4 title ",
                (long long)l, points ? "linespoints" : "lines", ri_colour[l % RI_COLOURS],
                l < RI_COLOURS ? "1" : "(9,5)");
        ri_script_quote(out, ri_names_get(&record->feature, found[l].feature), NAME_COLUMNS);
    }
    fputc('\n', out);
}

static void put_picture(const ri_record *record, const ri_alpha_axis *axis, ri_range range,
                        const line *found, int64_t count, int64_t drawn, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    double alpha = path->alpha[record->index_selected];
    double x = ri_alpha_axis_place(axis, alpha);
    long long support = ri_fit_support(record, ri_path_refit(record, path), record->index_selected);
    char title[1024], response[RI_SHORT_TEXT];
    snprintf(title, sizeof title, "%s: coefficients against alpha, l1_ratio %.4g",
             ri_text_shorten(record->response, 40, response), path->l1_ratio);
    ri_script_begin(out, 620);
    ri_script_alpha_axis(axis, true, out);
    fputs("set lmargin at screen 0.105\nset rmargin at screen 0.745\nset tmargin at screen 0.87\n"
          "set bmargin at screen 0.14\nset label 1 ",
          out);
    ri_script_quote(out, title, 80);
    fprintf(out,
            " at screen 0.02,0.96 left font ',18' textcolor '#202020'\n"
            "set label 2 'dotted line: the selected alpha, %.4g, %lld feature%s' at screen "
            "0.02,0.912 left font ',14' textcolor '#404040'\n"
            "set yrange [%.10g:%.10g]\nset ylabel 'coefficient x sd of the feature'\n"
            "set xlabel 'alpha (log scale; the model grows to the right)'\n"
            "set arrow 1 from %.10g, graph 0 to %.10g, graph 1 nohead linecolor '#202020' "
            "linewidth 1.4 dashtype (3,4)\n"
            "set key at screen 0.76,0.87 left top vertical Left reverse samplen 2 spacing 1.25 "
            "textcolor '#303030' font ',14'\n",
            alpha, support, support == 1 ? "" : "s", range.low, range.high, x, x);
    if (count == 0)
        fputs("set label 3 'no feature has a coefficient other than 0 on this grid' at graph 0.5, "
              "graph 0.6 center textcolor '#606060'\n",
              out);
    put_plot(record, found, count, drawn, out);
}

ri_status ri_script_path(const ri_record *record, FILE *out, ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *fit = ri_path_refit(record, path);
    ri_alpha_axis axis = ri_alpha_axis_fit(path, 1);
    ri_range range = {0, 0};
    line *found = NULL;
    int64_t count = 0, *slot = NULL;
    RI_TRY(find_lines(record, &found, &count, &slot, err));
    int64_t drawn = count < DRAWN ? count : DRAWN;
    ri_status status = RI_OK;
    double *value = ri_calloc((size_t)(drawn * path->alphas), sizeof *value);
    if (!value) {
        status = ri_fail_memory(err, "the picture of coefficients", (size_t)drawn * 8);
        goto done;
    }
    for (int64_t a = 0; a < path->alphas; a++)
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            int64_t l = slot[fit->feature[e]];
            if (l < 0 || l >= drawn)
                continue;
            value[l * path->alphas + a] = standardized(record, fit, e);
            ri_range_add(&range, value[l * path->alphas + a]);
        }
    put_data(path, &axis, value, drawn, out);
    put_picture(record, &axis, ri_range_widen(range, 0.06), found, count, drawn, out);
done:
    free(value);
    free(found);
    free(slot);
    return status;
}
