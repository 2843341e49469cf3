/* SPDX-License-Identifier: BSD-3-Clause
 * How units begin: their views of X, the alphas of their walks, and the first pass. */
#include "cv/batch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/adaptive.h"
#include "design/pass.h"

/* Steps between alphas are at least this ratio, but for alphas below FAR of the one before. */
static const double LEAST_STEP = 0.8, FAR = 1e-4;

static ri_status make_views(ri_batch *b, ri_error *err) {
    const ri_problem *problem = b->plan->problem;
    uint8_t *role = ri_alloc((size_t)problem->x.n, 1);
    if (!role)
        return ri_fail_memory(err, "the rows", (size_t)problem->x.n);
    ri_status status = RI_OK;
    for (int64_t u = 0; u < b->count && status == RI_OK; u++) {
        int64_t v = 0;
        for (; v < u && b->unit[v].fold != b->unit[u].fold; v++)
            ;
        if (v < u) {
            b->view_of[u] = b->view_of[v];
            continue;
        }
        ri_plan_roles(problem, b->unit[u].fold, role);
        b->view_of[u] = b->views;
        status = ri_view_new(&b->plan->columns, role, problem->weight, &b->view[b->views], err);
        b->views += status == RI_OK;
        if (status == RI_OK)
            status =
                ri_adaptive_spread(problem, b->unit[u].fold, &b->view[b->views - 1].stretch, err);
    }
    free(role);
    return status;
}

int64_t ri_route_leads(double from, double to) {
    if (!(from > to))
        return 0;
    double steps = log(fmax(to, FAR * from) / from) / log(LEAST_STEP);
    return steps > 1 ? (int64_t)ceil(steps - 1e-9) - 1 : 0;
}

static ri_status make_route(ri_batch *b, int64_t u, ri_error *err) {
    const ri_unit *unit = &b->unit[u];
    const double *grid = b->plan->alpha[unit->path] + unit->first;
    ri_route *route = &b->route[u];
    double top = ri_plan_alpha_max(b->plan, unit->path), last = top;
    int64_t most = unit->count, walked = b->walked[u];
    for (int64_t a = 0; a < walked; last = grid[a++])
        most += ri_route_leads(last, grid[a]);
    route->alpha = ri_alloc((size_t)most, sizeof *route->alpha);
    route->lead = ri_calloc((size_t)most, sizeof *route->lead);
    route->place = ri_alloc((size_t)unit->count, sizeof *route->place);
    if (!route->alpha || !route->lead || !route->place)
        return ri_fail_memory(err, "the alphas of a unit", 17ULL * (unsigned long long)most);
    last = top;
    for (int64_t a = 0; a < unit->count; last = grid[a++]) {
        int64_t leads = a < walked ? ri_route_leads(last, grid[a]) : 0;
        double step =
            leads > 0 ? pow(fmax(grid[a], FAR * last) / last, 1.0 / (double)(leads + 1)) : 1;
        for (int64_t k = 1; k <= leads; k++) {
            route->lead[route->alphas] = true;
            route->alpha[route->alphas++] = last * pow(step, (double)k);
        }
        route->place[a] = route->alphas;
        route->alpha[route->alphas++] = grid[a];
    }
    return RI_OK;
}

static ri_status start_walks(ri_batch *b, ri_error *err) {
    const ri_settings *settings = &b->plan->problem->settings;
    for (int64_t u = 0; u < b->count; u++) {
        b->walked[u] = b->unit[u].count - ri_ridge_alphas(b->plan, &b->unit[u]);
        RI_TRY(make_route(b, u, err));
        ri_walk_options options = {.l1_ratio = b->plan->problem->l1_ratio[b->unit[u].path],
                                   .tol = settings->tol,
                                   .positive = settings->positive,
                                   .shooting = settings->solver == RI_SOLVER_SHOOTING,
                                   .loss = ri_problem_loss(b->plan->problem),
                                   .free_engine = settings->solver == RI_SOLVER_AUTO,
                                   .alpha = b->route[u].alpha,
                                   .alphas = b->route[u].alphas,
                                   .lead = b->route[u].lead,
                                   .poll = ri_batch_poll,
                                   .context = b};
        RI_TRY(ri_walk_start(&b->walk[u], &b->view[b->view_of[u]], b->plan->problem->y, &options,
                             &b->workspace[0], err));
        if (b->walked[u] == b->unit[u].count)
            continue;
        b->walk[u].end = b->walked[u] > 0 ? b->route[u].place[b->walked[u] - 1] + 1 : 0;
        if (b->walked[u] > 0) /* no window looks at what is left to ridge */
            b->walk[u].options.alphas = b->walk[u].end;
    }
    return RI_OK;
}

static ri_status moments_of_unpenalized(ri_batch *b, ri_error *err) {
    const double *factor = b->plan->problem->penalty_factor;
    for (int64_t j = 0; factor && j < b->plan->problem->x.p; j++)
        if (factor[j] == 0)
            RI_TRY(ri_pass_moments(b->view, b->views, &j, 1, &b->bytes, err));
    return RI_OK;
}

/* The first pass serves one walk of each view; the others of that view get a copy. */
static ri_status first_pass(ri_batch *b, ri_error *err) {
    ri_request *request = ri_calloc((size_t)b->views, sizeof *request);
    if (!request)
        return ri_fail_memory(err, "the first pass", (size_t)b->views * sizeof *request);
    for (int64_t u = b->count - 1; u >= 0; u--) {
        ri_request own;
        ri_walk_request(&b->walk[u], &own);
        if (b->gram) /* starts from every gradient */
            own.answer[0].floor = -INFINITY;
        if (ri_walk_done(&b->walk[u])) /* ridge needs the moments alone */
            own.answer[0].floor = INFINITY;
        ri_request *at = &request[b->view_of[u]];
        if (at->view)
            own.answer[0].floor = fmin(own.answer[0].floor, at->answer[0].floor);
        *at = own;
    }
    double begun = ri_seconds();
    ri_status status =
        ri_pass_first(&b->plan->columns, b->view, request, b->views, b->threads, &b->bytes, err);
    ri_batch_share_time(b, begun);
    ri_batch_count_flops(b, request, b->views, 3);
    for (int64_t u = 0; u < b->count && status == RI_OK; u++) {
        const ri_request *own = &request[b->view_of[u]];
        if (own->gradient && b->walk[u].gradient != own->gradient)
            memcpy(b->walk[u].gradient, own->gradient,
                   (size_t)b->plan->problem->x.p * sizeof *own->gradient);
        status = ri_walk_accept(&b->walk[u], own, err);
    }
    ri_batch_free_answers(request, b->views);
    return status;
}

ri_status ri_batch_start(ri_batch *b, ri_error *err) {
    RI_TRY(make_views(b, err));
    RI_TRY(moments_of_unpenalized(b, err));
    RI_TRY(start_walks(b, err));
    return first_pass(b, err);
}
