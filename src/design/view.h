/* SPDX-License-Identifier: BSD-3-Clause
 * The columns of X as one fit sees them: its training rows and weights, each column centred and
 * scaled with its moments over those rows, missing values at the training mean. Standardised by
 * algebra around the stored column, never by a copy of X.
 *
 * Decoded value d = x - shift (0 where missing), shift being fold-independent; mean m is that of d
 * over observed training rows. Centred: z = (d - m) * scale, missing 0. Without an intercept
 * z = d * scale, missing m * scale. */
#ifndef RI_DESIGN_VIEW_H
#define RI_DESIGN_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/matrix.h"

/* What every kept value of a column is, unless it is missing. */
enum {
    RI_WHOLE_NUMBERS = 1, /* small ones */
    RI_GENOTYPES = 2,     /* 0, 1 and 2 */
};

typedef struct ri_columns { /* what all views share */
    ri_matrix x;
    const double *shift;          /* [p] */
    const uint8_t *missing;       /* [p] 1 where a value of a kept row is missing */
    const uint8_t *integer;       /* [p] RI_WHOLE_NUMBERS, RI_GENOTYPES, or 0 */
    const double *penalty_factor; /* [p] or NULL */
    bool centered;                /* an intercept is fitted */
    bool standardized;
    struct ri_joint *joint; /* passes are made with other processes (design/joint.h); or NULL */
} ri_columns;

typedef struct ri_view {
    const ri_columns *columns;
    int64_t train, held; /* rows fitted and rows predicted */
    int32_t *row;        /* [train + held] training rows, then held-out rows, each ascending */
    double *weight;      /* [n] sum = train; 0 off the training rows */
    double *root;        /* [train] square roots of the weights */
    bool weighted;       /* some weight differs from 1 */
    double *mean;        /* [p] of d */
    double *scale;       /* [p] 1 / sd, or 1; 0 where constant */
    double *stretch;     /* [p] that standardised columns are multiplied by, owned; NULL: 1 */
    int64_t constant;    /* columns with scale 0 */
} ri_view;

/* Rows with role[i] == 1 are trained on, 2 held out, 0 neither. `weight` may be NULL. Moments are
 * left unset (see design/pass.h). RI_BAD_INPUT when the training weights sum to 0. */
RI_MUST_USE ri_status ri_view_new(const ri_columns *columns, const uint8_t *role,
                                  const double *weight, ri_view *out, ri_error *err);
/* The same rows and weights for other columns. */
RI_MUST_USE ri_status ri_view_of_rows(const ri_columns *columns, const ri_view *like, ri_view *out,
                                      ri_error *err);
void ri_view_free(ri_view *view);

/* Bytes of one stored column. */
static inline double ri_view_column_bytes(const ri_view *view) {
    return ri_matrix_column_bytes(&view->columns->x);
}

static inline double ri_penalty(const ri_columns *columns, int64_t j) {
    return columns->penalty_factor ? columns->penalty_factor[j] : 1.0;
}

/* Population variance of the filled column j over the training rows, and the mean of d, from S =
 * sum w d, Q = sum w d^2 and the missing weight, or, where those cancel, from the column itself,
 * read through `scratch` (ri_scratch_doubles). */
double ri_view_variance(const ri_view *view, int64_t j, double s, double q, double missing_weight,
                        double *mean, double *scratch, double *bytes);

/* The same, stored as mean[j] and scale[j]. */
void ri_view_moments(ri_view *view, int64_t j, double s, double q, double missing_weight,
                     double *scratch, double *bytes);

/* Writes the standardised column j: train rows multiplied by root (z_train, `train` entries) and
 * held-out rows as they are (z_held). `scratch` holds n doubles and n int32 behind them. */
void ri_view_gather(const ri_view *view, int64_t j, double *z_train, double *z_held,
                    double *scratch);

/* Training rows [from, to) of a view, which are those among rows [begin, begin + rows) of X; begin
 * is a multiple of 8. */
typedef struct ri_view_rows {
    int64_t from, to, begin, rows;
} ri_view_rows;

/* As ri_view_gather, of some training rows: z [to - from]. `stored` are those rows of the column
 * as stored; NULL: the column is in memory. `scratch` as above. */
void ri_view_gather_rows(const ri_view *view, int64_t j, const ri_view_rows *some,
                         const void *stored, double *z, double *scratch);

/* The held-out rows alone. */
void ri_view_gather_held(const ri_view *view, int64_t j, double *z_held, double *scratch);

/* True where columns a and b are equal over the training rows: identical, or, with `mirror`, exact
 * negations about the mean; exactly for whole numbers, bitwise otherwise. `scratch` as above. */
bool ri_view_equal(const ri_view *view, int64_t a, int64_t b, bool mirror, double *scratch);

#endif
