/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/stability.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cv/record.h"

void ri_stability_free(ri_stability *s) {
    free(s->most);
    free(s->within);
    free(s->start);
    free(s->feature);
    free(s->frequency);
    *s = (ri_stability){0};
}

bool ri_stability_holds(const ri_stability *s, int64_t feature) {
    double halves = 2 * s->pairs, picks = rint(s->within[feature] * halves);
    return picks > 0 && picks >= s->threshold * halves - 1e-9;
}

double ri_stability_bound(double picked, double features, double threshold) {
    return picked * picked / ((2 * threshold - 1) * features);
}

double ri_stability_unimodal(double picked, double features, double threshold, int32_t pairs) {
    double theta = picked / features, step = 1 / (2.0 * pairs), constant;
    double tau = ceil(threshold / step - 1e-9) * step; /* what a frequency must be to reach it */
    double least = fmin(0.5 + theta * theta, 0.5 + step + 0.75 * theta * theta);
    if (!(theta <= 1 / sqrt(3)) || !(tau > least) || tau < 0.5 + 2 * step - 1e-9)
        return (double)NAN;
    if (tau <= 0.75 + 1e-9)
        constant = 1 / (2 * (2 * tau - 1 - step));
    else
        constant = 4 * (1 - tau + step) / (1 + 2 * step);
    return constant * theta * picked;
}

static bool takes_part(const ri_record *record, int64_t feature) {
    return !record->penalty_factor || record->penalty_factor[feature] > 0;
}

/* Adds one to the count of every feature of a fit at an alpha. */
static void count_support(const ri_record *record, const ri_fit *fit, int64_t a, int32_t *count) {
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++)
        count[fit->feature[e]] += fit->coefficient[e] != 0 && takes_part(record, fit->feature[e]);
}

/* Frequencies along alpha. `count` [p] is zero, before and after. */
static ri_status count_along(const ri_record *record, ri_stability *s, int32_t *count,
                             ri_error *err) {
    const ri_path *path = &record->path[0];
    size_t feature_room = 0, frequency_room = 0;
    int64_t entries = 0;
    for (int64_t a = 0; a < path->alphas; a++) {
        for (int32_t k = 0; k < record->folds; k++)
            count_support(record, &path->fit[k], a, count);
        for (int64_t j = 0; j < record->p; j++) {
            if (count[j] == 0)
                continue;
            size_t need = (size_t)entries + 1;
            if (!ri_grow(&s->feature, &feature_room, need, sizeof *s->feature) ||
                !ri_grow(&s->frequency, &frequency_room, need, sizeof *s->frequency))
                return ri_fail_memory(err, "the selection frequencies", 16 * need);
            s->feature[entries] = j;
            s->frequency[entries++] = (double)count[j] / record->folds;
            count[j] = 0;
        }
        s->start[a + 1] = entries;
    }
    return RI_OK;
}

/* Goes down the alphas of every fit: `fresh` [alphas] counts what it picks for the first time
 * there, `ever` [p] the fits that pick a feature above alpha `end`. `seen` [p] is room. */
static void count_ever(const ri_record *record, int64_t end, int64_t *fresh, int32_t *ever,
                       int32_t *seen) {
    for (int64_t j = 0; j < record->p; j++)
        seen[j] = -1;
    for (int32_t k = 0; k < record->folds; k++) {
        const ri_fit *fit = &record->path[0].fit[k];
        for (int64_t a = 0; a < end; a++)
            for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
                int64_t j = fit->feature[e];
                if (fit->coefficient[e] == 0 || seen[j] == k || !takes_part(record, j))
                    continue;
                seen[j] = k;
                fresh[a]++;
                ever[j]++;
            }
    }
}

/* The largest region whose bound is at most pfer, at least one alpha. */
static void find_region(const ri_record *record, const int64_t *fresh, ri_stability *s) {
    int64_t picked = 0;
    s->region = 0;
    for (int64_t a = 0; a < s->alphas; a++) {
        picked += fresh[a];
        double q = (double)picked / record->folds;
        double bound = ri_stability_bound(q, (double)s->features, s->threshold);
        if (a > 0 && bound > s->pfer)
            break;
        s->region = a + 1;
        s->picked = q;
        s->bound = bound;
    }
    s->unimodal_bound =
        ri_stability_unimodal(s->picked, (double)s->features, s->threshold, s->pairs);
}

static void find_stable(const ri_record *record, const int32_t *ever, ri_stability *s) {
    for (int64_t e = 0; e < s->start[s->region]; e++)
        s->most[s->feature[e]] = fmax(s->most[s->feature[e]], s->frequency[e]);
    for (int64_t j = 0; j < record->p; j++) {
        s->within[j] = (double)ever[j] / record->folds;
        s->selected += ri_stability_holds(s, j);
    }
}

ri_status ri_stability_new(ri_record *record, double threshold, double pfer, ri_error *err) {
    ri_stability *s = &record->stability;
    size_t p = (size_t)record->p, alphas = (size_t)record->path[0].alphas;
    ri_stability_free(s);
    *s = (ri_stability){.pairs = record->folds / 2,
                        .threshold = threshold,
                        .pfer = pfer,
                        .alphas = record->path[0].alphas};
    for (int64_t j = 0; j < record->p; j++)
        s->features += takes_part(record, j);
    s->most = ri_calloc(p, sizeof *s->most);
    s->within = ri_calloc(p, sizeof *s->within);
    s->start = ri_calloc(alphas + 1, sizeof *s->start);
    int64_t *fresh = ri_calloc(alphas, sizeof *fresh);
    int32_t *count = ri_calloc(p, sizeof *count), *seen = ri_alloc(p, sizeof *seen);
    ri_status status = RI_OK;
    if (!s->most || !s->within || !s->start || !fresh || !count || !seen) {
        status = ri_fail_memory(err, "the selection frequencies", 24 * p);
        goto done;
    }
    RI_GO(count_along(record, s, count, err));
    count_ever(record, s->alphas, fresh, count, seen);
    find_region(record, fresh, s);
    for (int64_t j = 0; j < record->p; j++)
        count[j] = 0;
    count_ever(record, s->region, fresh, count, seen);
    find_stable(record, count, s);
done:
    free(fresh);
    free(count);
    free(seen);
    return status;
}
