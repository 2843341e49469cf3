/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the multi-residual product: entry (a, b) is, to the last bit, the dot of column a and
 * residual b by the plain table, whatever the shape, the number of rows and the alignment; nothing
 * outside the result is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "kernel/kernel.h"
#include "support/normals.h"

static double *draw(size_t count, uint32_t stream) {
    return draw_normals(count, 11, stream);
}

/* `shift` moves columns and residuals off alignment, each column by another amount. */
static void check_shape(int64_t columns, int64_t residuals, int64_t n, int shift) {
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    int64_t ldx = n + 8, ldr = n + shift, ldc = columns + shift % 3;
    double *x = draw((size_t)(columns * ldx), 1), *r = draw((size_t)(residuals * ldr + shift), 2);
    size_t size = (size_t)(residuals * ldc + 1);
    double *want = draw(size, 3), *got = draw(size, 3);
    const double **column = ri_alloc((size_t)columns, sizeof *column);
    assert_non_null(column);
    for (int64_t a = 0; a < columns; a++)
        column[a] = x + a * ldx + (a + shift) % 8;
    for (int64_t b = 0; b < residuals; b++)
        for (int64_t a = 0; a < columns; a++)
            want[a + b * ldc] = ri_kernel_plain.dot(column[a], r + shift + b * ldr, n);
    for (int t = 0; t < tables; t++) {
        for (size_t i = 0; i < size; i++)
            got[i] = ri_random_normal(11, 3, i);
        table[t]->product(column, columns, r + shift, ldr, residuals, n, got, ldc);
        assert_memory_equal(got, want, size * sizeof *got);
    }
    free(column);
    free(x);
    free(r);
    free(want);
    free(got);
}

static void test_small_shapes(void **state) {
    (void)state;
    for (int64_t columns = 1; columns <= 9; columns++)
        for (int64_t residuals = 1; residuals <= 13; residuals++)
            for (int64_t n = 0; n <= 40; n += residuals % 2 == 0 ? 3 : 4)
                check_shape(columns, residuals, n, (int)(columns + residuals + n) % 8);
}

static void test_all_lengths(void **state) {
    (void)state;
    for (int64_t n = 0; n <= 300; n++)
        for (int shift = 0; shift < 8; shift++)
            check_shape(5, 7, n, shift);
}

static void test_chunk_borders(void **state) {
    (void)state;
    static const int64_t around[] = {128, 256, 384, 512, 768, 1024, 2048};
    for (size_t k = 0; k < sizeof around / sizeof around[0]; k++)
        for (int64_t n = around[k] - 9; n <= around[k] + 9; n += 3) {
            check_shape(7, 9, n, 1);
            check_shape(13, 2, n, 0);
        }
}

static void test_large_shapes(void **state) {
    (void)state;
    static const int64_t shape[][3] = {{64, 1, 520},  {33, 3, 300},  {24, 36, 257}, {25, 37, 265},
                                       {49, 73, 530}, {8, 100, 511}, {64, 16, 513}, {1, 109, 90},
                                       {50, 5, 256},  {0, 5, 30},    {5, 0, 30},    {3, 40, 1500}};
    for (size_t k = 0; k < sizeof shape / sizeof shape[0]; k++)
        check_shape(shape[k][0], shape[k][1], shape[k][2], (int)k % 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_shapes),
        cmocka_unit_test(test_all_lengths),
        cmocka_unit_test(test_chunk_borders),
        cmocka_unit_test(test_large_shapes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
