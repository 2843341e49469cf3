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
#include "support/kernel_shapes.h"

enum {
    LONGEST = 300,
    PAD = KERNEL_PAD,
    MOST = KERNEL_MOST,
    VECTORS = KERNEL_VECTORS,
    SPACING = LONGEST + PAD
};

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

static void point_to_columns(double *block, int shift, double **x) {
    for (int k = 0; k < MOST; k++)
        x[k] = block + kernel_column(LONGEST, shift, k);
}

typedef struct update {
    double *block, *s, *y;
} update;

static void check_axpy(const kernel_shape *at, void *context) {
    const update *u = context;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double want[SPACING], got[SPACING], *x[MOST];
    point_to_columns(u->block, at->shift, x);
    memcpy(want, u->y, sizeof want);
    for (int64_t k = 0; k < at->count; k++)
        for (int64_t i = 0; i < at->n; i++)
            want[at->shift + i] = fma(u->s[k], x[k][i], want[at->shift + i]);
    for (int t = 0; t < tables; t++) {
        memcpy(got, u->y, sizeof got);
        table[t]->axpy_many((const double *const *)x, u->s, at->count, got + at->shift, at->n);
        assert_same_bits(got, want, SPACING);
        memcpy(got, u->y, sizeof got);
        for (int64_t k = 0; k < at->count; k++)
            table[t]->axpy(u->s[k], x[k], got + at->shift, at->n);
        assert_same_bits(got, want, SPACING);
    }
}

static void test_axpy_is_one_fma_an_element_in_column_order(void **state) {
    (void)state;
    update u = {draw(MOST * SPACING, 1), draw(MOST, 2), draw(SPACING, 3)};
    each_vector_shape(LONGEST, 1, check_axpy, &u);
    free(u.block);
    free(u.s);
    free(u.y);
}

static void check_update(const kernel_shape *at, void *context) {
    const update *u = context;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    double want[VECTORS * SPACING], got[VECTORS * SPACING], *x[MOST];
    point_to_columns(u->block, at->shift, x);
    memcpy(want, u->y, sizeof want);
    for (int64_t v = 0; v < at->vectors; v++)
        ri_kernel_plain.axpy_many((const double *const *)x, u->s + v * (MOST + 2), at->count,
                                  want + at->shift + v * SPACING, at->n);
    for (int t = 0; t < tables; t++) {
        memcpy(got, u->y, sizeof got);
        table[t]->update((const double *const *)x, at->count, u->s, MOST + 2, got + at->shift,
                         SPACING, at->vectors, at->n);
        assert_same_bits(got, want, VECTORS * SPACING);
    }
}

static void test_update_is_axpy_many_of_each_vector(void **state) {
    (void)state;
    update u = {draw(MOST * SPACING, 1), draw(VECTORS * (MOST + 2), 2), draw(VECTORS * SPACING, 3)};
    each_update_shape(LONGEST, 1, check_update, &u);
    free(u.block);
    free(u.s);
    free(u.y);
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

typedef struct rotation {
    double *block, *want, *got, *v, c[MOST], s[MOST];
} rotation;

static void check_rotation(const kernel_shape *at, void *context) {
    rotation *r = context;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    const int64_t size = MOST * SPACING;
    double want[SPACING], got[SPACING], *x[MOST];
    memcpy(want, r->v, sizeof want);
    memcpy(r->want, r->block, (size_t)size * sizeof *r->want);
    point_to_columns(r->want, at->shift, x);
    rotate_by_law(want + at->shift, x, r->c, r->s, at->count, at->n);
    for (int t = 0; t < tables; t++) {
        memcpy(got, r->v, sizeof got);
        memcpy(r->got, r->block, (size_t)size * sizeof *r->got);
        point_to_columns(r->got, at->shift, x);
        table[t]->rotate(got + at->shift, x, r->c, r->s, at->count, at->n);
        assert_same_bits(got, want, SPACING);
        assert_same_bits(r->got, r->want, size);
    }
}

static void test_rotations_follow_one_another(void **state) {
    (void)state;
    rotation r = {.block = draw(MOST * SPACING, 1),
                  .want = draw(MOST * SPACING, 1),
                  .got = draw(MOST * SPACING, 1),
                  .v = draw(SPACING, 3)};
    draw_rotations(r.c, r.s);
    each_vector_shape(LONGEST, 3, check_rotation, &r);
    free(r.block);
    free(r.want);
    free(r.got);
    free(r.v);
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
