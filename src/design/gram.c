/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of rows of X are decoded one after the other, those of a group together, into panels of 8
 * interleaved columns; tiles of the lower triangle then take them a few chunks at a time, as fit in
 * the last cache for all tiles. A chunk lies in one block and one group, is cut the same way
 * whoever asks, and its product is complete before it is added: moments have one value, whether a
 * group's were kept or are formed again, and wherever X is: of a streamed one the rows of a block
 * are read right before they are decoded. Where groups are kept their sum is the total: a chunk is
 * added once. */
#include "design/gram.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/failure.h"
#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"

enum {
    CHUNK_ROWS = 256,
    RUN_ROWS = 768, /* that all tiles take before the next ones */
    TILE = 64,
    PANELS = TILE / 8, /* of a tile */
    TILE_SIZE = TILE * TILE,
};
static const double KEPT_BYTES = 256e6;  /* groups are kept up to this, else formed again */
static const double BUFFER_BYTES = 24e6; /* of a block of decoded rows, */
static const double BUFFER_PART = 0.15;  /* or this part of X, */
static const double BUFFER_MOST = 256e6; /* but no more than this */
static const double AMPLIFICATION = 1e3; /* of rounding, above which a column is multiplied anew */
static const double UNIT_ROUNDOFF = 1.2e-16;

typedef struct chunk {
    int64_t from, rows; /* in ri_gram.row */
    int64_t block;
    int32_t group;
} chunk;

struct ri_gram {
    const ri_columns *columns;
    const double *weight;
    int64_t tiles, total_tiles; /* of a side, of the lower triangle */
    int32_t groups;
    int64_t block_rows, blocks; /* a multiple of 8; of X */
    int32_t *row;               /* by block, by group, ascending */
    chunk *chunk;               /* in the same order */
    int64_t chunks;
    double *total;
    double *kept; /* [groups] one after another, or NULL */
    ri_gram_work work;
    atomic_bool *stopped; /* by the poll */
};

static int64_t tiles_of(int64_t p) {
    int64_t side = (p + TILE - 1) / TILE;
    return side * (side + 1) / 2;
}

static bool keeps_groups(int64_t p, int32_t groups) {
    return groups > 1 && (double)groups * (double)tiles_of(p) * TILE_SIZE * 8 <= KEPT_BYTES;
}

double ri_gram_buffer_bytes(double x_bytes) {
    return fmin(fmax(BUFFER_BYTES, BUFFER_PART * x_bytes), BUFFER_MOST);
}

static double buffer_rows(int64_t n, int64_t p, double x_bytes) {
    double rows = ri_gram_buffer_bytes(x_bytes) / (8.0 * (double)(p + TILE));
    return fmin(fmax(rows, CHUNK_ROWS), (double)n + CHUNK_ROWS);
}

double ri_gram_bytes(int64_t p, int32_t groups) {
    return 8.0 * TILE_SIZE * (double)tiles_of(p) * (keeps_groups(p, groups) ? 1.0 + groups : 1.0);
}

double ri_gram_fit_bytes(int64_t n, int64_t p, int32_t groups) {
    if (keeps_groups(p, groups))
        return 0;
    double held = (double)n / (groups > 0 ? groups : 1);
    return 8.0 * TILE_SIZE * (double)tiles_of(p) + 8 * buffer_rows((int64_t)held, p, 0) * (double)p;
}

void ri_gram_free(ri_gram *gram) {
    if (!gram)
        return;
    free(gram->row);
    free(gram->chunk);
    free(gram->total);
    free(gram->kept);
    free(gram->stopped);
    free(gram);
}

/* Rows of group k in a block, cut into nearly equal chunks; `*at` grows by the rows. */
static void cut_group(ri_gram *gram, const int32_t *group, int64_t block, int32_t k, int64_t *at) {
    int64_t n = gram->columns->x.n, first = *at;
    int64_t begin = block * gram->block_rows, end = begin + gram->block_rows;
    for (int64_t i = begin; i < end && i < n; i++)
        if (group[i] == k)
            gram->row[(*at)++] = (int32_t)i;
    int64_t rows = *at - first, pieces = (rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
    for (int64_t q = 0; q < pieces; q++) {
        int64_t from = rows * q / pieces, next = rows * (q + 1) / pieces;
        gram->chunk[gram->chunks++] = (chunk){first + from, next - from, block, k};
    }
}

static void cut_rows(ri_gram *gram, const int32_t *group) {
    int64_t at = 0;
    for (int64_t block = 0; block < gram->blocks; block++)
        for (int32_t k = 0; k < gram->groups; k++)
            cut_group(gram, group, block, k, &at);
}

/* Chunks of one block, of one group or (-1) of all, in `panels` for all columns. */
typedef struct batch {
    int64_t first, next;       /* chunks */
    int64_t from, rows;        /* in ri_gram.row */
    int64_t begin, block_rows; /* the block in X */
    double *panels;
    int64_t together; /* panels that are filled from one read of a streamed X, else 1 */
} batch;

/* What a thread fills panels with. */
typedef struct room {
    double *decoded; /* [8 * block_rows] */
    char *stored;    /* [8 * together] columns of block_rows each, where X is streamed */
} room;

/* The first batch of at most `most` rows from chunk `first` on; false where there is none. */
static bool find_batch(const ri_gram *gram, int32_t group, int64_t first, int64_t most,
                       batch *out) {
    const chunk *c = gram->chunk;
    while (first < gram->chunks && group >= 0 && c[first].group != group)
        first++;
    if (first == gram->chunks)
        return false;
    out->first = out->next = first;
    out->from = c[first].from;
    out->rows = 0;
    for (; out->next < gram->chunks; out->next++) {
        const chunk *at = &c[out->next];
        if (at->block != c[first].block || (group >= 0 && at->group != group) ||
            (out->rows > 0 && out->rows + at->rows > most))
            break;
        out->rows += at->rows;
    }
    out->begin = c[first].block * gram->block_rows;
    int64_t left = gram->columns->x.n - out->begin;
    out->block_rows = left < gram->block_rows ? left : gram->block_rows;
    return true;
}

static size_t stored_stride(const ri_gram *gram) {
    return ri_storage_bytes(gram->columns->x.storage, gram->block_rows);
}

/* Decodes the rows of a block of column j. `stored`: those rows of features from `first` on, where
 * X is streamed. */
static void decode_rows(const ri_gram *gram, int64_t j, const batch *b, const char *stored,
                        int64_t first, double *d) {
    const ri_matrix *x = &gram->columns->x;
    const bool read = x->stream && j < ri_matrix_features(x);
    if (j >= x->p) {
        memset(d, 0, (size_t)b->block_rows * sizeof *d);
        return;
    }
    const void *column = read ? stored + (size_t)(j - first) * stored_stride(gram)
                              : (const char *)ri_matrix_column(x, j);
    ri_kernel_get()->decode[ri_matrix_storage(x, j)](column, read ? 0 : b->begin, b->block_rows,
                                                     gram->columns->shift[j], d);
}

/* Decodes 8 columns of a batch into their panel. */
static void fill_panel(const ri_gram *gram, int64_t panel, const batch *b, int64_t first,
                       const room *s) {
    const int32_t *row = gram->row + b->from;
    double *out = b->panels + panel * 8 * b->rows, *decoded = s->decoded;
    for (int64_t a = 0; a < 8; a++)
        decode_rows(gram, 8 * panel + a, b, s->stored, first, decoded + a * b->block_rows);
    for (int64_t t = 0; t < b->rows; t++) {
        const double *d = decoded + (row[t] - b->begin);
        double root = gram->weight ? sqrt(gram->weight[row[t]]) : 1;
        for (int64_t a = 0; a < 8; a++)
            out[8 * t + a] = d[a * b->block_rows] * root;
    }
}

/* Panels of a tile that have columns. */
static int64_t panels_of(const ri_gram *gram, int64_t tile) {
    int64_t left = (gram->columns->x.p + 7) / 8 - tile * PANELS;
    return left < PANELS ? left : PANELS;
}

/* Product of a chunk of a batch for tile (i, j), micro-blocks of 8 x 8 above the diagonal and
 * behind the last columns left at zero. */
static void multiply_chunk(const ri_gram *gram, const batch *have, const chunk *at, int64_t i,
                           int64_t j, double *out) {
    const ri_kernel *kernel = ri_kernel_get();
    const int64_t stride = 8 * have->rows, rows = panels_of(gram, i), columns = panels_of(gram, j);
    const double *panels = have->panels + 8 * (at->from - have->from);
    memset(out, 0, TILE_SIZE * sizeof *out);
    for (int64_t b = 0; b < columns; b++) {
        int64_t a = i == j ? b : 0;
        kernel->outer(panels + (i * PANELS + a) * stride, stride, rows - a,
                      panels + (j * PANELS + b) * stride, at->rows, out + 64 * (a + PANELS * b));
    }
}

/* Adds chunks [first, last) of a batch to one tile of the moments of their groups, which lie
 * `apart` of each other; 0: of all together. */
static void add_chunks(const ri_gram *gram, const batch *b, int64_t first, int64_t last,
                       int64_t tile, double *to, size_t apart) {
    double product[TILE_SIZE] __attribute__((aligned(64)));
    int64_t i = (int64_t)((sqrt(8 * (double)tile + 1) - 1) / 2);
    i += (i + 1) * (i + 2) / 2 <= tile;
    i -= i * (i + 1) / 2 > tile;
    for (int64_t c = first; c < last; c++) {
        const chunk *at = &gram->chunk[c];
        multiply_chunk(gram, b, at, i, tile - i * (i + 1) / 2, product);
        ri_kernel_get()->axpy(1, product, to + apart * (size_t)at->group + tile * TILE_SIZE,
                              TILE_SIZE);
    }
}

/* The chunk after the last one that all tiles take together with `first`. */
static int64_t end_run(const ri_gram *gram, const batch *b, int64_t first) {
    int64_t end = first, rows = 0;
    while (end < b->next && rows < RUN_ROWS)
        rows += gram->chunk[end++].rows;
    return end;
}

/* Panels [panel, panel + together) of a batch, of a streamed X with one read. */
static ri_status fill_panels(const ri_gram *gram, int64_t panel, const batch *b, const room *s,
                             ri_error *err) {
    const ri_matrix *x = &gram->columns->x;
    int64_t last = panel + b->together, first = 8 * panel;
    int64_t count = (8 * last < ri_matrix_features(x) ? 8 * last : ri_matrix_features(x)) - first;
    const ri_piece part = {first, count, b->begin, b->block_rows};
    last = last < gram->tiles * PANELS ? last : gram->tiles * PANELS;
    if (x->stream && count > 0)
        RI_TRY(ri_stream_rows(x->stream, &part, s->stored, stored_stride(gram), err));
    for (int64_t q = panel; q < last; q++)
        fill_panel(gram, q, b, first, s);
    return RI_OK;
}

/* The main thread tells how far it is: behind a tile of the run of chunks [first, next). */
static void tell(const ri_gram *gram, int32_t group, int64_t first, int64_t next, int64_t tile) {
    const ri_gram_work *work = &gram->work;
    const chunk *last = &gram->chunk[next - 1], *all = &gram->chunk[gram->chunks - 1];
    double begun = (double)gram->chunk[first].from, rows = (double)(last->from + last->rows);
    double part = begun + (rows - begun) * (double)(tile + 1) / (double)gram->total_tiles;
    if (work->poll &&
        work->poll(work->context, group < 0 ? part / (double)(all->from + all->rows) : -1))
        atomic_store(gram->stopped, true);
}

static ri_status add_batch(const ri_gram *gram, int32_t group, const batch *b, const room *rooms,
                           double *to, size_t apart, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
    const bool first = omp_get_thread_num() == 0; /* of walks that may surround this */
    const int threads = group < 0 ? gram->work.threads : 1;
#pragma omp parallel num_threads(threads)
    {
#pragma omp for schedule(dynamic, 1)
        for (int64_t q = 0; q < gram->tiles * PANELS; q += b->together) {
            ri_error own = {0};
            if (atomic_load(gram->stopped))
                continue;
            ri_status mine = fill_panels(gram, q, b, &rooms[omp_get_thread_num()], &own);
            ri_failure_note(&failure, q, mine, &own);
        }
        for (int64_t c = b->first; c < b->next && failure.status == RI_OK;
             c = end_run(gram, b, c)) {
            int64_t end = end_run(gram, b, c);
#pragma omp for schedule(monotonic : dynamic, 1)
            for (int64_t tile = 0; tile < gram->total_tiles; tile++) {
                if (atomic_load(gram->stopped))
                    continue;
                add_chunks(gram, b, c, end, tile, to, apart);
                if (first && omp_get_thread_num() == 0)
                    tell(gram, group, c, end, tile);
            }
        }
    }
    RI_TRY(ri_failure_tell(&failure, err));
    return atomic_load(gram->stopped) ? ri_fail(err, RI_INTERRUPTED, "interrupted") : RI_OK;
}

/* Chunks of the file that are inflated are wanted for all of their features at once. */
static int64_t panels_together(const ri_matrix *x) {
    const ri_dataset *dataset = x->stream ? x->stream->dataset : NULL;
    int64_t features = dataset && dataset->compressed ? dataset->chunk_features : 1;
    return features > TILE ? PANELS : (features + 7) / 8;
}

static void free_rooms(room *s, int threads) {
    for (int t = 0; s && t < threads; t++) {
        free(s[t].decoded);
        free(s[t].stored);
    }
    free(s);
}

static room *make_rooms(const ri_gram *gram, int64_t together, int threads) {
    room *s = ri_calloc((size_t)threads, sizeof *s);
    bool good = s, streamed = gram->columns->x.stream;
    for (int t = 0; good && t < threads; t++) {
        s[t].decoded = ri_alloc(8 * (size_t)gram->block_rows, sizeof *s[t].decoded);
        s[t].stored = streamed ? ri_alloc(8 * (size_t)together, stored_stride(gram)) : NULL;
        good = s[t].decoded && (s[t].stored || !streamed);
    }
    if (good)
        return s;
    free_rooms(s, threads);
    return NULL;
}

/* Adds the moments of a group, or (-1) those of all, which lie `apart` of each other, with one read
 * of X; 0: they are added together. */
static ri_status form(const ri_gram *gram, int32_t group, double *to, size_t apart, double *bytes,
                      ri_error *err) {
    const ri_matrix *x = &gram->columns->x;
    const int threads = group < 0 ? gram->work.threads : 1;
    int64_t rows = 0, most = gram->block_rows;
    for (int64_t c = 0; c < gram->chunks; c++)
        rows += group < 0 || gram->chunk[c].group == group ? gram->chunk[c].rows : 0;
    if (group >= 0) /* beside other fits: no more memory than ri_gram_fit_bytes says */
        most = (int64_t)fmin((double)most, buffer_rows(rows, x->p, 0));
    most = most < rows ? most : rows;
    size_t values = (size_t)(gram->tiles * TILE * most);
    batch b = {.panels = ri_alloc(values, sizeof *b.panels), .together = panels_together(x)};
    room *rooms = make_rooms(gram, b.together, threads);
    ri_status status =
        b.panels && rooms ? RI_OK : ri_fail_memory(err, "the rows of a Gram matrix", 8ULL * values);
    for (int64_t first = 0; status == RI_OK && find_batch(gram, group, first, most, &b);
         first = b.next) {
        status = add_batch(gram, group, &b, rooms, to, apart, err);
        *bytes += ri_matrix_bytes(x) * (double)b.block_rows / (double)x->n;
    }
    free(b.panels);
    free_rooms(rooms, threads);
    return status;
}

/* What is kept of groups, in their order, makes up the total. */
static void sum_groups(ri_gram *gram) {
    const int64_t size = gram->total_tiles * TILE_SIZE;
#pragma omp parallel for schedule(static) num_threads(gram->work.threads)
    for (int64_t tile = 0; tile < gram->total_tiles; tile++)
        for (int32_t k = 0; k < gram->groups; k++)
            ri_kernel_get()->axpy(1, gram->kept + k * size + tile * TILE_SIZE,
                                  gram->total + tile * TILE_SIZE, TILE_SIZE);
}

/* By all threads, since the system clears what is touched first. */
static void clear_sums(ri_gram *gram) {
    const size_t bytes = TILE_SIZE * sizeof *gram->total;
    const int64_t kept = gram->kept ? gram->groups * gram->total_tiles : 0;
#pragma omp parallel num_threads(gram->work.threads)
    {
#pragma omp for schedule(static) nowait
        for (int64_t t = 0; t < gram->total_tiles; t++)
            memset(gram->total + t * TILE_SIZE, 0, bytes);
#pragma omp for schedule(static)
        for (int64_t t = 0; t < kept; t++)
            memset(gram->kept + t * TILE_SIZE, 0, bytes);
    }
}

ri_status ri_gram_new(const ri_columns *columns, const double *weight, const int32_t *group,
                      int32_t groups, const ri_gram_work *work, double *bytes, ri_gram **out,
                      ri_error *err) {
    *out = NULL;
    size_t n = (size_t)columns->x.n, k = (size_t)groups;
    ri_gram *gram = ri_calloc(1, sizeof *gram);
    if (!gram)
        return ri_fail_memory(err, "a Gram matrix", sizeof *gram);
    gram->columns = columns;
    gram->weight = weight;
    gram->groups = groups;
    gram->work = *work;
    gram->tiles = (columns->x.p + TILE - 1) / TILE;
    gram->total_tiles = tiles_of(columns->x.p);
    int64_t rows =
        (int64_t)buffer_rows(columns->x.n, columns->x.p, ri_matrix_bytes(&columns->x)) / 8 * 8;
    gram->block_rows = rows < columns->x.n ? rows : (columns->x.n + 7) / 8 * 8;
    gram->blocks = (columns->x.n + gram->block_rows - 1) / gram->block_rows;
    size_t size = (size_t)gram->total_tiles * TILE_SIZE;
    size_t chunks = n / CHUNK_ROWS + (size_t)gram->blocks * k + 1;
    bool keep = keeps_groups(columns->x.p, groups);
    gram->row = ri_alloc(n, sizeof *gram->row);
    gram->chunk = ri_alloc(chunks, sizeof *gram->chunk);
    gram->total = ri_alloc(size, sizeof *gram->total);
    gram->kept = keep ? ri_alloc(size * k, sizeof *gram->kept) : NULL;
    gram->stopped = ri_calloc(1, sizeof *gram->stopped);
    ri_status status = RI_OK;
    if (!gram->row || !gram->chunk || !gram->total || (keep && !gram->kept) || !gram->stopped) {
        status =
            ri_fail_memory(err, "the Gram matrix of all features", 8 * size * (keep ? k + 1 : 1));
    } else {
        cut_rows(gram, group);
        clear_sums(gram);
        status = form(gram, -1, keep ? gram->kept : gram->total, keep ? size : 0, bytes, err);
        if (keep && status == RI_OK)
            sum_groups(gram);
    }
    if (status != RI_OK) {
        ri_gram_free(gram);
        return status;
    }
    *out = gram;
    return RI_OK;
}

/* Place in a lower triangle of tiles of element (i, j), i >= j. */
static int64_t place(int64_t i, int64_t j) {
    int64_t ti = i / TILE, tj = j / TILE, a = i % TILE, b = j % TILE;
    return (ti * (ti + 1) / 2 + tj) * TILE_SIZE + 64 * (a / 8 + PANELS * (b / 8)) + a % 8 +
           8 * (b % 8);
}

/* What turns second moments into a fit's Gram matrix. */
typedef struct standard {
    const double *total, *held; /* held: NULL where nothing is held out */
    double factor, per_row;     /* f / n, 1 where centred else 0 */
    const double *mean, *scale;
} standard;

static double entry(const standard *s, int64_t i, int64_t j) {
    int64_t at = i >= j ? place(i, j) : place(j, i);
    double moment = s->held ? s->total[at] - s->held[at] : s->total[at];
    return s->scale[i] * s->scale[j] *
           (s->factor * moment - s->per_row * (s->mean[i] * s->mean[j]));
}

/* Block by block, so that both halves are written near where the last ones were. */
static void fill_matrix(const standard *s, const int64_t *feature, int64_t count, double *g,
                        int64_t stride) {
    for (int64_t right = 0; right < count; right += TILE)
        for (int64_t left = right; left < count; left += TILE)
            for (int64_t b = right; b < count && b < right + TILE; b++)
                for (int64_t a = left > b ? left : b; a < count && a < left + TILE; a++)
                    g[a + b * stride] = g[b + a * stride] = entry(s, feature[a], feature[b]);
}

/* Rows and columns of g of the poor features, multiplied from the standardised columns. */
static ri_status multiply_poor(const ri_view *view, const int64_t *feature, int64_t count,
                               const int64_t *poor, int64_t poors, double *g, int64_t stride,
                               double *bytes, ri_error *err) {
    int64_t n = view->columns->x.n, length = (view->train + 7) / 8 * 8;
    const double *pointer[TILE];
    double *z = ri_calloc((size_t)(poors + TILE) * (size_t)length, sizeof *z);
    double *held = ri_alloc((size_t)view->held, sizeof *held);
    double *scratch = ri_alloc(ri_scratch_doubles(n), sizeof *scratch);
    double *product = ri_alloc((size_t)poors * TILE, sizeof *product);
    bool good = z && held && scratch && product;
    for (int64_t k = 0; good && k < poors; k++)
        ri_view_gather(view, feature[poor[k]], z + (TILE + k) * length, held, scratch);
    for (int64_t from = 0; good && from < count; from += TILE) {
        int64_t width = count - from < TILE ? count - from : TILE;
        for (int64_t a = 0; a < width; a++) {
            ri_view_gather(view, feature[from + a], z + a * length, held, scratch);
            pointer[a] = z + a * length;
        }
        ri_kernel_get()->product(pointer, width, z + TILE * length, length, poors, view->train,
                                 product, TILE);
        for (int64_t k = 0; k < poors; k++)
            for (int64_t a = 0; a < width; a++)
                g[from + a + poor[k] * stride] = g[poor[k] + (from + a) * stride] =
                    product[a + k * TILE] / (double)view->train;
    }
    *bytes += (double)(count + poors) * ri_view_column_bytes(view);
    free(z);
    free(held);
    free(scratch);
    free(product);
    return good ? RI_OK
                : ri_fail_memory(err, "columns that cancel", 8ULL * (size_t)(poors * length));
}

/* Lists features where the moments cancel. */
static int64_t find_poor(const ri_gram *gram, const standard *s, const int64_t *feature,
                         int64_t count, int64_t *poor, ri_gram_error *error) {
    double most = 1, mean = 0, n = (double)gram->columns->x.n;
    int64_t poors = 0;
    for (int64_t k = 0; k < count; k++) {
        int64_t j = feature[k];
        double total = s->factor * s->total[place(j, j)], own = fmax(entry(s, j, j), 0);
        double scale = s->scale[j] * s->scale[j];
        if (!(total * scale <= AMPLIFICATION * own)) {
            poor[poors++] = k;
            continue;
        }
        most = fmax(most, total * scale / own);
        mean = fmax(mean, fabs(s->mean[j]) * sqrt(s->per_row * scale / own));
    }
    double tile = CHUNK_ROWS + 8 + (double)gram->chunks;
    double lane = n / 8 + 16; /* additions of a sum over a column, one after another */
    error->matrix = UNIT_ROUNDOFF *
                    (2 * (tile + 4) * most + 2 * lane * mean * sqrt(most) + (poors > 0 ? lane : 0));
    error->column = UNIT_ROUNDOFF * lane * (1 + mean);
    return poors;
}

ri_status ri_gram_standardize(const ri_gram *gram, const ri_view *view, int32_t group,
                              const int64_t *feature, int64_t count, double *g, int64_t stride,
                              ri_gram_error *error, double *bytes, ri_error *err) {
    size_t size = (size_t)gram->total_tiles * TILE_SIZE;
    double sum = 0, *formed = NULL;
    for (int64_t t = 0; t < view->train; t++)
        sum += gram->weight ? gram->weight[view->row[t]] : 1;
    standard s = {.total = gram->total,
                  .factor = 1 / sum,
                  .per_row = view->columns->centered ? 1 : 0,
                  .mean = view->mean,
                  .scale = view->scale};
    ri_status status = RI_OK;
    int64_t *poor = ri_alloc((size_t)count, sizeof *poor);
    if (!poor)
        return ri_fail_memory(err, "columns that cancel", 8ULL * (size_t)count);
    if (group >= 0 && gram->kept) {
        s.held = gram->kept + size * (size_t)group;
    } else if (group >= 0) {
        s.held = formed = ri_calloc(size, sizeof *formed);
        status = formed ? form(gram, group, formed, 0, bytes, err)
                        : ri_fail_memory(err, "the Gram matrix of a fold", 8ULL * size);
    }
    if (status == RI_OK) {
        int64_t poors = find_poor(gram, &s, feature, count, poor, error);
        fill_matrix(&s, feature, count, g, stride);
        if (poors > 0)
            status = multiply_poor(view, feature, count, poor, poors, g, stride, bytes, err);
    }
    free(formed);
    free(poor);
    return status;
}
