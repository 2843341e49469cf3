/* SPDX-License-Identifier: BSD-3-Clause
 * Law of stored columns: decoding gives ri_element(...) - shift, 0 where missing, to the bit for
 * every storage, table, range and length; ri_element reads what the format says; and the missing
 * rows are those where it gives NaN. */
#include <math.h>
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

enum { ROWS = 5000 };

/* A column of exactly ri_storage_bytes bytes, so that reading past it is caught, with about one
 * missing value in nine (one in four for packed2). */
static void *make_column(ri_storage storage, int64_t n) {
    size_t bytes = ri_storage_bytes(storage, n);
    uint8_t *column = ri_alloc(bytes, 1);
    assert_non_null(column);
    for (size_t i = 0; i < bytes; i++)
        column[i] = (uint8_t)ri_random_bits(5, (uint32_t)storage, i);
    for (int64_t i = 0; i < n; i++) {
        uint64_t bits = ri_random_bits(6, (uint32_t)storage, (uint64_t)i);
        double v = bits % 9 == 0 ? (double)NAN : ri_random_normal(7, 1, (uint64_t)i);
        if (storage == RI_F64)
            ((double *)(void *)column)[i] = v;
        else if (storage == RI_F32)
            ((float *)(void *)column)[i] = (float)v;
        else if (storage == RI_I8 && bits % 9 == 0)
            column[i] = 0x80;
        else if (storage == RI_DOSAGE)
            column[i] = bits % 9 == 0 ? 255 : (uint8_t)(bits % 201);
    }
    return column;
}

static void check_range(ri_storage storage, const void *column, int64_t from, int64_t count,
                        double shift) {
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    static double want[ROWS + 8], got[ROWS + 8];
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++) {
        double v = ri_element(storage, column, from + i);
        missing += isnan(v);
        want[i] = isnan(v) ? 0.0 : v - shift;
    }
    want[count] = -7.0;
    for (int t = 0; t < tables; t++) {
        double *out = got + (from + count) % 8;
        out[count] = -7.0;
        assert_int_equal(table[t]->decode[storage](column, from, count, shift, out), missing);
        assert_memory_equal(out, want, (size_t)(count + 1) * sizeof *out);
    }
}

static void test_decode_is_element_minus_shift(void **state) {
    (void)state;
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        ri_storage storage = (ri_storage)s;
        for (int64_t n = 0; n <= 300; n++) {
            void *column = make_column(storage, n);
            for (int64_t from = 0; from <= n; from += from < 16 ? 4 : 52) {
                check_range(storage, column, from, n - from, 0.0);
                check_range(storage, column, from, (n - from) / 2, 1.0 / 3.0);
            }
            free(column);
        }
        void *column = make_column(storage, ROWS - 3);
        check_range(storage, column, 0, ROWS - 3, 0.7);
        check_range(storage, column, 4, 2048, -1e3);
        free(column);
    }
}

static void test_every_byte_has_its_value(void **state) {
    (void)state;
    static const double genotype[4] = {2.0, (double)NAN, 1.0, 0.0};
    uint8_t byte[256];
    for (int v = 0; v < 256; v++)
        byte[v] = (uint8_t)v;
    for (int v = 0; v < 256; v++) {
        double i8 = ri_element(RI_I8, byte, v), dosage = ri_element(RI_DOSAGE, byte, v);
        assert_true(v == 128 ? isnan(i8) : i8 == (v < 128 ? v : v - 256));
        assert_true(v == 255 ? isnan(dosage) : dosage == v / 100.0);
        for (int k = 0; k < 4; k++) {
            double got = ri_element(RI_PACKED2, byte, 4 * v + k), want = genotype[v >> (2 * k) & 3];
            assert_true(isnan(want) ? isnan(got) : got == want);
        }
    }
    for (int s = RI_I8; s < RI_DENSE_COUNT; s++)
        check_range((ri_storage)s, byte, 0, s == RI_PACKED2 ? 1024 : 256, 0.25);
}

static void test_missing_rows(void **state) {
    (void)state;
    static int32_t index[ROWS];
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        ri_storage storage = (ri_storage)s;
        for (int64_t n = 0; n < 2000; n += n < 70 ? 1 : 619) {
            void *column = make_column(storage, n);
            int64_t found = ri_missing_rows(storage, column, n, index), next = 0;
            for (int64_t i = 0; i < n; i++)
                if (isnan(ri_element(storage, column, i))) {
                    assert_true(next < found);
                    assert_int_equal(index[next++], i);
                }
            assert_int_equal(next, found);
            free(column);
        }
    }
}

static void test_names_and_sizes(void **state) {
    (void)state;
    static const char *const name[] = {"f64", "f32", "i8", "dosage", "packed2"};
    static const size_t bytes_of_9[] = {72, 36, 9, 9, 3}, bytes_of_8[] = {64, 32, 8, 8, 2};
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        assert_string_equal(ri_storage_name((ri_storage)s), name[s]);
        assert_int_equal(ri_storage_bytes((ri_storage)s, 9), bytes_of_9[s]);
        assert_int_equal(ri_storage_bytes((ri_storage)s, 8), bytes_of_8[s]);
        assert_int_equal(ri_storage_bytes((ri_storage)s, 0), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_is_element_minus_shift),
        cmocka_unit_test(test_every_byte_has_its_value),
        cmocka_unit_test(test_missing_rows),
        cmocka_unit_test(test_names_and_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
