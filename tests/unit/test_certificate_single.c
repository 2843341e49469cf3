/* SPDX-License-Identifier: BSD-3-Clause
 * Law: at tolerances for which factors are of floats every point is certified as it is with
 * doubles, by a gap computed anew in long double; with columns that depend on others, wholly or but
 * for little, and whatever the penalty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/check_run.h"

static void test_every_kind_of_problem(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < 60; c++) {
        small_design d = small_mixed(c, 7000);
        d.tol = 1e-6;
        d.solver = RI_SOLVER_NEWTON;
        d.eps = c % 3 ? 1e-2 : 1e-3;
        bad += check_design(&d);
    }
    assert_int_equal(bad, 0);
}

/* Every odd column becomes the one before it and `noise` of its own. */
static void pair_columns(small_problem *s, double noise) {
    const int64_t n = s->design.n;
    for (int64_t j = 1; j < s->design.p; j += 2)
        for (int64_t i = 0; i < n; i++)
            s->x[j * n + i] = s->x[(j - 1) * n + i] + noise * s->x[j * n + i];
    memcpy(s->stored, s->x, (size_t)(n * s->design.p) * sizeof *s->x);
}

static void test_columns_nearly_equal(void **state) {
    (void)state;
    int bad = 0;
    const double noise[] = {0.1, 0.03, 0.01, 3e-3, 1e-3, 1e-4, 1e-5, 1e-6};
    for (int k = 0; k < 16; k++) {
        small_design d = small_defaults();
        d.tol = 1e-6;
        d.n = 90;
        d.p = k % 2 ? 60 : 160;
        d.eps = 1e-3;
        d.alphas = 30;
        d.seed = 900 + (uint64_t)k;
        d.l1_ratio = k % 4 == 3 ? 0.9 : 1;
        d.solver = RI_SOLVER_NEWTON;
        small_problem *s = small_new(&d);
        pair_columns(s, noise[k / 2]);
        small_run run = small_solve(s, 1, false);
        bad += check_record(s, run.record);
        small_run_free(&run);
        small_free(s);
    }
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_of_problem),
        cmocka_unit_test(test_columns_nearly_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
