/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of what is left in the system's cache: nothing before threads are seen to wait, and nothing
 * where the arithmetic takes longer than the disk; all where they wait for most of the time, after
 * a few pieces; a short wait of a long pass changes nothing; filling goes on while the disk is
 * slower at all, and ends where it is not; a cache that lost what it had gets nothing more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/fill.h"

/* The pieces of these seconds after which the answer is `fills`; `most` where it never is. */
static int pieces_until(ri_fill *fill, bool fills, double waited, double used, int most) {
    int pieces = 0;
    while (fill->fills != fills && pieces < most) {
        ri_fill_note(fill, waited, used);
        pieces++;
    }
    return pieces;
}

static void slow_disk_fills_after_a_few_pieces(void **unused) {
    (void)unused;
    ri_fill fill = {0};
    assert_int_equal(pieces_until(&fill, true, 0.020, 0.001, 1000), RI_FILL_FEW);
    assert_int_equal(pieces_until(&fill, false, 0.020, 0.001, 1000), 1000);
    fill = (ri_fill){0};
    assert_int_equal(pieces_until(&fill, true, 0.001, 0, 1000), RI_FILL_FEW);
}

static void long_arithmetic_goes_past(void **unused) {
    (void)unused;
    ri_fill fill = {0};
    assert_int_equal(pieces_until(&fill, true, 0, 0.005, 1000), 1000);
    assert_int_equal(pieces_until(&fill, true, 0.0005, 0.005, 1000), 1000);
    assert_int_equal(pieces_until(&fill, true, 0, 0, 1000), 1000); /* a clock that stands */
}

static void a_third_of_waiting_fills_after_many_pieces(void **unused) {
    (void)unused;
    ri_fill fill = {0};
    assert_int_equal(pieces_until(&fill, true, 0.001, 0.002, 1000), RI_FILL_PIECES);
}

static void one_long_wait_changes_nothing(void **unused) {
    (void)unused;
    ri_fill fill = {0};
    for (int round = 0; round < 5; round++) {
        for (int piece = 1; piece < RI_FILL_PIECES; piece++) {
            ri_fill_note(&fill, 0, 0.005);
            assert_false(fill.fills);
        }
        ri_fill_note(&fill, 0.020, 0.005);
        assert_false(fill.fills);
    }
}

static void filling_ends_where_threads_no_longer_wait(void **unused) {
    (void)unused;
    ri_fill fill = {.fills = true};
    assert_int_equal(pieces_until(&fill, false, 0.0005, 0.005, 1000), 1000);
    fill = (ri_fill){.fills = true};
    assert_int_equal(pieces_until(&fill, false, 0.0001, 0.005, 1000), RI_FILL_PIECES);
    fill = (ri_fill){.fills = true};
    assert_int_equal(pieces_until(&fill, false, 0, 0, 1000), RI_FILL_PIECES);
}

static void cache_that_loses_gets_nothing(void **unused) {
    (void)unused;
    ri_fill fill = {.fills = true};
    ri_fill_lose(&fill);
    assert_false(fill.fills);
    assert_int_equal(pieces_until(&fill, true, 0.020, 0.001, 1000), 1000);
    assert_int_equal(pieces_until(&fill, true, 0.001, 0.002, 1000), 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slow_disk_fills_after_a_few_pieces),
        cmocka_unit_test(long_arithmetic_goes_past),
        cmocka_unit_test(a_third_of_waiting_fills_after_many_pieces),
        cmocka_unit_test(one_long_wait_changes_nothing),
        cmocka_unit_test(filling_ends_where_threads_no_longer_wait),
        cmocka_unit_test(cache_that_loses_gets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
