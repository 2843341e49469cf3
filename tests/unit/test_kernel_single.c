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
#include "support/kernel_shapes.h"

enum {
    LONGEST = 120,
    MOST = KERNEL_MOST,
    VECTORS = KERNEL_VECTORS,
    SPACING = LONGEST + KERNEL_PAD
};

static float *draw_floats(size_t count, uint32_t stream) {
    double *v = draw_normals(count, 7, stream);
    float *out = ri_alloc(count, sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        out[i] = (float)v[i];
    free(v);
    return out;
}

static void point_to_columns(float *block, int shift, float **x) {
    for (int k = 0; k < MOST; k++)
        x[k] = block + kernel_column(LONGEST, shift, k);
}

typedef struct update {
    float *block;
    double *s, *y;
} update;

static void check_update(const kernel_shape *at, void *context) {
    const update *u = context;
    const ri_kernel *table[3];
    const int tables = ri_kernel_all(table);
    float *x[MOST];
    double want[VECTORS * SPACING], got[VECTORS * SPACING];
    point_to_columns(u->block, at->shift, x);
    memcpy(want, u->y, sizeof want);
    for (int64_t v = 0; v < at->vectors; v++)
        for (int64_t k = 0; k < at->count; k++)
            for (int64_t i = 0; i < at->n; i++) {
                double *sum = want + at->shift + v * SPACING + i;
                *sum = fma(u->s[k + v * MOST], (double)x[k][i], *sum);
            }
    for (int t = 0; t < tables; t++) {
        memcpy(got, u->y, sizeof got);
        table[t]->update_single((const float *const *)x, at->count, u->s, MOST, got + at->shift,
                                SPACING, at->vectors, at->n);
        assert_memory_equal(got, want, sizeof got);
    }
}

static void test_update_takes_floats_as_doubles(void **state) {
    (void)state;
    update u = {draw_floats(MOST * SPACING, 1), draw_normals(VECTORS * MOST, 7, 2),
                draw_normals(VECTORS * SPACING, 7, 3)};
    each_update_shape(LONGEST, 3, check_update, &u);
    free(u.block);
    free(u.s);
    free(u.y);
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

typedef struct rotation {
    float *block, *want, *got, *v;
    double c[MOST], s[MOST];
} rotation;

static void check_rotation(const kernel_shape *at, void *context) {
    rotation *r = context;
    const ri_kernel *table[3];
    const int tables = ri_kernel_all(table);
    const size_t bytes = MOST * SPACING * sizeof(float);
    float want[SPACING], got[SPACING], *x[MOST];
    memcpy(want, r->v, sizeof want);
    memcpy(r->want, r->block, bytes);
    point_to_columns(r->want, at->shift, x);
    rotate_by_law(want + at->shift, x, r->c, r->s, at->count, at->n);
    for (int t = 0; t < tables; t++) {
        memcpy(got, r->v, sizeof got);
        memcpy(r->got, r->block, bytes);
        point_to_columns(r->got, at->shift, x);
        table[t]->rotate_single(got + at->shift, x, r->c, r->s, at->count, at->n);
        assert_memory_equal(got, want, sizeof got);
        assert_memory_equal(r->got, r->want, bytes);
    }
}

static void test_rotations_round_once(void **state) {
    (void)state;
    rotation r = {.block = draw_floats(MOST * SPACING, 1),
                  .want = draw_floats(MOST * SPACING, 1),
                  .got = draw_floats(MOST * SPACING, 1),
                  .v = draw_floats(SPACING, 3)};
    draw_rotations(r.c, r.s);
    each_vector_shape(LONGEST, 3, check_rotation, &r);
    free(r.block);
    free(r.want);
    free(r.got);
    free(r.v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_update_takes_floats_as_doubles),
        cmocka_unit_test(test_rotations_round_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
