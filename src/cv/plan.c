/* SPDX-License-Identifier: BSD-3-Clause
 * What all units need before any starts: facts of every column over the kept rows (plan_survey.c),
 * the alpha grids, and the list of units. */
#include "cv/plan.h"
#include "cv/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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
    status = ri_plan_survey(plan, share, threads, err);
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
