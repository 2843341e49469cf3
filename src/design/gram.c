/* SPDX-License-Identifier: BSD-3-Clause
 * Rows are cut into chunks: a chunk lies in one block and one group, is cut the same way whoever
 * asks, and its product is complete before it is added: moments have one value, whether a group's
 * were kept or are formed again, and wherever X is. Where groups are kept their sum is the total: a
 * chunk is added once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/gram_tiles.h"
#include "kernel/kernel.h"

static const double KEPT_BYTES = 256e6;  /* groups are kept up to this, else formed again */
static const double BUFFER_BYTES = 24e6; /* of a block of decoded rows, */
static const double BUFFER_PART = 0.15;  /* or this part of X, */
static const double BUFFER_MOST = 256e6; /* but no more than this */

static int64_t tiles_of(int64_t p) {
    int64_t side = (p + RI_GRAM_TILE - 1) / RI_GRAM_TILE;
    return side * (side + 1) / 2;
}

static bool keeps_groups(int64_t p, int32_t groups) {
    return groups > 1 && (double)groups * (double)tiles_of(p) * RI_GRAM_TILE_SIZE * 8 <= KEPT_BYTES;
}

double ri_gram_buffer_bytes(double x_bytes) {
    return fmin(fmax(BUFFER_BYTES, BUFFER_PART * x_bytes), BUFFER_MOST);
}

double ri_gram_buffer_rows(int64_t n, int64_t p, double x_bytes) {
    double rows = ri_gram_buffer_bytes(x_bytes) / (8.0 * (double)(p + RI_GRAM_TILE));
    return fmin(fmax(rows, RI_GRAM_CHUNK_ROWS), (double)n + RI_GRAM_CHUNK_ROWS);
}

double ri_gram_bytes(int64_t p, int32_t groups) {
    return 8.0 * RI_GRAM_TILE_SIZE * (double)tiles_of(p) *
           (keeps_groups(p, groups) ? 1.0 + groups : 1.0);
}

double ri_gram_fit_bytes(int64_t n, int64_t p, int32_t groups) {
    if (keeps_groups(p, groups))
        return 0;
    double held = (double)n / (groups > 0 ? groups : 1);
    return 8.0 * RI_GRAM_TILE_SIZE * (double)tiles_of(p) +
           8 * ri_gram_buffer_rows((int64_t)held, p, 0) * (double)p;
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
    int64_t rows = *at - first, pieces = (rows + RI_GRAM_CHUNK_ROWS - 1) / RI_GRAM_CHUNK_ROWS;
    for (int64_t q = 0; q < pieces; q++) {
        int64_t from = rows * q / pieces, next = rows * (q + 1) / pieces;
        gram->chunk[gram->chunks++] = (ri_gram_chunk){first + from, next - from, block, k};
    }
}

static void cut_rows(ri_gram *gram, const int32_t *group) {
    int64_t at = 0;
    for (int64_t block = 0; block < gram->blocks; block++)
        for (int32_t k = 0; k < gram->groups; k++)
            cut_group(gram, group, block, k, &at);
}

/* What is kept of groups, in their order, makes up the total. */
static void sum_groups(ri_gram *gram) {
    const int64_t size = gram->total_tiles * RI_GRAM_TILE_SIZE;
#pragma omp parallel for schedule(static) num_threads(gram->work.threads)
    for (int64_t tile = 0; tile < gram->total_tiles; tile++)
        for (int32_t k = 0; k < gram->groups; k++)
            ri_kernel_get()->axpy(1, gram->kept + k * size + tile * RI_GRAM_TILE_SIZE,
                                  gram->total + tile * RI_GRAM_TILE_SIZE, RI_GRAM_TILE_SIZE);
}

/* By all threads, since the system clears what is touched first. */
static void clear_sums(ri_gram *gram) {
    const size_t bytes = RI_GRAM_TILE_SIZE * sizeof *gram->total;
    const int64_t kept = gram->kept ? gram->groups * gram->total_tiles : 0;
#pragma omp parallel num_threads(gram->work.threads)
    {
#pragma omp for schedule(static) nowait
        for (int64_t t = 0; t < gram->total_tiles; t++)
            memset(gram->total + t * RI_GRAM_TILE_SIZE, 0, bytes);
#pragma omp for schedule(static)
        for (int64_t t = 0; t < kept; t++)
            memset(gram->kept + t * RI_GRAM_TILE_SIZE, 0, bytes);
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
    gram->tiles = (columns->x.p + RI_GRAM_TILE - 1) / RI_GRAM_TILE;
    gram->total_tiles = tiles_of(columns->x.p);
    int64_t rows =
        (int64_t)ri_gram_buffer_rows(columns->x.n, columns->x.p, ri_matrix_bytes(&columns->x)) / 8 *
        8;
    gram->block_rows = rows < columns->x.n ? rows : (columns->x.n + 7) / 8 * 8;
    gram->blocks = (columns->x.n + gram->block_rows - 1) / gram->block_rows;
    size_t size = (size_t)gram->total_tiles * RI_GRAM_TILE_SIZE;
    size_t chunks = n / RI_GRAM_CHUNK_ROWS + (size_t)gram->blocks * k + 1;
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
        status =
            ri_gram_form(gram, -1, keep ? gram->kept : gram->total, keep ? size : 0, bytes, err);
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
