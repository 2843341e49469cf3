/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the product of panels: entry (i, j) is what it was, plus the products of lane i of the
 * first and lane j of the second panel by fma in row order, to the last bit in every table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernel/kernel.h"

enum { MOST = 300 };

static void outer_is_a_sum_in_row_order(void **unused) {
    (void)unused;
    static double a[8 * MOST + 1], b[8 * MOST + 1];
    for (uint64_t i = 0; i < sizeof a / sizeof *a; i++) {
        a[i] = ri_random_normal(3, 1, i);
        b[i] = ri_random_normal(3, 2, i);
    }
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int64_t count = 0; count <= MOST; count += count < 20 ? 1 : 37)
        for (int offset = 0; offset < 2; offset++) {
            double want[64], got[66];
            for (int e = 0; e < 64; e++) {
                want[e] = e - 20.5;
                for (int64_t t = 0; t < count; t++)
                    want[e] = fma(a[offset + 8 * t + e % 8], b[offset + 8 * t + e / 8], want[e]);
            }
            for (int t = 0; t < tables; t++) {
                for (int e = 0; e < 66; e++)
                    got[e] = e - 20.5;
                table[t]->outer(a + offset, b + offset, count, got);
                assert_memory_equal(got, want, sizeof want);
                assert_true(got[64] == 43.5 && got[65] == 44.5);
            }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(outer_is_a_sum_in_row_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
