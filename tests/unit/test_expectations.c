/* SPDX-License-Identifier: BSD-3-Clause
 * What a run is expected to take, in bytes and operations, as laws: no clock is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/cost.h"
#include "cv/memory.h"
#include "cv/passes.h"

static const double LASSO = 1;

static ri_problem problem_of(ri_storage storage, int64_t n, int64_t p, int32_t folds) {
    return (ri_problem){
        .x = {.storage = storage, .n = n, .p = p, .stride = ri_storage_bytes(storage, n)},
        .folds = folds,
        .settings = {.tol = 1e-6, .intercept = true, .standardize = true},
        .l1_ratios = 1,
        .l1_ratio = &LASSO,
        .alphas = 100,
        .blocks = 1};
}

/* Rows without a response take room in columns, and nothing else. */
static void only_rows_with_a_response_are_fitted(void **unused) {
    (void)unused;
    const ri_team team = {.ranks = 1, .ranks_on_node = 1, .threads = 1};
    ri_problem few = problem_of(RI_I8, 600, 8000, 5), some = problem_of(RI_I8, 1500, 8000, 5);
    ri_problem all = some;
    some.kept = few.x.n;
    assert_true(ri_memory_support(&some) == ri_memory_support(&few));
    assert_true(ri_memory_support(&some) < 0.5 * ri_memory_support(&all));
    ri_memory of_few = ri_memory_of(&few, &team, RI_MEMORY_EXPECTED);
    ri_memory of_some = ri_memory_of(&some, &team, RI_MEMORY_EXPECTED);
    assert_true(of_some.factor == of_few.factor);
    /* residuals and rows of 900 samples more */
    assert_true(of_some.a_fit - of_few.a_fit < 900 * 8 * 20);
    assert_true(ri_memory_estimate(&some, &team) < 0.8 * ri_memory_estimate(&all, &team));
}

/* A grid is shorter by default where p is not below the rows with a response, whatever the rest. */
static void grid_is_that_of_rows_with_a_response(void **unused) {
    (void)unused;
    ri_problem few = problem_of(RI_F64, 500, 1000, 5), some = problem_of(RI_F64, 1200, 1000, 5);
    few.settings.solver = some.settings.solver = RI_SOLVER_NEWTON;
    ri_problem all = some;
    some.kept = few.x.n;
    assert_true(ri_passes_of(&some).points == ri_passes_of(&few).points);
    assert_true(ri_memory_support(&some) == ri_memory_support(&few));
    assert_true(ri_cost_of(&some).descent < ri_cost_of(&all).descent);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rows_with_a_response_are_fitted),
        cmocka_unit_test(grid_is_that_of_rows_with_a_response),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
