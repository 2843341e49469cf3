/* SPDX-License-Identifier: BSD-3-Clause
 * Plots as SVG inside a page, drawn without gnuplot: a logarithmic alpha axis that falls to the
 * right, a linear value axis, lines, bands and marks. Text and lines take their colours from the
 * page's style sheet. Private to this room. */
#ifndef RI_RESULT_SVG_H
#define RI_RESULT_SVG_H

#include <stdint.h>
#include <stdio.h>

#include "result/picture.h"

typedef struct ri_plot {
    FILE *out;
    const char *name;     /* unique in the page: of the title's element */
    double width, height; /* of the whole picture */
    double left, right;   /* of the frame */
    double top, bottom;
    ri_alpha_axis alpha;
    ri_range value;
} ri_plot;

/* A plot of the page's size for the alphas of some paths and a range of values. */
ri_plot ri_plot_new(FILE *out, const char *name, const ri_path *path, int64_t paths,
                    ri_range value);

/* Opens the picture, with what a reader who cannot see it is told, and draws axes and grid. */
void ri_plot_begin(const ri_plot *plot, const char *title, const char *description,
                   const char *value_name);
void ri_plot_end(const ri_plot *plot);

double ri_plot_x(const ri_plot *plot, double alpha);
double ri_plot_y(const ri_plot *plot, double value);

/* A line through values[a] at the alphas of a path; it breaks where a value is not finite. `style`
 * is a class of the style sheet. Of more than RI_PLOT_POINTS alphas some are left out. */
enum { RI_PLOT_POINTS = 240 };
void ri_plot_line(const ri_plot *plot, const ri_path *path, const double *value, const char *style);

/* The area between middle - spread and middle + spread. */
void ri_plot_band(const ri_plot *plot, const ri_path *path, const double *middle,
                  const double *spread, const char *style);

/* A vertical line at an alpha, named at its top; `row` 0, 1, ... keeps names apart. */
void ri_plot_mark(const ri_plot *plot, double alpha, const char *name, int row, const char *style);

#endif
