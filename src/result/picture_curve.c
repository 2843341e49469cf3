/* SPDX-License-Identifier: BSD-3-Clause
 * The script of the error curve: above the error of every l1_ratio, the band of the selected one
 * and both choices; below, on the same axis, how many features the refit keeps. */
#include <math.h>

#include "result/picture.h"
#include "result/view.h"

enum { KEY_COLUMNS = 5, FEW_ALPHAS = 12 };

/* What the upper panel draws at a point. */
static double curve_value(const ri_record *record, const ri_path *path, int64_t a) {
    return path->mean ? path->mean[a] : ri_path_refit(record, path)->objective[a];
}

static void put_data(const ri_record *record, const ri_alpha_axis *axis, FILE *out) {
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        fprintf(out, "# alpha, value, value - se, value + se, features\n$path%lld << EOD\n",
                (long long)r);
        for (int64_t a = 0; a < path->alphas; a++) {
            double value = curve_value(record, path, a), se = path->se ? path->se[a] : 0;
            if (isfinite(value))
                fprintf(out, "%.10g %.10g %.10g %.10g %lld\n",
                        ri_alpha_axis_place(axis, path->alpha[a]), value, value - se, value + se,
                        (long long)ri_fit_support(record, ri_path_refit(record, path), a));
        }
        fputs("EOD\n", out);
    }
}

static ri_range value_range(const ri_record *record) {
    ri_range range = {INFINITY, -INFINITY};
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        bool band = path->se && r == record->selected_path;
        for (int64_t a = 0; a < path->alphas; a++) {
            double value = curve_value(record, path, a);
            ri_range_add(&range, value);
            ri_range_add(&range, band ? value - path->se[a] : value);
            ri_range_add(&range, band ? value + path->se[a] : value);
        }
    }
    ri_range_add(&range, ri_path_null_error(record, ri_record_selected(record)));
    return ri_range_widen(range, 0.06);
}

/* The ends of a vertical line at a chosen alpha. */
static void put_choice(const ri_record *record, const ri_alpha_axis *axis, const char *data,
                       int64_t index, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    ri_range range = value_range(record);
    double x = ri_alpha_axis_place(axis, path->alpha[index]);
    fprintf(out, "%s << EOD\n%.10g %.10g\n%.10g %.10g\nEOD\n", data, x, range.low, x, range.high);
}

static void plot_choice(const char *data, const char *name, const char *style, FILE *out) {
    fprintf(out, ", \\\n     %s using 1:2 with lines linecolor '#303030' %s title '%s'", data,
            style, name);
}

/* A choice in words, under the title. */
static int print_choice(const ri_record *record, const char *name, int64_t index, char *text,
                        size_t room) {
    const ri_path *path = ri_record_selected(record);
    long long support = ri_fit_support(record, ri_path_refit(record, path), index);
    return snprintf(text, room, "%s: alpha %.4g, %lld feature%s, %s %.4g", name, path->alpha[index],
                    support, support == 1 ? "" : "s",
                    path->mean ? ri_record_error(record) : "objective",
                    curve_value(record, path, index));
}

static void put_titles(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    char title[1024], response[RI_SHORT_TEXT], choices[256], folds[RI_FOLDS_TEXT];
    ri_text_shorten(record->response, 40, response);
    if (path->mean)
        snprintf(title, sizeof title, "%s: cross-validated error, %s folds", response,
                 ri_record_folds_text(record, folds));
    else
        snprintf(title, sizeof title, "%s: objective on all samples", response);
    if (!path->mean) {
        print_choice(record, "selected", record->index_selected, choices, sizeof choices);
    } else if (path->index_min == path->index_1se) {
        print_choice(record, "minimum and 1 se", path->index_min, choices, sizeof choices);
    } else {
        int used = print_choice(record, "minimum", path->index_min, choices, sizeof choices / 2);
        used += snprintf(choices + used, sizeof choices - (size_t)used, "  |  ");
        print_choice(record, "1 se", path->index_1se, choices + used,
                     sizeof choices - (size_t)used);
    }
    fputs("set label 1 ", out);
    ri_script_quote(out, title, 80);
    fputs(" at screen 0.02,0.965 left font ',18' textcolor '#202020'\nset label 2 ", out);
    ri_script_quote(out, choices, 200);
    fputs(" at screen 0.02,0.922 left font ',14' textcolor '#404040'\n", out);
}

/* A band, or, around a single alpha, a bar. */
static void plot_band(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const char *colour = ri_colour[record->selected_path % RI_COLOURS];
    fprintf(out, "$path%lld ", (long long)record->selected_path);
    if (path->alphas > 1)
        fprintf(out,
                "using 1:3:4 with filledcurves fillcolor '%s' fillstyle transparent solid 0.2 "
                "noborder title '± 1 se', \\\n     ",
                colour);
    else
        fprintf(out,
                "using 1:2:3:4 with yerrorbars linecolor '%s' linewidth 2.2 pointtype 7 pointsize "
                "0.9 title '± 1 se', \\\n     ",
                colour);
}

static void plot_lines(const ri_record *record, FILE *out) {
    char label[RI_LABEL_TEXT];
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        bool selected = r == record->selected_path;
        double size = (selected ? 0.42 : 0.25) * (path->alphas <= FEW_ALPHAS ? 2 : 1);
        fprintf(out,
                "%s$path%lld using 1:2 with linespoints linecolor '%s' linewidth %s pointtype 7 "
                "pointsize %.2f title ",
                r ? ", \\\n     " : "", (long long)r, ri_colour[r % RI_COLOURS],
                selected ? "2.2" : "1.4", size);
        if (record->paths > 1)
            fprintf(out, "'%s'", ri_path_label(path, label));
        else
            fputs(path->mean ? "'mean'" : "'objective'", out);
    }
}

static void plot_choices(const ri_path *path, FILE *out) {
    static const char solid[] = "linewidth 1.6", dashed[] = "linewidth 1.6 dashtype (10,5)";
    if (!path->mean) {
        plot_choice("$choice", "selected", solid, out);
    } else if (path->index_min == path->index_1se) {
        plot_choice("$choice_min", "minimum and 1 se", solid, out);
    } else {
        plot_choice("$choice_min", "minimum", solid, out);
        plot_choice("$choice_1se", "1 se", dashed, out);
    }
}

static void put_upper_panel(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    double null = ri_path_null_error(record, path);
    ri_range range = value_range(record);
    int64_t rows = (record->paths + 4 + KEY_COLUMNS - 1) / KEY_COLUMNS;
    fprintf(out,
            "set tmargin at screen %.3f\nset bmargin at screen 0.36\n"
            "set yrange [%.10g:%.10g]\nset ylabel '%s'\n"
            "set key at screen 0.015,0.90 left top horizontal maxcols %d Left reverse "
            "samplen 2 textcolor '#303030' font ',14'\n",
            0.875 - 0.032 * (double)rows, range.low, range.high,
            path->mean ? ri_metric_words(record->settings.metric) : "objective", KEY_COLUMNS);
    fputs("plot ", out);
    if (path->se)
        plot_band(record, out);
    plot_lines(record, out);
    if (isfinite(null))
        fprintf(out,
                ", \\\n     %.10g with lines linecolor '#606060' linewidth 1.4 dashtype (2,4) "
                "title 'null model'",
                null);
    plot_choices(path, out);
    fputc('\n', out);
}

/* A step of 1, 2 or 5 x 10^k that divides 0 .. most in about three. */
static double whole_step(double most) {
    double base = pow(10, floor(log10(fmax(most / 3, 1)))), step = base;
    static const double factor[] = {1, 2, 5, 10};
    for (int f = 0; f < 4; f++)
        if (factor[f] * base <= fmax(most / 2, 1))
            step = factor[f] * base;
    return step;
}

static void put_lower_panel(const ri_record *record, const ri_alpha_axis *axis, FILE *out) {
    double most = 1;
    for (int64_t r = 0; r < record->paths; r++)
        for (int64_t a = 0; a < record->path[r].alphas; a++)
            most = fmax(most,
                        (double)ri_fit_support(record, ri_path_refit(record, &record->path[r]), a));
    fprintf(out,
            "set tmargin at screen 0.32\nset bmargin at screen 0.125\n"
            "unset label\nunset key\nset yrange [%.10g:%.10g]\nset ytics %.10g\n"
            "set ylabel 'features'\nset xlabel 'alpha (log scale; the model grows to the right)'\n",
            -0.05 * most, 1.08 * most, whole_step(most));
    ri_script_alpha_axis(axis, true, out);
    fputs("plot ", out);
    for (int64_t r = 0; r < record->paths; r++)
        fprintf(out,
                "%s$path%lld using 1:5 with linespoints linecolor '%s' linewidth 1.6 pointtype 7 "
                "pointsize 0.25",
                r ? ", \\\n     " : "", (long long)r, ri_colour[r % RI_COLOURS]);
    fputc('\n', out);
}

ri_status ri_script_curve(const ri_record *record, FILE *out, ri_error *err) {
    (void)err;
    const ri_path *path = ri_record_selected(record);
    ri_alpha_axis axis = ri_alpha_axis_fit(record->path, record->paths);
    put_data(record, &axis, out);
    if (path->mean) {
        put_choice(record, &axis, "$choice_min", path->index_min, out);
        put_choice(record, &axis, "$choice_1se", path->index_1se, out);
    } else {
        put_choice(record, &axis, "$choice", record->index_selected, out);
    }
    ri_script_begin(out, 680);
    fputs("set lmargin at screen 0.105\nset rmargin at screen 0.975\nset multiplot\n", out);
    put_titles(record, out);
    ri_script_alpha_axis(&axis, false, out);
    put_upper_panel(record, out);
    put_lower_panel(record, &axis, out);
    fputs("unset multiplot\n", out);
    return RI_OK;
}
