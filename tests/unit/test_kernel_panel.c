/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the product of panels: entry (i, j) of each is what it was, plus the sum of the products
 * of lane i of a first and lane j of the second panel by fma in row order, to the last bit in every
 * table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "kernel/kernel.h"

enum { MOST = 300, STRIDE = 8 * MOST + 5, PANELS = 8 };

static void outer_is_a_sum_in_row_order(void **unused) {
    (void)unused;
    static double a[PANELS * STRIDE + 1], b[8 * MOST + 1];
    for (uint64_t i = 0; i < sizeof a / sizeof *a; i++)
        a[i] = ri_random_normal(3, 1, i);
    for (uint64_t i = 0; i < sizeof b / sizeof *b; i++)
        b[i] = ri_random_normal(3, 2, i);
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int64_t count = 0; count <= MOST; count += count < 20 ? 1 : 37)
        for (int offset = 0; offset < 2; offset++) {
            double want[64 * PANELS], got[64 * PANELS + 2];
            for (int e = 0; e < 64 * PANELS; e++) {
                double sum = 0;
                for (int64_t t = 0; t < count; t++)
                    sum = fma(a[offset + e / 64 * STRIDE + 8 * t + e % 8],
                              b[offset + 8 * t + e % 64 / 8], sum);
                want[e] = e - 20.5 + sum;
            }
            for (int t = 0; t < tables; t++)
                for (int panels = 0; panels <= PANELS; panels++) {
                    for (int e = 0; e < 64 * PANELS + 2; e++)
                        got[e] = e - 20.5;
                    table[t]->outer(a + offset, STRIDE, panels, b + offset, count, got);
                    assert_memory_equal(got, want, (size_t)panels * 64 * sizeof *want);
                    assert_true(got[64 * panels] == 64 * panels - 20.5);
                    assert_true(got[64 * panels + 1] == 64 * panels - 19.5);
                }
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(outer_is_a_sum_in_row_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
