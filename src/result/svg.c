/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/svg.h"

#include <math.h>

#include "result/page.h"

enum { MOST_TICS = 32 };

ri_plot ri_plot_new(FILE *out, const char *name, const ri_path *path, int64_t paths,
                    ri_range value) {
    return (ri_plot){.out = out,
                     .name = name,
                     .width = 480,
                     .height = 300,
                     .left = 58,
                     .right = 470,
                     .top = 30,
                     .bottom = 252,
                     .alpha = ri_alpha_axis_fit(path, paths),
                     .value = ri_range_widen(value, 0.05)};
}

double ri_plot_x(const ri_plot *plot, double alpha) {
    const ri_alpha_axis *axis = &plot->alpha;
    double at = log(axis->high / ri_alpha_axis_place(axis, alpha)) / log(axis->high / axis->low);
    return plot->left + at * (plot->right - plot->left);
}

double ri_plot_y(const ri_plot *plot, double value) {
    double at = (value - plot->value.low) / (plot->value.high - plot->value.low);
    return plot->bottom - at * (plot->bottom - plot->top);
}

/* About four steps of 1, 2 or 5 x 10^k. */
static double value_step(ri_range range) {
    double rough = (range.high - range.low) / 4, base = pow(10, floor(log10(rough)));
    double ratio = rough / base;
    return base * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
}

static void draw_value_axis(const ri_plot *plot) {
    double step = value_step(plot->value);
    for (double k = ceil(plot->value.low / step); k * step <= plot->value.high; k++) {
        double y = ri_plot_y(plot, k * step);
        fprintf(plot->out,
                "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%.6g</text>\n",
                plot->left, plot->right, y, y, plot->left - 6, y + 4, k * step + 0.0);
    }
}

static void draw_alpha_tic(const ri_plot *plot, double x, const char *text) {
    fprintf(plot->out,
            "<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%s</text>\n",
            x, x, plot->top, plot->bottom, x, plot->bottom + 17, text);
}

static void draw_alpha_axis(const ri_plot *plot) {
    double tic[MOST_TICS];
    int count = ri_alpha_axis_tics(&plot->alpha, tic, MOST_TICS);
    for (int t = 0; t < count; t++) {
        char text[32];
        snprintf(text, sizeof text, "%.*g", plot->alpha.high / plot->alpha.low < 1.01 ? 10 : 3,
                 tic[t]);
        draw_alpha_tic(plot, ri_plot_x(plot, tic[t]), text);
    }
    if (plot->alpha.zero > 0)
        draw_alpha_tic(plot, ri_plot_x(plot, 0), "0");
    fprintf(plot->out,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">alpha: strong penalty on the left, "
            "weak on the right</text>\n",
            (plot->left + plot->right) / 2, plot->bottom + 37);
}

void ri_plot_begin(const ri_plot *plot, const char *title, const char *description,
                   const char *value_name) {
    fprintf(plot->out,
            "<svg role=\"img\" viewBox=\"0 0 %g %g\" aria-labelledby=\"%s-t %s-d\">"
            "<title id=\"%s-t\">",
            plot->width, plot->height, plot->name, plot->name, plot->name);
    ri_page_text(plot->out, title);
    fprintf(plot->out, "</title><desc id=\"%s-d\">", plot->name);
    ri_page_text(plot->out, description);
    fprintf(plot->out, "</desc>\n<text class=\"axis\" x=\"4\" y=\"%.1f\">", plot->top - 14);
    ri_page_text(plot->out, value_name);
    fputs("</text>\n", plot->out);
    draw_value_axis(plot);
    draw_alpha_axis(plot);
}

void ri_plot_end(const ri_plot *plot) {
    fprintf(plot->out,
            "<rect class=\"frame\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/></svg>\n",
            plot->left, plot->top, plot->right - plot->left, plot->bottom - plot->top);
}

/* The next alpha that is drawn; the last one always is. */
static int64_t next_point(const ri_path *path, int64_t a) {
    int64_t step = (path->alphas + RI_PLOT_POINTS - 1) / RI_PLOT_POINTS, last = path->alphas - 1;
    return a < last && a + step > last ? last : a + step;
}

/* True where a line could be drawn without this point: it and its neighbours are zero. */
static bool amid_zeros(const ri_path *path, const double *value, int64_t a) {
    return value[a] == 0 && a > 0 && a < path->alphas - 1 && value[a - 1] == 0 && value[a + 1] == 0;
}

void ri_plot_line(const ri_plot *plot, const ri_path *path, const double *value,
                  const char *style) {
    bool down = false;
    fprintf(plot->out, "<path class=\"%s\" d=\"", style);
    for (int64_t a = 0; a < path->alphas; a = next_point(path, a)) {
        if (!isfinite(value[a])) {
            down = false;
            continue;
        }
        if (down && amid_zeros(path, value, a))
            continue;
        fprintf(plot->out, "%c%.1f %.1f", down ? 'L' : 'M', ri_plot_x(plot, path->alpha[a]),
                ri_plot_y(plot, value[a]));
        down = true;
    }
    fputs("\"/>\n", plot->out);
}

void ri_plot_band(const ri_plot *plot, const ri_path *path, const double *middle,
                  const double *spread, const char *style) {
    int64_t point[RI_PLOT_POINTS + 2], count = 0;
    for (int64_t a = 0; a < path->alphas; a = next_point(path, a))
        if (isfinite(middle[a]) && isfinite(spread[a]))
            point[count++] = a;
    if (count < 2)
        return;
    fprintf(plot->out, "<path class=\"%s\" d=\"", style);
    for (int64_t k = 0; k < 2 * count; k++) {
        int64_t a = k < count ? point[k] : point[2 * count - 1 - k];
        double value = middle[a] + (k < count ? spread[a] : -spread[a]);
        fprintf(plot->out, "%c%.1f %.1f", k ? 'L' : 'M', ri_plot_x(plot, path->alpha[a]),
                ri_plot_y(plot, value));
    }
    fputs("Z\"/>\n", plot->out);
}

void ri_plot_mark(const ri_plot *plot, double alpha, const char *name, int row, const char *style) {
    double x = ri_plot_x(plot, alpha);
    bool turn = x > (plot->left + plot->right) / 2;
    fprintf(plot->out,
            "<line class=\"mark %s\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
            "<text class=\"name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">",
            style, x, x, plot->top, plot->bottom, turn ? x - 4 : x + 4, plot->top + 13 + 14 * row,
            turn ? "end" : "start");
    ri_page_text(plot->out, name);
    fputs("</text>\n", plot->out);
}
