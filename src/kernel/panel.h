/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: panels of 8 interleaved columns, for products of matrices with themselves. Every
 * lane is a sum of its own, so that nothing is reduced, and one load serves 8 of them. */

/* Columns of the second panel taken at once: as many as leave registers for the first. */
enum { OUTER_COLUMNS = PARTS == 1 ? 8 : 4 };

static void outer(const double *a, const double *b, int64_t count, double *c) {
    for (int from = 0; from < 8; from += OUTER_COLUMNS) {
        v8 acc[OUTER_COLUMNS];
        for (int j = 0; j < OUTER_COLUMNS; j++)
            acc[j] = v8_load(c + 8 * (from + j));
        for (int64_t t = 0; t < count; t++) {
            v8 a8 = v8_load(a + 8 * t);
            for (int j = 0; j < OUTER_COLUMNS; j++)
                acc[j] = v8_fma(v8_set(b[8 * t + from + j]), a8, acc[j]);
        }
        for (int j = 0; j < OUTER_COLUMNS; j++)
            v8_store(c + 8 * (from + j), acc[j]);
    }
}
