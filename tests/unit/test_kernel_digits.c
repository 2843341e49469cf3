/* SPDX-License-Identifier: BSD-3-Clause
 * Law of packed genotypes times whole numbers: every table gives the sum of the products, exactly,
 * for any shape, and reads nothing behind a column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "kernel/kernel.h"

enum { MOST_COLUMNS = 11, MOST_VECTORS = 9, UNTOUCHED = -77 };

/* What every 16 bits of a residual can be, the ends among them; or the higher 8 of them. */
static int64_t number(int64_t row, int64_t vector, bool high) {
    if (high)
        return 256 * ((int64_t)(ri_random_bits(9, (uint32_t)vector, (uint64_t)row) % 256) - 128);
    int64_t v = (int64_t)(ri_random_bits(9, (uint32_t)vector, (uint64_t)row) % 65001) - 32500;
    return vector == 1 ? 32512 + 127 : vector == 2 ? -32768 : v;
}

static int64_t expected(const uint8_t *column, int64_t vector, bool high, int64_t n) {
    static const int VALUE[4] = {2, 0, 1, 0};
    int64_t sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += VALUE[column[i / 4] >> (2 * (i % 4)) & 3] * number(i, vector, high);
    return sum;
}

static void check_shape(int64_t n, int64_t columns, int64_t vectors, bool high) {
    const ri_kernel *table[3];
    const int tables = ri_kernel_all(table);
    const size_t bytes = ri_storage_bytes(RI_PACKED2, n);
    const int64_t apart = ri_digit_bytes(n) + 64;
    uint8_t *own[MOST_COLUMNS];
    const void *column[MOST_COLUMNS];
    int8_t *digit = ri_calloc((size_t)(vectors * apart), 1);
    assert_non_null(digit);
    for (int64_t a = 0; a < columns; a++) {
        column[a] = own[a] = ri_alloc(bytes, 1); /* exactly: reading past it is caught */
        assert_non_null(own[a]);
        for (size_t i = 0; i < bytes; i++)
            own[a][i] = a == 1 ? 0 : (uint8_t)ri_random_bits(8, (uint32_t)a, i);
    }
    for (int64_t b = 0; b < vectors; b++)
        for (int64_t i = 0; i < n; i++) {
            int64_t v = number(i, b, high), upper = (v + 128 + 65536) / 256 - 256;
            digit[b * apart + ri_digit_place(i)] = (int8_t)upper;
            digit[b * apart + ri_digit_place(i) + 64] = (int8_t)(v - 256 * upper);
        }
    const ri_digits all = {digit, apart, vectors, high};
    for (int t = 0; t < tables; t++) {
        int64_t c[MOST_VECTORS * (MOST_COLUMNS + 1)];
        for (size_t i = 0; i < sizeof c / sizeof *c; i++)
            c[i] = UNTOUCHED;
        table[t]->digit_products(column, columns, &all, n, c, columns + 1);
        for (int64_t b = 0; b < vectors; b++) {
            for (int64_t a = 0; a < columns; a++)
                assert_int_equal(c[a + b * (columns + 1)], expected(own[a], b, high, n));
            assert_int_equal(c[columns + b * (columns + 1)], UNTOUCHED);
        }
    }
    for (int64_t a = 0; a < columns; a++)
        free(own[a]);
    free(digit);
}

static void test_products_are_exact(void **state) {
    (void)state;
    static const int64_t ROWS[] = {1, 3, 4, 63, 64, 255, 256, 257, 700, 2048, 2051, 4100};
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++)
        for (int64_t columns = 1; columns <= MOST_COLUMNS; columns += 3)
            for (int64_t vectors = 1; vectors <= MOST_VECTORS; vectors++)
                for (int high = 0; high < 2; high++)
                    check_shape(ROWS[r], columns, vectors, high);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products_are_exact)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
