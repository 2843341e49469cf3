/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels, written once on 8 lanes. Included by plain.c, avx2.c and avx512.c after they have
 * defined v8 and its operations; every other table is equal to plain because it runs this text. */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Before a loop whose number of rounds is a constant and whose arrays are to live in registers. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

/* Each uses those before it. */
#include "kernel/missing.h"

#include "kernel/lanes.h"

#include "kernel/panel.h"

#include "kernel/product.h"

#include "kernel/stored.h"

#include "kernel/tabled.h"

#include "kernel/decode.h"

#include "kernel/csc.h"

#include "kernel/signs.h"

static double sum(const double *a, int64_t n) {
    v8 acc = v8_set(0.0);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        acc = v8_add(acc, v8_load(a + i));
    if (i < n)
        acc = v8_add(acc, v8_load_some(a + i, n - i));
    return v8_reduce(acc);
}

static double dot(const double *a, const double *b, int64_t n) {
    const int64_t ahead = AHEAD_ALL / (int64_t)sizeof *a;
    v8 acc = v8_set(0.0);
    int64_t i = 0;
    for (; is_fetched_ahead(RI_F64) && i + ahead <= n; i += 8) {
        fetch_ahead(a + i);
        fetch_ahead(b + i);
        acc = v8_fma(v8_load(a + i), v8_load(b + i), acc);
    }
    for (; i + 8 <= n; i += 8)
        acc = v8_fma(v8_load(a + i), v8_load(b + i), acc);
    if (i < n)
        acc = v8_fma(v8_load_some(a + i, n - i), v8_load_some(b + i, n - i), acc);
    return v8_reduce(acc);
}

static double dot3(const double *w, const double *a, const double *b, int64_t n) {
    v8 acc = v8_set(0.0);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        acc = v8_fma(v8_mul(v8_load(w + i), v8_load(a + i)), v8_load(b + i), acc);
    if (i < n) {
        int64_t m = n - i;
        v8 wa = v8_mul(v8_load_some(w + i, m), v8_load_some(a + i, m));
        acc = v8_fma(wa, v8_load_some(b + i, m), acc);
    }
    return v8_reduce(acc);
}

static void axpy(double s, const double *x, double *y, int64_t n) {
    v8 s8 = v8_set(s);
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        v8_store(y + i, v8_fma(s8, v8_load(x + i), v8_load(y + i)));
    if (i < n)
        v8_store_some(y + i, v8_fma(s8, v8_load_some(x + i, n - i), v8_load_some(y + i, n - i)),
                      n - i);
}

/* axpy of the first `count` columns, a constant, in one sweep of y. */
ALWAYS_INLINE void axpy_group(const double *const *x, const double *s, int count, double *y,
                              int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8) {
        v8 y8 = v8_load(y + i);
        for (int k = 0; k < count; k++)
            y8 = v8_fma(v8_set(s[k]), v8_load(x[k] + i), y8);
        v8_store(y + i, y8);
    }
    if (i < n) {
        v8 y8 = v8_load_some(y + i, n - i);
        for (int k = 0; k < count; k++)
            y8 = v8_fma(v8_set(s[k]), v8_load_some(x[k] + i, n - i), y8);
        v8_store_some(y + i, y8, n - i);
    }
}

static void axpy_many(const double *const *x, const double *s, int64_t count, double *y,
                      int64_t n) {
    int64_t k = 0;
    for (; k + 8 <= count; k += 8)
        axpy_group(x + k, s + k, 8, y, n);
    if (k + 4 <= count) {
        axpy_group(x + k, s + k, 4, y, n);
        k += 4;
    }
    if (k + 2 <= count) {
        axpy_group(x + k, s + k, 2, y, n);
        k += 2;
    }
    if (k < count)
        axpy(s[k], x[k], y, n);
}

#include "kernel/update.h"

/* 8 rows of a vector from i on, or the first `some` of them where that is not 0. */
ALWAYS_INLINE void either_store(void *p, bool single, int64_t i, v8 a, int64_t some) {
    if (single && some > 0)
        v8_store_single_some((float *)p + i, a, some);
    else if (single)
        v8_store_single((float *)p + i, a);
    else if (some > 0)
        v8_store_some((double *)p + i, a, some);
    else
        v8_store((double *)p + i, a);
}

ALWAYS_INLINE void rotate_rows(void *v, void *const *x, bool single, const double *c,
                               const double *s, int count, int64_t i, int64_t some) {
    v8 now = either_load(v, single, i, some);
    for (int q = 0; q < count; q++) {
        v8 c8 = v8_set(c[q]), s8 = v8_set(s[q]), x8 = either_load(x[q], single, i, some);
        either_store(x[q], single, i, v8_fms(c8, x8, v8_mul(s8, now)), some);
        now = v8_fma(c8, now, v8_mul(s8, x8));
    }
    either_store(v, single, i, now, some);
}

/* The first `count` rotations, a constant, in one sweep of v. */
ALWAYS_INLINE void rotate_group(void *v, void *const *x, bool single, const double *c,
                                const double *s, int count, int64_t n) {
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        rotate_rows(v, x, single, c, s, count, i, 0);
    if (i < n)
        rotate_rows(v, x, single, c, s, count, i, n - i);
}

ALWAYS_INLINE void rotate_all(void *v, void *const *x, bool single, const double *c,
                              const double *s, int64_t rotations, int64_t n) {
    int64_t q = 0;
    for (; q + 8 <= rotations; q += 8)
        rotate_group(v, x + q, single, c + q, s + q, 8, n);
    if (q + 4 <= rotations) {
        rotate_group(v, x + q, single, c + q, s + q, 4, n);
        q += 4;
    }
    if (q + 2 <= rotations) {
        rotate_group(v, x + q, single, c + q, s + q, 2, n);
        q += 2;
    }
    if (q < rotations)
        rotate_group(v, x + q, single, c + q, s + q, 1, n);
}

static void rotate(double *v, double *const *x, const double *c, const double *s, int64_t rotations,
                   int64_t n) {
    rotate_all(v, (void *const *)x, false, c, s, rotations, n);
}

static void rotate_single(float *v, float *const *x, const double *c, const double *s,
                          int64_t rotations, int64_t n) {
    rotate_all(v, (void *const *)x, true, c, s, rotations, n);
}

#define KERNEL_TABLE(table_name, products_of_signs, products_of_digits)                            \
    {                                                                                              \
        .name = table_name, .sum = sum, .dot = dot, .dot3 = dot3, .axpy = axpy,                    \
        .axpy_many = axpy_many, .update = update, .update_single = update_single,                  \
        .product = product, .outer = outer,                                                        \
        .decode = {decode_f64, decode_f32, decode_i8, decode_dosage, decode_packed2, decode_csc},  \
        .stored_product = {stored_product_f64,    stored_product_f32,     stored_product_i8,       \
                           stored_product_dosage, stored_product_packed2, stored_product_csc},     \
        .stored_squares = {stored_squares_f64, stored_squares_f32, stored_squares_i8,              \
                           stored_squares_dosage, stored_squares_packed2},                         \
        .stored_axpy = {stored_axpy_f64,    stored_axpy_f32,     stored_axpy_i8,                   \
                        stored_axpy_dosage, stored_axpy_packed2, stored_axpy_csc},                 \
        .tabled_product = tabled_product, .tabled_axpy = tabled_axpy, .rotate = rotate,            \
        .rotate_single = rotate_single, .genotype_signs = genotype_signs,                          \
        .sign_products = products_of_signs, .digit_products = products_of_digits                   \
    }
