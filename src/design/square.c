/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/square.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { TILE = 64, PANELS = TILE / 8, TILE_SIZE = TILE * TILE };

static int64_t tiles_of(int64_t size) {
    int64_t side = (size + TILE - 1) / TILE;
    return side * (side + 1) / 2;
}

ri_status ri_square_new(int64_t size, ri_square *out, ri_error *err) {
    size_t entries = (size_t)tiles_of(size) * TILE_SIZE;
    *out = (ri_square){.size = size, .panels = (size + TILE - 1) / TILE * PANELS};
    out->tile = ri_calloc(entries, sizeof *out->tile);
    return out->tile ? RI_OK : ri_fail_memory(err, "a Gram matrix", 8 * entries);
}

void ri_square_free(ri_square *square) {
    free(square->tile);
    *square = (ri_square){0};
}

/* Row of tiles in which tile number `tile` of a lower triangle lies. */
static int64_t row_of(int64_t tile) {
    int64_t i = (int64_t)((sqrt(8 * (double)tile + 1) - 1) / 2);
    i += (i + 1) * (i + 2) / 2 <= tile;
    i -= i * (i + 1) / 2 > tile;
    return i;
}

/* Micro-blocks above the diagonal are left at 0. */
static void add_tile(const double *panels, int64_t columns, int64_t i, int64_t j, double *tile) {
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t b = 0; b < PANELS; b++) {
        int64_t a = i == j ? b : 0;
        kernel->outer(panels + (i * PANELS + a) * 8 * columns, 8 * columns, PANELS - a,
                      panels + (j * PANELS + b) * 8 * columns, columns,
                      tile + 64 * (a + PANELS * b));
    }
}

void ri_square_add(ri_square *square, const double *panels, int64_t columns, int threads) {
    int64_t tiles = tiles_of(square->size);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int64_t t = 0; t < tiles; t++) {
        int64_t i = row_of(t);
        add_tile(panels, columns, i, t - i * (i + 1) / 2, square->tile + t * TILE_SIZE);
    }
}

void ri_square_write(const ri_square *square, double factor, double *out, int64_t stride) {
    for (int64_t j = 0; j < square->size; j++)
        for (int64_t i = j; i < square->size; i++) {
            int64_t ti = i / TILE, tj = j / TILE, a = i % TILE, b = j % TILE;
            const double *tile = square->tile + (ti * (ti + 1) / 2 + tj) * TILE_SIZE;
            double value = factor * tile[64 * (a / 8 + PANELS * (b / 8)) + a % 8 + 8 * (b % 8)];
            out[i + j * stride] = out[j + i * stride] = value;
        }
}
