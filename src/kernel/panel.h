/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: panels of 8 interleaved columns, for products of matrices with themselves. Every
 * lane is a sum of its own, so that nothing is reduced, and one load serves 8 of them, or 24 where
 * there are registers for three panels beside one. */

/* Columns of the second panel taken at once, and panels of the first side: as many as leave
 * registers for what they are multiplied from. */
enum { OUTER_COLUMNS = PARTS == 1 ? 8 : 4, OUTER_PANELS = ACCUMULATORS >= 24 ? 3 : 1 };

/* The first `panels` of them, a constant. */
ALWAYS_INLINE void outer_group(const double *a, int64_t stride, int panels, const double *b,
                               int64_t count, double *c) {
    for (int from = 0; from < 8; from += OUTER_COLUMNS) {
        v8 acc[OUTER_PANELS * OUTER_COLUMNS];
        UNROLL
        for (int k = 0; k < panels; k++)
            UNROLL
        for (int j = 0; j < OUTER_COLUMNS; j++) {
            acc[k * OUTER_COLUMNS + j] = v8_set(0.0);
            __builtin_prefetch(c + 64 * k + 8 * (from + j), 1, 3);
        }
        for (int64_t t = 0; t < count; t++) {
            v8 row[OUTER_PANELS];
            UNROLL
            for (int k = 0; k < panels; k++)
                row[k] = v8_load(a + k * stride + 8 * t);
            UNROLL
            for (int j = 0; j < OUTER_COLUMNS; j++) {
                v8 factor = v8_set(b[8 * t + from + j]);
                UNROLL
                for (int k = 0; k < panels; k++)
                    acc[k * OUTER_COLUMNS + j] = v8_fma(factor, row[k], acc[k * OUTER_COLUMNS + j]);
            }
        }
        UNROLL
        for (int k = 0; k < panels; k++)
            UNROLL
        for (int j = 0; j < OUTER_COLUMNS; j++) {
            double *to = c + 64 * k + 8 * (from + j);
            v8_store(to, v8_add(v8_load(to), acc[k * OUTER_COLUMNS + j]));
        }
    }
}

static void outer(const double *a, int64_t stride, int64_t panels, const double *b, int64_t count,
                  double *c) {
    int64_t k = 0;
    for (; k + OUTER_PANELS <= panels; k += OUTER_PANELS)
        outer_group(a + k * stride, stride, OUTER_PANELS, b, count, c + 64 * k);
    if (OUTER_PANELS > 2 && k + 2 <= panels) {
        outer_group(a + k * stride, stride, 2, b, count, c + 64 * k);
        k += 2;
    }
    if (OUTER_PANELS > 1 && k < panels)
        outer_group(a + k * stride, stride, 1, b, count, c + 64 * k);
}
