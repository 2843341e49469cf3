/* SPDX-License-Identifier: BSD-3-Clause
 * What a run is expected to take, in bytes and operations, as laws: no clock is read. */
#include <math.h>
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

static void assert_close(double a, double b, double by) {
    assert_true(fabs(a - b) <= by);
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

static ri_team on_node(int ranks, int threads) {
    return (ri_team){.ranks = ranks, .ranks_on_node = ranks, .threads = threads};
}

/* Ranks of a node read X less often together than each for itself, and no less than one does; what
 * they multiply is the same. */
static void ranks_of_a_node_share_passes(void **unused) {
    (void)unused;
    ri_problem problem = problem_of(RI_F64, 500, 50000, 11); /* 12 fits */
    ri_cost cost = ri_cost_of(&problem);
    for (int ranks = 2; ranks <= 4; ranks++) {
        ri_team together = on_node(ranks, 1), apart = together, one = on_node(1, 1);
        apart.ranks_on_node = 1; /* as many nodes */
        assert_true(ri_memory_together(&problem, &together));
        assert_false(ri_memory_together(&problem, &apart));
        double with = ranks * ri_cost_passing(&problem, &cost, &together);
        double without = ranks * ri_cost_passing(&problem, &cost, &apart);
        double alone = ri_cost_passing(&problem, &cost, &one);
        assert_true(with < without);
        assert_true(with > alone);
        /* beyond products, it is reads of X that differ */
        double products = 12 * cost.screening;
        double reads = ri_memory_reads(&problem, &apart) * cost.reading;
        assert_close(without, products + ranks * reads, 1e-9 * without);
        assert_true(with >= products + reads);
    }
}

/* 11 fits on 2 ranks: one has 6 and the other 5, but both make the passes of 11. */
static void passes_together_are_even(void **unused) {
    (void)unused;
    ri_problem problem = problem_of(RI_F64, 500, 50000, 10);
    ri_cost cost = ri_cost_of(&problem);
    cost.reading = 0;
    ri_team together = on_node(2, 1), apart = together;
    apart.ranks_on_node = 1;
    assert_close(ri_cost_passing(&problem, &cost, &together), 5.5 * cost.screening,
                 1e-9 * cost.screening);
    assert_close(ri_cost_passing(&problem, &cost, &apart), 6 * cost.screening,
                 1e-9 * cost.screening);
}

/* A small X is multiplied by each rank alone, and so is one that is streamed or split. */
static void passes_are_made_apart_where_they_are(void **unused) {
    (void)unused;
    ri_problem small = problem_of(RI_F64, 100, 200, 4), large = problem_of(RI_F64, 500, 50000, 4);
    ri_team team = on_node(2, 1), split = team, streamed = team;
    split.shard = 2;
    streamed.streamed = true;
    assert_false(ri_memory_together(&small, &team));
    assert_true(ri_memory_together(&large, &team));
    assert_false(ri_memory_together(&large, &split));
    assert_false(ri_memory_together(&large, &streamed));
}

/* The factor of a fit is gone when its result is made: a fit in hand has the larger of the two.
 * What fits leave is there of all of them, in hand or not. */
static void results_and_factors_are_not_there_together(void **unused) {
    (void)unused;
    const ri_team team = {.ranks = 1, .ranks_on_node = 1, .threads = 1};
    ri_problem few = problem_of(RI_F64, 2000, 10000, 5), many = few;
    many.alphas = 200;
    ri_memory of_few = ri_memory_of(&few, &team, RI_MEMORY_EXPECTED);
    ri_memory of_many = ri_memory_of(&many, &team, RI_MEMORY_EXPECTED);
    double support = ri_memory_support(&few), more = 100 * 16 * support / 2; /* 100 alphas */
    assert_true(ri_memory_support(&many) == support);
    assert_true(of_few.factor > 2 * more);
    assert_true(of_many.a_fit < of_few.a_fit + 0.1 * more); /* windows are narrower, if anything */
    assert_close(of_many.done - of_few.done, 6 * more, 1e-6 * more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_rows_with_a_response_are_fitted),
        cmocka_unit_test(grid_is_that_of_rows_with_a_response),
        cmocka_unit_test(ranks_of_a_node_share_passes),
        cmocka_unit_test(passes_together_are_even),
        cmocka_unit_test(passes_are_made_apart_where_they_are),
        cmocka_unit_test(results_and_factors_are_not_there_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
