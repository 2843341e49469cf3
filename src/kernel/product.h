/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: many columns against many residuals. The sums of a tile of a few columns and
 * residuals live in registers for a chunk of rows; between chunks their lanes rest in `carry`, so
 * that each sum runs over all rows in the one order, however the work is cut. */

enum {
    CHUNK_ROWS = 256,     /* a multiple of 8: only the last chunk has a tail */
    BLOCK_COLUMNS = 24,   /* at most; a chunk of a block of residuals stays in L2 ... */
    BLOCK_RESIDUALS = 36, /* ... while the columns of a block go by */
};

/* Where the lanes of column a and residual b of a block rest. */
ALWAYS_INLINE double *carry_at(double *carry, int a, int b) {
    return carry + (a * BLOCK_RESIDUALS + b) * 8;
}

/* Adds one group of 8 rows, or the `count` < 8 of the tail if `some`, to `parts` parts of each sum
 * of a tile, from lane `from` on. x, r: the group's first row. */
ALWAYS_INLINE void multiply_rows(const double *const *x, int columns, int64_t row, const double *r,
                                 int64_t ldr, int residuals, int parts, int from, int some,
                                 int64_t count, part acc[ACCUMULATORS]) {
    for (int h = 0; h < parts; h++) {
        int lane = from + h * PART_LANES;
        part x_part[ACCUMULATORS];
        for (int a = 0; a < columns; a++)
            x_part[a] =
                some ? part_load_some(x[a] + row, count, lane) : part_load(x[a] + row + lane);
        for (int b = 0; b < residuals; b++) {
            const double *group = r + b * ldr + row;
            part r_part = some ? part_load_some(group, count, lane) : part_load(group + lane);
            for (int a = 0; a < columns; a++) {
                part *sum = &acc[(a * residuals + b) * parts + h];
                *sum = part_fma(x_part[a], r_part, *sum);
            }
        }
    }
}

/* Adds a chunk of rows to a tile whose numbers of columns and residuals are constants. A tile too
 * large to keep all lanes in registers takes its halves one after the other: the second finds the
 * chunk in L1, and each load serves more sums. */
ALWAYS_INLINE void multiply_tile(const double *const *x, int columns, const double *r, int64_t ldr,
                                 int residuals, int64_t rows, double *carry) {
    const int parts = columns * residuals * PARTS <= ACCUMULATORS ? PARTS : 1;
    for (int from = 0; from < 8; from += parts * PART_LANES) {
        part acc[ACCUMULATORS];
        for (int a = 0; a < columns; a++)
            for (int b = 0; b < residuals; b++)
                for (int h = 0; h < parts; h++)
                    acc[(a * residuals + b) * parts + h] =
                        part_load(carry_at(carry, a, b) + from + h * PART_LANES);
        int64_t i = 0;
        for (; i + 8 <= rows; i += 8)
            multiply_rows(x, columns, i, r, ldr, residuals, parts, from, 0, 8, acc);
        if (i < rows)
            multiply_rows(x, columns, i, r, ldr, residuals, parts, from, 1, rows - i, acc);
        for (int a = 0; a < columns; a++)
            for (int b = 0; b < residuals; b++)
                for (int h = 0; h < parts; h++)
                    part_store(carry_at(carry, a, b) + from + h * PART_LANES,
                               acc[(a * residuals + b) * parts + h]);
    }
}

#define COLUMNS_2(T, residuals) T(1, residuals) T(2, residuals)
#define COLUMNS_3(T, residuals) COLUMNS_2(T, residuals) T(3, residuals)
#define COLUMNS_4(T, residuals) COLUMNS_3(T, residuals) T(4, residuals)
#define COLUMNS_6(T, residuals) COLUMNS_4(T, residuals) T(5, residuals) T(6, residuals)
#define COLUMNS_8(T, residuals) COLUMNS_6(T, residuals) T(7, residuals) T(8, residuals)

/* One function a shape: the compiler unrolls each into registers. */
#define DEFINE_TILE(columns, residuals)                                                            \
    static void multiply_##columns##_##residuals(const double *const *x, const double *r,          \
                                                 int64_t ldr, int64_t rows, double *carry) {       \
        multiply_tile(x, columns, r, ldr, residuals, rows, carry);                                 \
    }
EACH_TILE(DEFINE_TILE)

typedef void multiply(const double *const *x, const double *r, int64_t ldr, int64_t rows,
                      double *carry);

#define LIST_TILE(columns, residuals) [columns][residuals] = multiply_##columns##_##residuals,
static multiply *const MULTIPLY[9][TILE_RESIDUALS + 1] = {EACH_TILE(LIST_TILE)};

/* The largest piece when `count` is cut into the fewest pieces of at most `most`, nearly equal. */
ALWAYS_INLINE int even_piece(int64_t count, int64_t most) {
    int64_t pieces = (count + most - 1) / most;
    return (int)((count + pieces - 1) / pieces);
}

/* A block: columns <= BLOCK_COLUMNS and residuals <= BLOCK_RESIDUALS. */
static void multiply_block(const double *const *x, int columns, const double *r, int64_t ldr,
                           int residuals, int64_t n, double *c, int64_t ldc) {
    double carry[BLOCK_COLUMNS * BLOCK_RESIDUALS * 8];
    const double *moved[BLOCK_COLUMNS];
    for (int a = 0; a < columns; a++)
        memset(carry_at(carry, a, 0), 0, (size_t)residuals * 8 * sizeof *carry);
    for (int64_t row = 0; row < n; row += CHUNK_ROWS) {
        int64_t rows = n - row < CHUNK_ROWS ? n - row : CHUNK_ROWS;
        for (int a = 0; a < columns; a++)
            moved[a] = x[a] + row;
        for (int b = 0, width; b < residuals; b += width) {
            width = even_piece(residuals - b, TILE_RESIDUALS);
            for (int a = 0, height; a < columns; a += height) {
                height = even_piece(columns - a, TILE_COLUMNS[width - 1]);
                MULTIPLY[height][width](moved + a, r + b * ldr + row, ldr, rows,
                                        carry_at(carry, a, b));
            }
        }
    }
    for (int b = 0; b < residuals; b++)
        for (int a = 0; a < columns; a++)
            c[a + b * ldc] = v8_reduce(v8_load(carry_at(carry, a, b)));
}

static void product(const double *const *x, int64_t columns, const double *r, int64_t ldr,
                    int64_t residuals, int64_t n, double *c, int64_t ldc) {
    for (int64_t b = 0, width; b < residuals; b += width) {
        width = even_piece(residuals - b, BLOCK_RESIDUALS);
        for (int64_t a = 0, height; a < columns; a += height) {
            height = even_piece(columns - a, BLOCK_COLUMNS);
            multiply_block(x + a, (int)height, r + b * ldr, ldr, (int)width, n, c + a + b * ldc,
                           ldc);
        }
    }
}
