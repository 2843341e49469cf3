/* SPDX-License-Identifier: BSD-3-Clause
 * The coefficients along alpha: the strongest features named and coloured, the others grey. */
#include "result/page.h"
#include "result/picture_lines.h"
#include "result/svg.h"
#include "result/view.h"

enum { NAMED = 8, DRAWN = 150 };

static void style_of(int64_t l, char *style, size_t room) {
    snprintf(style, room, "c%d%s", (int)(l % RI_COLOURS), l < RI_COLOURS ? "" : " dash");
}

static void put_legend(const ri_record *record, const ri_path_lines *lines, FILE *out) {
    char style[32];
    fputs("<ul class=\"legend\">\n", out);
    for (int64_t l = 0; l < lines->drawn && l < NAMED; l++) {
        style_of(l, style, sizeof style);
        ri_page_key(out, style);
        ri_page_name(out, ri_names_get(&record->feature, lines->line[l].feature));
        fputs("</li>\n", out);
    }
    if (lines->drawn > NAMED) {
        ri_page_key(out, "grey");
        fprintf(out, "%lld of %lld others</li>\n", (long long)(lines->drawn - NAMED),
                (long long)(lines->count - NAMED));
    }
    fputs("</ul>\n", out);
}

static void put_lines(const ri_record *record, const ri_path_lines *lines, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    ri_plot plot = ri_plot_new(out, "path", path, 1, lines->range);
    char said[256], style[32];
    snprintf(said, sizeof said,
             "%lld features have a coefficient other than 0 somewhere on the path. The strongest "
             "are named in the list below the picture.",
             (long long)lines->count);
    ri_plot_begin(&plot, "Coefficients against alpha", said, "effect of one sd");
    for (int64_t l = lines->drawn - 1; l >= 0; l--) {
        style_of(l, style, sizeof style);
        ri_plot_line(&plot, path, lines->value + l * path->alphas, l < NAMED ? style : "grey");
    }
    ri_plot_mark(&plot, path->alpha[record->index_selected], "chosen", 0, "first");
    ri_plot_end(&plot);
}

ri_status ri_page_put_path(const ri_record *record, FILE *out, ri_error *err) {
    ri_path_lines lines;
    if (ri_record_selected(record)->alphas == 1)
        return RI_OK;
    RI_TRY(ri_path_lines_new(record, DRAWN, &lines, err));
    ri_page_section(out, "path", "How the features enter");
    if (lines.count == 0) {
        fputs("<p>No feature has a coefficient other than 0 anywhere on this grid.</p>\n", out);
    } else {
        fputs("<figure>", out);
        put_lines(record, &lines, out);
        put_legend(record, &lines, out);
        fputs("<figcaption>Each line is a feature. Those that enter first, on the left, are the "
              "ones the penalty cannot hold down; lines that turn back are features whose part is "
              "taken over by others.</figcaption></figure>\n",
              out);
    }
    fputs("</section>\n", out);
    ri_path_lines_free(&lines);
    return RI_OK;
}
