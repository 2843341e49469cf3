/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: many columns added to several vectors at once. A few rows of a few vectors live
 * in registers while all columns go by: each load of a column serves all of these vectors. */

/* Vectors taken at once, and groups of 8 of their rows. */
enum { UPDATE_VECTORS = ACCUMULATORS >= 24 ? 6 : ACCUMULATORS >= 12 ? 3 : 1 };
enum { UPDATE_GROUPS = ACCUMULATORS / (UPDATE_VECTORS * PARTS), UPDATE_HALF = UPDATE_VECTORS / 2 };

/* 8 rows of a column from `row` on, of floats or doubles, a constant; `some` of them only, 0: all.
 */
ALWAYS_INLINE v8 either_load(const void *x, bool single, int64_t row, int64_t some) {
    if (single) {
        const float *at = (const float *)x + row;
        return some > 0 ? v8_load_single_some(at, some) : v8_load_single(at);
    }
    const double *at = (const double *)x + row;
    return some > 0 ? v8_load_some(at, some) : v8_load(at);
}

/* The lanes from `from` on of that. */
ALWAYS_INLINE part either_part(const void *x, bool single, int64_t row, int from, int64_t some) {
    if (some > 0)
        return either_load(x, single, row, some).of[from / PART_LANES];
    return single ? part_load_f32((const float *)x + row + from)
                  : part_load((const double *)x + row + from);
}

/* `groups` groups of rows of `vectors` vectors, constants; the last group has `some` rows, 0: all.
 */
ALWAYS_INLINE void update_rows(const void *const *x, bool single, int64_t row, const double *s,
                               int64_t lds, int64_t count, double *y, int64_t ldy, int vectors,
                               int groups, int64_t some) {
    v8 acc[UPDATE_VECTORS * UPDATE_GROUPS];
    UNROLL
    for (int v = 0; v < vectors; v++)
        UNROLL
    for (int h = 0; h < groups; h++)
        acc[v * groups + h] = some > 0 ? v8_load_some(y + v * ldy + row + 8 * h, some)
                                       : v8_load(y + v * ldy + row + 8 * h);
    /* A part at a time: it and the factors fit in registers beside the sums. */
    for (int64_t k = 0; k < count; k++)
        UNROLL
    for (int q = 0; q < groups * PARTS; q++) {
        const int h = q / PARTS, from = q % PARTS;
        const part of = either_part(x[k], single, row + 8 * h, from * PART_LANES, some);
        UNROLL
        for (int v = 0; v < vectors; v++) {
            part *sum = &acc[v * groups + h].of[from];
            *sum = part_fma(part_set(s[k + v * lds]), of, *sum);
        }
    }
    UNROLL
    for (int v = 0; v < vectors; v++)
        UNROLL
    for (int h = 0; h < groups; h++)
        if (some > 0)
            v8_store_some(y + v * ldy + row + 8 * h, acc[v * groups + h], some);
        else
            v8_store(y + v * ldy + row + 8 * h, acc[v * groups + h]);
}

/* All rows of `vectors` vectors, a constant. */
ALWAYS_INLINE void update_vectors(const void *const *x, bool single, const double *s, int64_t lds,
                                  int64_t count, double *y, int64_t ldy, int vectors, int64_t n) {
    const int64_t step = 8 * UPDATE_GROUPS;
    int64_t i = 0;
    for (; i + step <= n; i += step)
        update_rows(x, single, i, s, lds, count, y, ldy, vectors, UPDATE_GROUPS, 0);
    for (; i + 8 <= n; i += 8)
        update_rows(x, single, i, s, lds, count, y, ldy, vectors, 1, 0);
    if (i < n)
        update_rows(x, single, i, s, lds, count, y, ldy, vectors, 1, n - i);
}

ALWAYS_INLINE void update_all(const void *const *x, bool single, int64_t count, const double *s,
                              int64_t lds, double *y, int64_t ldy, int64_t vectors, int64_t n) {
    int64_t v = 0;
    for (; v + UPDATE_VECTORS <= vectors; v += UPDATE_VECTORS)
        update_vectors(x, single, s + v * lds, lds, count, y + v * ldy, ldy, UPDATE_VECTORS, n);
    if (UPDATE_HALF > 1 && v + UPDATE_HALF <= vectors) {
        update_vectors(x, single, s + v * lds, lds, count, y + v * ldy, ldy, UPDATE_HALF, n);
        v += UPDATE_HALF;
    }
    if (UPDATE_HALF > 2 && v + 2 <= vectors) {
        update_vectors(x, single, s + v * lds, lds, count, y + v * ldy, ldy, 2, n);
        v += 2;
    }
    for (; v < vectors; v++)
        if (single)
            update_vectors(x, single, s + v * lds, lds, count, y + v * ldy, ldy, 1, n);
        else
            axpy_many((const double *const *)x, s + v * lds, count, y + v * ldy, n);
}

static void update(const double *const *x, int64_t count, const double *s, int64_t lds, double *y,
                   int64_t ldy, int64_t vectors, int64_t n) {
    update_all((const void *const *)x, false, count, s, lds, y, ldy, vectors, n);
}

static void update_single(const float *const *x, int64_t count, const double *s, int64_t lds,
                          double *y, int64_t ldy, int64_t vectors, int64_t n) {
    update_all((const void *const *)x, true, count, s, lds, y, ldy, vectors, n);
}
