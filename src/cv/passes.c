/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/passes.h"

#include <math.h>

#include "cv/batch.h"

/* Windows that fail and are walked again: 0 to 1.7 were met on shapes from 150 x 1,500 to 1,000 x
 * 100,000 with 10 to 200 alphas, whatever their number. */
static const double FAILING = 0.7;

/* Windows of so many alphas, of which the first is short. */
static double count_windows(double points) {
    double first = 2, windows = 0;
    for (; points > 0 && first < RI_LOOK_AHEAD; first *= 2, windows++)
        points -= first;
    return windows + ceil(fmax(0, points) / RI_LOOK_AHEAD);
}

/* Point a of the grid of a path, over its first alpha. */
static double point_of(const ri_problem *problem, int64_t a) {
    double eps = ri_problem_eps(problem, ri_problem_kept(problem));
    if (problem->alpha_list)
        return problem->alpha_list[a] / problem->alpha_list[0];
    return problem->alphas > 1 ? pow(eps, (double)a / ((double)problem->alphas - 1)) : 1;
}

/* Points of the walk through alphas [first, next). */
static double count_points(const ri_problem *problem, int64_t first, int64_t next) {
    double last = 1, points = 0;
    for (int64_t a = first; a < next; a++) {
        double at = point_of(problem, a);
        points += 1 + (double)ri_route_leads(last, at);
        last = at;
    }
    return points;
}

ri_passes ri_passes_of(const ri_problem *problem) {
    int64_t alphas = problem->alphas;
    int64_t blocks = problem->blocks < alphas ? problem->blocks : alphas;
    ri_passes out = {.points = count_points(problem, 0, alphas)};
    for (int64_t b = 0; b < blocks; b++) {
        double own = count_points(problem, b * alphas / blocks, (b + 1) * alphas / blocks);
        double windows = count_windows(own) + FAILING;
        out.windows = fmax(out.windows, windows);
        out.all += windows;
    }
    return out;
}
