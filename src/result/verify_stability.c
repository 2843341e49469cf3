/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_stability.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static const double ROUNDING = 1e-9;

typedef struct tally {
    const ri_record *record;
    int32_t *now;  /* [p] half-samples that pick a feature at an alpha */
    int32_t *ever; /* [p] half-samples that have picked it at this alpha or above */
    uint8_t *met;  /* [folds * p] which of them */
    double *most;  /* [p] */
    int64_t picks; /* sum of `ever` */
} tally;

static void take_alpha(tally *t, int64_t a) {
    const ri_record *record = t->record;
    for (int64_t j = 0; j < record->p; j++)
        t->now[j] = 0;
    for (int32_t k = 0; k < record->folds; k++) {
        const ri_fit *fit = &record->path[0].fit[k];
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            int64_t j = fit->feature[e];
            bool penalised = !record->penalty_factor || record->penalty_factor[j] > 0;
            if (fit->coefficient[e] == 0 || !penalised)
                continue;
            uint8_t *met = &t->met[k * record->p + j];
            t->now[j]++;
            t->ever[j] += !*met;
            t->picks += !*met;
            *met = 1;
        }
    }
}

/* The stored frequencies at an alpha are those counted. */
static bool same_frequencies(const tally *t, int64_t a) {
    const ri_stability *s = &t->record->stability;
    int64_t e = s->start[a];
    for (int64_t j = 0; j < t->record->p; j++) {
        double stored = 0;
        if (e < s->start[a + 1] && s->feature[e] == j)
            stored = s->frequency[e++];
        if (!(fabs(stored * t->record->folds - t->now[j]) < ROUNDING))
            return false;
    }
    return e == s->start[a + 1];
}

/* The numbers of the region, which ends at the alpha just taken. */
static bool same_region(const tally *t) {
    const ri_record *record = t->record;
    const ri_stability *s = &record->stability;
    int64_t features = 0, selected = 0;
    double picked = (double)t->picks / record->folds;
    for (int64_t j = 0; j < record->p; j++) {
        features += !record->penalty_factor || record->penalty_factor[j] > 0;
        selected += t->ever[j] >= s->threshold * record->folds - ROUNDING;
        if (!(fabs(s->most[j] * record->folds - t->most[j]) < ROUNDING &&
              fabs(s->within[j] * record->folds - t->ever[j]) < ROUNDING))
            return false;
    }
    double bound = picked * picked / ((2 * s->threshold - 1) * (double)features);
    return s->features == features && s->selected == selected &&
           fabs(s->picked - picked) < ROUNDING &&
           fabs(s->bound - bound) <= ROUNDING * (1 + bound) && (s->region == 1 || bound <= s->pfer);
}

static bool same_stability(tally *t) {
    const ri_stability *s = &t->record->stability;
    bool same = true;
    for (int64_t a = 0; a < s->alphas && same; a++) {
        take_alpha(t, a);
        same = same_frequencies(t, a);
        for (int64_t j = 0; a < s->region && j < t->record->p; j++)
            t->most[j] = fmax(t->most[j], t->now[j]);
        if (a == s->region - 1)
            same = same && same_region(t);
        double picked = (double)t->picks / t->record->folds;
        if (a == s->region) /* a larger region would have been too large */
            same = same && picked * picked > s->pfer * (2 * s->threshold - 1) *
                                                 (double)s->features * (1 - ROUNDING);
    }
    return same;
}

ri_status ri_verify_stability(const ri_record *record, bool *agrees, ri_error *err) {
    size_t p = (size_t)record->p, folds = (size_t)record->folds;
    tally t = {.record = record};
    ri_status status = RI_OK;
    *agrees = true;
    if (record->stability.pairs == 0)
        return RI_OK;
    t.now = ri_calloc(p, sizeof *t.now);
    t.ever = ri_calloc(p, sizeof *t.ever);
    t.met = ri_calloc(folds * p, 1);
    t.most = ri_calloc(p, sizeof *t.most);
    if (t.now && t.ever && t.met && t.most)
        *agrees = 2 * record->stability.pairs == record->folds && same_stability(&t);
    else
        status = ri_fail_memory(err, "the selection frequencies", folds * p);
    free(t.now);
    free(t.ever);
    free(t.met);
    free(t.most);
    return status;
}
