/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/adaptive.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cv/plan.h"

double ri_adaptive_weight(const ri_adaptive *adaptive, int32_t k, int64_t feature) {
    if (adaptive->fits == 0)
        return 1;
    int64_t low = adaptive->start[k], end = adaptive->start[k + 1], high = end;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (adaptive->feature[middle] < feature)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && adaptive->feature[low] == feature ? adaptive->weight[low] : 0;
}

static bool penalised(const ri_problem *problem, int64_t feature) {
    return !problem->penalty_factor || problem->penalty_factor[feature] > 0;
}

ri_status ri_adaptive_spread(const ri_problem *problem, int32_t fold, double **out, ri_error *err) {
    const ri_adaptive *adaptive = problem->adaptive;
    size_t p = (size_t)problem->x.p;
    *out = NULL;
    if (!adaptive)
        return RI_OK;
    *out = ri_calloc(p, sizeof **out);
    if (!*out)
        return ri_fail_memory(err, "the weights of a fit", 8 * p);
    int32_t k = fold == RI_REFIT ? problem->folds : fold;
    for (int64_t e = adaptive->start[k]; e < adaptive->start[k + 1]; e++)
        (*out)[adaptive->feature[e]] = adaptive->weight[e];
    for (int64_t j = 0; j < problem->x.p; j++)
        if (j >= ri_matrix_features(&problem->x) || !penalised(problem, j))
            (*out)[j] = 1;
    return RI_OK;
}

typedef struct room { /* for a column and its rows */
    uint8_t *role;
    double *value;
    int32_t *lost;
} room;

/* Weighted population sd of a column over the training rows, missing values at the mean. */
static double column_sd(const ri_problem *p, const room *r, int64_t j) {
    double sum = 0, weight = 0, all = 0, squares = 0;
    int64_t lost = ri_matrix_decode(&p->x, j, 0, r->value);
    if (lost > 0)
        lost = ri_matrix_missing(&p->x, j, r->lost);
    for (int64_t m = 0; m < lost; m++)
        r->value[r->lost[m]] = NAN;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < p->x.n; i++) {
            double w = p->weight ? p->weight[i] : 1, d = r->value[i] - sum;
            if (r->role[i] != 1)
                continue;
            all += pass == 0 ? w : 0;
            if (isnan(d))
                continue;
            if (pass == 0) { /* a running mean */
                weight += w;
                sum += weight > 0 ? w / weight * d : 0;
            } else {
                squares += w * d * d;
            }
        }
    return sqrt(squares / all);
}

/* Weights of fit k behind those before it. */
static void weigh_fit(const ri_problem *p, const ri_fit *fit, int64_t index, const room *r,
                      int32_t k, ri_adaptive *out) {
    int64_t at = out->start[k];
    ri_plan_roles(p, fit->fold, r->role);
    for (int64_t e = fit->start[index]; e < fit->start[index + 1]; e++) {
        int64_t j = fit->feature[e];
        if (fit->coefficient[e] == 0 || !penalised(p, j))
            continue;
        double sd = p->settings.standardize ? column_sd(p, r, j) : 1;
        out->feature[at] = j;
        out->initial[at] = fit->coefficient[e];
        out->weight[at] = pow(fabs(fit->coefficient[e]) * sd, out->gamma);
        at += out->weight[at] > 0;
    }
    out->start[k + 1] = at;
}

ri_status ri_adaptive_new(const ri_record *first, int64_t index, const ri_problem *problem,
                          double gamma, ri_adaptive *out, ri_error *err) {
    const ri_path *path = &first->path[0];
    size_t n = (size_t)problem->x.n, entries = 0;
    ri_status status = RI_OK;
    room r = {ri_alloc(n, 1), ri_alloc(n, sizeof(double)), ri_alloc(n, sizeof(int32_t))};
    *out = (ri_adaptive){.fits = first->folds + 1,
                         .ridge = path->l1_ratio == 0,
                         .alpha = path->alpha[index],
                         .gamma = gamma};
    for (int32_t k = 0; k <= first->folds; k++)
        entries += (size_t)(path->fit[k].start[index + 1] - path->fit[k].start[index]);
    out->start = ri_calloc((size_t)out->fits + 1, sizeof *out->start);
    out->feature = ri_alloc(entries + 1, sizeof *out->feature);
    out->initial = ri_alloc(entries + 1, sizeof *out->initial);
    out->weight = ri_alloc(entries + 1, sizeof *out->weight);
    if (!r.role || !r.value || !r.lost || !out->start || !out->feature || !out->initial ||
        !out->weight) {
        status = ri_fail_memory(err, "the weights of an adaptive lasso", 24 * entries);
        goto done;
    }
    for (int32_t k = 0; k <= first->folds; k++)
        weigh_fit(problem, &path->fit[k], index, &r, k, out);
done:
    free(r.role);
    free(r.value);
    free(r.lost);
    if (status != RI_OK)
        ri_adaptive_free(out);
    return status;
}
