/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of turns: fits take them for the bytes that their factors are expected to have, in floats
 * and in doubles alike, and never where no factor grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/fit_extent.h"
#include "cv/turns.h"

enum { FOLDS = 10, FITS = FOLDS + 1 };
static const double LASSO = 1, MIXED = 0.02;

static ri_problem genotypes(int64_t n, double tol) {
    return (ri_problem){
        .x = {.storage = RI_PACKED2, .n = n, .p = 50000, .stride = ri_storage_bytes(RI_PACKED2, n)},
        .folds = FOLDS,
        .settings = {.tol = tol, .intercept = true, .standardize = true},
        .l1_ratios = 1,
        .l1_ratio = &LASSO,
        .alphas = 100,
        .blocks = 1};
}

/* As many samples as it takes until `FITS` fits take turns. */
static double bytes_where_they_begin(double tol) {
    int64_t n = 200;
    ri_problem problem = genotypes(n, tol);
    for (; n < 10000 && !ri_turns_pay(&problem, FITS); n += 10)
        problem = genotypes(n, tol);
    return FITS * ri_fit_extent_of(&problem, RI_MEMORY_EXPECTED).factor;
}

static void bytes_decide_and_not_entries(void **unused) {
    (void)unused;
    double floats = bytes_where_they_begin(1e-6), doubles = bytes_where_they_begin(1e-9);
    if (!(floats < 1.03 * doubles && doubles < 1.03 * floats))
        fail_msg("%.0f MB of floats, %.0f MB of doubles", floats / 1e6, doubles / 1e6);
    ri_problem problem = genotypes(2000, 1e-6);
    assert_false(ri_turns_pay(&problem, FITS));
    problem.settings.tol = 1e-9;
    assert_true(ri_turns_pay(&problem, FITS));
}

static void nothing_is_gained_without_factors(void **unused) {
    (void)unused;
    ri_problem problem = genotypes(4000, 1e-6);
    assert_true(ri_turns_pay(&problem, FITS));
    problem.settings.solver = RI_SOLVER_SHOOTING;
    assert_false(ri_turns_pay(&problem, FITS));
    problem.settings.solver = RI_SOLVER_AUTO;
    problem.l1_ratio = &MIXED; /* shoots from early on */
    assert_false(ri_turns_pay(&problem, FITS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_decide_and_not_entries),
        cmocka_unit_test(nothing_is_gained_without_factors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
