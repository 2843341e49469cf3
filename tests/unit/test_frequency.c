/* SPDX-License-Identifier: BSD-3-Clause
 * The selection frequency of a feature is the number of folds whose fit at the chosen alpha gives
 * it a coefficient, over the number of folds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/small_run.h"

static void frequencies_count_the_fits_of_the_folds(void **state) {
    (void)state;
    for (int blocks = 1; blocks <= 3; blocks += 2) {
        small_design d = small_defaults();
        d.folds = 7;
        d.oddities = ODD_ALL;
        d.blocks = blocks;
        small_problem *problem = small_new(&d);
        small_run run = small_solve(problem, 1, false);
        const ri_record *record = run.record;
        const ri_path *path = ri_record_selected(record);
        bool between = false;
        for (int64_t j = 0; j < d.p; j++) {
            int count = 0;
            for (int32_t k = 0; k < d.folds; k++)
                count += small_coefficient(&path->fit[k], record->index_selected, j) != 0;
            assert_true(record->frequency[j] == count / 7.0);
            between |= count > 0 && count < 7;
        }
        assert_true(between); /* the problem is not too easy */
        small_run_free(&run);
        small_free(problem);
    }
}

static void without_folds_there_is_none(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.folds = 0;
    small_problem *problem = small_new(&d);
    small_run run = small_solve(problem, 1, false);
    assert_null(run.record->frequency);
    small_run_free(&run);
    small_free(problem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_count_the_fits_of_the_folds),
        cmocka_unit_test(without_folds_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
