/* SPDX-License-Identifier: BSD-3-Clause
 * gnuplot scripts that hold their data and write SVG to standard output, and what they share: the
 * alpha axis, colours and quoting. Private to this room. */
#ifndef RI_RESULT_PICTURE_H
#define RI_RESULT_PICTURE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/status.h"
#include "cv/record.h"

/* Error against alpha with its band and both choices (without folds: the objective), and below it
 * the number of features. */
RI_MUST_USE ri_status ri_script_curve(const ri_record *record, FILE *out, ri_error *err);

/* Standardised coefficients of the selected path's refit against alpha. */
RI_MUST_USE ri_status ri_script_path(const ri_record *record, FILE *out, ri_error *err);

/* Selection frequencies against alpha, of a record that has stability selection. */
RI_MUST_USE ri_status ri_script_stability(const ri_record *record, FILE *out, ri_error *err);

/* The logarithmic alpha axis, decreasing to the right so that the model grows to the right. */
typedef struct ri_alpha_axis {
    double low, high; /* ends of the axis, wider than the data */
    double least;     /* smallest alpha > 0 */
    double zero;      /* where alpha = 0 is drawn; 0 where there is none */
} ri_alpha_axis;
ri_alpha_axis ri_alpha_axis_fit(const ri_path *path, int64_t paths);
double ri_alpha_axis_place(const ri_alpha_axis *axis, double alpha);
/* Where the tics of the axis are, 0 aside: at most `room`; their number. */
int ri_alpha_axis_tics(const ri_alpha_axis *axis, double *tic, int room);
void ri_script_alpha_axis(const ri_alpha_axis *axis, bool labels, FILE *out);

/* Terminal, fonts, encoding and grid of a picture of that height; width is 960. */
void ri_script_begin(FILE *out, int height);

/* Text between single quotes, as gnuplot wants it, at most `columns` characters of it. */
void ri_script_quote(FILE *out, const char *text, size_t columns);

/* Range of an axis that holds low .. high with a margin, also where they are equal. */
typedef struct ri_range {
    double low, high;
} ri_range;
void ri_range_add(ri_range *range, double value); /* starts as {INFINITY, -INFINITY} */
ri_range ri_range_widen(ri_range range, double margin);

/* Colours a colour-blind reader can tell apart (Okabe and Ito 2008). */
enum { RI_COLOURS = 6 };
extern const char *const ri_colour[RI_COLOURS];

#endif
