/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: many columns against many residuals. A chunk of rows of a block of residuals is
 * packed in the order in which it is read, and stays in L2 while the columns go by. The sums of a
 * tile of a few columns and residuals live in registers for a chunk; between chunks their lanes
 * rest in `carry`, so that each sum runs over all rows in the one order, however it is cut. */

enum {
    CHUNK_ROWS = 256, /* a multiple of 8: only the last chunk has a tail */
    BLOCK_COLUMNS = 64,
    BLOCK_RESIDUALS = 36,
};

/* Where the lanes of column a and residual b of a block rest. */
ALWAYS_INLINE double *carry_at(double *carry, int a, int b) {
    return carry + (a * BLOCK_RESIDUALS + b) * 8;
}

/* Packs the residuals of a tile: part by part of the 8 lanes, in each its groups of rows, in each
 * the residuals. The last group is filled up with zeros. Returns the doubles written. */
static int64_t pack_tile(const double *r, int64_t ldr, int residuals, int64_t rows,
                         double *packed) {
    int64_t groups = (rows + 7) / 8, stride = groups * residuals * PART_LANES;
    for (int b = 0; b < residuals; b++) {
        const double *from = r + b * ldr;
        double *to = packed + b * PART_LANES;
        int64_t i = 0;
        for (; i + 8 <= rows; i += 8, to += residuals * PART_LANES)
            EACH_PART part_store(to + h * stride, part_load(from + i + h * PART_LANES));
        if (i < rows)
            EACH_PART part_store(to + h * stride,
                                 part_load_some(from + i, rows - i, h * PART_LANES));
    }
    return PARTS * stride;
}

/* Adds to `parts` parts of each sum of a tile, the first at `lane`, the products of 8 rows of
 * columns, `some` of them only, and a group of packed residuals. */
ALWAYS_INLINE void multiply_group(const double *const *x, int columns, int64_t row, int lane,
                                  const double *packed, int64_t stride, int residuals, int parts,
                                  int64_t some, part acc[ACCUMULATORS]) {
    for (int h = 0; h < parts; h++) {
        part x_part[ACCUMULATORS];
        for (int a = 0; a < columns; a++) {
            int from = lane + h * PART_LANES;
            x_part[a] =
                some > 0 ? part_load_some(x[a] + row, some, from) : part_load(x[a] + row + from);
        }
        for (int b = 0; b < residuals; b++) {
            part r_part = part_load(packed + h * stride + b * PART_LANES);
            for (int a = 0; a < columns; a++) {
                part *sum = &acc[(a * residuals + b) * parts + h];
                *sum = part_fma(x_part[a], r_part, *sum);
            }
        }
    }
}

/* Adds a chunk of rows to a tile whose numbers of columns and residuals are constants. A tile too
 * large to keep all lanes in registers takes its parts one after the other: the second finds the
 * columns in L1, and each load serves more sums. */
ALWAYS_INLINE void multiply_tile(const double *const *x, int columns, const double *packed,
                                 int residuals, int64_t rows, double *carry) {
    const int parts = columns * residuals * PARTS <= ACCUMULATORS ? PARTS : 1;
    const int64_t step = residuals * PART_LANES, stride = (rows + 7) / 8 * step;
    for (int lane = 0; lane < 8; lane += parts * PART_LANES) {
        part acc[ACCUMULATORS];
        for (int a = 0; a < columns; a++)
            for (int b = 0; b < residuals; b++)
                for (int h = 0; h < parts; h++)
                    acc[(a * residuals + b) * parts + h] =
                        part_load(carry_at(carry, a, b) + lane + h * PART_LANES);
        const double *group = packed + lane / PART_LANES * stride;
        int64_t i = 0;
        for (; i + 8 <= rows; i += 8, group += step)
            multiply_group(x, columns, i, lane, group, stride, residuals, parts, 0, acc);
        if (i < rows)
            multiply_group(x, columns, i, lane, group, stride, residuals, parts, rows - i, acc);
        for (int a = 0; a < columns; a++)
            for (int b = 0; b < residuals; b++)
                for (int h = 0; h < parts; h++)
                    part_store(carry_at(carry, a, b) + lane + h * PART_LANES,
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
    static void multiply_##columns##_##residuals(const double *const *x, const double *packed,     \
                                                 int64_t rows, double *carry) {                    \
        multiply_tile(x, columns, packed, residuals, rows, carry);                                 \
    }
EACH_TILE(DEFINE_TILE)

typedef void tile_multiply(const double *const *x, const double *packed, int64_t rows,
                           double *carry);

#define LIST_TILE(columns, residuals) [columns][residuals] = multiply_##columns##_##residuals,
static tile_multiply *const MULTIPLY[9][TILE_RESIDUALS + 1] = {EACH_TILE(LIST_TILE)};

/* Where piece k begins when `count` is cut into the fewest nearly equal pieces of at most `most`;
 * `count` after the last. */
static int64_t cut_evenly(int64_t count, int64_t most, int64_t k) {
    int64_t pieces = (count + most - 1) / most;
    return k < pieces ? count * k / pieces : count;
}

/* A chunk of a block of residuals, cut into tiles. */
typedef struct packed_chunk {
    double value[CHUNK_ROWS * BLOCK_RESIDUALS] __attribute__((aligned(64)));
    const double *tile[BLOCK_RESIDUALS]; /* [tiles] into `value` */
    int begin[BLOCK_RESIDUALS + 1];      /* first residual of each tile, then their number */
    int tiles, widest;
} packed_chunk;

static void pack_chunk(const double *r, int64_t ldr, int residuals, int64_t rows,
                       packed_chunk *out) {
    double *end = out->value;
    out->tiles = 0;
    out->widest = 1;
    out->begin[0] = 0;
    for (int b = 0; b < residuals;) {
        int next = (int)cut_evenly(residuals, TILE_RESIDUALS, out->tiles + 1);
        out->tile[out->tiles] = end;
        end += pack_tile(r + b * ldr, ldr, next - b, rows, end);
        out->widest = next - b > out->widest ? next - b : out->widest;
        out->begin[++out->tiles] = b = next;
    }
}

/* Where columns come from: as they are, or stored and unpacked a few rows at a time. */
typedef struct source {
    const void *const *column;
    const double *shift; /* NULL: all 0 */
    ri_storage storage;
    void (*unpack)(const void *column, double shift, int64_t rows, double *out); /* NULL: as is */
} source;

/* Columns [begin, begin + columns) from row `row` on. */
typedef struct piece {
    const unsigned char *column[8];
    int columns;
} piece;

static piece take_piece(const source *x, int64_t begin, int columns, int64_t row) {
    piece out = {.columns = columns};
    for (int a = 0; a < columns; a++)
        out.column[a] =
            (const unsigned char *)x->column[begin + a] + ri_storage_bytes(x->storage, row);
    return out;
}

/* Fetches part k of `parts` of the first `rows` rows of a piece. */
static void prefetch_piece(const piece *x, ri_storage storage, int64_t rows, int k, int parts) {
    int64_t bytes = (int64_t)ri_storage_bytes(storage, rows);
    for (int a = 0; a < x->columns; a++)
        for (int64_t i = bytes * k / parts; i < bytes * (k + 1) / parts; i += 64)
            __builtin_prefetch(x->column[a] + i);
}

/* Takes the tiles of a chunk, a few columns with all residuals, then the next few, which come from
 * memory meanwhile. With one tile of residuals there is nothing to hide that behind. */
static void multiply_chunk(const source *x, int64_t begin, int columns, int64_t row, int64_t rows,
                           const packed_chunk *r, double *carry) {
    double unpacked[8][CHUNK_ROWS] __attribute__((aligned(64)));
    const double *pointer[8];
    const int most = TILE_COLUMNS[r->widest - 1];
    int a = 0, end = (int)cut_evenly(columns, most, 1);
    piece now = take_piece(x, begin, end, row);
    for (int k = 2; a < columns; k++) {
        int after = (int)cut_evenly(columns, most, k);
        piece next = take_piece(x, begin + end, after - end, row);
        for (int q = 0; q < now.columns; q++) {
            pointer[q] = (const double *)(const void *)now.column[q];
            if (x->unpack != NULL) {
                double shift = x->shift == NULL ? 0.0 : x->shift[begin + a + q];
                x->unpack(now.column[q], shift, rows, unpacked[q]);
                pointer[q] = unpacked[q];
            }
        }
        for (int t = 0; t < r->tiles; t++) {
            if (r->tiles > 1)
                prefetch_piece(&next, x->storage, rows, t, r->tiles);
            MULTIPLY[now.columns][r->begin[t + 1] - r->begin[t]](pointer, r->tile[t], rows,
                                                                 carry_at(carry, a, r->begin[t]));
        }
        a = end;
        end = after;
        now = next;
    }
}

/* At most BLOCK_COLUMNS columns from `begin` on and BLOCK_RESIDUALS residuals. */
static void multiply_block(const source *x, int64_t begin, int columns, const double *r,
                           int64_t ldr, int residuals, int64_t n, double *c, int64_t ldc) {
    double carry[BLOCK_COLUMNS * BLOCK_RESIDUALS * 8] __attribute__((aligned(64)));
    packed_chunk packed;
    for (int a = 0; a < columns; a++)
        memset(carry_at(carry, a, 0), 0, (size_t)residuals * 8 * sizeof *carry);
    for (int64_t row = 0; row < n; row += CHUNK_ROWS) {
        int64_t rows = n - row < CHUNK_ROWS ? n - row : CHUNK_ROWS;
        pack_chunk(r + row, ldr, residuals, rows, &packed);
        multiply_chunk(x, begin, columns, row, rows, &packed, carry);
    }
    for (int b = 0; b < residuals; b++)
        for (int a = 0; a < columns; a++)
            c[a + b * ldc] = v8_reduce(v8_load(carry_at(carry, a, b)));
}

static void multiply(const source *x, int64_t columns, const double *r, int64_t ldr,
                     int64_t residuals, int64_t n, double *c, int64_t ldc) {
    for (int64_t b = 0, l = 1, right; b < residuals; b = right, l++) {
        right = cut_evenly(residuals, BLOCK_RESIDUALS, l);
        for (int64_t a = 0, k = 1, below; a < columns; a = below, k++) {
            below = cut_evenly(columns, BLOCK_COLUMNS, k);
            multiply_block(x, a, (int)(below - a), r + b * ldr, ldr, (int)(right - b), n,
                           c + a + b * ldc, ldc);
        }
    }
}

static void product(const double *const *x, int64_t columns, const double *r, int64_t ldr,
                    int64_t residuals, int64_t n, double *c, int64_t ldc) {
    const source as_is = {(const void *const *)x, NULL, RI_F64, NULL};
    multiply(&as_is, columns, r, ldr, residuals, n, c, ldc);
}
