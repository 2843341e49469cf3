/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: many columns against many residuals. A chunk of rows of a block of residuals is
 * packed in the order in which it is read, and stays in L2 while the columns go by. The sums of a
 * tile of a few columns and residuals live in registers for a chunk; between chunks their lanes
 * rest in `carry`, so that each sum runs over all rows in the one order, however it is cut. */

enum {
    CHUNK_ROWS = 512, /* most rows of a chunk: a few columns of it fit in L1 */
    PACKED_DOUBLES = 12288,
    BLOCK_RESIDUALS = 36,
    BLOCK_COLUMNS = 256,
    BLOCK_SUMS = 2304, /* 64 columns of 36 residuals */
};

/* Where the lanes of column a and residual b of a block of `stride` residuals rest. */
ALWAYS_INLINE double *carry_at(double *carry, int stride, int a, int b) {
    return carry + (a * stride + b) * 8;
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

/* The rows of a chunk of a few columns. A sweep may find stored doubles there and decode them as it
 * goes, beside its multiply-adds; what it makes it leaves in `made` for the sweeps after it. */
typedef struct tile_columns {
    const double *at[8];
    double shift[8];
    bool first; /* of all rows: sums begin */
    double (*made)[CHUNK_ROWS + 8];
} tile_columns;

/* Lanes from .. from + PART_LANES - 1 of the 8 rows from `row` on of column a, or of the first
 * `some` of them where that is not 0. */
ALWAYS_INLINE part column_part(const tile_columns *x, bool decode, int a, int64_t row, int from,
                               int64_t some) {
    const double *at = x->at[a] + row;
    part v = some > 0 ? part_load_some(at, some, from) : part_load(at + from);
    if (!decode)
        return v;
    v = part_clear_nan(part_sub(v, part_set(x->shift[a])), v);
    if (some > 0) {
        part_store_some(x->made[a] + row, v, some, from);
        return part_load_some(x->made[a] + row, some, from); /* 0 behind the rows */
    }
    part_store(x->made[a] + row + from, v);
    return v;
}

/* Adds to `parts` parts of each sum of a tile, the first at `lane`, the products of 8 rows of
 * columns, `some` of them only, and a group of packed residuals. */
ALWAYS_INLINE void multiply_group(const tile_columns *x, bool decode, int columns, int64_t row,
                                  int lane, const double *packed, int64_t stride, int residuals,
                                  int parts, int64_t some, part acc[ACCUMULATORS]) {
    UNROLL
    for (int h = 0; h < parts; h++) {
        const int from = lane + h * PART_LANES;
        part r_part[TILE_RESIDUALS];
        UNROLL
        for (int b = 0; b < residuals; b++)
            r_part[b] = part_load(packed + h * stride + b * PART_LANES);
        UNROLL
        for (int a = 0; a < columns; a++) {
            part x_part = column_part(x, decode, a, row, from, some);
            UNROLL
            for (int b = 0; b < residuals; b++) {
                part *sum = &acc[(a * residuals + b) * parts + h];
                *sum = part_fma(x_part, r_part[b], *sum);
            }
        }
    }
}

/* What to fetch from memory during a sweep over the rows of a tile: every 8 rows a line of some of
 * a few places, of all in TURNS turns, each time `step` bytes further. */
typedef struct fetch {
    const unsigned char *at[PARTS][FETCHES]; /* for each sweep */
    int64_t step;
} fetch;

/* Fetches from the first 1 / TURNS of the places, and moves them on and behind the others. */
ALWAYS_INLINE void fetch_lines(const unsigned char *line[FETCHES], int64_t step) {
    const int each = FETCHES / TURNS;
    UNROLL
    for (int q = 0; q < each; q++) {
        const unsigned char *after = line[q] + step;
        __builtin_prefetch(line[q], 0, FETCH_LEVEL);
        UNROLL
        for (int u = 1; u < TURNS; u++)
            line[q + (u - 1) * each] = line[q + u * each];
        line[q + (TURNS - 1) * each] = after;
    }
}

/* Adds a chunk of rows to a tile whose numbers of columns and residuals are constants. A tile too
 * large to keep all lanes in registers takes its parts one after the other: the second finds the
 * columns in L1, and each load serves more sums. */
ALWAYS_INLINE void multiply_tile(const tile_columns *x, bool decode, int columns,
                                 const double *packed, int residuals, int64_t rows, double *carry,
                                 int across, const fetch *next) {
    const int parts = columns * residuals * PARTS <= ACCUMULATORS ? PARTS : 1;
    const int64_t step = residuals * PART_LANES, stride = (rows + 7) / 8 * step;
    for (int lane = 0; lane < 8; lane += parts * PART_LANES) {
        part acc[ACCUMULATORS];
        UNROLL
        for (int a = 0; a < columns; a++)
            UNROLL
        for (int b = 0; b < residuals; b++)
            UNROLL
        for (int h = 0; h < parts; h++)
            acc[(a * residuals + b) * parts + h] =
                x->first ? part_set(0.0)
                         : part_load(carry_at(carry, across, a, b) + lane + h * PART_LANES);
        const double *group = packed + lane / PART_LANES * stride;
        const unsigned char *line[FETCHES];
        UNROLL
        for (int q = 0; q < FETCHES; q++)
            line[q] = next->at[lane / PART_LANES][q];
        int64_t i = 0;
        for (; i + 8 <= rows; i += 8, group += step) {
            fetch_lines(line, next->step);
            multiply_group(x, decode, columns, i, lane, group, stride, residuals, parts, 0, acc);
        }
        if (i < rows)
            multiply_group(x, decode, columns, i, lane, group, stride, residuals, parts, rows - i,
                           acc);
        UNROLL
        for (int a = 0; a < columns; a++)
            UNROLL
        for (int b = 0; b < residuals; b++)
            UNROLL
        for (int h = 0; h < parts; h++)
            part_store(carry_at(carry, across, a, b) + lane + h * PART_LANES,
                       acc[(a * residuals + b) * parts + h]);
    }
}

#define COLUMNS_2(T, residuals) T(1, residuals) T(2, residuals)
#define COLUMNS_3(T, residuals) COLUMNS_2(T, residuals) T(3, residuals)
#define COLUMNS_4(T, residuals) COLUMNS_3(T, residuals) T(4, residuals)
#define COLUMNS_6(T, residuals) COLUMNS_4(T, residuals) T(5, residuals) T(6, residuals)
#define COLUMNS_8(T, residuals) COLUMNS_6(T, residuals) T(7, residuals) T(8, residuals)

/* Two functions a shape: the compiler unrolls each into registers. */
#define DEFINE_TILE(columns, residuals)                                                            \
    static void multiply_##columns##_##residuals(const tile_columns *x, const double *packed,      \
                                                 int64_t rows, double *carry, int across,          \
                                                 const fetch *next) {                              \
        multiply_tile(x, false, columns, packed, residuals, rows, carry, across, next);            \
    }                                                                                              \
    static void decode_##columns##_##residuals(const tile_columns *x, const double *packed,        \
                                               int64_t rows, double *carry, int across,            \
                                               const fetch *next) {                                \
        multiply_tile(x, true, columns, packed, residuals, rows, carry, across, next);             \
    }
EACH_TILE(DEFINE_TILE)

typedef void tile_multiply(const tile_columns *x, const double *packed, int64_t rows, double *carry,
                           int across, const fetch *next);

/* For doubles, and for stored doubles that are decoded on the way. */
#define LIST_TILE(columns, residuals) [columns][residuals] = multiply_##columns##_##residuals,
static tile_multiply *const MULTIPLY[9][TILE_RESIDUALS + 1] = {EACH_TILE(LIST_TILE)};
#define LIST_DECODE(columns, residuals) [columns][residuals] = decode_##columns##_##residuals,
static tile_multiply *const DECODE[9][TILE_RESIDUALS + 1] = {EACH_TILE(LIST_DECODE)};

/* Where piece k begins when `count` is cut into the fewest nearly equal pieces of at most `most`;
 * `count` after the last. */
static int64_t cut_evenly(int64_t count, int64_t most, int64_t k) {
    int64_t pieces = (count + most - 1) / most;
    return k < pieces ? count * k / pieces : count;
}

/* A chunk of a block of residuals, cut into tiles. */
typedef struct packed_chunk {
    double value[PACKED_DOUBLES] __attribute__((aligned(64)));
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

/* Where columns come from: doubles as they are, or stored. Those are unpacked a few rows at a time;
 * of doubles the first tile of residuals does that. */
typedef struct source {
    const void *const *column;
    const double *shift; /* NULL: all 0 */
    ri_storage storage;
    bool stored;
    void (*unpack)(const void *column, double shift, int64_t rows,
                   double *out); /* not of doubles */
} source;

/* Column k from the row on that lies `offset` bytes behind its first. */
static const unsigned char *point_into(const source *x, int64_t k, size_t offset) {
    return (const unsigned char *)x->column[k] + offset;
}

/* Columns from `begin` on with all their rows, and where each few of them begin. */
typedef struct block {
    const source *x;
    int64_t begin, n;
    int pieces, cut[BLOCK_COLUMNS + 1];
} block;

static void cut_block(block *all, int columns, int most) {
    all->pieces = (columns + most - 1) / most;
    for (int k = 0; k <= all->pieces; k++)
        all->cut[k] = columns * k / all->pieces;
}

/* Rows of a few columns from `begin` on. */
typedef struct piece {
    const source *x;
    int64_t begin;
    int columns;
    size_t offset; /* of the first row, in bytes */
    int64_t rows;
} piece;

/* At most `rows` rows of a few columns, none behind the last. */
static piece cut_piece(const block *all, int k, int64_t row, int64_t rows) {
    size_t offset = ri_storage_bytes(all->x->storage, row);
    rows = all->n - row < rows ? all->n - row : rows;
    int columns = rows > 0 ? all->cut[k + 1] - all->cut[k] : 0;
    return (piece){all->x, all->begin + all->cut[k], columns, offset, rows};
}

/* Where sweeps fetch every 64 bytes from the first on, fetches the lines that they may miss: a
 * piece need not begin with a line. */
static void fetch_ends(const piece *p) {
    size_t end = p->offset + ri_storage_bytes(p->x->storage, p->rows) - 1;
    for (int q = 0; q < p->columns; q++)
        __builtin_prefetch(point_into(p->x, p->begin + q, end), 0, FETCH_LEVEL);
}

/* What the sweeps of tile t of `tiles` fetch of a piece: all sweeps together fetch it once, evenly,
 * FETCHES columns at a time, as far as a line of each for 8 rows goes. Sweeps left over fetch
 * `idle`, which is in cache. */
static fetch spread_fetches(const piece *p, int t, int tiles, const void *idle) {
    int sweeps = tiles * PARTS, sets = (p->columns + FETCHES - 1) / FETCHES;
    int each = sets > 0 && sets < sweeps ? sweeps / sets : 1;
    int bytes = (int)ri_storage_bytes(p->x->storage, p->rows);
    int line = TURNS * (int)ri_storage_bytes(p->x->storage, 8);
    fetch out = {.step = (line + each - 1) / each};
    for (int h = 0; h < PARTS; h++)
        for (int q = 0; q < FETCHES; q++) {
            int sweep = t * PARTS + h, k = sweep / each * FETCHES + q;
            out.at[h][q] = k < p->columns ? point_into(p->x, p->begin + k, p->offset) +
                                                bytes * (sweep % each) / each
                                          : idle;
        }
    return out;
}

/* Points to a piece, unpacked where tiles cannot take it as stored. */
static void find_columns(const piece *p, tile_columns *out) {
    const source *x = p->x;
    for (int a = 0; a < p->columns; a++) {
        const unsigned char *from = point_into(x, p->begin + a, p->offset);
        out->shift[a] = x->shift == NULL ? 0.0 : x->shift[p->begin + a];
        out->at[a] = (const double *)(const void *)from;
        if (x->unpack != NULL) {
            x->unpack(from, out->shift[a], p->rows, out->made[a]);
            out->at[a] = out->made[a];
        }
    }
}

/* Takes the tiles of a chunk, a few columns with all residuals, then the next few, which come from
 * memory meanwhile; beside the last ones the first of the next chunk do. */
static void multiply_chunk(const block *all, int64_t row, int64_t rows, const packed_chunk *r,
                           double *carry) {
    double made[8][CHUNK_ROWS + 8] __attribute__((aligned(64)));
    tile_columns now = {.made = made, .first = row == 0};
    const int across = r->begin[r->tiles];
    for (int k = 0; k < all->pieces; k++) {
        const piece here = cut_piece(all, k, row, rows);
        const piece next = k + 1 < all->pieces ? cut_piece(all, k + 1, row, rows)
                                               : cut_piece(all, 0, row + rows, rows);
        bool decode = all->x->stored && all->x->unpack == NULL;
        find_columns(&here, &now);
        fetch_ends(&next);
        for (int t = 0; t < r->tiles; t++) {
            tile_multiply *tile =
                (decode ? DECODE : MULTIPLY)[here.columns][r->begin[t + 1] - r->begin[t]];
            fetch from = spread_fetches(&next, t, r->tiles, r->tile[t]);
            tile(&now, r->tile[t], rows, carry_at(carry, across, all->cut[k], r->begin[t]), across,
                 &from);
            for (int q = 0; decode && q < here.columns; q++)
                now.at[q] = made[q];
            decode = false;
        }
    }
}

/* Sums of at most BLOCK_SUMS pairs of a column from `begin` on and of at most BLOCK_RESIDUALS
 * residuals. */
static void multiply_block(const source *x, int64_t begin, int columns, const double *r,
                           int64_t ldr, int residuals, int64_t n, double *c, int64_t ldc) {
    double carry[BLOCK_SUMS * 8] __attribute__((aligned(64)));
    packed_chunk packed;
    block all = {.x = x, .begin = begin, .n = n};
    int64_t most = PACKED_DOUBLES / residuals / 8 * 8;
    int64_t chunk =
        x->storage == RI_F64 && residuals <= 3 * TILE_RESIDUALS ? DOUBLE_ROWS : CHUNK_ROWS;
    chunk = most < chunk ? most : chunk;
    for (int64_t row = 0; row < n; row += chunk) {
        int64_t rows = n - row < chunk ? n - row : chunk;
        pack_chunk(r + row, ldr, residuals, rows, &packed);
        if (row == 0)
            cut_block(&all, columns, TILE_COLUMNS[packed.widest - 1]);
        multiply_chunk(&all, row, rows, &packed, carry);
    }
    if (n == 0)
        memset(carry, 0, (size_t)columns * (size_t)residuals * 8 * sizeof *carry);
    for (int b = 0; b < residuals; b++) {
        int a = 0;
        for (; a + 8 <= columns; a += 8)
            reduce_eight(carry_at(carry, residuals, a, b), 8 * residuals, c + a + b * ldc);
        for (; a < columns; a++)
            c[a + b * ldc] = v8_reduce(v8_load(carry_at(carry, residuals, a, b)));
    }
}

static void multiply(const source *x, int64_t columns, const double *r, int64_t ldr,
                     int64_t residuals, int64_t n, double *c, int64_t ldc) {
    for (int64_t b = 0, l = 1, right; b < residuals; b = right, l++) {
        right = cut_evenly(residuals, BLOCK_RESIDUALS, l);
        int64_t most =
            BLOCK_SUMS / (right - b) < BLOCK_COLUMNS ? BLOCK_SUMS / (right - b) : BLOCK_COLUMNS;
        for (int64_t a = 0, k = 1, below; a < columns; a = below, k++) {
            below = cut_evenly(columns, most, k);
            multiply_block(x, a, (int)(below - a), r + b * ldr, ldr, (int)(right - b), n,
                           c + a + b * ldc, ldc);
        }
    }
}

static void product(const double *const *x, int64_t columns, const double *r, int64_t ldr,
                    int64_t residuals, int64_t n, double *c, int64_t ldc) {
    const source as_is = {(const void *const *)x, NULL, RI_F64, false, NULL};
    multiply(&as_is, columns, r, ldr, residuals, n, c, ldc);
}
