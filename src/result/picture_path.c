/* SPDX-License-Identifier: BSD-3-Clause
 * The script of the coefficient paths: the strongest features named and coloured, the others grey.
 */
#include <math.h>

#include "result/picture.h"
#include "result/picture_lines.h"
#include "result/view.h"

enum { NAMED = 12, DRAWN = 300, POINTS_SHOWN_UP_TO = 12, NAME_COLUMNS = 22 };

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

static void put_plot(const ri_record *record, const ri_path_lines *lines, FILE *out) {
    int64_t count = lines->count, drawn = lines->drawn;
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
        ri_script_quote(out, ri_names_get(&record->feature, lines->line[l].feature), NAME_COLUMNS);
    }
    fputc('\n', out);
}

static void put_picture(const ri_record *record, const ri_alpha_axis *axis, ri_range range,
                        const ri_path_lines *lines, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    double alpha = path->alpha[record->index_selected];
    double x = ri_alpha_axis_place(axis, alpha);
    long long support = ri_fit_support(record, ri_path_refit(record, path), record->index_selected);
    char title[1024], response[RI_SHORT_TEXT], label[RI_LABEL_TEXT];
    snprintf(title, sizeof title, "%s: coefficients against alpha, %s",
             ri_text_shorten(record->response, 40, response), ri_path_label(path, label));
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
    if (lines->count == 0)
        fputs("set label 3 'no feature has a coefficient other than 0 on this grid' at graph 0.5, "
              "graph 0.6 center textcolor '#606060'\n",
              out);
    put_plot(record, lines, out);
}

ri_status ri_script_path(const ri_record *record, FILE *out, ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    ri_alpha_axis axis = ri_alpha_axis_fit(path, 1);
    ri_path_lines lines;
    RI_TRY(ri_path_lines_new(record, DRAWN, &lines, err));
    put_data(path, &axis, lines.value, lines.drawn, out);
    put_picture(record, &axis, ri_range_widen(lines.range, 0.06), &lines, out);
    ri_path_lines_free(&lines);
    return RI_OK;
}
