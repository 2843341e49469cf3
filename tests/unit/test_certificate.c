/* SPDX-License-Identifier: BSD-3-Clause
 * Law: every (fold, alpha) that is called certified is within its tolerance of the optimum, by a
 * duality gap computed anew in long double from values, weights and coefficients; and gap and
 * objective are the recorded ones. For every kind of penalty, weight, storage and data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/check_run.h"

static const double L1_RATIO[] = {1, 0.5, 0.1, 0.01, 0};
enum { L1_RATIOS = 5 };

static void test_intercept_scale_sign(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 8 * L1_RATIOS; c++) {
        small_design d = small_defaults();
        d.seed = 10 + (uint64_t)c;
        d.no_intercept = c & 1;
        d.raw = c & 2;
        d.positive = c & 4;
        d.l1_ratio = L1_RATIO[c / 8 % L1_RATIOS];
        d.n = c % 3 ? 25 : 60;
        d.p = c % 3 ? 70 : 20;
        d.folds = 2 + c % 2;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_weights_and_factors(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 12 * L1_RATIOS; c += 1 + c % 2) {
        small_design d = small_defaults();
        d.seed = 200 + (uint64_t)c;
        d.weights = (small_weights)(c % 3);
        d.factors = (small_factors)(c / 3 % 4);
        d.l1_ratio = L1_RATIO[c / 12];
        d.no_intercept = c % 5 == 0;
        d.positive = c % 7 == 0;
        d.n = c % 2 ? 30 : 50;
        d.p = c % 2 ? 60 : 25;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_storages_with_missing_values(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < RI_DENSE_COUNT * 8; c++) {
        small_design d = small_defaults();
        d.seed = 300 + (uint64_t)c;
        d.storage = (ri_storage)(c % RI_DENSE_COUNT);
        d.missing = c / 5 % 2 ? 0.08 : 0;
        d.no_intercept = c / 10 % 2;
        d.l1_ratio = c / 20 ? 0.5 : 1;
        d.weights = c % 2 ? EVEN : UNEVEN_AND_ZERO;
        d.missing_y = c % 3 ? 0 : 0.1;
        d.p = 45;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_every_oddity_at_once(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < RI_DENSE_COUNT * 8; c++) {
        small_design d = small_defaults();
        d.seed = 400 + (uint64_t)c;
        d.oddities = ODD_ALL;
        d.storage = (ri_storage)(c % RI_DENSE_COUNT);
        d.l1_ratio = L1_RATIO[c / 5 % 3];
        d.positive = c / 10 % 2;
        d.factors = (small_factors)(c / 5 % 4);
        d.missing = c % 2 ? 0.04 : 0;
        d.missing_y = c % 4 == 0 ? 0.1 : 0;
        d.weights = (small_weights)(c % 3);
        d.n = c % 3 ? 30 : 50;
        d.p = c % 3 ? 60 : 30;
        d.eps = 1e-3;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_far_means(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 10; c++) {
        small_design d = small_defaults();
        d.seed = 500 + (uint64_t)c;
        d.oddities = ODD_FAR;
        d.l1_ratio = L1_RATIO[c % L1_RATIOS];
        d.weights = (small_weights)(c / 5 % 3);
        d.missing = c % 2 ? 0.05 : 0;
        d.p = c % 2 ? 60 : 25;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_flat_response_in_a_fold(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 16; c++) {
        small_design d = small_defaults();
        d.seed = 600 + (uint64_t)c;
        d.oddities = ODD_FLAT;
        d.no_intercept = c & 1;
        d.weights = c & 2 ? UNEVEN : EVEN;
        d.factors = c & 4 ? SOME_FREE : ALL_ONE;
        d.l1_ratio = c & 8 ? 0.5 : 1;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_one_fold_a_sample(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 6; c++) {
        small_design d = small_defaults();
        d.seed = 700 + (uint64_t)c;
        d.n = 20;
        d.folds = 20;
        d.p = c % 2 ? 40 : 12;
        d.oddities = c % 3 ? ODD_ALL : 0;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_alpha_zero(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 24; c++) {
        small_design d = small_defaults();
        d.seed = 800 + (uint64_t)c;
        d.to_zero = true;
        d.l1_ratio = L1_RATIO[c % 3];
        d.n = c % 2 ? 24 : 60;
        d.p = c % 2 ? 60 : 20;
        d.positive = c / 6 % 2;
        d.factors = c / 12 ? SOME_FREE : ALL_ONE;
        d.weights = c % 4 == 3 ? UNEVEN_AND_ZERO : EVEN;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

static void test_engines(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 20; c++) {
        small_design d = small_defaults();
        d.seed = 900 + (uint64_t)c;
        d.solver = c % 2 ? RI_SOLVER_SHOOTING : RI_SOLVER_NEWTON;
        d.tol = c % 2 ? 1e-6 : 1e-9;
        d.l1_ratio = L1_RATIO[c / 2 % L1_RATIOS];
        d.oddities = c / 10 ? ODD_ALL : 0;
        d.positive = c / 2 % 2;
        d.factors = (small_factors)(c % 4);
        d.blocks = 1 + c % 3;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_intercept_scale_sign),
        cmocka_unit_test(test_weights_and_factors),
        cmocka_unit_test(test_storages_with_missing_values),
        cmocka_unit_test(test_every_oddity_at_once),
        cmocka_unit_test(test_far_means),
        cmocka_unit_test(test_flat_response_in_a_fold),
        cmocka_unit_test(test_one_fold_a_sample),
        cmocka_unit_test(test_alpha_zero),
        cmocka_unit_test(test_engines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
