/* SPDX-License-Identifier: BSD-3-Clause
 * Packed genotypes times whole numbers of two bytes: 64 products of a byte with a byte in an
 * instruction or two, exact in whatever order. A table that has two ways to multiply includes this
 * twice. Before it: DIGITS(name), the functions' names; DIGITS_TARGET, their attributes; and
 *   bytes                    64 / DIGIT_PARTS bytes: genotypes or digits
 *   sums, digit_zero()       sums of 32 bits
 *   digit_load(at)           bytes from memory
 *   digit_genotypes(x, k)    of packed bytes, the k-th genotype of each: 0, 1 or 2, missing ones 0
 *   digit_store(at, x)
 *   DIGITS(digit_add)(s, g, q)  adds products of genotypes and signed bytes
 *   digit_total(high, low)   256 times one sum and the other */

#ifndef RI_KERNEL_DIGITS_ONCE
#define RI_KERNEL_DIGITS_ONCE
/* Rows unpacked at once, into L1: sums of so many fit 32 bits. Columns unpacked together. */
enum { DIGIT_ROWS = 2048, DIGIT_BLOCK = 256, DIGIT_COLUMNS = 4, DIGIT_BYTES = 64 / DIGIT_PARTS };
/* Vectors at once of which the higher bytes alone are added: half the sums, at most 16 all in all.
 */
enum { DIGIT_SHORT_VECTORS = DIGIT_VECTORS + 1 };

/* Rows [row, row + 256) of a packed column; `copy` where it ends before that. */
static const uint8_t *digit_block(const void *column, int64_t row, int64_t n, uint8_t copy[64]) {
    const uint8_t *from = (const uint8_t *)column + row / 4;
    if (row + DIGIT_BLOCK <= n)
        return from;
    memset(copy, 0, 64);
    memcpy(copy, from, (size_t)(n - row + 3) / 4);
    return copy;
}

static void digit_unpack(const void *column, int64_t row, int64_t rows, int64_t n, uint8_t *out) {
    uint8_t copy[64];
    for (int64_t i = 0; i < rows; i += DIGIT_BLOCK, out += DIGIT_BLOCK) {
        const uint8_t *from = digit_block(column, row + i, n, copy);
        UNROLL
        for (int h = 0; h < DIGIT_PARTS; h++) {
            bytes packed = digit_load(from + h * DIGIT_BYTES);
            UNROLL
            for (int k = 0; k < 4; k++)
                digit_store(out + 64 * k + h * DIGIT_BYTES, digit_genotypes(packed, k));
        }
    }
}
#endif

/* A few columns with a few vectors, their numbers constants and `both` as well, over `rows` rows.
 */
DIGITS_TARGET ALWAYS_INLINE void DIGITS(digit_tile)(const uint8_t (*genotype)[DIGIT_ROWS],
                                                    int columns, const int8_t *digit, int64_t apart,
                                                    int vectors, bool both, int64_t rows,
                                                    int64_t *c, int64_t ldc) {
    sums high[DIGIT_COLUMNS * DIGIT_SHORT_VECTORS], low[DIGIT_COLUMNS * DIGIT_SHORT_VECTORS];
    UNROLL
    for (int i = 0; i < columns * vectors; i++)
        high[i] = low[i] = digit_zero();
    for (int64_t i = 0; i < rows; i += DIGIT_BYTES) {
        const int64_t at = i / 64 * 128 + i % 64;
        bytes g[DIGIT_COLUMNS];
        UNROLL
        for (int a = 0; a < columns; a++)
            g[a] = digit_load(genotype[a] + i);
        UNROLL
        for (int b = 0; b < vectors; b++) {
            const uint8_t *from = (const uint8_t *)digit + b * apart + at;
            bytes q = digit_load(from);
            UNROLL
            for (int a = 0; a < columns; a++)
                high[a + b * columns] = DIGITS(digit_add)(high[a + b * columns], g[a], q);
            if (!both)
                continue;
            q = digit_load(from + 64);
            UNROLL
            for (int a = 0; a < columns; a++)
                low[a + b * columns] = DIGITS(digit_add)(low[a + b * columns], g[a], q);
        }
    }
    UNROLL
    for (int b = 0; b < vectors; b++)
        UNROLL
    for (int a = 0; a < columns; a++)
        c[a + b * ldc] += digit_total(high[a + b * columns], low[a + b * columns]);
}

/* A few columns, a constant, with all vectors: `both` bytes of their numbers, a constant, or the
 * higher ones of more at once. */
DIGITS_TARGET ALWAYS_INLINE void DIGITS(digit_columns)(const uint8_t (*genotype)[DIGIT_ROWS],
                                                       int columns, const int8_t *digit,
                                                       int64_t apart, int64_t vectors, bool both,
                                                       int64_t rows, int64_t *c, int64_t ldc) {
    const int most = both ? DIGIT_VECTORS : DIGIT_SHORT_VECTORS;
    int64_t b = 0;
    for (; b + most <= vectors; b += most)
        DIGITS(digit_tile)
    (genotype, columns, digit + b * apart, apart, most, both, rows, c + b * ldc, ldc);
    for (; most > 2 && b + 2 <= vectors; b += 2)
        DIGITS(digit_tile)
    (genotype, columns, digit + b * apart, apart, 2, both, rows, c + b * ldc, ldc);
    for (; b < vectors; b++)
        DIGITS(digit_tile)
    (genotype, columns, digit + b * apart, apart, 1, both, rows, c + b * ldc, ldc);
}

DIGITS_TARGET ALWAYS_INLINE void DIGITS(digit_rows)(const void *const *column, int64_t columns,
                                                    const ri_digits *r, bool both, int64_t n,
                                                    int64_t *c, int64_t ldc) {
    uint8_t genotype[DIGIT_COLUMNS][DIGIT_ROWS] __attribute__((aligned(64)));
    const uint8_t(*unpacked)[DIGIT_ROWS] = (const uint8_t(*)[DIGIT_ROWS])genotype;
    for (int64_t row = 0; row < n; row += DIGIT_ROWS) {
        const int64_t left = (n - row + DIGIT_BLOCK - 1) / DIGIT_BLOCK * DIGIT_BLOCK;
        const int64_t rows = left < DIGIT_ROWS ? left : DIGIT_ROWS;
        const int8_t *digit = r->byte + 2 * row;
        int64_t a = 0;
        for (; a + DIGIT_COLUMNS <= columns; a += DIGIT_COLUMNS) {
            for (int k = 0; k < DIGIT_COLUMNS; k++)
                digit_unpack(column[a + k], row, rows, n, genotype[k]);
            DIGITS(digit_columns)
            (unpacked, DIGIT_COLUMNS, digit, r->apart, r->count, both, rows, c + a, ldc);
        }
        for (; a < columns; a++) {
            digit_unpack(column[a], row, rows, n, genotype[0]);
            DIGITS(digit_columns)(unpacked, 1, digit, r->apart, r->count, both, rows, c + a, ldc);
        }
    }
}

DIGITS_TARGET static void DIGITS(digit_products)(const void *const *column, int64_t columns,
                                                 const ri_digits *r, int64_t n, int64_t *c,
                                                 int64_t ldc) {
    for (int64_t b = 0; b < r->count; b++)
        memset(c + b * ldc, 0, (size_t)columns * sizeof *c);
    if (r->high)
        DIGITS(digit_rows)(column, columns, r, false, n, c, ldc);
    else
        DIGITS(digit_rows)(column, columns, r, true, n, c, ldc);
}
