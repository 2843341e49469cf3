/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/secant.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "solve/shooting.h"

/* The solution at alpha a: of the window in hand, or done. */
static const ri_solution *solution_at(const ri_walk *walk, int64_t a) {
    return a >= walk->next ? &walk->pending[a - walk->next] : &walk->done[a];
}

/* step[k] of what moved from `before` to `last`: the same way on, times `ratio`. */
static void follow(const ri_candidates *c, const ri_solution *before, const ri_solution *last,
                   double ratio, double *step) {
    int64_t i = 0;
    memset(step, 0, (size_t)c->size * sizeof *step);
    for (int64_t m = 0; m < last->count; m++) {
        int64_t j = last->feature[m], k = ri_candidates_find(c, j);
        while (i < before->count && before->feature[i] < j)
            i++;
        double came = last->b[m];
        if (i < before->count && before->feature[i] == j)
            came -= before->b[i];
        if (k < 0)
            continue;
        step[k] = ratio * came;
        if (c->penalty[k] > 0 && !((c->b[k] + step[k]) * c->b[k] > 0))
            step[k] = -c->b[k];
    }
}

ri_status ri_secant_start(const ri_walk *walk, ri_candidates *c, int64_t t, const ri_point *point,
                          ri_error *err) {
    const int64_t a = walk->next + t;
    if (a < 2)
        return RI_OK;
    const double *alpha = walk->options.alpha;
    size_t size = (size_t)c->size;
    double *step = ri_alloc(2 * size, sizeof *step), *b = step + size;
    int64_t *list = ri_alloc(size, sizeof *list);
    if (!step || !list) {
        free(step);
        free(list);
        return ri_fail_memory(err, "the start of a descent", 24ULL * size);
    }
    follow(c, solution_at(walk, a - 2), solution_at(walk, a - 1),
           (alpha[a] - alpha[a - 1]) / (alpha[a - 1] - alpha[a - 2]), step);
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++)
        if (step[k] != 0) {
            step[count] = step[k];
            list[count++] = k;
        }
    memcpy(b, c->b, size * sizeof *b);
    ri_status status = ri_candidates_take(c, list, count, err);
    if (status == RI_OK) {
        double before = ri_shooting_objective(c, point);
        ri_candidates_move(c, list, step, count);
        if (!(ri_shooting_objective(c, point) < before)) {
            memcpy(c->b, b, size * sizeof *b);
            ri_candidates_residual(c);
        }
    }
    free(step);
    free(list);
    return status;
}
