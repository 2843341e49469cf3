/* SPDX-License-Identifier: BSD-3-Clause
 * Law of columns as stored: stored_product, stored_squares and stored_axpy give, to the last bit,
 * what the plain table's dot and one fma an element give on the decoded column, for every storage,
 * table, length, alignment and shape; they read nothing behind a column and write nothing beside
 * the result. */
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

/* Numbers and bits to take from again and again: drawing all anew is most of the time. */
enum { POOL = 8191 };
static double pool_normal[POOL];
static uint64_t pool_bits[POOL];

static int fill_pool(void **state) {
    (void)state;
    for (uint64_t i = 0; i < POOL; i++) {
        pool_normal[i] = ri_random_normal(11, 1, i);
        pool_bits[i] = ri_random_bits(6, 1, i);
    }
    return 0;
}

static double *draw(size_t count, size_t stream) {
    double *v = ri_alloc(count + 1, sizeof *v);
    assert_non_null(v);
    for (size_t i = 0; i < count; i++)
        v[i] = pool_normal[(i + 1009 * stream) % POOL];
    return v;
}

/* Stored columns, `offset` bytes off alignment, each in a block of its own that ends with it. */
typedef struct stored {
    ri_storage storage;
    int64_t columns, n;
    uint8_t **block;
    const void **column;
    double *shift;    /* [columns] */
    double **decoded; /* [columns] n doubles by ri_element */
} stored;

static void put(const stored *x, int64_t a, int64_t i, uint8_t *at) {
    uint64_t bits = pool_bits[(i + 1009 * a) % POOL];
    double v = bits % 9 == 0 ? (double)NAN : pool_normal[(i + 1511 * a) % POOL];
    float f = (float)v;
    if (x->storage == RI_F64)
        memcpy(at + 8 * i, &v, sizeof v);
    else if (x->storage == RI_F32)
        memcpy(at + 4 * i, &f, sizeof f);
    else if (x->storage == RI_PACKED2)
        at[i / 4] = (uint8_t)bits;
    else if (bits % 9 == 0)
        at[i] = x->storage == RI_I8 ? 0x80 : 255;
    else
        at[i] = (uint8_t)(bits >> 8);
}

static stored make_stored(ri_storage storage, int64_t columns, int64_t n, int offset,
                          bool shifted) {
    stored x = {.storage = storage, .columns = columns, .n = n};
    static const size_t unit[RI_DENSE_COUNT] = {8, 4, 1, 1, 1};
    x.block = ri_alloc((size_t)columns + 1, sizeof *x.block);
    x.column = ri_alloc((size_t)columns + 1, sizeof *x.column);
    x.decoded = ri_alloc((size_t)columns + 1, sizeof *x.decoded);
    x.shift = shifted ? draw((size_t)columns, 4) : NULL;
    assert_true(x.block && x.column && x.decoded);
    for (int64_t a = 0; a < columns; a++) {
        size_t before = (size_t)((offset + 3 * a) % 8) * unit[storage];
        x.block[a] = ri_alloc(before + ri_storage_bytes(storage, n), 1);
        x.decoded[a] = ri_alloc((size_t)n + 1, sizeof(double));
        assert_true(x.block[a] && x.decoded[a]);
        x.column[a] = x.block[a] + before;
        for (int64_t i = 0; i < n; i++)
            put(&x, a, i, x.block[a] + before);
        for (int64_t i = 0; i < n; i++) {
            double v = ri_element(storage, x.column[a], i);
            x.decoded[a][i] = isnan(v) ? 0.0 : v - (shifted ? x.shift[a] : 0.0);
        }
    }
    return x;
}

static void free_stored(stored *x) {
    for (int64_t a = 0; a < x->columns; a++) {
        free(x->block[a]);
        free(x->decoded[a]);
    }
    free(x->block);
    free(x->column);
    free(x->decoded);
    free(x->shift);
}

/* Of the columns, or of their squares. */
static void check_product(const stored *x, bool squares, int64_t residuals, int offset) {
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    int64_t ldr = x->n + offset, ldc = x->columns + offset % 3;
    double *r = draw((size_t)(residuals * ldr + offset), 2), *column = draw((size_t)x->n + 1, 7);
    size_t size = (size_t)(residuals * ldc + 1);
    double *want = draw(size, 3), *got = draw(size, 3), *other = draw(size, 3);
    for (int64_t a = 0; a < x->columns; a++) {
        for (int64_t i = 0; i < x->n; i++)
            column[i] = squares ? x->decoded[a][i] * x->decoded[a][i] : x->decoded[a][i];
        for (int64_t b = 0; b < residuals; b++)
            want[a + b * ldc] = ri_kernel_plain.dot(column, r + offset + b * ldr, x->n);
    }
    for (int t = 0; t < tables; t++) {
        memcpy(got, other, size * sizeof *got);
        (squares ? table[t]->stored_squares : table[t]->stored_product)[x->storage](
            x->column, x->shift, x->columns, r + offset, ldr, residuals, x->n, got, ldc);
        assert_memory_equal(got, want, size * sizeof *got);
    }
    free(r);
    free(column);
    free(want);
    free(got);
    free(other);
}

static void check_axpy(const stored *x, int offset) {
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    size_t size = (size_t)x->n + 16;
    double *s = draw((size_t)x->columns, 5), *y = draw(size, 6), *got = draw(size, 6);
    double *want = draw(size, 6);
    for (int64_t k = 0; k < x->columns; k++)
        for (int64_t i = 0; i < x->n; i++)
            want[offset + i] = fma(s[k], x->decoded[k][i], want[offset + i]);
    for (int t = 0; t < tables; t++) {
        memcpy(got, y, size * sizeof *y);
        table[t]->stored_axpy[x->storage](x->column, x->shift, s, x->columns, got + offset, x->n);
        assert_memory_equal(got, want, size * sizeof *y);
    }
    free(s);
    free(y);
    free(got);
    free(want);
}

static void check_shape(int64_t columns, int64_t residuals, int64_t n, int offset) {
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        stored x = make_stored((ri_storage)s, columns, n, offset, (columns + n) % 3 != 0);
        check_product(&x, false, residuals, offset);
        check_product(&x, true, residuals, offset);
        if (residuals == 1)
            check_axpy(&x, offset);
        free_stored(&x);
    }
}

static void test_all_lengths_and_alignments(void **state) {
    (void)state;
    for (int64_t n = 0; n <= 300; n++)
        for (int offset = 0; offset < 8; offset++) {
            check_shape(5, 1, n, offset);
            if ((n + offset) % 3 == 0)
                check_shape(3, 1 + (n + offset) / 3 % 10, n, offset);
        }
}

static void test_small_shapes(void **state) {
    (void)state;
    for (int64_t columns = 0; columns <= 13; columns++)
        for (int64_t residuals = 0; residuals <= 9; residuals++)
            for (int64_t n = 0; n <= 40; n += 5)
                check_shape(columns, residuals, n, (int)(columns + residuals + n) % 8);
}

static void test_large_shapes(void **state) {
    (void)state;
    static const int64_t shape[][3] = {{64, 1, 520},  {33, 3, 300},  {24, 36, 257}, {25, 37, 265},
                                       {49, 73, 530}, {8, 100, 511}, {64, 16, 513}, {1, 109, 90},
                                       {50, 6, 1023}, {70, 8, 256},  {3, 40, 1500}, {9, 1, 20003}};
    for (size_t k = 0; k < sizeof shape / sizeof shape[0]; k++)
        check_shape(shape[k][0], shape[k][1], shape[k][2], (int)k % 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_lengths_and_alignments),
        cmocka_unit_test(test_small_shapes),
        cmocka_unit_test(test_large_shapes),
    };
    return cmocka_run_group_tests(tests, fill_pool, NULL);
}
