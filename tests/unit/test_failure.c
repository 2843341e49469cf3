/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of failures in a parallel loop: of several the one of the lowest index is told, for any
 * number of threads and order; without one nothing is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <omp.h>

#include "base/failure.h"

enum { COUNT = 200 };

static void the_lowest_failure_is_told(void **unused) {
    (void)unused;
    for (int threads = 1; threads <= 8; threads++)
        for (int64_t lowest = 0; lowest < COUNT; lowest += 37) {
            ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
            for (int64_t k = 0; k < COUNT; k++) {
                int64_t at = COUNT - 1 - k; /* the highest first */
                ri_error own;
                ri_status mine = RI_OK;
                if (at >= lowest && at % 3 == lowest % 3)
                    mine =
                        ri_fail(&own, at == lowest ? RI_BAD_INPUT : RI_SYSTEM, "block %d", (int)at);
                ri_failure_note(&failure, at, mine, &own);
            }
            char expected[32];
            snprintf(expected, sizeof expected, "block %d", (int)lowest);
            ri_error err;
            assert_int_equal(ri_failure_tell(&failure, &err), RI_BAD_INPUT);
            assert_int_equal(err.status, RI_BAD_INPUT);
            assert_string_equal(err.text, expected);
            assert_int_equal(ri_failure_tell(&failure, NULL), RI_BAD_INPUT);
            assert_false(ri_failure_before(&failure, lowest));
            assert_true(ri_failure_before(&failure, lowest + 1));
        }
}

static void without_a_failure_nothing_is_told(void **unused) {
    (void)unused;
    ri_failure failure = RI_NO_FAILURE;
    ri_error err = {.text = "as it was"};
    for (int64_t k = 0; k < COUNT; k++)
        ri_failure_note(&failure, k, RI_OK, NULL);
    assert_int_equal(ri_failure_tell(&failure, &err), RI_OK);
    assert_string_equal(err.text, "as it was");
    assert_false(ri_failure_before(&failure, COUNT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_lowest_failure_is_told),
        cmocka_unit_test(without_a_failure_nothing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
