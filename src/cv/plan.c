/* SPDX-License-Identifier: BSD-3-Clause
 * What all units need before any starts: facts of every column over the kept rows, the alpha grids,
 * and the list of units. X is read once. */
#include "cv/plan.h"
#include "cv/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"
#include "solve/walk.h"

/* Of a ridge whose loss is not the squared error: every Newton step factors them all. */
enum { MOST_RIDGE_FEATURES = 1000 };

/* alpha_max of a smaller l1_ratio is taken at this one. */
static const double LEAST_L1_RATIO = 1e-3;

double ri_plan_alpha_max(const ri_plan *plan, int64_t path) {
    return plan->top / fmax(plan->problem->l1_ratio[path], LEAST_L1_RATIO);
}

void ri_plan_roles(const ri_problem *problem, int32_t fold, uint8_t *role) {
    const int32_t *of = problem->fold;
    if (fold != RI_REFIT)
        of += ri_problem_repeat(problem, fold) * problem->x.n;
    for (int64_t i = 0; i < problem->x.n; i++) {
        if (isnan(problem->y[i]))
            role[i] = fold == RI_REFIT ? 2 : 0;
        else
            role[i] = fold != RI_REFIT && of[i] == fold ? 2 : 1;
    }
}

void ri_plan_free(ri_plan *plan) {
    if (!plan)
        return;
    if (plan->own_arrays) {
        free(plan->shift);
        free(plan->missing);
        free(plan->integer);
        free(plan->mean);
        free(plan->sd);
        free(plan->gradient);
        free(plan->missing_count);
    }
    if (plan->alpha)
        for (int64_t r = 0; r < plan->problem->l1_ratios; r++)
            free(plan->alpha[r]);
    free(plan->alpha);
    free(plan->stretch);
    free(plan->unit);
    ri_stop_free(plan->stop);
    free(plan);
}

/* Alphas given for a path, or NULL. */
static const double *given_alphas(const ri_problem *p, int64_t path) {
    return p->alpha_list ? p->alpha_list + (p->list_of_each ? path * p->alphas : 0) : NULL;
}

static ri_status check_grid(const ri_problem *p, ri_error *err) {
    if (p->alphas < 1)
        return ri_fail(err, RI_BAD_INPUT, "--alphas: at least one alpha is needed");
    if (!(p->eps >= 0 && p->eps < 1))
        return ri_fail(err, RI_BAD_INPUT, "--eps %g: must lie between 0 and 1", p->eps);
    for (int64_t r = 0; p->alpha_list && r < (p->list_of_each ? p->l1_ratios : 1); r++) {
        const double *list = given_alphas(p, r);
        for (int64_t a = 0; a < p->alphas; a++)
            if (!(list[a] >= 0) || isinf(list[a]) || (a > 0 && list[a] >= list[a - 1]))
                return ri_fail(err, RI_BAD_INPUT,
                               "--alpha-list: entry %lld (%g) must be finite, not negative and "
                               "below the one before it",
                               (long long)a + 1, list[a]);
    }
    for (int64_t r = 0; r < p->l1_ratios; r++)
        if (!(p->l1_ratio[r] >= 0 && p->l1_ratio[r] <= 1))
            return ri_fail(err, RI_BAD_INPUT, "--l1-ratio %g: must lie between 0 and 1",
                           p->l1_ratio[r]);
    for (int64_t r = 0; r < p->l1_ratios; r++)
        if (ri_problem_loss(p) && p->l1_ratio[r] == 0 && p->x.p > MOST_RIDGE_FEATURES)
            return ri_fail(err, RI_BAD_INPUT,
                           "--l1-ratio 0 with --family %s works on all features at once, at most "
                           "%d; with %lld features give a small ratio, such as 0.01",
                           ri_problem_loss(p)->name, MOST_RIDGE_FEATURES, (long long)p->x.p);
    return RI_OK;
}

static ri_status check_rows(const ri_problem *p, ri_plan *plan, ri_error *err) {
    double first = NAN;
    bool constant = true;
    for (int64_t i = 0; i < p->x.n; i++) {
        if (isinf(p->y[i]))
            return ri_fail(err, RI_BAD_INPUT, "the response of sample %lld is infinite",
                           (long long)i + 1);
        if (p->weight && !(p->weight[i] >= 0 && !isinf(p->weight[i])))
            return ri_fail(err, RI_BAD_INPUT,
                           "the weight of sample %lld is %g: weights must be finite and not "
                           "negative",
                           (long long)i + 1, p->weight[i]);
        if (isnan(p->y[i]))
            continue;
        plan->kept++;
        first = isnan(first) ? p->y[i] : first;
        constant &= p->y[i] == first;
    }
    if (plan->kept < 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "only %lld samples have a response: at least 2 are needed",
                       (long long)plan->kept);
    if (constant)
        return ri_fail(err, RI_BAD_INPUT,
                       "the response is %g for all %lld samples: there is nothing to fit", first,
                       (long long)plan->kept);
    for (int64_t j = 0; p->penalty_factor && j < p->x.p; j++)
        if (!(p->penalty_factor[j] >= 0 && !isinf(p->penalty_factor[j])))
            return ri_fail(err, RI_BAD_INPUT,
                           "the penalty factor of feature %lld is %g: factors must be finite and "
                           "not negative",
                           (long long)j + 1, p->penalty_factor[j]);
    return RI_OK;
}

static void *allocate(const ri_share *share, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count ? count : 1, size, &bytes))
        return NULL;
    return share && share->allocate ? share->allocate(share->context, bytes)
                                    : ri_calloc(count, size);
}

static ri_status make_arrays(ri_plan *plan, const ri_share *share, ri_error *err) {
    size_t p = (size_t)plan->problem->x.p;
    plan->own_arrays = !(share && share->allocate);
    plan->shift = allocate(share, p, sizeof(double));
    plan->mean = allocate(share, p, sizeof(double));
    plan->sd = allocate(share, p, sizeof(double));
    plan->gradient = allocate(share, p, sizeof(double));
    plan->missing_count = allocate(share, p, sizeof(int64_t));
    plan->missing = allocate(share, p, 1);
    plan->integer = allocate(share, p, 1);
    if (!plan->shift || !plan->mean || !plan->sd || !plan->gradient || !plan->missing_count ||
        !plan->missing || !plan->integer)
        return ri_fail_memory(err, "the moments of the features", 42ULL * p);
    return RI_OK;
}

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

static ri_status make_grids(ri_plan *plan, ri_error *err) {
    const ri_problem *p = plan->problem;
    for (int64_t j = 0; j < p->x.p; j++)
        plan->top = fmax(plan->top, plan->gradient[j]);
    plan->alpha = ri_calloc((size_t)p->l1_ratios, sizeof *plan->alpha);
    if (!plan->alpha)
        return ri_fail_memory(err, "the alpha grid", 8);
    double eps = ri_problem_eps(p, plan->kept);
    for (int64_t r = 0; r < p->l1_ratios; r++) {
        double *alpha = plan->alpha[r] = ri_alloc((size_t)p->alphas, sizeof *alpha);
        if (!alpha)
            return ri_fail_memory(err, "the alpha grid", 8ULL * (size_t)p->alphas);
        double largest = ri_plan_alpha_max(plan, r);
        if (!p->alpha_list && !(largest > 0))
            return ri_fail(err, RI_BAD_INPUT,
                           "no feature %s the response: give --alpha-list, or check the features",
                           p->settings.positive ? "goes up with" : "varies together with");
        for (int64_t a = 0; a < p->alphas; a++) {
            double part = p->alphas > 1 ? (double)a / (double)(p->alphas - 1) : 0;
            alpha[a] = p->alpha_list ? given_alphas(p, r)[a] : largest * pow(eps, part);
        }
    }
    return RI_OK;
}

static ri_status list_units(ri_plan *plan, ri_error *err) {
    const ri_problem *p = plan->problem;
    int64_t blocks = p->blocks < p->alphas ? p->blocks : p->alphas;
    plan->units = p->l1_ratios * (p->folds + 1) * blocks;
    plan->unit = ri_alloc((size_t)plan->units, sizeof *plan->unit);
    if (!plan->unit)
        return ri_fail_memory(err, "the list of units", 24ULL * (size_t)plan->units);
    int64_t at = 0;
    for (int64_t r = 0; r < p->l1_ratios; r++)
        for (int32_t k = 0; k <= p->folds; k++)
            for (int64_t b = 0; b < blocks; b++) {
                int64_t first = b * p->alphas / blocks, next = (b + 1) * p->alphas / blocks;
                plan->unit[at++] = (ri_unit){.path = (int32_t)r,
                                             .fold = k < p->folds ? k : RI_REFIT,
                                             .block = (int32_t)b,
                                             .first = (int32_t)first,
                                             .count = (int32_t)(next - first)};
            }
    return RI_OK;
}

static ri_status survey(ri_plan *plan, const ri_share *share, int threads, ri_error *err) {
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

ri_status ri_plan_new(const ri_problem *problem, const ri_share *share, int threads, ri_plan **out,
                      ri_error *err) {
    *out = NULL;
    ri_plan *plan = ri_calloc(1, sizeof *plan);
    if (!plan)
        return ri_fail_memory(err, "the plan", sizeof *plan);
    plan->problem = problem;
    plan->threads = threads;
    ri_status status = RI_OK;
    RI_GO(check_grid(problem, err));
    RI_GO(check_rows(problem, plan, err));
    RI_GO(ri_adaptive_spread(problem, RI_REFIT, &plan->stretch, err));
    RI_GO(make_arrays(plan, share, err));
    plan->columns = (ri_columns){.x = problem->x,
                                 .shift = plan->shift,
                                 .missing = plan->missing,
                                 .integer = plan->integer,
                                 .penalty_factor = problem->penalty_factor,
                                 .centered = problem->settings.intercept,
                                 .standardized = problem->settings.standardize};
    status = survey(plan, share, threads, err);
    if (share && share->complete)
        share->complete(share->context); /* also after a failure: nobody leaves a barrier alone */
    RI_GO(status);
    RI_GO(make_grids(plan, err));
    RI_GO(list_units(plan, err));
    plan->ridge = ri_ridge_pays(problem);
    if (problem->settings.early_stop && problem->folds > 0)
        RI_GO(ri_stop_new(problem->l1_ratios, problem->folds, problem->alphas,
                          problem->settings.patience, &plan->stop, err));
    if (plan->stop)
        plan->stop->repeats = ri_settings_repeats(&problem->settings);
    *out = plan;
    return RI_OK;
done:
    ri_plan_free(plan);
    return status;
}

ri_stop *ri_plan_stop(const ri_plan *plan) {
    return plan->stop;
}

int64_t ri_plan_index(const ri_plan *plan, const ri_unit *unit) {
    for (int64_t u = 0; u < plan->units; u++)
        if (memcmp(&plan->unit[u], unit, sizeof *unit) == 0)
            return u;
    return -1;
}

int64_t ri_plan_units(const ri_plan *plan, const ri_unit **units) {
    *units = plan->unit;
    return plan->units;
}

const ri_columns *ri_plan_columns(const ri_plan *plan) {
    return &plan->columns;
}

void ri_plan_join(ri_plan *plan, struct ri_joint *joint) {
    plan->columns.joint = joint;
}

double ri_plan_bytes_read(const ri_plan *plan) {
    return plan->bytes_read;
}

/* At a place between the first alpha (0) and the end of the grid (1): supports grow on the way, and
 * the linear algebra with them. */
static double cost_at(double place) {
    return 0.2 + place * sqrt(place);
}

double ri_alpha_cost(const ri_plan *plan, int64_t alpha) {
    return cost_at((double)alpha / (double)plan->problem->alphas);
}

double ri_lead_cost(const ri_plan *plan, const ri_unit *unit) {
    const double *alpha = plan->alpha[unit->path];
    double cost = 0, all = (double)plan->problem->alphas;
    int64_t leads = ri_route_leads(alpha[0], alpha[unit->first]);
    for (int64_t k = 1; k <= leads; k++)
        cost += 0.3 * cost_at((double)unit->first * (double)k / (double)(leads + 1) / all);
    return cost;
}

double ri_unit_cost(const ri_plan *plan, const ri_unit *unit) {
    /* within 8 % of what 4, 10 and 16 blocks were measured to take, in the mean over blocks of two
     * shapes; an alpha that only leads the way to the first takes a third of another */
    double cost = ri_lead_cost(plan, unit);
    for (int32_t a = unit->first; a < unit->first + unit->count; a++)
        cost += ri_alpha_cost(plan, a);
    return cost;
}
