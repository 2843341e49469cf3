/* SPDX-License-Identifier: BSD-3-Clause
 * Law of sparse columns: decode, stored_product, stored_axpy, ri_element and ri_missing_rows give,
 * to the last bit, what they give for the same numbers stored dense, for every type of values,
 * table, density, shape and shift. */
#include <math.h>
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

enum { MOST_COLUMNS = 130, MOST_ROWS = 700, MOST_RESIDUALS = 21 };
static const ri_storage TYPE[] = {RI_F64, RI_F32, RI_I8};
static const size_t WIDTH[] = {8, 4, 1};

typedef struct both {
    int64_t columns, n;
    ri_csc_column sparse[MOST_COLUMNS];
    const void *pointer[MOST_COLUMNS], *dense[MOST_COLUMNS];
    double shift[MOST_COLUMNS];
} both;

static void put(int type, void *values, int64_t k, double value) {
    if (type == 0)
        ((double *)values)[k] = value;
    else if (type == 1)
        ((float *)values)[k] = (float)value;
    else
        ((int8_t *)values)[k] = isnan(value) ? INT8_MIN : (int8_t)(20 * value);
}

static void make(both *x, int type, int64_t columns, int64_t n, double density) {
    *x = (both){.columns = columns, .n = n};
    for (int64_t a = 0; a < columns; a++) {
        int32_t *row = ri_alloc((size_t)n, sizeof *row);
        void *value = ri_alloc((size_t)n, WIDTH[type]);
        void *dense = ri_calloc((size_t)n, WIDTH[type]);
        assert_true(row && value && dense);
        int64_t entries = 0;
        for (int64_t i = 0; i < n; i++) {
            uint64_t at = (uint64_t)(a * n + i);
            if (ri_random_uniform(5, 1, at) >= density)
                continue;
            bool missing = ri_random_uniform(5, 2, at) < 0.05;
            double v = missing ? (double)NAN : ri_random_normal(5, 3, at);
            put(type, value, entries, v);
            put(type, dense, i, v);
            row[entries++] = (int32_t)i;
        }
        x->sparse[a] = (ri_csc_column){entries, row, value, TYPE[type]};
        x->pointer[a] = &x->sparse[a];
        x->dense[a] = dense;
        x->shift[a] = a % 3 == 0 ? 0.0 : ri_random_normal(5, 4, (uint64_t)a);
    }
}

static void clear(both *x) {
    for (int64_t a = 0; a < x->columns; a++) {
        free((void *)(uintptr_t)x->sparse[a].row);
        free((void *)(uintptr_t)x->sparse[a].value);
        free((void *)(uintptr_t)x->dense[a]);
    }
}

static void check_columns(const ri_kernel *kernel, int type, const both *x) {
    static double sparse[MOST_ROWS], dense[MOST_ROWS];
    static int32_t row[2][MOST_ROWS];
    for (int64_t a = 0; a < x->columns; a++) {
        int64_t from = x->n > 300 ? 256 : 0, count = x->n - from;
        int64_t missing = kernel->decode[RI_CSC](x->pointer[a], from, count, x->shift[a], sparse);
        assert_int_equal(missing,
                         kernel->decode[TYPE[type]](x->dense[a], from, count, x->shift[a], dense));
        assert_memory_equal(sparse, dense, (size_t)count * sizeof *dense);
        missing = ri_missing_rows(RI_CSC, x->pointer[a], x->n, row[0]);
        assert_int_equal(missing, ri_missing_rows(TYPE[type], x->dense[a], x->n, row[1]));
        assert_memory_equal(row[0], row[1], (size_t)missing * sizeof **row);
        for (int64_t i = 0; i < x->n; i += 7) {
            double s = ri_element(RI_CSC, x->pointer[a], i);
            double d = ri_element(TYPE[type], x->dense[a], i);
            assert_true(s == d || (isnan(s) && isnan(d)));
        }
    }
}

static void check_sums(const ri_kernel *kernel, int type, const both *x, const double *shift,
                       int64_t residuals, const double *r) {
    static double c[2][MOST_COLUMNS * MOST_RESIDUALS], y[2][MOST_ROWS];
    size_t bytes = (size_t)(x->columns * residuals) * sizeof(double);
    kernel->stored_product[RI_CSC](x->pointer, shift, x->columns, r, MOST_ROWS, residuals, x->n,
                                   c[0], x->columns);
    ri_kernel_plain.stored_product[TYPE[type]](x->dense, shift, x->columns, r, MOST_ROWS, residuals,
                                               x->n, c[1], x->columns);
    assert_memory_equal(c[0], c[1], bytes);
    memcpy(y[0], r, (size_t)x->n * sizeof *r);
    memcpy(y[1], r, (size_t)x->n * sizeof *r);
    kernel->stored_axpy[RI_CSC](x->pointer, shift, r + 3, x->columns, y[0], x->n);
    ri_kernel_plain.stored_axpy[TYPE[type]](x->dense, shift, r + 3, x->columns, y[1], x->n);
    assert_memory_equal(y[0], y[1], (size_t)x->n * sizeof **y);
}

static void test_equal_to_dense(void **state) {
    (void)state;
    static const int64_t columns[] = {1, 3, 64, 130}, rows[] = {1, 9, 256, 257, 700};
    static const int64_t residuals[] = {1, 3, 4, 8, 21};
    static const double density[] = {0, 0.03, 0.4, 1};
    static double r[MOST_RESIDUALS * MOST_ROWS];
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (uint64_t i = 0; i < MOST_RESIDUALS * MOST_ROWS; i++)
        r[i] = ri_random_normal(7, 1, i);
    for (int k = 0; k < 3 * 4 * 5; k++) {
        int type = k % 3;
        both x;
        make(&x, type, columns[k % 4], rows[k % 5], density[k / 3 % 4]);
        for (int t = 0; t < tables; t++) {
            check_columns(table[t], type, &x);
            for (int m = 0; m < 5; m++) {
                check_sums(table[t], type, &x, NULL, residuals[m], r);
                check_sums(table[t], type, &x, x.shift, residuals[m], r);
            }
        }
        clear(&x);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_equal_to_dense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
