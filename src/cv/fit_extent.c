/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/fit_extent.h"

#include <math.h>

#include "cv/batch.h"
#include "cv/expected.h"
#include "cv/plan.h"
#include "solve/walk.h"

/* Candidates of a fit over those expected: at most half as many again were met, and more where
 * alphas are far apart. */
static const double MOST_CANDIDATES = 1.55, MOST_SPREAD_CANDIDATES = 2.7;

/* Alphas are far apart where a window is less than this: that of 100 alphas down to 0.01. */
static const double SPREAD_WINDOW = 0.756;

/* Deviations that a normal variable exceeds with a probability. */
static double deviations_of(double probability) {
    double low = 0, high = 40; /* erfc(z / sqrt 2) = probability */
    for (int k = 0; k < 60; k++) {
        double z = (low + high) / 2;
        *(erfc(z * M_SQRT1_2) > probability ? &low : &high) = z;
    }
    return low;
}

/* The last alpha of a window over the one before it. Alphas that lead the way keep the windows of
 * short grids from growing. */
static double window_of(const ri_problem *problem) {
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    double step = pow(eps, 1 / fmax(1, (double)problem->alphas - 1));
    double window = pow(step, RI_LOOK_AHEAD / (1.0 + (double)ri_route_leads(1, step)));
    return fmax(window, eps);
}

static bool is_spread(const ri_problem *problem) {
    return !problem->alpha_list && window_of(problem) < SPREAD_WINDOW;
}

/* Features whose gradients reach a part of an alpha that those of `support` features reach: over
 * the features they are spread as a normal variable is. On shapes from 100 x 40,000 to 1,000 x
 * 20,000, 10 to 150 alphas and l1_ratios from 0.1 on, candidates and gradients kept were 0.8
 * to 1.15 times those expected. */
static double reaching(const ri_problem *problem, double support, double part) {
    double p = (double)problem->x.p;
    return p * erfc(deviations_of(fmin(1, support / p)) * part * M_SQRT1_2);
}

/* Those that reach the last alpha of the last window are its candidates. */
static double candidates_of(const ri_problem *problem, double support) {
    return reaching(problem, support, window_of(problem));
}

/* Where candidates are taken when they reach farther down by this part of a window. */
static double lowered(double window, double farther) {
    return fmax(0, window - farther * (1 - window));
}

/* Gradients that a pass keeps for the next window reach farther, by half of a window
 * (solve/certify.c), should that one fail. */
static double kept_gradients(const ri_problem *problem, double candidates) {
    double window = window_of(problem);
    return reaching(problem, candidates, lowered(window, 0.52) / window);
}

/* After two windows that failed, candidates are taken farther down for good (solve/certify.c):
 * where alphas are far apart that may be all features. */
static double failed_candidates(const ri_problem *problem, double support) {
    return reaching(problem, support, lowered(window_of(problem), 0.5));
}

/* A lasso: measured on n x p from 200 x 100,000 to 4,000 x 3,000: the closer p is to n, the more
 * features stay out; ten times as long a grid takes up half as many again. */
static double lasso_support(const ri_problem *problem) {
    double n = (double)ri_problem_kept(problem), p = (double)problem->x.p;
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    double part = 1 - 0.32 * pow(fmin(1, n / p), 0.75);
    return fmin(n, p) * fmin(0.97, part * log10(1 / eps) / 2);
}

/* An elastic net takes up more by as much as it is expected to (cv/expected.h). */
static double support_of(const ri_problem *problem, double l1_ratio, double lasso) {
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    if (l1_ratio == 1 || l1_ratio == 0)
        return lasso;
    double more =
        ri_expected_support(problem, l1_ratio, eps) / ri_expected_support(problem, 1, eps);
    return fmin((double)problem->x.p, lasso * fmax(1, more));
}

/* Bytes of a fit's factor over the square of its support: each lets go of it where its last window
 * ends. Or more than any took. */
static const double FACTOR = 2.7, MOST_FACTOR = 4.4;

/* Floats are half of that, and are expected to serve where they are begun with. */
static double factor_part(const ri_problem *problem) {
    bool floats = ri_walk_takes_floats(problem->settings.tol, ri_problem_unpenalized(problem));
    return floats && !ri_problem_loss(problem) ? 0.5 : 1;
}

/* Candidates where alphas are far apart, over those expected: windows fail, and the next ones look
 * farther. 1.6 to 1.8 were met for l1_ratios of 0.1, 0.5 and 0.9 in one fit, fewer on the average
 * of all. */
static const double SPREAD_GATHERED = 1.7;

/* Sweeps of a fit that takes more than expected: some do, and are left to Newton. They are more
 * where alphas are far apart. */
static const double UNLUCKY = 1.1, SPREAD_UNLUCKY = 1.6;

/* Part of the last support that is there at a place of the grid; few are looked up, since plans of
 * many layouts ask often. */
typedef struct growth {
    double part[4]; /* at the first alpha, at thirds of the grid and at its end */
} growth;

static growth growth_of(const ri_problem *problem, double l1_ratio) {
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    double all = ri_expected_support(problem, l1_ratio, eps);
    double first = ri_expected_support(problem, l1_ratio, cbrt(eps));
    double second = ri_expected_support(problem, l1_ratio, cbrt(eps * eps));
    return (growth){{0, first / all, second / all, 1}};
}

static double grown_at(const growth *g, double place) {
    int k = place < 2.0 / 3 ? (int)(3 * place) : 2;
    return g->part[k] + (3 * place - k) * (g->part[k + 1] - g->part[k]);
}

/* Candidates of windows that shoot, on the average, over those at the ends of windows. */
static const double SHOT = 0.7;

/* Which windows of an elastic net shoot, as their first alpha decides: they gather candidates. A
 * factor grows in the others, whose columns are held; shooting leaves its memory as it is. */
static void choose_engines(const ri_problem *problem, double l1_ratio, ri_fit_extent *at) {
    enum { WINDOWS = 14 };
    const growth g = growth_of(problem, l1_ratio);
    double n = (double)ri_problem_kept(problem), p = (double)problem->x.p, factored = 0;
    const double gathered = fmin(at->candidates * (at->spread ? SPREAD_GATHERED : 1), p);
    const double unlucky = at->spread ? SPREAD_UNLUCKY : UNLUCKY;
    bool shoots = false;
    at->gathered = at->gathers = 0;
    for (int k = 0; k < WINDOWS; k++) {
        double place = (double)k / WINDOWS, end = grown_at(&g, (k + 1.0) / WINDOWS);
        double sweeps = ri_expected_sweeps(l1_ratio, place);
        double support = at->support * grown_at(&g, place);
        shoots = ri_walk_shooting_pays(n, support, at->gathered > 0 ? sweeps : 0);
        if (shoots) {
            at->gathered = gathered * end;
            at->gathers += SHOT * at->candidates * end / WINDOWS;
        }
        if (!ri_walk_shooting_pays(n, support, unlucky * sweeps))
            factored = end;
    }
    at->stored = at->candidates * factored;
    double size = at->support * factored;
    at->factor = (shoots ? MOST_FACTOR : FACTOR) * factor_part(problem) * size * size;
}

/* Candidates on the average of all windows over those at the end of the grid. */
static const double GROWING = 0.6;

static ri_fit_extent extent_at(const ri_problem *problem, double l1_ratio, ri_memory_case which) {
    double n = (double)ri_problem_kept(problem), p = (double)problem->x.p;
    const double lasso = lasso_support(problem), support = support_of(problem, l1_ratio, lasso);
    ri_fit_extent at = {.support = support,
                        .candidates = candidates_of(problem, support),
                        .results = 1,
                        .spread = is_spread(problem)};
    if (which == RI_MEMORY_MOST) {
        double times = at.spread ? MOST_SPREAD_CANDIDATES : MOST_CANDIDATES;
        at.candidates =
            fmax(times * at.candidates, at.spread ? failed_candidates(problem, at.support) : 0);
        at.support = fmin(p, fmin(n, p) * at.support / lasso);
        at.candidates = fmin(p, fmax(at.candidates, at.support));
        at.results = 2;
    }
    at.gradients = kept_gradients(problem, at.candidates);
    if (ri_walk_takes_all(n, p, at.candidates))
        at.candidates = p;
    const bool mixed = l1_ratio < 1 && l1_ratio > 0, most = which == RI_MEMORY_MOST;
    at.compared = l1_ratio == 1 ? at.candidates : 0;
    at.factor = (most ? MOST_FACTOR : FACTOR * factor_part(problem)) * at.support * at.support;
    at.most_support = at.support;
    at.most_candidates = at.stored = at.candidates;
    at.gathered = mixed && most ? at.candidates : 0;
    if (mixed && !most && problem->settings.solver == RI_SOLVER_AUTO)
        choose_engines(problem, l1_ratio, &at);
    if (ri_problem_shoots(problem)) {
        at.gathered = at.candidates;
        at.gathers = GROWING * at.candidates;
    }
    if (problem->settings.solver == RI_SOLVER_SHOOTING)
        at.factor = 0;
    if (l1_ratio == 0 && ri_ridge_pays(problem)) /* cv/ridge.c has what it takes */
        at = (ri_fit_extent){.support = at.support};
    return at;
}

static ri_fit_extent find_extent(const ri_problem *problem, ri_memory_case which) {
    double count = (double)problem->l1_ratios;
    ri_fit_extent all = {0};
    for (int64_t r = 0; r < problem->l1_ratios; r++) {
        ri_fit_extent one = extent_at(problem, problem->l1_ratio ? problem->l1_ratio[r] : 1, which);
        all.support += one.support / count;
        all.candidates += one.candidates / count;
        all.factor += one.factor / count;
        all.results = fmax(all.results, one.results);
        all.gradients += one.gradients / count;
        all.compared += one.compared / count;
        all.most_support = fmax(all.most_support, one.most_support);
        all.most_candidates = fmax(all.most_candidates, one.most_candidates);
        all.gathered = fmax(all.gathered, one.gathered);
        all.gathers += one.gathers / count;
        all.stored = fmax(all.stored, one.stored);
        all.spread |= one.spread;
    }
    return all;
}

void ri_fit_extent_find(const ri_problem *problem, ri_fit_extent at[RI_MEMORY_CASES]) {
    at[RI_MEMORY_EXPECTED] = find_extent(problem, RI_MEMORY_EXPECTED);
    at[RI_MEMORY_MOST] = find_extent(problem, RI_MEMORY_MOST);
}

ri_fit_extent ri_fit_extent_of(const ri_problem *problem, ri_memory_case which) {
    return problem->extent ? problem->extent[which] : find_extent(problem, which);
}
