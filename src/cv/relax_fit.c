/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/relax_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cv/plan.h"
#include "kernel/kernel.h"
#include "solve/support_fit.h"

/* Columns of all supports of a fit, as it sees them: covariates, then features ascending. */
typedef struct columns {
    const ri_problem *problem;
    int64_t train, held, count;
    int32_t *row;     /* [train + held] */
    double *root, *y; /* [train] roots of the weights; root-weighted centred response */
    double y_mean;
    int64_t *column;      /* [count] of X */
    double *mean, *scale; /* [count]; scale 1 / sd, 0 where constant */
    double *z, *z_held;   /* [count * train] root-weighted, [count * held] */
    double *value;        /* [n] */
    int32_t *lost;        /* [n] */
} columns;

static void free_columns(columns *c) {
    free(c->row);
    free(c->root);
    free(c->y);
    free(c->column);
    free(c->mean);
    free(c->scale);
    free(c->z);
    free(c->z_held);
    free(c->value);
    free(c->lost);
}

static ri_status take_rows(columns *c, int32_t fold, ri_error *err) {
    const ri_problem *p = c->problem;
    size_t n = (size_t)p->x.n;
    uint8_t *role = ri_alloc(n, 1);
    c->row = ri_alloc(n, sizeof *c->row);
    c->root = ri_alloc(n, sizeof *c->root);
    c->y = ri_alloc(n, sizeof *c->y);
    c->value = ri_alloc(n, sizeof *c->value);
    c->lost = ri_alloc(n, sizeof *c->lost);
    if (!role || !c->row || !c->root || !c->y || !c->value || !c->lost) {
        free(role);
        return ri_fail_memory(err, "the rows of a fit", 40 * n);
    }
    ri_plan_roles(p, fold, role);
    double sum = 0, along = 0;
    for (int64_t i = 0; i < p->x.n; i++)
        if (role[i] == 1)
            c->row[c->train++] = (int32_t)i;
    for (int64_t i = 0; i < p->x.n; i++)
        if (role[i] == 2)
            c->row[c->train + c->held++] = (int32_t)i;
    free(role);
    for (int64_t t = 0; t < c->train; t++) {
        double w = p->weight ? p->weight[c->row[t]] : 1;
        sum += w;
        along += w * p->y[c->row[t]];
    }
    c->y_mean = p->settings.intercept ? along / sum : 0;
    for (int64_t t = 0; t < c->train; t++) {
        double w = p->weight ? p->weight[c->row[t]] : 1;
        c->root[t] = sqrt(w * (double)c->train / sum);
        c->y[t] = c->root[t] * (p->y[c->row[t]] - c->y_mean);
    }
    return RI_OK;
}

/* Covariates, and features of any support. */
static ri_status list_columns(columns *c, const ri_fit *fit, int64_t alphas, ri_error *err) {
    const ri_matrix *x = &c->problem->x;
    int64_t features = ri_matrix_features(x);
    uint8_t *wanted = ri_calloc((size_t)x->p, 1);
    if (!wanted)
        return ri_fail_memory(err, "the supports of a fit", (size_t)x->p);
    for (int64_t j = features; j < x->p; j++)
        wanted[j] = 1;
    for (int64_t e = 0; e < fit->start[alphas]; e++)
        wanted[fit->feature[e]] |= fit->coefficient[e] != 0;
    for (int64_t j = 0; j < x->p; j++)
        c->count += wanted[j];
    size_t count = (size_t)c->count;
    c->column = ri_alloc(count, sizeof *c->column);
    c->mean = ri_alloc(count, sizeof *c->mean);
    c->scale = ri_alloc(count, sizeof *c->scale);
    c->z = ri_alloc(count * (size_t)c->train, sizeof *c->z);
    c->z_held = ri_alloc(count * (size_t)c->held, sizeof *c->z_held);
    bool good = c->column && c->mean && c->scale && c->z && c->z_held;
    int64_t at = 0;
    for (int64_t j = features; good && j < x->p; j++)
        c->column[at++] = j;
    for (int64_t j = 0; good && j < features; j++)
        if (wanted[j])
            c->column[at++] = j;
    free(wanted);
    return good ? RI_OK : ri_fail_memory(err, "the columns of a support", 8 * count * (size_t)x->n);
}

/* Decodes column k, missing values at the mean of the training rows, and standardises it. */
static void take_column(columns *c, int64_t k) {
    const ri_matrix *x = &c->problem->x;
    double *v = c->value, sum = 0, weight = 0, first = NAN, squares = 0;
    bool constant = true;
    int64_t lost = ri_matrix_decode(x, c->column[k], 0, v);
    if (lost > 0)
        lost = ri_matrix_missing(x, c->column[k], c->lost);
    for (int64_t m = 0; m < lost; m++)
        v[c->lost[m]] = NAN;
    for (int64_t t = 0; t < c->train; t++) {
        double d = v[c->row[t]], w = c->root[t] * c->root[t];
        if (isnan(d) || w == 0)
            continue;
        first = isnan(first) ? d : first;
        constant &= d == first;
        sum += w * (d - first);
        weight += w;
    }
    double mean = weight > 0 ? first + sum / weight : 0;
    for (int64_t m = 0; m < lost; m++)
        v[c->lost[m]] = mean;
    double center = c->problem->settings.intercept ? mean : 0, *z = c->z + k * c->train;
    for (int64_t t = 0; t < c->train; t++) {
        z[t] = c->root[t] * (v[c->row[t]] - center);
        squares += z[t] * z[t];
    }
    bool useless = squares == 0 || (constant && c->problem->settings.intercept);
    double scale = useless ? 0 : 1 / sqrt(squares / (double)c->train);
    c->mean[k] = center;
    c->scale[k] = scale;
    for (int64_t t = 0; t < c->train; t++)
        z[t] *= scale;
    for (int64_t t = 0; t < c->held; t++)
        c->z_held[k * c->held + t] = (v[c->row[c->train + t]] - center) * scale;
}

/* Place of a feature among the columns. */
static int64_t find_column(const columns *c, int64_t feature) {
    int64_t low = c->problem->x.extras, high = c->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (c->column[middle] < feature)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

typedef struct work { /* of one alpha */
    int64_t *list;    /* [columns] */
    int64_t *entry;   /* [columns] of the fit; negative: covariate -1 - c */
    double *own, *b;  /* [columns] standardised coefficients of fit and least squares */
    double *residual; /* [train] of the fit */
    int64_t count;
} work;

/* The support at an alpha, covariates first, with the coefficients that the fit gives them. */
static void take_support(const columns *c, const ri_fit *fit, int64_t a, work *w) {
    int64_t extras = c->problem->x.extras;
    w->count = 0;
    for (int64_t k = 0; k < extras; k++)
        if (c->scale[k] > 0) {
            w->list[w->count] = k;
            w->entry[w->count] = -1 - k;
            w->own[w->count++] = fit->covariate[a * extras + k] / c->scale[k];
        }
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
        if (fit->coefficient[e] == 0)
            continue;
        int64_t k = find_column(c, fit->feature[e]);
        w->list[w->count] = k;
        w->entry[w->count] = e;
        w->own[w->count++] = c->scale[k] > 0 ? fit->coefficient[e] / c->scale[k] : 0;
    }
}

/* Predictions of the held-out rows. */
static void predict(const columns *c, const work *w, const double *b, double *out) {
    for (int64_t t = 0; t < c->held; t++)
        out[t] = c->y_mean;
    for (int64_t i = 0; i < w->count && c->held > 0; i++)
        ri_kernel_get()->axpy(b[i], c->z_held + w->list[i] * c->held, out, c->held);
}

static void relax_alpha(const columns *c, const ri_fit *fit, int64_t a, ri_support_fit *solver,
                        work *w, ri_relaxed_fit *out) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t extras = c->problem->x.extras;
    double n = (double)c->train, offset = 0, unit = sqrt(2 * fit->null_loss);
    take_support(c, fit, a, w);
    ri_support_fit_solve(solver, w->list, w->count, w->b);
    memcpy(w->residual, c->y, (size_t)c->train * sizeof *w->residual);
    for (int64_t i = 0; i < w->count; i++) {
        int64_t k = w->list[i], e = w->entry[i];
        double b = w->b[i] * c->scale[k];
        offset += b * c->mean[k];
        *(e < 0 ? &out->covariate[a * extras - 1 - e] : &out->coefficient[e]) = b;
        kernel->axpy(-w->own[i], c->z + k * c->train, w->residual, c->train);
    }
    out->intercept[a] = c->problem->settings.intercept ? c->y_mean - offset : 0;
    out->gap[a] = unit > 0 ? solver->steepest / unit : 0;
    out->dependent = solver->dependent > out->dependent ? solver->dependent : out->dependent;
    out->square[3 * a] = kernel->dot(w->residual, w->residual, c->train) / n;
    out->square[3 * a + 1] = kernel->dot(w->residual, solver->residual, c->train) / n;
    out->square[3 * a + 2] = kernel->dot(solver->residual, solver->residual, c->train) / n;
    predict(c, w, w->own, out->own + a * c->held);
    predict(c, w, w->b, out->fresh + a * c->held);
}

void ri_relaxed_fit_free(ri_relaxed_fit *fit) {
    free(fit->coefficient);
    free(fit->covariate);
    free(fit->intercept);
    free(fit->gap);
    free(fit->square);
    free(fit->row);
    free(fit->own);
    free(fit->fresh);
    *fit = (ri_relaxed_fit){0};
}

static ri_status make_answer(const columns *c, const ri_fit *fit, int64_t alphas,
                             ri_relaxed_fit *out, ri_error *err) {
    size_t points = (size_t)alphas, held = (size_t)c->held, extras = (size_t)c->problem->x.extras;
    out->held = c->held;
    out->coefficient = ri_calloc((size_t)fit->start[alphas], sizeof(double));
    out->covariate = extras ? ri_calloc(points * extras, sizeof(double)) : NULL;
    out->intercept = ri_calloc(points, sizeof(double));
    out->gap = ri_calloc(points, sizeof(double));
    out->square = ri_calloc(3 * points, sizeof(double));
    out->row = ri_alloc(held, sizeof *out->row);
    out->own = ri_alloc(points * held, sizeof(double));
    out->fresh = ri_alloc(points * held, sizeof(double));
    if (!out->coefficient || (extras && !out->covariate) || !out->intercept || !out->gap ||
        !out->square || !out->row || !out->own || !out->fresh)
        return ri_fail_memory(err, "a relaxed fit", points * (16 * held + 40));
    for (int64_t t = 0; t < c->held; t++)
        out->row[t] = c->row[c->train + t];
    return RI_OK;
}

ri_status ri_relaxed_fit_new(const ri_problem *problem, const ri_fit *fit, int64_t alphas,
                             ri_relaxed_fit *out, ri_error *err) {
    columns c = {.problem = problem};
    ri_support_fit solver = {0};
    work w = {0};
    ri_status status = RI_OK;
    *out = (ri_relaxed_fit){0};
    RI_GO(take_rows(&c, fit->fold, err));
    RI_GO(list_columns(&c, fit, alphas, err));
    for (int64_t k = 0; k < c.count; k++)
        take_column(&c, k);
    RI_GO(ri_support_fit_new(&solver, c.z, c.y, c.train, c.count, err));
    RI_GO(make_answer(&c, fit, alphas, out, err));
    size_t count = (size_t)c.count;
    w.list = ri_alloc(count, sizeof *w.list);
    w.entry = ri_alloc(count, sizeof *w.entry);
    w.own = ri_alloc(count, sizeof *w.own);
    w.b = ri_alloc(count, sizeof *w.b);
    w.residual = ri_alloc((size_t)c.train, sizeof *w.residual);
    if (!w.list || !w.entry || !w.own || !w.b || !w.residual) {
        status = ri_fail_memory(err, "a support", 32 * count);
        goto done;
    }
    for (int64_t a = 0; a < alphas; a++)
        relax_alpha(&c, fit, a, &solver, &w, out);
done:
    free(w.list);
    free(w.entry);
    free(w.own);
    free(w.b);
    free(w.residual);
    ri_support_fit_free(&solver);
    free_columns(&c);
    if (status != RI_OK)
        ri_relaxed_fit_free(out);
    return status;
}
