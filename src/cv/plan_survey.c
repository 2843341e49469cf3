/* SPDX-License-Identifier: BSD-3-Clause
 * Facts of every column over the kept rows - shift, missing values, kind, mean, sd - and its
 * gradient at the null model, by one read of X. */
#include "cv/plan.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"
#include "solve/walk.h"

static bool genotypes(const double *d, const ri_view *view) {
    for (int64_t t = 0; t < view->train; t++) {
        double v = d[view->row[t]];
        if (v != 0 && v != 1 && v != 2)
            return false;
    }
    return true;
}

/* Whole numbers that fit in a signed byte: sums of them are exact. */
static bool whole_numbers(const double *d, const ri_view *view) {
    for (int64_t t = 0; t < view->train; t++) {
        double v = d[view->row[t]];
        if (!(fabs(v) <= 127 && v == rint(v)))
            return false;
    }
    return true;
}

/* Of a decoded column, whose missing values are 0. */
static uint8_t kind_of(ri_storage storage, const double *d, const ri_view *view) {
    if (storage == RI_PACKED2 || genotypes(d, view))
        return RI_GENOTYPES;
    return storage == RI_I8 || whole_numbers(d, view) ? RI_WHOLE_NUMBERS : 0;
}

/* Shift, whole-number flag and missing flag of one column, from its kept rows. `d` receives the
 * decoded column, `rows` its missing rows; returns their number. */
static int64_t column_facts(ri_plan *plan, const ri_view *view, int64_t j, double *d,
                            int32_t *rows) {
    const ri_matrix *x = &plan->problem->x;
    const ri_kernel *kernel = ri_kernel_get();
    int64_t count = ri_matrix_decode(x, j, 0, d);
    if (count > 0)
        count = ri_matrix_missing(x, j, rows);
    plan->missing[j] = count > 0;
    plan->missing_count[j] = count;
    double lost = 0;
    for (int64_t k = 0; k < count; k++)
        lost += view->weight[rows[k]];
    ri_storage storage = ri_matrix_storage(x, j);
    plan->integer[j] = kind_of(storage, d, view);
    double observed = (double)view->train - lost;
    /* A sparse column keeps its zeros: they are what makes it cheap. */
    bool shifted = !plan->integer[j] && storage != RI_CSC;
    if (shifted && plan->columns.centered && observed > 0) {
        plan->shift[j] = kernel->dot(view->weight, d, x->n) / observed;
        ri_matrix_decode(x, j, plan->shift[j], d);
    }
    return count;
}

/* Mean, sd and gradient of the null residual for one column. */
static void column_moments(ri_plan *plan, const ri_view *view, int64_t j, const double *residual,
                           double residual_sum, double *d, double *scratch, double *bytes) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t n = plan->problem->x.n;
    int32_t *rows = (int32_t *)(void *)(scratch + ri_scratch_doubles(n));
    int64_t count = column_facts(plan, view, j, d, rows);
    double s = kernel->dot(view->weight, d, n), q = kernel->dot3(view->weight, d, d, n);
    double lost = 0, lost_residual = 0, mean;
    for (int64_t k = 0; k < count; k++) {
        lost += view->weight[rows[k]];
        lost_residual += residual[rows[k]];
    }
    double variance = ri_view_variance(view, j, s, q, lost, &mean, scratch, bytes);
    plan->mean[j] = mean + plan->shift[j];
    plan->sd[j] = sqrt(fmax(variance, 0));
    const ri_columns *columns = &plan->columns;
    double f = ri_penalty(columns, j);
    if (f == 0 || (plan->sd[j] == 0 && (columns->centered || columns->standardized)))
        return;
    double c = kernel->dot(d, residual, n);
    c -= columns->centered ? mean * (residual_sum - lost_residual) : -mean * lost_residual;
    double scale = columns->standardized ? 1 / plan->sd[j] : 1;
    scale *= plan->stretch ? plan->stretch[j] : 1;
    double g = c * scale / ((double)view->train * f);
    plan->gradient[j] = plan->problem->settings.positive ? fmax(g, 0) : fabs(g);
}

static size_t plan_scratch(int64_t n) {
    return ri_scratch_doubles(n) + (size_t)n / 2 + 16;
}

/* Facts of the unpenalised columns first: the null model needs them. */
static ri_status prepare_unpenalized(ri_plan *plan, ri_view *view, ri_error *err) {
    const ri_problem *p = plan->problem;
    double *d = ri_alloc((size_t)p->x.n, sizeof *d);
    int32_t *rows = ri_alloc((size_t)p->x.n, sizeof *rows);
    ri_status status = d && rows ? RI_OK : ri_fail_memory(err, "a column", 12ULL * (size_t)p->x.n);
    for (int64_t j = 0; status == RI_OK && p->penalty_factor && j < p->x.p; j++) {
        if (p->penalty_factor[j] != 0)
            continue;
        column_facts(plan, view, j, d, rows);
        status = ri_pass_moments(view, 1, &j, 1, &plan->bytes_read, err);
    }
    free(d);
    free(rows);
    return status;
}

/* Residual of the null model on all kept rows, as a pass wants it: [n_all]. */
static ri_status null_residual(ri_plan *plan, ri_view *view, double **out, ri_error *err) {
    ri_walk walk = {0};
    ri_workspace workspace = {0};
    ri_walk_options options = {
        .l1_ratio = 1, .tol = 1, .alphas = 0, .loss = ri_problem_loss(plan->problem)};
    ri_status status = ri_walk_start(&walk, view, plan->problem->y, &options, &workspace, err);
    if (status == RI_OK) {
        *out = walk.residual;
        walk.residual = NULL;
    }
    ri_walk_free(&walk);
    ri_workspace_free(&workspace);
    return status;
}

typedef struct surveying { /* of columns, for the plan */
    ri_plan *plan;
    const ri_view *view;
    const double *residual;
    double sum; /* of the residual */
    int threads;
} surveying;

static ri_status survey_columns(void *context, int64_t from, int64_t to, ri_error *err) {
    const surveying *job = context;
    ri_plan *plan = job->plan;
    int64_t n = plan->problem->x.n;
    double again = 0;
    bool failed = false;
#pragma omp parallel num_threads(job->threads) reduction(+ : again)
    {
        double *d = ri_alloc((size_t)n, sizeof *d);
        double *scratch = ri_alloc(plan_scratch(n), sizeof *scratch);
#pragma omp for schedule(dynamic, 64)
        for (int64_t j = from; j < to; j++) {
            if (d && scratch)
                column_moments(plan, job->view, j, job->residual, job->sum, d, scratch, &again);
        }
        if (!d || !scratch) {
#pragma omp atomic write
            failed = true;
        }
        free(d);
        free(scratch);
    }
    plan->bytes_read += again;
    return failed ? ri_fail_memory(err, "a column", 16ULL * (size_t)n) : RI_OK;
}

/* Features by a read of X, then extra columns. */
static ri_status read_columns(surveying *job, int64_t from, int64_t to, ri_error *err) {
    const ri_matrix *x = &job->plan->problem->x;
    int64_t features = ri_matrix_features(x), middle = to < features ? to : features;
    job->sum = ri_kernel_get()->sum(job->residual, x->n);
    if (from < middle)
        RI_TRY(ri_matrix_scan(x, from, middle, survey_columns, job, &job->plan->bytes_read, err));
    from = from > features ? from : features;
    return from < to ? survey_columns(job, from, to, err) : RI_OK;
}

ri_status ri_plan_survey(ri_plan *plan, const ri_share *share, int threads, ri_error *err) {
    const ri_problem *p = plan->problem;
    ri_status status = RI_OK;
    ri_view view = {0};
    ri_pool pool = {0};
    double *residual = NULL;
    uint8_t *role = ri_alloc((size_t)p->x.n, 1);
    if (!role)
        return ri_fail_memory(err, "the rows", (size_t)p->x.n);
    ri_plan_roles(p, RI_REFIT, role);
    RI_GO(ri_view_new(&plan->columns, role, p->weight, &view, err));
    RI_GO(ri_pool_open(&pool, &plan->columns, err));
    RI_GO(ri_pool_hold_unpenalized(&pool, &plan->bytes_read, err));
    RI_GO(prepare_unpenalized(plan, &view, err));
    RI_GO(null_residual(plan, &view, &residual, err));
    surveying job = {.plan = plan, .view = &view, .residual = residual, .threads = threads};
    RI_GO(read_columns(&job, share ? share->from : 0, share ? share->to : p->x.p, err));
done:
    ri_pool_free(&pool);
    free(role);
    free(residual);
    ri_view_free(&view);
    return status;
}
