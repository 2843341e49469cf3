/* SPDX-License-Identifier: BSD-3-Clause
 * The rows of one fit, rebuilt from the record and the data in long double: who was trained on,
 * with which weights; the moments of a column there; the null model. */
#ifndef RI_RESULT_VERIFY_ROWS_H
#define RI_RESULT_VERIFY_ROWS_H

#include "cv/record.h"
#include "data/dataset.h"

typedef struct ri_verify_rows {
    const ri_record *record;
    int32_t fold; /* of the record, or RI_REFIT */
    int64_t train, held;
    int64_t *row;          /* [train + held] training rows, then those held out */
    long double *root;     /* [train] square roots of the weights, whose sum is `train` */
    long double *y;        /* [train] root-weighted, without its part along intercept and
                              unpenalised columns: the residual of the null model */
    long double *response; /* [train] as given */
    long double *basis;    /* [directions * train] of that part, orthonormal */
    int64_t directions;
    long double null_loss;     /* 0 where rounding is all that is left */
    long double raw_loss;      /* (1/2n) sum w y^2 */
    long double null_residual; /* root mean square of the null model's residuals */
} ri_verify_rows;

typedef struct ri_verify_column { /* of one column, as one fit sees it */
    long double mean;  /* over the observed training rows; fills missing values in all rows */
    long double scale; /* 1 / sd, 1 or 0: standardised value = (x - center) * scale */
    long double center;
} ri_verify_column;

/* True for a row with a response and, unless they are filled, all covariates. */
bool ri_verify_kept(const ri_record *record, const ri_dataset *dataset, int64_t i);

RI_MUST_USE ri_status ri_verify_rows_new(const ri_record *record, const ri_dataset *dataset,
                                         int32_t fold, ri_verify_rows *out, ri_error *err);
void ri_verify_rows_free(ri_verify_rows *rows);

/* Two passes over x [n_all], NaN where missing. */
ri_verify_column ri_verify_moments(const ri_verify_rows *rows, const double *x);

/* Root-weighted standardised values of the training rows: z [train]. */
void ri_verify_standardise(const ri_verify_rows *rows, const double *x,
                           const ri_verify_column *column, long double *z);

/* v <- v minus its part along intercept and unpenalised columns. */
void ri_verify_project(const ri_verify_rows *rows, long double *v);

/* Column j as doubles, NaN where missing; `stored` has room for one column. */
RI_MUST_USE ri_status ri_verify_read(const ri_dataset *dataset, int64_t j, void *stored, double *x,
                                     ri_error *err);

#endif
