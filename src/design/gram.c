/* SPDX-License-Identifier: BSD-3-Clause
 * A part of the rows of X is decoded into panels of 8 interleaved columns; tiles of the lower
 * triangle then take it chunk by chunk. A chunk lies in one group, is cut the same way whoever
 * asks, and its product is complete before it is added: moments have one value, whether a group's
 * were kept or are formed again. */
#include "design/gram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "design/pass.h"
#include "kernel/kernel.h"

enum {
    CHUNK_ROWS = 256,
    TILE = 64,
    PANELS = TILE / 8, /* of a tile */
    TILE_SIZE = TILE * TILE,
};
static const double KEPT_BYTES = 256e6;  /* groups are kept up to this, else formed again */
static const double BUFFER_BYTES = 48e6; /* of decoded rows at a time, */
static const double BUFFER_PART = 0.15;  /* or this part of X */
static const double AMPLIFICATION = 1e3; /* of rounding, above which a column is multiplied anew */
static const double UNIT_ROUNDOFF = 1.2e-16;

typedef struct chunk {
    int64_t from, rows; /* in ri_gram.row */
    int32_t group;
} chunk;

struct ri_gram {
    const ri_columns *columns;
    const double *weight;
    int64_t tiles, total_tiles; /* of a side, of the lower triangle */
    int32_t groups;
    int32_t *row;         /* by group, ascending in each */
    int64_t *group_row;   /* [groups + 1] into row */
    chunk *chunk;         /* by group */
    int64_t *group_chunk; /* [groups + 1] into chunk */
    double *total;
    double *kept; /* [groups] one after another, or NULL */
};

static int64_t tiles_of(int64_t p) {
    int64_t side = (p + TILE - 1) / TILE;
    return side * (side + 1) / 2;
}

static bool keeps_groups(int64_t p, int32_t groups) {
    return groups > 1 && (double)groups * (double)tiles_of(p) * TILE_SIZE * 8 <= KEPT_BYTES;
}

static double buffer_rows(int64_t n, int64_t p, double x_bytes) {
    double rows = fmax(BUFFER_BYTES, BUFFER_PART * x_bytes) / (8.0 * (double)(p + TILE));
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
    free(gram->group_row);
    free(gram->chunk);
    free(gram->group_chunk);
    free(gram->total);
    free(gram->kept);
    free(gram);
}

/* Sorts rows by group and cuts each group into nearly equal chunks. */
static void cut_rows(ri_gram *gram, const int32_t *group) {
    int64_t n = gram->columns->x.n, at = 0, chunks = 0;
    for (int32_t k = 0; k < gram->groups; k++) {
        gram->group_row[k] = at;
        gram->group_chunk[k] = chunks;
        for (int64_t i = 0; i < n; i++)
            if (group[i] == k)
                gram->row[at++] = (int32_t)i;
        int64_t rows = at - gram->group_row[k], pieces = (rows + CHUNK_ROWS - 1) / CHUNK_ROWS;
        for (int64_t q = 0; q < pieces; q++) {
            int64_t from = rows * q / pieces, next = rows * (q + 1) / pieces;
            gram->chunk[chunks++] = (chunk){gram->group_row[k] + from, next - from, k};
        }
    }
    gram->group_row[gram->groups] = at;
    gram->group_chunk[gram->groups] = chunks;
}

/* Decodes rows [from, from + rows) of the list into panels. */
static void fill_panel(const ri_gram *gram, int64_t panel, int64_t from, int64_t rows, double *d,
                       double *out) {
    const ri_columns *columns = gram->columns;
    const int32_t *row = gram->row + from;
    for (int64_t a = 0; a < 8; a++) {
        int64_t j = 8 * panel + a;
        if (j >= columns->x.p) {
            for (int64_t t = 0; t < rows; t++)
                out[8 * t + a] = 0;
            continue;
        }
        ri_matrix_decode(&columns->x, j, columns->shift[j], d);
        if (gram->weight)
            for (int64_t t = 0; t < rows; t++)
                out[8 * t + a] = d[row[t]] * sqrt(gram->weight[row[t]]);
        else
            for (int64_t t = 0; t < rows; t++)
                out[8 * t + a] = d[row[t]];
    }
}

/* Product of a chunk for tile (i, j), micro-blocks of 8 x 8 above the diagonal left at zero. */
static void multiply_chunk(const double *panels, int64_t stride, int64_t offset, int64_t rows,
                           int64_t i, int64_t j, double *out) {
    const ri_kernel *kernel = ri_kernel_get();
    memset(out, 0, TILE_SIZE * sizeof *out);
    for (int64_t b = 0; b < PANELS; b++) {
        int64_t a = i == j ? b : 0;
        kernel->outer(panels + (i * PANELS + a) * stride + 8 * offset, stride, PANELS - a,
                      panels + (j * PANELS + b) * stride + 8 * offset, rows,
                      out + 64 * (a + PANELS * b));
    }
}

/* Adds chunks [first, last), whose rows are in `panels`, to one tile of `total` and of their
 * groups' moments; either may be NULL. */
static void add_chunks(const ri_gram *gram, int64_t first, int64_t last, const double *panels,
                       int64_t stride, int64_t i, int64_t j, double *total, double *kept) {
    double product[TILE_SIZE] __attribute__((aligned(64)));
    size_t size = (size_t)gram->total_tiles * TILE_SIZE;
    int64_t tile = i * (i + 1) / 2 + j;
    for (int64_t c = first; c < last; c++) {
        const chunk *at = &gram->chunk[c];
        multiply_chunk(panels, stride, at->from - gram->chunk[first].from, at->rows, i, j, product);
        double *to[2] = {total, kept ? kept + size * (size_t)at->group : NULL};
        for (int h = 0; h < 2; h++)
            for (int64_t e = 0; to[h] && e < TILE_SIZE; e++)
                to[h][tile * TILE_SIZE + e] += product[e];
    }
}

/* Moments of chunks [first, last) added to `total` and `kept`, with one read of X for as many
 * chunks as the buffer holds. */
static ri_status form(const ri_gram *gram, int64_t first, int64_t last, double *total, double *kept,
                      int threads, double *bytes, ri_error *err) {
    const ri_matrix *x = &gram->columns->x;
    int64_t panels = gram->tiles * PANELS, most = 0;
    double x_bytes = kept || total == gram->total ? ri_matrix_bytes(x) : 0;
    for (int64_t c = first; c < last; c++)
        most += gram->chunk[c].rows;
    double limit = buffer_rows(most, x->p, x_bytes);
    most = most < (int64_t)limit ? most : (int64_t)limit;
    double *buffer = ri_alloc((size_t)(panels * most) * 8, sizeof *buffer);
    double *decoded = ri_alloc((size_t)threads * (size_t)x->n, sizeof *decoded);
    if (!buffer || !decoded) {
        free(buffer);
        free(decoded);
        return ri_fail_memory(err, "the rows of a Gram matrix", 64ULL * (size_t)(panels * most));
    }
    for (int64_t next; first < last; first = next) {
        int64_t from = gram->chunk[first].from, rows = 0;
        for (next = first; next < last && rows + gram->chunk[next].rows <= most; next++)
            rows += gram->chunk[next].rows;
#pragma omp parallel num_threads(threads)
        {
            double *d = decoded + (size_t)omp_get_thread_num() * (size_t)x->n;
#pragma omp for schedule(dynamic, 1)
            for (int64_t q = 0; q < panels; q++)
                fill_panel(gram, q, from, rows, d, buffer + q * 8 * rows);
#pragma omp for schedule(dynamic, 1)
            for (int64_t tile = 0; tile < gram->total_tiles; tile++) {
                int64_t i = (int64_t)((sqrt(8 * (double)tile + 1) - 1) / 2);
                i += (i + 1) * (i + 2) / 2 <= tile;
                i -= i * (i + 1) / 2 > tile;
                add_chunks(gram, first, next, buffer, 8 * rows, i, tile - i * (i + 1) / 2, total,
                           kept);
            }
        }
        *bytes += ri_matrix_bytes(x);
    }
    free(buffer);
    free(decoded);
    return RI_OK;
}

ri_status ri_gram_new(const ri_columns *columns, const double *weight, const int32_t *group,
                      int32_t groups, int threads, double *bytes, ri_gram **out, ri_error *err) {
    *out = NULL;
    size_t n = (size_t)columns->x.n, k = (size_t)groups;
    ri_gram *gram = ri_calloc(1, sizeof *gram);
    if (!gram)
        return ri_fail_memory(err, "a Gram matrix", sizeof *gram);
    gram->columns = columns;
    gram->weight = weight;
    gram->groups = groups;
    gram->tiles = (columns->x.p + TILE - 1) / TILE;
    gram->total_tiles = tiles_of(columns->x.p);
    size_t size = (size_t)gram->total_tiles * TILE_SIZE;
    bool keep = keeps_groups(columns->x.p, groups);
    gram->row = ri_alloc(n, sizeof *gram->row);
    gram->group_row = ri_alloc(k + 1, sizeof *gram->group_row);
    gram->chunk = ri_alloc(n / CHUNK_ROWS + k + 1, sizeof *gram->chunk);
    gram->group_chunk = ri_alloc(k + 1, sizeof *gram->group_chunk);
    gram->total = ri_calloc(size, sizeof *gram->total);
    gram->kept = keep ? ri_calloc(size * k, sizeof *gram->kept) : NULL;
    ri_status status = RI_OK;
    if (!gram->row || !gram->group_row || !gram->chunk || !gram->group_chunk || !gram->total ||
        (keep && !gram->kept)) {
        status =
            ri_fail_memory(err, "the Gram matrix of all features", 8 * size * (keep ? k + 1 : 1));
    } else {
        cut_rows(gram, group);
        status =
            form(gram, 0, gram->group_chunk[groups], gram->total, gram->kept, threads, bytes, err);
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
    double tile = CHUNK_ROWS + 8 + (double)gram->group_chunk[gram->groups];
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
        status = formed ? form(gram, gram->group_chunk[group], gram->group_chunk[group + 1], formed,
                               NULL, 1, bytes, err)
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
