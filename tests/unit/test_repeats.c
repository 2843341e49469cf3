/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of repeated cross-validation: every repeat shares the samples out anew, the first as a
 * single one would; each of its fits is, to the bit, the fit of a single cross-validation with the
 * folds of that repeat, by passes and by second moments; the curve is the mean over all folds, its
 * standard error their sd over the root of K; a held-out prediction is the mean over the repeats.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cv/plan.h"
#include "support/small_problem.h"
#include "support/small_run.h"

enum { R = 3, K = 4, N = 60 };

static void repeat_folds(const char *scheme, const int32_t *group, int64_t groups, int32_t *fold) {
    double y[N];
    for (int i = 0; i < N; i++)
        y[i] = i % 9 == 4 ? (double)NAN : (double)(i % 3);
    ri_fold_rule rule = {
        .scheme = scheme, .folds = K, .repeats = R, .seed = 7, .group = group, .groups = groups};
    int32_t single[N];
    ri_error err;
    assert_int_equal(ri_folds_repeat(&rule, N, y, fold, &err), RI_OK);
    assert_int_equal(ri_folds_make(scheme, K, 7, N, y, NULL, group, groups, single, &err), RI_OK);
    assert_memory_equal(fold, single, sizeof single);
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++) {
            if (isnan(y[i]))
                assert_int_equal(fold[r * N + i], RI_NO_FOLD);
            else
                assert_in_range(fold[r * N + i], r * K, r * K + K - 1);
        }
}

/* Pairs of samples that are together in one repeat and apart in the other. */
static int parted(const int32_t *fold, int r, int s) {
    int count = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < i; j++)
            count += (fold[r * N + i] == fold[r * N + j]) != (fold[s * N + i] == fold[s * N + j]);
    return count;
}

static void repeats_are_other_folds(void **unused) {
    (void)unused;
    static const char *const scheme[] = {"random", "stratified", "grouped"};
    int32_t fold[R * N], group[N];
    for (int i = 0; i < N; i++) /* sizes 1, 2, 3, ...: largest first would always be the same */
        group[i] = (int32_t)((sqrt(8.0 * i + 1) - 1) / 2);
    for (int k = 0; k < 3; k++) {
        repeat_folds(scheme[k], group, group[N - 1] + 1, fold);
        for (int r = 0; r < R; r++)
            for (int s = 0; s < r; s++)
                assert_true(parted(fold, r, s) > N);
    }
    for (int r = 0; r < R; r++)
        for (int i = 0; i < N; i++)
            for (int j = 0; j < i; j++)
                if (group[i] == group[j] && i % 9 != 4 && j % 9 != 4)
                    assert_int_equal(fold[r * N + i], fold[r * N + j]);
}

static void what_cannot_differ_is_refused(void **unused) {
    (void)unused;
    double y[N] = {0};
    int32_t fold[2 * N];
    ri_error err;
    ri_fold_rule rule = {.scheme = "modulo", .folds = K, .repeats = 2, .seed = 7};
    assert_int_equal(ri_folds_repeat(&rule, N, y, fold, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "same every time"));
    rule = (ri_fold_rule){.scheme = "random", .folds = N, .repeats = 2, .seed = 7};
    assert_int_equal(ri_folds_repeat(&rule, N, y, fold, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "as many folds as samples"));
    rule.repeats = 1;
    assert_int_equal(ri_folds_repeat(&rule, N, y, fold, &err), RI_OK);
}

static void same_fit(const ri_fit *fit, const ri_fit *single, int64_t alphas) {
    size_t points = (size_t)alphas;
    assert_memory_equal(fit->start, single->start, (points + 1) * sizeof *fit->start);
    size_t entries = (size_t)fit->start[alphas];
    assert_memory_equal(fit->feature, single->feature, entries * sizeof *fit->feature);
    assert_memory_equal(fit->coefficient, single->coefficient, entries * sizeof(double));
    assert_memory_equal(fit->intercept, single->intercept, points * sizeof(double));
    assert_memory_equal(fit->gap, single->gap, points * sizeof(double));
    if (fit->fold != RI_REFIT)
        assert_memory_equal(fit->mse, single->mse, points * sizeof(double));
}

/* Mean and standard error of the errors of all folds, and their weighted mean, in long double. */
static void check_curve(const small_problem *s, const ri_record *record) {
    const ri_path *path = &record->path[0];
    int64_t n = s->design.n;
    for (int64_t a = 0; a < path->alphas; a++) {
        long double sum = 0, squares = 0, weighted = 0, all = 0;
        for (int k = 0; k < R * K; k++)
            sum += path->fit[k].mse[a];
        for (int k = 0; k < R * K; k++)
            squares += powl(path->fit[k].mse[a] - sum / (R * K), 2);
        for (int64_t e = 0; e < R * n; e++)
            if (s->problem.fold[e] != RI_NO_FOLD) {
                long double w = s->weight ? s->weight[e % n] : 1;
                all += w;
                weighted += w * path->fit[s->problem.fold[e]].mse[a];
            }
        double mean = (double)(sum / (R * K));
        double se = (double)(sqrtl(squares / (R * K - 1)) / sqrtl(K));
        assert_true(fabs(path->mean[a] - mean) <= 1e-13 * mean);
        assert_true(fabs(path->se[a] - se) <= 1e-12 * mean);
        assert_true(fabs(path->mean_weighted[a] - (double)(weighted / all)) <= 1e-13 * mean);
    }
}

static void compare(const small_design *design, bool moments) {
    small_problem *s = small_new(design);
    int64_t n = s->design.n;
    int32_t *fold = small_room((size_t)(R * n), sizeof *fold), *own = s->fold;
    ri_fold_rule rule = {.scheme = "random", .folds = K, .repeats = R, .seed = 3};
    ri_error err;
    assert_int_equal(ri_folds_repeat(&rule, n, s->y, fold, &err), RI_OK);
    s->problem.fold = fold;
    s->problem.folds = R * K;
    s->problem.settings.repeats = R;
    small_run run = small_solve(s, 2, false);
    const ri_path *path = &run.record->path[0];
    assert_int_equal(ri_plan_by_moments(run.plan), moments);
    check_curve(s, run.record);
    size_t points = (size_t)(path->alphas * n);
    double *prediction = small_room(points, sizeof *prediction);
    for (int r = 0; r < R; r++) {
        for (int64_t i = 0; i < n; i++)
            own[i] = fold[r * n + i] == RI_NO_FOLD ? RI_NO_FOLD : fold[r * n + i] - r * K;
        s->problem.fold = own;
        s->problem.folds = K;
        s->problem.settings.repeats = 1;
        small_run single = small_solve(s, 1, true);
        const ri_path *once = &single.record->path[0];
        assert_memory_equal(path->alpha, once->alpha, (size_t)path->alphas * sizeof(double));
        for (int k = 0; k < K; k++)
            same_fit(&path->fit[r * K + k], &once->fit[k], path->alphas);
        if (r == 0)
            same_fit(&path->fit[R * K], &once->fit[K], path->alphas);
        for (size_t e = 0; e < points; e++)
            prediction[e] += once->prediction[e];
        small_run_free(&single);
    }
    for (size_t e = 0; e < points; e++) /* rows without a response come from refits */
        assert_true(fabs(prediction[e] / R - path->prediction[e]) <=
                    (isnan(s->y[e % (size_t)n]) ? 1e-8 : 1e-14) * (1 + fabs(path->prediction[e])));
    free(prediction);
    free(fold);
    small_run_free(&run);
    small_free(s);
}

static void repeats_are_single_runs_put_together(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.folds = K;
    d.missing_y = 0.1;
    d.p = 90;
    d.solver = RI_SOLVER_NEWTON;
    compare(&d, false);
    d.storage = RI_PACKED2;
    d.missing = 0.02;
    d.weights = UNEVEN;
    compare(&d, false);
    d = small_defaults();
    d.folds = K;
    d.n = 300;
    d.p = 40;
    d.missing_y = 0.1;
    d.alphas = 30;
    d.eps = 1e-3;
    compare(&d, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeats_are_other_folds),
        cmocka_unit_test(what_cannot_differ_is_refused),
        cmocka_unit_test(repeats_are_single_runs_put_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
