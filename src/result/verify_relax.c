/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_relax.h"

#include <math.h>

static const double ROUNDING = 1e-10;

/* The path of the same l1_ratio with that part of least squares; NULL where there is none. */
static const ri_path *find_path(const ri_record *record, double l1_ratio, double relaxed) {
    for (int64_t r = 0; r < record->paths; r++)
        if (record->path[r].l1_ratio == l1_ratio && record->path[r].relaxed == relaxed)
            return &record->path[r];
    return NULL;
}

static bool between(double mix, double relaxed, double own, double fresh) {
    double size = fabs(own) + fabs(fresh);
    return fabs(mix - ((1 - relaxed) * own + relaxed * fresh)) <= ROUNDING * size;
}

static bool same_support(const ri_fit *a, const ri_fit *b, int64_t alphas) {
    for (int64_t i = 0; i <= alphas; i++)
        if (a->start[i] != b->start[i])
            return false;
    for (int64_t e = 0; e < a->start[alphas]; e++)
        if (a->feature[e] != b->feature[e] || (b->coefficient[e] == 0 && a->coefficient[e] != 0))
            return false;
    return true;
}

static bool fit_agrees(const ri_fit *mix, double relaxed, const ri_fit *own, const ri_fit *fresh,
                       int64_t alphas, int64_t covariates) {
    if (!same_support(mix, own, alphas) || !same_support(fresh, own, alphas))
        return false;
    for (int64_t e = 0; e < mix->start[alphas]; e++)
        if (!between(mix->coefficient[e], relaxed, own->coefficient[e], fresh->coefficient[e]))
            return false;
    for (int64_t a = 0; a < alphas; a++)
        if (!between(mix->intercept[a], relaxed, own->intercept[a], fresh->intercept[a]))
            return false;
    for (int64_t i = 0; i < alphas * covariates; i++)
        if (!between(mix->covariate[i], relaxed, own->covariate[i], fresh->covariate[i]))
            return false;
    return true;
}

bool ri_verify_relax(const ri_record *record) {
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        if (!(path->relaxed > 0))
            continue;
        const ri_path *own = find_path(record, path->l1_ratio, 0);
        const ri_path *fresh = find_path(record, path->l1_ratio, 1);
        if (!own || !fresh || own->alphas != path->alphas || fresh->alphas != path->alphas)
            return false;
        for (int64_t a = 0; a < path->alphas; a++)
            if (path->alpha[a] != own->alpha[a])
                return false;
        for (int32_t k = 0; k <= record->folds; k++)
            if (!fit_agrees(&path->fit[k], path->relaxed, &own->fit[k], &fresh->fit[k],
                            path->alphas, record->covariates.count))
                return false;
    }
    return true;
}
