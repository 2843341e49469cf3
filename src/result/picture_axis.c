/* SPDX-License-Identifier: BSD-3-Clause
 * What both pictures share. gnuplot's own tics fail on logarithmic axes shorter than a decade, so
 * the tics of the alpha axis are chosen here. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "result/picture.h"
#include "result/view.h"

enum { FEWEST_TICS = 3, MOST_TICS = 9, TIC_ROOM = 32 };

/* Alphas beyond these ends are not drawn: the axis would overflow. */
static const double SMALLEST = 1e-100;

const char *const ri_colour[RI_COLOURS] = {"#0072b2", "#d55e00", "#009e73",
                                           "#cc79a7", "#e69f00", "#56b4e9"};

ri_alpha_axis ri_alpha_axis_fit(const ri_path *path, int64_t paths) {
    ri_alpha_axis axis = {INFINITY, 0, 0, 0};
    bool zero = false;
    for (int64_t r = 0; r < paths; r++)
        for (int64_t a = 0; a < path[r].alphas; a++) {
            double alpha = path[r].alpha[a];
            zero |= !(alpha > 0);
            if (alpha > SMALLEST && alpha < 1 / SMALLEST) {
                axis.low = fmin(axis.low, alpha);
                axis.high = fmax(axis.high, alpha);
            }
        }
    if (!(axis.high > 0))
        axis.low = axis.high = 1;
    axis.least = axis.low;
    double decades = log10(axis.high / axis.low);
    if (zero) {
        axis.low /= pow(10, fmax(0.12 * decades, 0.25));
        axis.zero = axis.low;
    }
    double margin = pow(10, decades > 0 ? 0.03 * decades : 0.3);
    axis.low /= margin;
    axis.high *= margin;
    return axis;
}

double ri_alpha_axis_place(const ri_alpha_axis *axis, double alpha) {
    return alpha > 0 ? alpha : axis->zero;
}

/* Values m x 10^k within low .. high, m of the first `mantissas`, k a multiple of `stride`. Returns
 * how many there are; `tic` receives the first TIC_ROOM of them. */
static int find_tics(double low, double high, int mantissas, int stride, double *tic) {
    static const double mantissa[] = {1, 2, 5, 3, 4, 6, 7, 8, 9};
    int count = 0;
    for (int k = (int)floor(log10(low)); k <= (int)ceil(log10(high)); k++)
        for (int m = 0; m < mantissas && k % stride == 0; m++) {
            double value = mantissa[m] * pow(10, k);
            if (value >= low && value <= high && count++ < TIC_ROOM)
                tic[count - 1] = value;
        }
    return count;
}

/* The coarsest of 1; 1, 2, 5; 1 .. 9 with enough tics, thinned over many decades; and evenly
 * spaced ones where the axis is too short for any. */
static int choose_tics(double low, double high, double *tic) {
    int count = 0;
    for (int mantissas = 1; mantissas <= 9 && count < FEWEST_TICS; mantissas *= 3)
        count = find_tics(low, high, mantissas, 1, tic);
    for (int stride = 2; count > MOST_TICS; stride++)
        count = find_tics(low, high, 1, stride, tic);
    if (count >= FEWEST_TICS)
        return count;
    for (int t = 0; t < FEWEST_TICS; t++)
        tic[t] = low * pow(high / low, (t + 0.5) / FEWEST_TICS);
    return FEWEST_TICS;
}

int ri_alpha_axis_tics(const ri_alpha_axis *axis, double *tic, int room) {
    double found[TIC_ROOM];
    int count = choose_tics(axis->zero > 0 ? axis->least : axis->low, axis->high, found);
    count = count < room ? count : room;
    memcpy(tic, found, (size_t)count * sizeof *tic);
    return count;
}

void ri_script_alpha_axis(const ri_alpha_axis *axis, bool labels, FILE *out) {
    double tic[TIC_ROOM];
    int count = ri_alpha_axis_tics(axis, tic, TIC_ROOM);
    int digits = axis->high / axis->low < 1.01 ? 10 : 3;
    fprintf(out, "set logscale x 10\nset xrange [%.10g:%.10g]\nset xtics (", axis->high, axis->low);
    for (int t = 0; t < count; t++) {
        char text[RI_NUMBER_TEXT] = "";
        if (labels)
            snprintf(text, sizeof text, "%.*g", digits, tic[t]);
        fprintf(out, "%s'%s' %.10g", t ? ", " : "", text, tic[t]);
    }
    if (axis->zero > 0)
        fprintf(out, ", '%s' %.10g", labels ? "0" : "", axis->zero);
    fputs(") nomirror\n", out);
}

void ri_script_begin(FILE *out, int height) {
    fprintf(out,
            "set terminal svg size 960,%d noenhanced font 'sans-serif,15' background '#ffffff'\n"
            "set encoding utf8\n"
            "set border 3 linecolor '#606060'\n"
            "set grid xtics ytics linecolor '#e4e4e4' linewidth 1 linetype 1\n"
            "set tics out nomirror textcolor '#303030'\n",
            height);
}

void ri_script_quote(FILE *out, const char *text, size_t columns) {
    char shortened[RI_SHORT_TEXT];
    fputc('\'', out);
    for (const char *at = ri_text_shorten(text, columns, shortened); *at; at++) {
        if (*at == '\'')
            fputc('\'', out);
        fputc(*at, out);
    }
    fputc('\'', out);
}

void ri_range_add(ri_range *range, double value) {
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

ri_range ri_range_widen(ri_range range, double margin) {
    if (!(range.low <= range.high))
        return (ri_range){0, 1};
    double length = range.high - range.low, size = fmax(fabs(range.low), fabs(range.high));
    double by = length > 1e-9 * size ? margin * length : size > 0 ? 0.1 * size : 1;
    return (ri_range){range.low - by, range.high + by};
}
