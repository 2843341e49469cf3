/* SPDX-License-Identifier: BSD-3-Clause
 * A few columns at a time are decoded, and blocks of rows of them added to all alphas, so that both
 * stay in cache. Each value is summed in the order of the features, whatever the blocks. */
#include "cv/fitted.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/pool.h"
#include "kernel/kernel.h"

enum { COLUMNS = 64, ROWS = 1024 };
static const double DECODED_BYTES = 32e6;

typedef struct fitting {
    const ri_plan *plan;
    const ri_path *path;
    const ri_fit *fit;
    int64_t *feature; /* [features] of all alphas, ascending */
    int64_t features;
    int64_t *at;      /* [alphas] what comes next of each alpha's coefficients */
    double *decoded;  /* [columns * n] */
    int64_t columns;  /* that are decoded together */
    int32_t *rows;    /* [n] */
    double *scale;    /* [alphas * COLUMNS] coefficients of decoded columns, */
    const double **x; /* [alphas * COLUMNS] the columns they belong to, */
    int64_t *count;   /* [alphas] and how many there are */
} fitting;

static void free_fitting(fitting *f) {
    free(f->feature);
    free(f->at);
    free(f->decoded);
    free(f->rows);
    free(f->scale);
    free(f->x);
    free(f->count);
}

static bool make_room(fitting *f) {
    size_t alphas = (size_t)f->path->alphas, n = (size_t)f->plan->problem->x.n;
    double columns = DECODED_BYTES / (8 * (double)n);
    f->columns = columns < 1 ? 1 : columns > COLUMNS ? COLUMNS : (int64_t)columns;
    f->feature = ri_alloc((size_t)f->plan->problem->x.p, sizeof *f->feature);
    f->at = ri_alloc(alphas, sizeof *f->at);
    f->decoded = ri_alloc((size_t)f->columns * n, sizeof *f->decoded);
    f->rows = ri_alloc(n, sizeof *f->rows);
    f->scale = ri_alloc(alphas * COLUMNS, sizeof *f->scale);
    f->x = ri_alloc(alphas * COLUMNS, sizeof *f->x);
    f->count = ri_alloc(alphas, sizeof *f->count);
    return f->feature && f->at && f->decoded && f->rows && f->scale && f->x && f->count;
}

/* Features that some alpha uses. */
static ri_status list_features(fitting *f, ri_error *err) {
    int64_t features = ri_matrix_features(&f->plan->problem->x);
    uint8_t *used = ri_calloc((size_t)features, 1);
    if (!used)
        return ri_fail_memory(err, "fitted values", (size_t)features);
    for (int64_t k = 0; k < f->fit->start[f->path->alphas]; k++)
        used[f->fit->feature[k]] = 1;
    for (int64_t j = 0; j < features; j++)
        if (used[j])
            f->feature[f->features++] = j;
    free(used);
    return RI_OK;
}

/* Missing values at the mean. */
static void decode(const fitting *f, int64_t j, double *d) {
    const ri_matrix *x = &f->plan->problem->x;
    int64_t lost = ri_matrix_decode(x, j, 0, d);
    if (lost > 0)
        lost = ri_matrix_missing(x, j, f->rows);
    for (int64_t m = 0; m < lost; m++)
        d[f->rows[m]] = f->plan->mean[j];
}

/* Adds the listed columns to all alphas. */
static void add_columns(const fitting *f) {
    int64_t n = f->plan->problem->x.n;
    const double *x[COLUMNS];
    for (int64_t row = 0; row < n; row += ROWS)
        for (int64_t a = 0; a < f->path->alphas; a++) {
            for (int64_t k = 0; k < f->count[a]; k++)
                x[k] = f->x[a * COLUMNS + k] + row;
            ri_kernel_get()->axpy_many(x, f->scale + a * COLUMNS, f->count[a],
                                       f->path->prediction + a * n + row,
                                       n - row < ROWS ? n - row : ROWS);
        }
}

/* Lists what alphas take of features [first, next) of the list, which are decoded. */
static void list_coefficients(fitting *f, int64_t first, int64_t next) {
    int64_t n = f->plan->problem->x.n;
    for (int64_t a = 0; a < f->path->alphas; a++) {
        f->count[a] = 0;
        for (int64_t k = first; k < next && f->at[a] < f->fit->start[a + 1]; k++) {
            if (f->fit->feature[f->at[a]] != f->feature[k])
                continue;
            f->x[a * COLUMNS + f->count[a]] = f->decoded + (k - first) * n;
            f->scale[a * COLUMNS + f->count[a]++] = f->fit->coefficient[f->at[a]++];
        }
    }
}

static void fit_values(fitting *f) {
    const ri_matrix *x = &f->plan->problem->x;
    for (int64_t a = 0; a < f->path->alphas; a++) {
        f->at[a] = f->fit->start[a];
        for (int64_t i = 0; i < x->n; i++)
            f->path->prediction[a * x->n + i] = f->fit->intercept[a];
    }
    for (int64_t first = 0, next; first < f->features; first = next) {
        next = first + f->columns < f->features ? first + f->columns : f->features;
        for (int64_t k = first; k < next; k++)
            decode(f, f->feature[k], f->decoded + (k - first) * x->n);
        list_coefficients(f, first, next);
        add_columns(f);
    }
    for (int64_t c = 0; c < x->extras; c++) {
        decode(f, ri_matrix_features(x) + c, f->decoded);
        for (int64_t a = 0; a < f->path->alphas; a++) {
            f->count[a] = 1;
            f->x[a * COLUMNS] = f->decoded;
            f->scale[a * COLUMNS] = f->fit->covariate[a * x->extras + c];
        }
        add_columns(f);
    }
}

ri_status ri_fitted_values(const ri_plan *plan, ri_path *path, ri_error *err) {
    fitting f = {.plan = plan, .path = path, .fit = &path->fit[plan->problem->folds]};
    ri_pool pool = {0};
    double bytes = 0;
    ri_status status = RI_OK;
    if (!make_room(&f))
        status = ri_fail_memory(err, "fitted values", (size_t)DECODED_BYTES);
    if (status == RI_OK)
        status = list_features(&f, err);
    if (status == RI_OK && plan->columns.x.stream) { /* its features are held by `pool` */
        status = ri_pool_open(&pool, &plan->columns, err);
        if (status == RI_OK)
            status = ri_pool_hold_list(&pool, f.feature, f.features, 1, &bytes, err);
    }
    if (status == RI_OK)
        fit_values(&f);
    ri_pool_free(&pool);
    free_fitting(&f);
    return status;
}
