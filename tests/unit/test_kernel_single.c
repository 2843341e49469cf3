/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of kernels on floats: columns of floats are added as the doubles that they are, to the last
 * bit; rotations turn doubles and round each float once; every table gives the same bits. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/kernel.h"
#include "support/normals.h"

enum { LONGEST = 120, PAD = 16, MOST = 19, VECTORS = 8, SPACING = LONGEST + PAD };

static float *draw_floats(size_t count, uint32_t stream) {
    double *v = draw_normals(count, 7, stream);
    float *out = ri_alloc(count, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)v[i];
    free(v);
    return out;
}

/* Columns in one block, `shift` elements off alignment, PAD apart. */
static void point_to_columns(float *block, int shift, float **x) {
    for (int k = 0; k < MOST; k++)
        x[k] = block + k * SPACING + (shift + k) % 8;
}

static void test_update_takes_floats_as_doubles(void **state) {
    (void)state;
    const ri_kernel *table[3];
    const int tables = ri_kernel_all(table);
    float *block = draw_floats(MOST * SPACING, 1), *x[MOST];
    double *s = draw_normals(VECTORS * MOST, 7, 2), *y = draw_normals(VECTORS * SPACING, 7, 3);
    double want[VECTORS * SPACING], got[VECTORS * SPACING];
    for (int shift = 0; shift < 8; shift += 3)
        for (int64_t n = shift % 2; n <= LONGEST; n += n < 40 ? 2 : 13)
            for (int64_t count = 0; count <= MOST; count += 1 + count / 4)
                for (int64_t vectors = 0; vectors <= VECTORS; vectors++) {
                    point_to_columns(block, shift, x);
                    memcpy(want, y, sizeof want);
                    for (int64_t v = 0; v < vectors; v++)
                        for (int64_t k = 0; k < count; k++)
                            for (int64_t i = 0; i < n; i++) {
                                double *at = want + shift + v * SPACING + i;
                                *at = fma(s[k + v * MOST], (double)x[k][i], *at);
                            }
                    for (int t = 0; t < tables; t++) {
                        memcpy(got, y, sizeof got);
                        table[t]->update_single((const float *const *)x, count, s, MOST,
                                                got + shift, SPACING, vectors, n);
                        assert_memory_equal(got, want, sizeof got);
                    }
                }
    free(block);
    free(s);
    free(y);
}

/* In groups of 8, 4, 2 and 1 rotations, after each of which the vector is rounded. */
static void rotate_by_law(float *v, float *const *x, const double *c, const double *s,
                          int64_t rotations, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        for (int64_t q = 0, group; q < rotations; q += group) {
            const int64_t left = rotations - q;
            double now = (double)v[i];
            group = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            for (int64_t k = q; k < q + group; k++) {
                double other = (double)x[k][i];
                x[k][i] = (float)fma(c[k], other, -(s[k] * now));
                now = fma(c[k], now, s[k] * other);
            }
            v[i] = (float)now;
        }
}

static void test_rotations_round_once(void **state) {
    (void)state;
    const ri_kernel *table[3];
    const int tables = ri_kernel_all(table);
    const size_t bytes = MOST * SPACING * sizeof(float);
    float *block = draw_floats(MOST * SPACING, 1), *want_x = draw_floats(MOST * SPACING, 1);
    float *got_x = draw_floats(MOST * SPACING, 1), *v = draw_floats(SPACING, 3), *x[MOST];
    double *angle = draw_normals(MOST, 7, 2), c[MOST], s[MOST];
    float want[SPACING], got[SPACING];
    for (int q = 0; q < MOST; q++) {
        c[q] = cos(angle[q]);
        s[q] = sin(angle[q]);
    }
    for (int shift = 0; shift < 8; shift += 3)
        for (int64_t n = 0; n <= LONGEST; n += n < 40 ? 1 : 13)
            for (int64_t count = 0; count <= MOST; count++) {
                memcpy(want, v, sizeof want);
                memcpy(want_x, block, bytes);
                point_to_columns(want_x, shift, x);
                rotate_by_law(want + shift, x, c, s, count, n);
                for (int t = 0; t < tables; t++) {
                    memcpy(got, v, sizeof got);
                    memcpy(got_x, block, bytes);
                    point_to_columns(got_x, shift, x);
                    table[t]->rotate_single(got + shift, x, c, s, count, n);
                    assert_memory_equal(got, want, sizeof got);
                    assert_memory_equal(got_x, want_x, bytes);
                }
            }
    free(block);
    free(want_x);
    free(got_x);
    free(v);
    free(angle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update_takes_floats_as_doubles),
        cmocka_unit_test(test_rotations_round_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
