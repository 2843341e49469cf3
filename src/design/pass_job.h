/* SPDX-License-Identifier: BSD-3-Clause
 * What the files of a pass (pass.c, pass_prepare.c, pass_moments.c, pass_screen.c, pass_deliver.c)
 * hold together: the job, and what each thread has of it. */
#ifndef RI_DESIGN_PASS_JOB_H
#define RI_DESIGN_PASS_JOB_H

#include "base/pieces.h"
#include "design/between.h"
#include "design/coarse.h"
#include "design/pass.h"

/* Columns that a block of residuals is packed for, and the least that threads take. */
enum { RI_PASS_TILE = 64, RI_PASS_LEAST_TILE = 8 };

typedef struct ri_pass_kept { /* an entry on its way to an answer */
    double value;
    int64_t where; /* feature * RI_MOST_RESIDUALS + residual */
} ri_pass_kept;

/* Lists of many requests grow side by side: by blocks, which leave no holes behind. */
typedef struct ri_pass_block {
    struct ri_pass_block *next;
    int64_t count;
    ri_pass_kept entry[255];
} ri_pass_block;

typedef struct ri_pass_list {
    ri_pass_block *first, *last; /* NULL where it is empty */
} ri_pass_list;

/* Features of a request whose gradients are to be computed, together with others as far as there
 * is time: the residuals are packed for all of them. */
typedef struct ri_pass_waiting {
    int64_t count;
    int64_t feature[RI_PASS_TILE];
} ri_pass_waiting;

typedef struct ri_pass_worker {
    double *squared;             /* [RI_PASS_LEAST_TILE * n] of sparse columns, first pass only */
    double *product;             /* [RI_PASS_TILE * vectors], standardised in place */
    double *near;                /* [RI_PASS_TILE * RI_MOST_RESIDUALS] */
    int64_t *whole;              /* [RI_PASS_TILE * vectors] coarse passes only */
    ri_pass_waiting *list_near;  /* [count] for residuals that lie between */
    ri_pass_waiting *list_whole; /* [count] for the others */
    double *moment;              /* [RI_PASS_TILE * 2 * views] first pass only */
    double *scratch;
    int32_t *missing;    /* [n] */
    double *missing_sum; /* [vectors] */
    double *lost;        /* [RI_PASS_TILE * vectors] */
    ri_pass_list *list;  /* [count] of each request */
    ri_pieces blocks;    /* of all lists */
    double bytes;        /* of X read again for moments that cancel */
    bool failed;
} ri_pass_worker;

typedef struct ri_pass_window { /* of one request */
    int64_t vector;             /* its first vector */
    int64_t near;               /* residuals 0 .. near - 1 lie between; the others are vectors */
    ri_between between[RI_MOST_RESIDUALS];
    double sum[RI_MOST_RESIDUALS]; /* of each residual */
    double most_known, most_last;  /* largest sizes of a and b in `between` */
    double least_floor, most_rest;
} ri_pass_window;

typedef struct ri_pass_job {
    const ri_columns *columns;
    ri_view *view; /* writable views: first pass only */
    ri_request *request;
    ri_pass_window *window;
    int64_t count, vectors, stride;
    double *vector;     /* [vectors * stride] residuals that all of X is multiplied by */
    double *transposed; /* [n * vectors] for missing rows; NULL where nothing is missing */
    double *sum;        /* [vectors] of each */
    double *weight;     /* [count * stride] first pass only */
    double *weight_transposed;
    bool summed;             /* sums of columns are made with other processes */
    const double *made;      /* [vectors * features] products made with other processes; or NULL */
    bool coarse;             /* products of `vector` tell what to compute: it is rounded */
    bool high;               /* to the higher byte alone */
    ri_coarse *rounding;     /* [vectors] */
    int8_t *digit;           /* [vectors * ri_digit_bytes] `vector` in its units */
    ri_pass_worker *workers; /* [threads] */
    int threads;
} ri_pass_job;

/* Windows, residuals and weights of a job whose columns, requests and views are given; false
 * without memory for them. ri_pass_discard frees what there is. */
bool ri_pass_prepare(ri_pass_job *job, int threads);
void ri_pass_discard(ri_pass_job *job);

/* Hands every kept entry to its answer, features ascending; the order of tiles and threads leaves
 * no trace (pass_deliver.c). */
RI_MUST_USE ri_status ri_pass_deliver(const ri_pass_job *job, ri_error *err);

/* Missing rows of column j into w->missing; their number. */
int64_t ri_pass_missing_rows(const ri_pass_job *job, int64_t j, ri_pass_worker *w);

/* w->missing_sum: over the missing rows of column j of every vector, in row order. */
void ri_pass_sum_missing(const ri_pass_job *job, const double *transposed, int64_t j,
                         ri_pass_worker *w);

/* Of up to RI_PASS_TILE columns, as stored, with some residuals: c[a + b * ldc]. */
void ri_pass_multiply_list(const ri_columns *columns, const int64_t *feature, int64_t count,
                           const ri_vectors *r, double *c, int64_t ldc);

/* Keeps what requests ask for of w->product, the standardised products of a tile, or lets it wait
 * (pass_screen.c); and computes what waits, before the columns may go. */
void ri_pass_screen(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w);
void ri_pass_compute_waiting(const ri_pass_job *job, ri_pass_worker *w);

/* Sums of all columns and of their squares, made with other processes; means and scales of views
 * hold them until a tile's moments are made. False where each process makes its own. */
bool ri_pass_sum_together(ri_pass_job *job, double *bytes);

/* Moments of a tile of columns in every view; the first pass only. */
void ri_pass_sum_moments(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w);

#endif
