/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: columns of few values, which are read as codes and looked up in registers. */

/* Dots of a few columns, their number a constant, with r. */
ALWAYS_INLINE void tabled_dots(const ri_tabled *const *x, int columns, const double *r, int64_t n,
                               double *c) {
    part lens[DOTS_COLUMNS];
    const void *at[DOTS_COLUMNS];
    v8 acc[DOTS_COLUMNS];
    UNROLL
    for (int a = 0; a < columns; a++) {
        lens[a] = part_table(x[a]->value);
        at[a] = x[a]->code;
        acc[a] = v8_set(0.0);
    }
    int64_t i = 0;
    for (; i + CODED_ROWS <= n; i += CODED_ROWS)
        dots_coded(at, columns, false, lens, r, 0, 1, i, acc);
    for (; i + 8 <= n; i += 8)
        dots_group(RI_PACKED2, at, columns, lens, r, 0, 1, i, acc);
    if (i < n)
        UNROLL
    for (int a = 0; a < columns; a++)
        acc[a] =
            v8_fma(v8_stored(RI_PACKED2, at[a], i, lens[a]), v8_load_some(r + i, n - i), acc[a]);
    UNROLL
    for (int a = 0; a < columns; a++)
        c[a] = v8_reduce(acc[a]);
}

static void tabled_product(const ri_tabled *const *x, int64_t count, const double *r, int64_t n,
                           double *c) {
    int64_t k = 0;
    for (; k + DOTS_COLUMNS <= count; k += DOTS_COLUMNS)
        tabled_dots(x + k, DOTS_COLUMNS, r, n, c + k);
    for (; k < count; k++)
        tabled_dots(x + k, 1, r, n, c + k);
}

/* y += sum_k s[k] x[k], `count` a constant, in one sweep of y. */
ALWAYS_INLINE void tabled_axpy_group(const ri_tabled *const *x, const double *s, int count,
                                     double *y, int64_t n) {
    part lens[AXPY_COLUMNS];
    const void *at[AXPY_COLUMNS];
    v8 s8[AXPY_COLUMNS];
    UNROLL
    for (int k = 0; k < count; k++) {
        lens[k] = part_table(x[k]->value);
        at[k] = x[k]->code;
        s8[k] = v8_set(s[k]);
    }
    int64_t i = 0;
    for (; i + CODED_ROWS <= n; i += CODED_ROWS)
        axpy_coded(at, count, false, lens, s8, i, y);
    for (; i < n; i += 8) {
        int64_t rows = n - i < 8 ? n - i : 8;
        v8 y8 = v8_load_some(y + i, rows);
        UNROLL
        for (int k = 0; k < count; k++)
            y8 = v8_fma(s8[k], v8_stored(RI_PACKED2, at[k], i, lens[k]), y8);
        v8_store_some(y + i, y8, rows);
    }
}

static void tabled_axpy(const ri_tabled *const *x, const double *s, int64_t count, double *y,
                        int64_t n) {
    int64_t k = 0;
    for (; k + AXPY_COLUMNS <= count; k += AXPY_COLUMNS)
        tabled_axpy_group(x + k, s + k, AXPY_COLUMNS, y, n);
    if (AXPY_COLUMNS > 4 && k + 4 <= count) {
        tabled_axpy_group(x + k, s + k, 4, y, n);
        k += 4;
    }
    for (; k < count; k++)
        tabled_axpy_group(x + k, s + k, 1, y, n);
}
