/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the ledger: its words name the members of its struct in their order; the imbalance is how
 * much longer than the mean the busiest rank worked, and waiting, reading and planning are no work;
 * a run's accounts hold what was done: every unit's time is positive, and, on one thread, that of
 * all units is that of screening and descent. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "cv/ledger.h"
#include "support/small_problem.h"
#include "support/small_run.h"

static void words_name_the_columns(void **state) {
    (void)state;
    ri_ledger l = {.reading = 1, .waiting = 5, .points = 9};
    const double *column = (const double *)(const void *)&l;
    assert_int_equal(RI_LEDGER_COLUMNS, 9);
    assert_string_equal(ri_ledger_word[0], "reading");
    assert_true(column[0] == 1);
    assert_string_equal(ri_ledger_word[4], "waiting");
    assert_true(column[4] == 5);
    assert_string_equal(ri_ledger_word[8], "points");
    assert_true(column[8] == 9);
}

static void imbalance_is_that_of_work(void **state) {
    (void)state;
    ri_ledger even[2] = {{.screening = 1, .descent = 2, .waiting = 9},
                         {.descent = 3, .reading = 7}};
    ri_ledger uneven[2] = {{.screening = 1, .descent = 3}, {.descent = 2}};
    ri_ledger idle[2] = {{.reading = 1}, {.waiting = 1}};
    assert_true(ri_ledger_imbalance(even, 2) == 0);
    assert_true(fabs(ri_ledger_imbalance(uneven, 2) - 1.0 / 3) < 1e-15);
    assert_true(ri_ledger_imbalance(idle, 2) == 0);
}

/* The last progress of a run. */
static int keep_progress(void *context, const ri_progress *progress) {
    *(ri_progress *)context = *progress;
    return 0;
}

static void accounts_of_a_run_add_up(void **state) {
    (void)state;
    small_design design = small_defaults();
    design.n = 60;
    design.p = 300;
    design.folds = 4;
    design.alphas = 30;
    design.solver = RI_SOLVER_NEWTON;
    small_problem *s = small_new(&design);
    ri_plan *plan = NULL;
    const ri_unit *unit;
    ri_progress last = {0};
    ri_error err = {0};
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &plan, &err), RI_OK);
    int64_t units = ri_plan_units(plan, &unit);
    ri_unit_result *result = ri_calloc((size_t)units, sizeof *result);
    assert_non_null(result);
    assert_int_equal(ri_units_run(plan, unit, units, 1, keep_progress, &last, result, &err), RI_OK);
    double sum = 0;
    for (int64_t u = 0; u < units; u++) {
        assert_true(result[u].seconds > 0);
        sum += result[u].seconds;
        ri_unit_result_free(&result[u]);
    }
    assert_int_equal(last.units_done, units);
    assert_true(last.screening > 0 && last.descent > 0);
    /* of descent the units have less, as a thread also goes from one to the next */
    assert_true(sum <= (last.screening + last.descent) * (1 + 1e-9));
    assert_true(sum >= last.screening * (1 - 1e-9));
    /* at least one product of all of X with a residual of each unit */
    assert_true(last.flops >= 2.0 * (double)units * 60 * 300);
    free(result);
    ri_plan_free(plan);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_name_the_columns),
        cmocka_unit_test(imbalance_is_that_of_work),
        cmocka_unit_test(accounts_of_a_run_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
