/* SPDX-License-Identifier: BSD-3-Clause
 * Who is held out when. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cv/problem.h"

typedef struct keyed {
    uint64_t key;
    int64_t index;
    int64_t size; /* of a group; the stratum of a sample */
} keyed;

static int compare_keys(const void *a, const void *b) {
    const keyed *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* A draw that belongs to the sample's name (or index), not to its place in the file. */
static uint64_t draw(uint64_t seed, const ri_names *sample, int64_t i) {
    uint64_t id = (uint64_t)i;
    if (sample && sample->count > i) {
        const char *name = ri_names_get(sample, i);
        id = ri_hash(name, strlen(name), 0);
    }
    return ri_random_bits(seed, RI_STREAM_FOLD, id);
}

static ri_status deal_random(int32_t folds, uint64_t seed, int64_t n_all, const double *y,
                             const ri_names *sample, int32_t *fold, ri_error *err) {
    keyed *order = ri_alloc((size_t)n_all, sizeof *order);
    if (!order)
        return ri_fail_memory(err, "the shuffle of samples", 24ULL * (size_t)n_all);
    int64_t kept = 0;
    for (int64_t i = 0; i < n_all; i++)
        if (!isnan(y[i]))
            order[kept++] = (keyed){.key = draw(seed, sample, i), .index = i};
    qsort(order, (size_t)kept, sizeof *order, compare_keys);
    for (int64_t k = 0; k < kept; k++)
        fold[order[k].index] = (int32_t)(k % folds);
    free(order);
    return RI_OK;
}

static int compare_values(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Where strata begin: `value` (kept responses) is sorted; `border` receives their first values.
 * Returns their number, at most RI_MOST_CLASSES. */
static int find_strata(double *value, int64_t kept, double border[RI_MOST_CLASSES]) {
    qsort(value, (size_t)kept, sizeof *value, compare_values);
    int64_t classes = 0;
    for (int64_t i = 0; i < kept; i++)
        if (i == 0 || value[i] > value[i - 1]) {
            if (classes < RI_MOST_CLASSES)
                border[classes] = value[i];
            classes++;
        }
    if (classes <= RI_MOST_CLASSES)
        return (int)classes;
    for (int64_t k = 0; k < RI_MOST_CLASSES; k++)
        border[k] = value[k * kept / RI_MOST_CLASSES];
    return RI_MOST_CLASSES;
}

static int compare_strata(const void *a, const void *b) {
    const keyed *left = a, *right = b;
    if (left->size != right->size)
        return left->size < right->size ? -1 : 1;
    return compare_keys(a, b);
}

/* Dealt in turn, stratum after stratum. */
static ri_status deal_strata(int32_t folds, uint64_t seed, int64_t n_all, const double *y,
                             const ri_names *sample, int32_t *fold, ri_error *err) {
    keyed *order = ri_alloc((size_t)n_all, sizeof *order);
    double *value = ri_alloc((size_t)n_all, sizeof *value), border[RI_MOST_CLASSES];
    int64_t kept = 0;
    ri_status status = RI_OK;
    if (!order || !value) {
        status = ri_fail_memory(err, "the strata of samples", 32ULL * (size_t)n_all);
        goto done;
    }
    for (int64_t i = 0; i < n_all; i++)
        if (!isnan(y[i]))
            value[kept++] = y[i];
    int strata = find_strata(value, kept, border);
    kept = 0;
    for (int64_t i = 0; i < n_all; i++) {
        int s = strata - 1;
        if (isnan(y[i]))
            continue;
        while (s > 0 && y[i] < border[s])
            s--;
        order[kept++] = (keyed){.key = draw(seed, sample, i), .index = i, .size = s};
    }
    qsort(order, (size_t)kept, sizeof *order, compare_strata);
    for (int64_t k = 0; k < kept; k++)
        fold[order[k].index] = (int32_t)(k % folds);
done:
    free(order);
    free(value);
    return status;
}

static int32_t smallest_fold(const int64_t *size, int32_t folds) {
    int32_t best = 0;
    for (int32_t k = 1; k < folds; k++)
        best = size[k] < size[best] ? k : best;
    return best;
}

static int compare_sizes(const void *a, const void *b) {
    const keyed *left = a, *right = b;
    if (left->size != right->size)
        return left->size > right->size ? -1 : 1;
    return compare_keys(a, b);
}

/* Groups in order, ties shuffled, each to the smallest fold. */
static ri_status deal_groups(const ri_fold_rule *rule, int (*order_by)(const void *, const void *),
                             int64_t n_all, const double *y, int32_t *fold, ri_error *err) {
    const int32_t folds = rule->folds, *group = rule->group;
    const int64_t groups = rule->groups;
    keyed *order = ri_calloc((size_t)groups, sizeof *order);
    int64_t *size = ri_calloc((size_t)folds, sizeof *size);
    int32_t *home = ri_calloc((size_t)groups, sizeof *home);
    ri_status status = RI_OK;
    if (!order || !size || !home) {
        status = ri_fail_memory(err, "the groups of samples", 36ULL * (size_t)groups);
    } else {
        int64_t used = 0;
        for (int64_t g = 0; g < groups; g++)
            order[g] =
                (keyed){.key = ri_random_bits(rule->seed, RI_STREAM_FOLD, (uint64_t)g), .index = g};
        for (int64_t i = 0; i < n_all; i++)
            order[group[i]].size += !isnan(y[i]);
        for (int64_t g = 0; g < groups; g++)
            used += order[g].size > 0;
        if (used < folds)
            status = ri_fail(err, RI_BAD_INPUT,
                             "--folds %d: only %lld groups have samples with a response; use fewer "
                             "folds or another group column",
                             folds, (long long)used);
        qsort(order, (size_t)groups, sizeof *order, order_by);
        for (int64_t g = 0; g < groups; g++) {
            int32_t k = smallest_fold(size, folds);
            home[order[g].index] = k;
            size[k] += order[g].size;
        }
        for (int64_t i = 0; i < n_all; i++)
            if (!isnan(y[i]))
                fold[i] = home[group[i]];
    }
    free(order);
    free(size);
    free(home);
    return status;
}

/* One sharing out; `first` is true of repeat 0. */
static ri_status deal(const ri_fold_rule *rule, bool first, int64_t n_all, const double *y,
                      int32_t *fold, ri_error *err) {
    const char *scheme = rule->scheme;
    const int32_t folds = rule->folds;
    int64_t kept = 0;
    for (int64_t i = 0; i < n_all; i++) {
        fold[i] = RI_NO_FOLD;
        kept += !isnan(y[i]);
    }
    if (folds < 2)
        return ri_fail(err, RI_BAD_INPUT, "--folds %d: at least 2 folds are needed", folds);
    if (folds > kept)
        return ri_fail(err, RI_BAD_INPUT,
                       "--folds %d: only %lld samples have a response; use at most that many folds",
                       folds, (long long)kept);
    if (strcmp(scheme, "random") == 0)
        return deal_random(folds, rule->seed, n_all, y, rule->sample, fold, err);
    if (strcmp(scheme, "stratified") == 0)
        return deal_strata(folds, rule->seed, n_all, y, rule->sample, fold, err);
    if (strcmp(scheme, "grouped") == 0)
        return deal_groups(rule, first ? compare_sizes : compare_keys, n_all, y, fold, err);
    bool modulo = strcmp(scheme, "modulo") == 0;
    if (!modulo && strcmp(scheme, "contiguous") != 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--fold-scheme %s: is not one of modulo, contiguous, random, stratified, "
                       "grouped",
                       scheme);
    for (int64_t i = 0, k = 0; i < n_all; i++)
        if (!isnan(y[i])) {
            fold[i] = (int32_t)(modulo ? k % folds : k * folds / kept);
            k++;
        }
    return RI_OK;
}

ri_status ri_folds_make(const char *scheme, int32_t folds, uint64_t seed, int64_t n_all,
                        const double *y, const ri_names *sample, const int32_t *group,
                        int64_t groups, int32_t *fold, ri_error *err) {
    ri_fold_rule rule = {.scheme = scheme,
                         .folds = folds,
                         .seed = seed,
                         .sample = sample,
                         .group = group,
                         .groups = groups};
    return deal(&rule, true, n_all, y, fold, err);
}

/* What can be shared out in one way only cannot be repeated. */
static ri_status check_repeats(const ri_fold_rule *rule, int64_t n_all, const double *y,
                               ri_error *err) {
    int64_t kept = 0;
    for (int64_t i = 0; i < n_all; i++)
        kept += !isnan(y[i]);
    if (strcmp(rule->scheme, "modulo") == 0 || strcmp(rule->scheme, "contiguous") == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--repeats %d: the folds of the scheme %s are the same every time; leave it "
                       "out, or use random, stratified or grouped",
                       rule->repeats, rule->scheme);
    if (rule->folds == kept)
        return ri_fail(err, RI_BAD_INPUT,
                       "--repeats %d: with as many folds as samples (%d) every repeat is the same; "
                       "leave it out, or use fewer folds",
                       rule->repeats, rule->folds);
    if (rule->folds > INT32_MAX / 2 / rule->repeats)
        return ri_fail(err, RI_BAD_INPUT, "--repeats %d times --folds %d are too many fits",
                       rule->repeats, rule->folds);
    return RI_OK;
}

ri_status ri_folds_repeat(const ri_fold_rule *rule, int64_t n_all, const double *y, int32_t *fold,
                          ri_error *err) {
    if (rule->repeats > 1)
        RI_TRY(check_repeats(rule, n_all, y, err));
    for (int32_t r = 0; r == 0 || r < rule->repeats; r++) {
        ri_fold_rule own = *rule;
        int32_t *at = fold + r * n_all;
        if (r > 0)
            own.seed = ri_random_bits(rule->seed, RI_STREAM_REPEAT, (uint64_t)r);
        RI_TRY(deal(&own, r == 0, n_all, y, at, err));
        for (int64_t i = 0; i < n_all; i++)
            at[i] += at[i] == RI_NO_FOLD ? 0 : r * rule->folds;
    }
    return RI_OK;
}
