/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of columns of few values: tabled_product and tabled_axpy give, to the last bit, what dot and
 * axpy_many of the plain table give on the values written out, for every table, length and number
 * of columns; and ri_coded_use makes such a column of doubles if and only if they have at most four
 * values. */
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
#include "solve/coded.h"
#include "support/normals.h"

enum { MOST_COLUMNS = 13, MOST_ROWS = 261 };

/* Columns with 1 to 4 values each, and the same written out. */
typedef struct columns {
    ri_tabled tabled[MOST_COLUMNS];
    const ri_tabled *pointer[MOST_COLUMNS];
    uint8_t *code[MOST_COLUMNS]; /* each in a block that ends where a column of n rows may end */
    double value[MOST_COLUMNS][MOST_ROWS];
    const double *written[MOST_COLUMNS];
} columns;

static void make(columns *x, int64_t n) {
    const size_t bytes = (size_t)(n + 31) / 32 * 8;
    for (int a = 0; a < MOST_COLUMNS; a++) {
        x->code[a] = ri_calloc(bytes, 1);
        assert_non_null(x->code[a]);
        for (int i = 0; i < 4; i++)
            x->tabled[a].value[i] = ri_random_normal(3, 1, (uint64_t)(4 * a + i));
        for (int64_t t = 0; t < n; t++) {
            unsigned c = (unsigned)(ri_random_bits(4, 1, (uint64_t)(a * MOST_ROWS + t)) % 4);
            c = c > (unsigned)a % 4 ? 0 : c;
            x->code[a][t / 4] = (uint8_t)(x->code[a][t / 4] | c << (2 * (t % 4)));
            x->value[a][t] = x->tabled[a].value[c];
        }
        x->tabled[a].code = x->code[a];
        x->pointer[a] = &x->tabled[a];
        x->written[a] = x->value[a];
    }
}

static void drop(columns *x) {
    for (int a = 0; a < MOST_COLUMNS; a++)
        free(x->code[a]);
}

static const int64_t LENGTH[] = {1, 3, 7, 8, 9, 31, 32, 33, 40, 63, 64, 100, 255, 256, MOST_ROWS};
enum { LENGTHS = sizeof LENGTH / sizeof *LENGTH };

static void product_is_dot(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    static columns x;
    for (int l = 0; l < LENGTHS; l++) {
        int64_t n = LENGTH[l];
        make(&x, n);
        double *r = draw_normals((size_t)n, 5, 1), c[MOST_COLUMNS];
        for (int k = 0; k < tables; k++)
            for (int64_t count = 0; count <= MOST_COLUMNS; count++) {
                table[k]->tabled_product(x.pointer, count, r, n, c);
                for (int64_t a = 0; a < count; a++) {
                    double want = ri_kernel_plain.dot(x.written[a], r, n);
                    assert_memory_equal(&c[a], &want, sizeof want);
                }
            }
        free(r);
        drop(&x);
    }
}

static void axpy_is_axpy_many(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    static columns x;
    double s[MOST_COLUMNS];
    for (int a = 0; a < MOST_COLUMNS; a++)
        s[a] = ri_random_normal(6, 1, (uint64_t)a);
    for (int l = 0; l < LENGTHS; l++) {
        int64_t n = LENGTH[l];
        make(&x, n);
        for (int k = 0; k < tables; k++)
            for (int64_t count = 0; count <= MOST_COLUMNS; count++) {
                double *y = draw_normals((size_t)n, 7, 1), *want = draw_normals((size_t)n, 7, 1);
                table[k]->tabled_axpy(x.pointer, s, count, y, n);
                ri_kernel_plain.axpy_many(x.written, s, count, want, n);
                assert_memory_equal(y, want, (size_t)n * sizeof *y);
                free(y);
                free(want);
            }
        drop(&x);
    }
}

/* Column k of these takes k + 1 values; the last of them in the last row alone. */
static void few_values_are_coded_exactly(void **state) {
    (void)state;
    static const double VALUE[6] = {1.5, -0.0, 0.0, 1e300, -2.25, 7};
    for (int l = 2; l < LENGTHS; l++) {
        int64_t n = LENGTH[l];
        double *z = ri_alloc((size_t)n, sizeof *z), one = 1, *out = draw_normals((size_t)n, 8, 1),
               *want = draw_normals((size_t)n, 8, 1);
        ri_coded coded = {0};
        uint8_t *place = ri_alloc(ri_coded_bytes(n), 1);
        assert_true(z && place && ri_coded_make_room(&coded, 6, n));
        for (int64_t k = 0; k < 6; k++) {
            coded.code[k] = place;
            for (int64_t t = 0; t < n; t++)
                z[t] = t == n - 1 ? VALUE[k] : VALUE[k > 0 ? t % k : 0];
            assert_false(ri_coded_use(&coded, k, z));
            assert_int_equal(ri_coded_use(&coded, k, z), k < 4);
            assert_int_equal(ri_coded_use(&coded, k, z), k < 4);
            const ri_tabled *column = &coded.column[k];
            const double *written = z;
            if (k >= 4)
                continue;
            ri_kernel_plain.tabled_axpy(&column, &one, 1, out, n);
            ri_kernel_plain.axpy_many(&written, &one, 1, want, n);
            assert_memory_equal(out, want, (size_t)n * sizeof *out);
        }
        ri_coded_free(&coded);
        free(place);
        free(z);
        free(out);
        free(want);
    }
}

/* Room for other columns forgets those that were known. */
static void room_forgets(void **state) {
    (void)state;
    double z[9] = {0}, other[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint8_t place[32];
    assert_true(ri_coded_bytes(9) <= sizeof place);
    ri_coded coded = {0};
    for (int round = 0; round < 2; round++) {
        assert_true(ri_coded_make_room(&coded, 1, 9));
        coded.code[0] = place;
        assert_false(ri_coded_use(&coded, 0, z));
        assert_true(ri_coded_use(&coded, 0, z));
        assert_true(ri_coded_make_room(&coded, 1, 9));
        coded.code[0] = place;
        assert_false(ri_coded_use(&coded, 0, other));
        assert_false(ri_coded_use(&coded, 0, other));
    }
    ri_coded_free(&coded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product_is_dot),
        cmocka_unit_test(axpy_is_axpy_many),
        cmocka_unit_test(few_values_are_coded_exactly),
        cmocka_unit_test(room_forgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
