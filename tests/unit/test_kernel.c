/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of sums and updates: every table gives the bits of the plain table for every length and
 * alignment, and the plain table is the stated order, written out here with fma() of its own, and
 * within n rounding errors of long-double arithmetic. */
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
#include "support/normals.h"

enum { LONGEST = 300, PAD = 16, MOST = 19 }; /* MOST columns or rotations at once */

/* A block of `count` normal numbers of widely different sizes. */
static double *draw(size_t count, uint32_t stream) {
    double *v = draw_normals(count, 7, stream);
    for (size_t i = 0; i < count; i += 5)
        v[i] *= 1e6;
    return v;
}

static void assert_same_bits(const double *a, const double *b, int64_t n) {
    assert_memory_equal(a, b, (size_t)n * sizeof *a);
}

/* The order of the contract, element by element. */
static double dot3_by_law(const double *w, const double *a, const double *b, int64_t n) {
    double lane[8] = {0};
    for (int64_t i = 0; i < n; i++)
        lane[i % 8] = fma(w == NULL ? a[i] : w[i] * a[i], b == NULL ? 1.0 : b[i], lane[i % 8]);
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static void test_sums_follow_the_order(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double *w = draw(LONGEST + PAD, 1), *a = draw(LONGEST + PAD, 2), *b = draw(LONGEST + PAD, 3);
    for (int t = 0; t < tables; t++)
        for (int shift = 0; shift < 8; shift++)
            for (int64_t n = 0; n <= LONGEST; n++) {
                const double *u = w + shift, *v = a + (shift * 3) % 8, *x = b + (shift * 5) % 8;
                double got[3] = {table[t]->sum(v, n), table[t]->dot(v, x, n),
                                 table[t]->dot3(u, v, x, n)};
                double want[3] = {dot3_by_law(NULL, v, NULL, n), dot3_by_law(NULL, v, x, n),
                                  dot3_by_law(u, v, x, n)};
                assert_same_bits(got, want, 3);
            }
    free(w);
    free(a);
    free(b);
}

/* Long columns are fetched ahead while enough of them is left: lengths on both sides of where that
 * begins, and of where it ends. */
static void test_long_dots_follow_the_order(void **state) {
    (void)state;
    enum { LONG = 3000 };
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double *a = draw(LONG + PAD, 12), *b = draw(LONG + PAD, 13), zero = 0;
    for (int64_t n = 1000; n <= LONG; n += n < 1100 ? 1 : 97) {
        const double *v = a + n % 8, *x = b + n / 8 % 8;
        const void *column = v;
        double want = dot3_by_law(NULL, v, x, n);
        for (int t = 0; t < tables; t++) {
            double got[2] = {table[t]->dot(v, x, n), 0};
            table[t]->stored_product[RI_F64](&column, &zero, 1, x, n, 1, n, got + 1, 1);
            assert_same_bits(got, &want, 1);
            assert_same_bits(got + 1, &want, 1);
        }
    }
    free(a);
    free(b);
}

static void test_plain_sums_are_sums(void **state) {
    (void)state;
    double *w = draw(5000, 1), *a = draw(5000, 2), *b = draw(5000, 3);
    for (int64_t n = 1; n <= 5000; n += 357) {
        long double want = 0, size = 0;
        for (int64_t i = 0; i < n; i++) {
            long double term = (long double)w[i] * a[i] * b[i];
            want += term;
            size += fabsl(term);
        }
        long double bound = (long double)(n + 4) * 0x1p-53L * size;
        assert_true(fabsl(ri_kernel_plain.dot3(w, a, b, n) - want) <= bound);
    }
    free(w);
    free(a);
    free(b);
}

/* Columns in one block, `shift` elements off alignment, PAD apart. */
static void point_to_columns(double *block, int shift, double **x) {
    for (int k = 0; k < MOST; k++)
        x[k] = block + k * (LONGEST + PAD) + (shift + k) % 8;
}

static void test_axpy_is_one_fma_an_element_in_column_order(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double *block = draw(MOST * (LONGEST + PAD), 1), *s = draw(MOST, 2);
    double *y0 = draw(LONGEST + PAD, 3), *x[MOST];
    double want[LONGEST + PAD], got[LONGEST + PAD];
    for (int shift = 0; shift < 8; shift++)
        for (int64_t n = 0; n <= LONGEST; n += n < 40 ? 1 : 13)
            for (int64_t count = 0; count <= MOST; count++) {
                point_to_columns(block, shift, x);
                memcpy(want, y0, sizeof want);
                for (int64_t k = 0; k < count; k++)
                    for (int64_t i = 0; i < n; i++)
                        want[shift + i] = fma(s[k], x[k][i], want[shift + i]);
                for (int t = 0; t < tables; t++) {
                    memcpy(got, y0, sizeof got);
                    table[t]->axpy_many((const double *const *)x, s, count, got + shift, n);
                    assert_same_bits(got, want, LONGEST + PAD);
                    memcpy(got, y0, sizeof got);
                    for (int64_t k = 0; k < count; k++)
                        table[t]->axpy(s[k], x[k], got + shift, n);
                    assert_same_bits(got, want, LONGEST + PAD);
                }
            }
    free(block);
    free(s);
    free(y0);
}

static void test_update_is_axpy_many_of_each_vector(void **state) {
    (void)state;
    enum { VECTORS = 8, SPACING = LONGEST + PAD };
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double *block = draw(MOST * SPACING, 1), *s = draw(VECTORS * (MOST + 2), 2);
    double *y0 = draw(VECTORS * SPACING, 3), *x[MOST];
    double want[VECTORS * SPACING], got[VECTORS * SPACING];
    for (int shift = 0; shift < 8; shift++)
        for (int64_t n = shift % 2; n <= LONGEST; n += n < 40 ? 2 : 13)
            for (int64_t count = 0; count <= MOST; count += 1 + count / 4)
                for (int64_t vectors = 0; vectors <= VECTORS; vectors++) {
                    point_to_columns(block, shift, x);
                    memcpy(want, y0, sizeof want);
                    for (int64_t v = 0; v < vectors; v++)
                        ri_kernel_plain.axpy_many((const double *const *)x, s + v * (MOST + 2),
                                                  count, want + shift + v * SPACING, n);
                    for (int t = 0; t < tables; t++) {
                        memcpy(got, y0, sizeof got);
                        table[t]->update((const double *const *)x, count, s, MOST + 2, got + shift,
                                         SPACING, vectors, n);
                        assert_same_bits(got, want, VECTORS * SPACING);
                    }
                }
    free(block);
    free(s);
    free(y0);
}

static void rotate_by_law(double *v, double *const *x, const double *c, const double *s,
                          int64_t rotations, int64_t n) {
    for (int64_t q = 0; q < rotations; q++)
        for (int64_t i = 0; i < n; i++) {
            double t = fma(c[q], v[i], s[q] * x[q][i]);
            x[q][i] = fma(c[q], x[q][i], -(s[q] * v[i]));
            v[i] = t;
        }
}

static void test_rotations_follow_one_another(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    const size_t size = MOST * (LONGEST + PAD);
    double *block0 = draw(size, 1), *want_x = draw(size, 1), *got_x = draw(size, 1);
    double *v0 = draw(LONGEST + PAD, 3), *angle = draw(MOST, 2), *x[MOST];
    double want[LONGEST + PAD], got[LONGEST + PAD], c[MOST], s[MOST];
    for (int q = 0; q < MOST; q++) {
        c[q] = cos(angle[q]);
        s[q] = sin(angle[q]);
    }
    for (int shift = 0; shift < 8; shift += 3)
        for (int64_t n = 0; n <= LONGEST; n += n < 40 ? 1 : 13)
            for (int64_t count = 0; count <= MOST; count++) {
                memcpy(want, v0, sizeof want);
                memcpy(want_x, block0, size * sizeof *want_x);
                point_to_columns(want_x, shift, x);
                rotate_by_law(want + shift, x, c, s, count, n);
                for (int t = 0; t < tables; t++) {
                    memcpy(got, v0, sizeof got);
                    memcpy(got_x, block0, size * sizeof *got_x);
                    point_to_columns(got_x, shift, x);
                    table[t]->rotate(got + shift, x, c, s, count, n);
                    assert_same_bits(got, want, LONGEST + PAD);
                    assert_same_bits(got_x, want_x, (int64_t)size);
                }
            }
    free(block0);
    free(want_x);
    free(got_x);
    free(v0);
    free(angle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums_follow_the_order),
        cmocka_unit_test(test_long_dots_follow_the_order),
        cmocka_unit_test(test_plain_sums_are_sums),
        cmocka_unit_test(test_axpy_is_one_fma_an_element_in_column_order),
        cmocka_unit_test(test_update_is_axpy_many_of_each_vector),
        cmocka_unit_test(test_rotations_follow_one_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
