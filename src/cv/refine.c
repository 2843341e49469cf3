/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/refine.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cv/frequency.h"

static const double TOWARDS_ZERO = 1e-3;

/* `count` alphas strictly between two, log-spaced. */
static void space(double high, double low, int64_t count, double *alpha) {
    double ratio = low > 0 ? low / high : TOWARDS_ZERO;
    for (int64_t i = 0; i < count; i++)
        alpha[i] = high * pow(ratio, (double)(i + 1) / (double)(count + 1));
}

void ri_refine_grid(const ri_path *path, int64_t points, double *alpha) {
    int64_t at = path->index_min, last = path->alphas - 1;
    int64_t above = at == 0 ? 0 : at == last ? points : points / 2;
    if (at > 0)
        space(path->alpha[at - 1], path->alpha[at], above, alpha);
    if (at < last)
        space(path->alpha[at], path->alpha[at + 1], points - above, alpha + above);
    else if (at == 0) /* a grid of one alpha */
        space(path->alpha[0], 0, points, alpha);
}

/* Where a point of the merged path comes from. */
typedef struct origin {
    bool finer;
    int64_t index;
} origin;

typedef struct merge {
    const ri_path *side[2]; /* the path as it was, and that of the second run */
    origin *from;           /* [points] */
    int64_t points, n_all, covariates;
    int32_t folds;
    ri_metric metric;
} merge;

/* Both grids as one decreasing one; of equal alphas the first run's stays. */
static void order_points(merge *m) {
    const ri_path *a = m->side[0], *b = m->side[1];
    for (int64_t i = 0, k = 0; i < a->alphas || k < b->alphas;) {
        bool finer = i == a->alphas || (k < b->alphas && b->alpha[k] > a->alpha[i]);
        if (!finer && k < b->alphas && b->alpha[k] == a->alpha[i])
            k++;
        m->from[m->points++] = (origin){finer, finer ? k++ : i++};
    }
}

/* An array of the merged path out of those of both; `bytes` of one point. NULL without memory, or
 * where the first has none. */
static void *interleave(const merge *m, const void *first, const void *second, size_t bytes) {
    const char *const side[2] = {first, second};
    char *out = first ? ri_alloc((size_t)m->points, bytes) : NULL;
    for (int64_t i = 0; out && i < m->points; i++)
        memcpy(out + (size_t)i * bytes, side[m->from[i].finer] + (size_t)m->from[i].index * bytes,
               bytes);
    return out;
}

typedef struct member {
    size_t offset, bytes;
} member;

#define MEMBER(type, name)                                                                         \
    { offsetof(type, name), sizeof *((type *)0)->name }

/* Arrays with an entry for each alpha. */
static const member OF_FIT[] = {
    MEMBER(ri_fit, intercept), MEMBER(ri_fit, objective), MEMBER(ri_fit, gap),
    MEMBER(ri_fit, rounds),    MEMBER(ri_fit, certified), MEMBER(ri_fit, mse),
    MEMBER(ri_fit, mae),
};
static const member OF_PATH[] = {
    MEMBER(ri_path, alpha), MEMBER(ri_path, mean),     MEMBER(ri_path, mean_weighted),
    MEMBER(ri_path, se),    MEMBER(ri_path, mae_mean), MEMBER(ri_path, mae_se),
};

static const void *array_at(const void *of, size_t offset) {
    const void *array;
    memcpy(&array, (const char *)of + offset, sizeof array);
    return array;
}

/* Members of `out`, a fit or a path, out of those of both sides; false without memory. */
static bool merge_members(const merge *m, const void *first, const void *second, void *out,
                          const member *list, size_t members) {
    bool good = true;
    for (size_t k = 0; k < members; k++) {
        const void *a = array_at(first, list[k].offset);
        void *array = interleave(m, a, array_at(second, list[k].offset), list[k].bytes);
        memcpy((char *)out + list[k].offset, &array, sizeof array);
        good &= array || !a;
    }
    return good;
}

/* Errors by the metrics that only some families have. */
static bool merge_metrics(const merge *m, double *const first[], double *const second[],
                          double *out[]) {
    bool good = true;
    for (int k = 0; k < RI_METRICS; k++) {
        out[k] = interleave(m, first[k], second[k], sizeof(double));
        good &= out[k] || !first[k];
    }
    return good;
}

static bool merge_coefficients(const merge *m, const ri_fit *const side[2], ri_fit *out) {
    int64_t entries = 0;
    out->start = ri_calloc((size_t)m->points + 1, sizeof *out->start);
    for (int64_t i = 0; out->start && i < m->points; i++) {
        const int64_t *start = side[m->from[i].finer]->start + m->from[i].index;
        out->start[i + 1] = entries += start[1] - start[0];
    }
    out->feature = ri_alloc((size_t)entries, sizeof *out->feature);
    out->coefficient = ri_alloc((size_t)entries, sizeof *out->coefficient);
    if (!out->start || !out->feature || !out->coefficient)
        return false;
    for (int64_t i = 0; i < m->points; i++) {
        const ri_fit *fit = side[m->from[i].finer];
        int64_t first = fit->start[m->from[i].index], at = out->start[i];
        for (int64_t e = at; e < out->start[i + 1]; e++) {
            out->feature[e] = fit->feature[first + e - at];
            out->coefficient[e] = fit->coefficient[first + e - at];
        }
    }
    return true;
}

static bool merge_fit(const merge *m, const ri_fit *first, const ri_fit *second, ri_fit *out) {
    const ri_fit *const side[2] = {first, second};
    ri_fit_copy_facts(out, first);
    out->twins = first->twins > second->twins ? first->twins : second->twins;
    out->dependent = first->dependent > second->dependent ? first->dependent : second->dependent;
    bool good = merge_members(m, first, second, out, OF_FIT, sizeof OF_FIT / sizeof *OF_FIT);
    good &= merge_metrics(m, first->more, second->more, out->more);
    size_t covariates = (size_t)m->covariates * sizeof(double);
    out->covariate = interleave(m, first->covariate, second->covariate, covariates);
    return good && (out->covariate || !first->covariate) && merge_coefficients(m, side, out);
}

/* `path` becomes the merged one; as it was where there is no memory. */
static ri_status merge_path(merge *m, ri_path *path, ri_error *err) {
    const ri_path *a = m->side[0] = path, *b = m->side[1];
    size_t points = (size_t)(a->alphas + b->alphas);
    ri_path merged = *path;
    m->points = 0;
    m->from = ri_alloc(points, sizeof *m->from);
    if (!m->from)
        return ri_fail_memory(err, "the finer grid", points * sizeof *m->from);
    order_points(m);
    merged.alphas = m->points;
    bool good = merge_members(m, a, b, &merged, OF_PATH, sizeof OF_PATH / sizeof *OF_PATH);
    good &= merge_metrics(m, a->more_mean, b->more_mean, merged.more_mean);
    good &= merge_metrics(m, a->more_se, b->more_se, merged.more_se);
    size_t row = (size_t)m->n_all * sizeof(double);
    merged.prediction = interleave(m, a->prediction, b->prediction, row);
    merged.fit = ri_calloc((size_t)m->folds + 1, sizeof *merged.fit);
    good = good && (merged.prediction || !a->prediction) && merged.fit;
    for (int32_t k = 0; good && k <= m->folds; k++)
        good = merge_fit(m, &a->fit[k], &b->fit[k], &merged.fit[k]);
    free(m->from);
    if (!good) {
        ri_path_free(&merged, m->folds);
        return ri_fail_memory(err, "the finer grid", points * row);
    }
    ri_path_free(path, m->folds);
    *path = merged;
    ri_path_choose(path, m->metric);
    return RI_OK;
}

ri_status ri_record_merge(ri_record *record, const ri_record *finer, ri_error *err) {
    merge m = {
        .n_all = record->n_all, .folds = record->folds, .covariates = record->covariates.count};
    for (int64_t r = 0; r < record->paths; r++) {
        m.side[1] = &finer->path[r];
        RI_TRY(merge_path(&m, &record->path[r], err));
    }
    ri_record_choose(record);
    return ri_record_count_folds(record, err);
}
