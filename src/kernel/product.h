/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: many columns against many residuals. A tile of TILE_COLUMNS x TILE_RESIDUALS
 * inner products lives in registers for a chunk of rows; between chunks its lanes rest in `carry`,
 * so that each sum runs over all rows in the one order, however the work is cut. */

enum {
    CHUNK_ROWS = 256,     /* a multiple of 8: only the last chunk has a tail */
    BLOCK_COLUMNS = 24,   /* a chunk of a block of residuals stays in L2 ... */
    BLOCK_RESIDUALS = 36, /* ... for a block of columns */
};

/* Where the 8 lanes of pair (a, b) of a block rest. */
ALWAYS_INLINE double *carry_at(double *carry, int a, int b) {
    return carry + (a * BLOCK_RESIDUALS + b) * 8;
}

ALWAYS_INLINE void multiply_tile(const double *const *x, int columns, const double *r, int64_t ldr,
                                 int residuals, int64_t rows, double *carry) {
    v8 acc[TILE_COLUMNS][TILE_RESIDUALS], x8[TILE_COLUMNS];
    for (int a = 0; a < columns; a++)
        for (int b = 0; b < residuals; b++)
            acc[a][b] = v8_load(carry_at(carry, a, b));
    int64_t i = 0;
    for (; i + 8 <= rows; i += 8) {
        for (int a = 0; a < columns; a++)
            x8[a] = v8_load(x[a] + i);
        for (int b = 0; b < residuals; b++) {
            v8 r8 = v8_load(r + b * ldr + i);
            for (int a = 0; a < columns; a++)
                acc[a][b] = v8_fma(x8[a], r8, acc[a][b]);
        }
    }
    if (i < rows) {
        for (int a = 0; a < columns; a++)
            x8[a] = v8_load_part(x[a] + i, rows - i);
        for (int b = 0; b < residuals; b++) {
            v8 r8 = v8_load_part(r + b * ldr + i, rows - i);
            for (int a = 0; a < columns; a++)
                acc[a][b] = v8_fma(x8[a], r8, acc[a][b]);
        }
    }
    for (int a = 0; a < columns; a++)
        for (int b = 0; b < residuals; b++)
            v8_store(carry_at(carry, a, b), acc[a][b]);
}

static void multiply_any(const double *const *x, int columns, const double *r, int64_t ldr,
                         int residuals, int64_t rows, double *carry) {
    if (columns == TILE_COLUMNS && residuals == TILE_RESIDUALS) {
        multiply_tile(x, TILE_COLUMNS, r, ldr, TILE_RESIDUALS, rows, carry);
        return;
    }
    for (int a = 0; a < columns; a++)
        for (int b = 0; b < residuals; b++)
            multiply_tile(x + a, 1, r + b * ldr, ldr, 1, rows, carry_at(carry, a, b));
}

static void product_block(const double *const *x, int columns, const double *r, int64_t ldr,
                          int residuals, int64_t n, double *c, int64_t ldc) {
    double carry[BLOCK_COLUMNS * BLOCK_RESIDUALS * 8];
    memset(carry, 0, sizeof carry);
    const double *moved[BLOCK_COLUMNS];
    for (int64_t i = 0; i < n; i += CHUNK_ROWS) {
        int64_t rows = n - i < CHUNK_ROWS ? n - i : CHUNK_ROWS;
        for (int a = 0; a < columns; a++)
            moved[a] = x[a] + i;
        for (int b = 0; b < residuals; b += TILE_RESIDUALS)
            for (int a = 0; a < columns; a += TILE_COLUMNS)
                multiply_any(moved + a, columns - a < TILE_COLUMNS ? columns - a : TILE_COLUMNS,
                             r + b * ldr + i, ldr,
                             residuals - b < TILE_RESIDUALS ? residuals - b : TILE_RESIDUALS, rows,
                             carry_at(carry, a, b));
    }
    for (int b = 0; b < residuals; b++)
        for (int a = 0; a < columns; a++)
            c[a + b * ldc] = v8_reduce(v8_load(carry_at(carry, a, b)));
}

static void product(const double *const *x, int64_t columns, const double *r, int64_t ldr,
                    int64_t residuals, int64_t n, double *c, int64_t ldc) {
    for (int64_t b = 0; b < residuals; b += BLOCK_RESIDUALS)
        for (int64_t a = 0; a < columns; a += BLOCK_COLUMNS) {
            int64_t height = columns - a, width = residuals - b;
            product_block(
                x + a, (int)(height < BLOCK_COLUMNS ? height : BLOCK_COLUMNS), r + b * ldr, ldr,
                (int)(width < BLOCK_RESIDUALS ? width : BLOCK_RESIDUALS), n, c + a + b * ldc, ldc);
        }
}
