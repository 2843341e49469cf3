/* SPDX-License-Identifier: BSD-3-Clause
 * The script of the stability paths: selection frequency against alpha, the stable features named
 * and coloured, the others grey, and the end of the region. */
#include <math.h>
#include <stdlib.h>

#include "result/picture.h"
#include "result/stability_order.h"
#include "result/view.h"

enum { NAMED = 12, DRAWN = 120, NAME_COLUMNS = 22 };

static void put_line(const ri_record *record, const ri_alpha_axis *axis, int64_t feature,
                     FILE *out) {
    const ri_path *path = &record->path[0];
    for (int64_t a = 0; a < path->alphas; a++)
        fprintf(out, "%.8g %.8g\n", ri_alpha_axis_place(axis, path->alpha[a]),
                ri_stability_at(&record->stability, a, feature));
}

static void put_data(const ri_record *record, const ri_alpha_axis *axis, const ri_stable *order,
                     int64_t named, int64_t drawn, FILE *out) {
    for (int64_t i = 0; i < named; i++) {
        fprintf(out, "$feature%lld << EOD\n", (long long)i);
        put_line(record, axis, order[i].feature, out);
        fputs("EOD\n", out);
    }
    fputs("$others << EOD\n", out);
    for (int64_t i = named; i < drawn; i++) {
        put_line(record, axis, order[i].feature, out);
        fputs("\n", out);
    }
    fputs("EOD\n", out);
}

static void put_frame(const ri_record *record, const ri_alpha_axis *axis, FILE *out) {
    const ri_stability *s = &record->stability;
    char title[1024], response[RI_SHORT_TEXT];
    double x = ri_alpha_axis_place(axis, record->path[0].alpha[s->region - 1]);
    snprintf(title, sizeof title, "%s: selection frequency over %d pairs of half-samples",
             ri_text_shorten(record->response, 40, response), (int)s->pairs);
    ri_script_begin(out, 620);
    ri_script_alpha_axis(axis, true, out);
    fputs("set lmargin at screen 0.105\nset rmargin at screen 0.745\nset tmargin at screen 0.87\n"
          "set bmargin at screen 0.14\nset label 1 ",
          out);
    ri_script_quote(out, title, 80);
    fprintf(
        out,
        " at screen 0.02,0.96 left font ',18' textcolor '#202020'\n"
        "set label 2 'named: the %lld stable feature%s, picked by %.4g of the half-samples in the "
        "region (to the dotted line)' at screen 0.02,0.912 left font ',14' textcolor '#404040'\n"
        "set yrange [-0.02:1.04]\nset ylabel 'share of the half-samples at this alpha'\n"
        "set xlabel 'alpha (log scale; the model grows to the right)'\n"
        "set arrow 1 from %.10g, graph 0 to %.10g, graph 1 nohead linecolor '#202020' "
        "linewidth 1.4 dashtype (3,4)\n"
        "set key at screen 0.76,0.87 left top vertical Left reverse samplen 2 spacing 1.25 "
        "textcolor '#303030' font ',14'\n",
        (long long)s->selected, s->selected == 1 ? "" : "s", s->threshold, x, x);
}

static void put_plot(const ri_record *record, const ri_stable *order, int64_t named, int64_t drawn,
                     int64_t count, FILE *out) {
    fputs("plot 0 with lines linecolor '#808080' linewidth 1 notitle", out);
    if (drawn > named)
        fprintf(out,
                ", \\\n     $others with lines linecolor '#c4c4c4' linewidth 1 title '%lld of %lld "
                "other%s'",
                (long long)(drawn - named), (long long)(count - named),
                count - named == 1 ? "" : "s");
    for (int64_t i = 0; i < named; i++) {
        fprintf(out,
                ", \\\n     $feature%lld with lines linecolor '%s' linewidth 2 dashtype %s title ",
                (long long)i, ri_colour[i % RI_COLOURS], i < RI_COLOURS ? "1" : "(9,5)");
        ri_script_quote(out, ri_names_get(&record->feature, order[i].feature), NAME_COLUMNS);
    }
    fputc('\n', out);
}

ri_status ri_script_stability(const ri_record *record, FILE *out, ri_error *err) {
    ri_alpha_axis axis = ri_alpha_axis_fit(record->path, 1);
    ri_stable *order = NULL;
    int64_t count = 0, named = 0;
    RI_TRY(ri_stability_order(record, &order, &count, err));
    while (named < count && named < NAMED &&
           ri_stability_holds(&record->stability, order[named].feature))
        named++;
    int64_t drawn = count < DRAWN ? count : DRAWN;
    put_data(record, &axis, order, named, drawn, out);
    put_frame(record, &axis, out);
    put_plot(record, order, named, drawn, count, out);
    free(order);
    return RI_OK;
}
