/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cv/plan.h"

static int64_t count_kept(int64_t n, const double *y) {
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++)
        kept += !isnan(y[i]);
    return kept;
}

/* By the place of every sample in a shuffle: as many folds as samples. */
static ri_status draw_samples(const ri_split_rule *rule, int64_t n, const double *y, int64_t kept,
                              int64_t wanted, uint8_t *test, ri_error *err) {
    if (kept > INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT, "--test-fraction: %lld samples are too many",
                       (long long)kept);
    int32_t *place = ri_alloc((size_t)n, sizeof *place);
    if (!place)
        return ri_fail_memory(err, "the test samples", 4ULL * (size_t)n);
    ri_status status = ri_folds_make(rule->stratified ? "stratified" : "random", (int32_t)kept,
                                     ri_random_bits(rule->seed, RI_STREAM_TEST, 0), n, y,
                                     rule->sample, NULL, 0, place, err);
    for (int64_t i = 0; i < n && status == RI_OK; i++) {
        int64_t at = place[i];
        if (at == RI_NO_FOLD)
            continue;
        /* evenly along the strata, or the first ones */
        bool taken = rule->stratified ? (at + 1) * wanted / kept > at * wanted / kept : at < wanted;
        test[i] = taken ? 1 : 0;
    }
    free(place);
    return status;
}

typedef struct group {
    uint64_t key;
    int64_t index, size;
} group;

static int compare_groups(const void *a, const void *b) {
    const group *left = a, *right = b;
    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

/* Groups in random order, each taken where that brings the number nearer to the one wanted. */
static ri_status draw_groups(const ri_split_rule *rule, int64_t n, const double *y, int64_t wanted,
                             uint8_t *test, ri_error *err) {
    group *order = ri_calloc((size_t)rule->groups, sizeof *order);
    bool *taken = ri_calloc((size_t)rule->groups, sizeof *taken);
    if (!order || !taken) {
        free(order);
        free(taken);
        return ri_fail_memory(err, "the test samples", 25ULL * (size_t)rule->groups);
    }
    for (int64_t g = 0; g < rule->groups; g++)
        order[g] = (group){ri_random_bits(rule->seed, RI_STREAM_TEST, 1 + (uint64_t)g), g, 0};
    for (int64_t i = 0; i < n; i++)
        order[rule->group[i]].size += !isnan(y[i]);
    if (rule->groups > 0)
        qsort(order, (size_t)rule->groups, sizeof *order, compare_groups);
    int64_t size = 0;
    for (int64_t k = 0; k < rule->groups; k++) {
        int64_t with = size + order[k].size;
        if (order[k].size == 0 || llabs(with - wanted) > llabs(size - wanted))
            continue;
        taken[order[k].index] = true;
        size = with;
    }
    for (int64_t i = 0; i < n; i++)
        test[i] = !isnan(y[i]) && taken[rule->group[i]];
    free(order);
    free(taken);
    return RI_OK;
}

ri_status ri_split_draw(const ri_split_rule *rule, int64_t n, const double *y, uint8_t *test,
                        ri_error *err) {
    int64_t kept = count_kept(n, y), tests = 0;
    int64_t wanted = (int64_t)floor(rule->fraction * (double)kept + 0.5);
    memset(test, 0, (size_t)n);
    if (wanted < 1 || kept - wanted < 2)
        return ri_fail(
            err, RI_BAD_INPUT,
            "--test-fraction %g: of %lld samples with a response it leaves %lld to train "
            "on and %lld to test; at least 2 and 1 are needed",
            rule->fraction, (long long)kept, (long long)(kept - wanted), (long long)wanted);
    RI_TRY(rule->group ? draw_groups(rule, n, y, wanted, test, err)
                       : draw_samples(rule, n, y, kept, wanted, test, err));
    for (int64_t i = 0; i < n; i++)
        tests += test[i];
    if (tests == 0 || kept - tests < 2)
        return ri_fail(
            err, RI_BAD_INPUT,
            "--test-fraction %g: whole groups leave %lld samples to train on and %lld to "
            "test; the groups are too large, choose another fraction or other groups",
            rule->fraction, (long long)(kept - tests), (long long)tests);
    return RI_OK;
}

/* 1 - sum of squared errors / sum of squares about their mean; NaN where they do not vary. */
static double r2_of(const ri_problem *problem, const double *y, const ri_test *test, double mse) {
    double weight = 0, sum = 0, squares = 0;
    for (int64_t i = 0; i < problem->x.n; i++)
        if (test->row[i]) {
            double w = problem->weight ? problem->weight[i] : 1;
            weight += w;
            sum += w * y[i];
        }
    for (int64_t i = 0; i < problem->x.n; i++)
        if (test->row[i]) {
            double w = problem->weight ? problem->weight[i] : 1, d = y[i] - sum / weight;
            squares += w * d * d;
        }
    return squares > 0 ? 1 - mse * weight / squares : (double)NAN;
}

ri_status ri_split_judge(const ri_problem *problem, const double *y, ri_record *record,
                         ri_error *err) {
    ri_test *test = &record->test;
    const ri_path *path = ri_record_selected(record);
    const double *prediction = path->prediction + record->index_selected * record->n_all;
    ri_problem of = *problem;
    int32_t *row = ri_alloc((size_t)test->rows, sizeof *row);
    double *chosen = ri_alloc((size_t)test->rows, sizeof *chosen);
    ri_status status = RI_OK;
    of.y = y;
    if (!row || !chosen)
        status = ri_fail_memory(err, "the test samples", 12ULL * (size_t)test->rows);
    for (int64_t i = 0, k = 0; status == RI_OK && i < record->n_all; i++)
        if (test->row[i]) {
            row[k] = (int32_t)i;
            chosen[k++] = prediction[i];
        }
    if (status == RI_OK)
        status = ri_held_metrics(&of, row, test->rows, chosen, test->error, err);
    if (status == RI_OK)
        test->r2 = r2_of(problem, y, test, test->error[RI_MSE]);
    free(row);
    free(chosen);
    return status;
}
