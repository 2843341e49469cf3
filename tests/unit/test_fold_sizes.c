/* SPDX-License-Identifier: BSD-3-Clause
 * Folds that are too small are said to be, with the reason, and no others. And the errors of
 * leave-one-out at alpha = 0 are those of its closed form, e_i / (1 - h_i), h the diagonal of the
 * hat matrix (Allen 1974). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/fold_sizes.h"
#include "support/small_run.h"

/* What is said of n rows dealt to K folds, after `lost` rows in none. */
static bool warned(int64_t n, int64_t lost, int32_t folds, char *text) {
    int32_t *fold = small_room((size_t)(n + lost), sizeof *fold);
    for (int64_t i = 0; i < n + lost; i++)
        fold[i] = i < lost ? RI_NO_FOLD : (int32_t)((i - lost) % folds);
    ri_fold_sizes sizes = ri_fold_sizes_of(fold, n + lost, folds, 1);
    assert_int_equal(sizes.rows, n);
    assert_int_equal(sizes.held, n / folds);
    assert_int_equal(sizes.train, n - (n + folds - 1) / folds);
    free(fold);
    return ri_fold_sizes_warn(&sizes, text, 512);
}

static void small_folds_are_said(void **state) {
    (void)state;
    char text[512];
    assert_false(warned(50, 3, 10, text));
    assert_string_equal(text, "");
    assert_true(warned(49, 0, 10, text));
    assert_non_null(strstr(text, "holds out only 4 samples"));
    assert_non_null(strstr(text, "9 folds or fewer"));
    assert_true(warned(22, 0, 4, text));
    assert_non_null(strstr(text, "only 16 samples to train on"));
    assert_non_null(strstr(text, "more folds"));
    assert_false(warned(30, 2, 30, text)); /* leave-one-out, knowingly */
    assert_true(warned(12, 0, 12, text));
    assert_non_null(strstr(text, "only 11 samples to train on"));
    assert_null(strstr(text, "more folds"));
}

/* Columns 1, x_1, ... of n rows orthonormalised: h_i = sum_q q_i^2; e = y less its projection. */
static void hat_diagonal(const small_problem *s, long double *h, long double *e) {
    int64_t n = s->design.n, p = s->design.p;
    long double *q = small_room((size_t)(n * (p + 1)), sizeof *q);
    for (int64_t i = 0; i < n; i++) {
        e[i] = s->y[i];
        h[i] = 0;
    }
    for (int64_t c = 0; c <= p; c++) {
        long double *v = q + c * n, square = 0, along = 0;
        for (int64_t i = 0; i < n; i++)
            v[i] = c == 0 ? 1 : s->x[(c - 1) * n + i];
        for (int64_t b = 0; b < 2 * c; b++) { /* twice */
            long double dot = 0, *u = q + b % c * n;
            for (int64_t i = 0; i < n; i++)
                dot += u[i] * v[i];
            for (int64_t i = 0; i < n; i++)
                v[i] -= dot * u[i];
        }
        for (int64_t i = 0; i < n; i++)
            square += v[i] * v[i];
        for (int64_t i = 0; i < n; i++) {
            v[i] /= sqrtl(square);
            along += v[i] * e[i];
            h[i] += v[i] * v[i];
        }
        for (int64_t i = 0; i < n; i++)
            e[i] -= along * v[i];
    }
    free(q);
}

static void leave_one_out_has_its_closed_form(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        small_design d = small_defaults();
        d.n = d.folds = 33;
        d.p = 12;
        d.seed = seed;
        d.to_zero = true;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        long double h[33], e[33], sum = 0, squares = 0;
        hat_diagonal(s, h, e);
        const ri_path *path = &run.record->path[0];
        int64_t last = path->alphas - 1;
        for (int64_t i = 0; i < d.n; i++) {
            long double error = e[i] / (1 - h[i]);
            double mse = path->fit[s->fold[i]].mse[last];
            assert_true(fabsl(mse - error * error) < 1e-8 * (error * error + 1));
            sum += error * error;
            squares += error * error * error * error;
        }
        long double mean = sum / 33, se = sqrtl((squares - 33 * mean * mean) / 32 / 33);
        assert_true(fabsl(path->mean[last] - mean) < 1e-8 * mean);
        assert_true(fabsl(path->se[last] - se) < 1e-8 * se);
        small_run_free(&run);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_folds_are_said),
        cmocka_unit_test(leave_one_out_has_its_closed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
