/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: (A + shift) x gives back the right-hand side, whatever the size of A and the shift; the
 * pseudoinverse meets Penrose's first and second condition, and the rank is the number of
 * directions that A was made of. Checked in long double from A itself. */
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
#include "solve/pseudoinverse.h"
#include "solve/tridiagonal.h"
#include "support/normals.h"

/* B B' / rank of random B [size x rank]: positive semidefinite. */
static double *product(int64_t size, int64_t rank, int64_t stride, uint64_t seed) {
    double *b = ri_alloc((size_t)(size * rank), sizeof *b);
    double *a = ri_calloc((size_t)(size * stride), sizeof *a);
    assert_true(a && b);
    for (int64_t i = 0; i < size * rank; i++)
        b[i] = ri_random_normal(seed, 100, (uint64_t)i);
    for (int64_t j = 0; j < size; j++)
        for (int64_t i = 0; i < size; i++) {
            long double sum = 0;
            for (int64_t k = 0; k < rank; k++)
                sum += (long double)b[i * rank + k] * b[j * rank + k];
            a[i + j * stride] = (double)(sum / (long double)rank);
        }
    free(b);
    return a;
}

/* Largest entry of (A + shift) x - b. */
static double residual(const double *a, int64_t stride, int64_t size, double shift, const double *x,
                       const double *b) {
    long double worst = 0;
    for (int64_t i = 0; i < size; i++) {
        long double sum = (long double)shift * x[i] - b[i];
        for (int64_t j = 0; j < size; j++)
            sum += (long double)a[i + j * stride] * x[j];
        worst = fmaxl(worst, fabsl(sum));
    }
    return (double)worst;
}

static double largest(const double *v, int64_t size) {
    double most = 0;
    for (int64_t i = 0; i < size; i++)
        most = fmax(most, fabs(v[i]));
    return most;
}

static void test_shifts_are_solved(void **state) {
    (void)state;
    const int64_t sizes[] = {1, 2, 3, 8, 17, 64, 130};
    const double shift[] = {100, 1, 1e-3, 1e-7};
    for (int c = 0; c < 21; c++) {
        int64_t size = sizes[c % 7], stride = (size + 7) / 8 * 8;
        int64_t rank = c < 7 ? 2 * size : c < 14 ? size / 2 + 1 : 1; /* full, deficient, one */
        double *a = product(size, rank, stride, 7 + (uint64_t)c), *vector[4];
        double *copy = ri_alloc((size_t)(size * stride), sizeof *copy),
               *b = draw_normals((size_t)size, 3, 101);
        assert_non_null(copy);
        memcpy(copy, a, (size_t)(size * stride) * sizeof *a);
        for (int i = 0; i < 4; i++)
            vector[i] = draw_normals((size_t)size, 3, 101);
        ri_tridiagonal t;
        ri_error err;
        assert_int_equal(ri_tridiagonal_new(copy, size, stride, (ri_poll){0}, &t, &err), RI_OK);
        ri_tridiagonal_solve(&t, shift, 4, vector);
        for (int i = 0; i < 4; i++) {
            double unit = (10 + shift[i]) * largest(vector[i], size) + largest(b, size);
            assert_true(residual(a, stride, size, shift[i], vector[i], b) <= 1e-13 * unit);
            free(vector[i]);
        }
        ri_tridiagonal_free(&t);
        free(a);
        free(b);
        free(copy);
    }
}

static bool always(void *context) {
    (void)context;
    return true;
}

static void test_can_be_interrupted(void **state) {
    (void)state;
    double *a = product(20, 20, 24, 1);
    ri_tridiagonal t;
    ri_error err;
    assert_int_equal(ri_tridiagonal_new(a, 20, 24, (ri_poll){.ask = always}, &t, &err),
                     RI_INTERRUPTED);
    ri_tridiagonal_free(&t);
    free(a);
}

static void test_pseudoinverse(void **state) {
    (void)state;
    const int64_t sizes[] = {1, 5, 40, 90, 140};
    for (int c = 0; c < 20; c++) {
        int64_t size = sizes[c % 5], stride = (size + 7) / 8 * 8;
        int64_t rank = c < 5 ? size : c < 10 ? (size + 1) / 2 : c < 15 ? 1 : size - size / 20;
        double *a = product(size, rank, stride, 40 + (uint64_t)c),
               *v = draw_normals((size_t)size, 9, 101);
        double *range = ri_calloc((size_t)size, sizeof *range),
               *x = draw_normals((size_t)size, 9, 101);
        assert_non_null(range);
        ri_pseudoinverse inverse;
        ri_error err;
        if (rank == size) /* away from singular */
            for (int64_t i = 0; i < size; i++)
                a[i + i * stride] += 0.1;
        assert_int_equal(ri_pseudoinverse_new(a, size, stride, &inverse, &err), RI_OK);
        assert_int_equal(inverse.rank, rank);
        for (int64_t i = 0; i < size; i++) /* A v lies in the range */
            for (int64_t j = 0; j < size; j++)
                range[i] += a[i + j * stride] * v[j];
        memcpy(x, range, (size_t)size * sizeof *x);
        ri_pseudoinverse_apply(&inverse, x);
        assert_true(residual(a, stride, size, 0, x, range) <= 1e-9 * largest(range, size));
        double *again = draw_normals((size_t)size, 9, 101); /* A^+ A x = x: x lies in the range */
        for (int64_t i = 0; i < size; i++) {
            again[i] = 0;
            for (int64_t j = 0; j < size; j++)
                again[i] += a[i + j * stride] * x[j];
        }
        ri_pseudoinverse_apply(&inverse, again);
        for (int64_t i = 0; i < size; i++)
            assert_true(fabs(again[i] - x[i]) <= 1e-8 * largest(x, size));
        ri_pseudoinverse_free(&inverse);
        free(a);
        free(v);
        free(x);
        free(range);
        free(again);
    }
}

/* A matrix of zeros has rank 0, and maps everything to 0. */
static void test_nothing(void **state) {
    (void)state;
    double a[16] = {0}, x[2] = {1, 2};
    ri_pseudoinverse inverse;
    ri_error err;
    assert_int_equal(ri_pseudoinverse_new(a, 2, 8, &inverse, &err), RI_OK);
    ri_pseudoinverse_apply(&inverse, x);
    assert_true(inverse.rank == 0 && x[0] == 0 && x[1] == 0);
    ri_pseudoinverse_free(&inverse);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shifts_are_solved),
        cmocka_unit_test(test_can_be_interrupted),
        cmocka_unit_test(test_pseudoinverse),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
