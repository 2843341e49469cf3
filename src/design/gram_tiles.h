/* SPDX-License-Identifier: BSD-3-Clause
 * What forming and standardising of second moments know of each other. The lower triangle of tiles
 * of TILE x TILE moments lies tile by tile, row by row of tiles; inside a tile lie micro-blocks of
 * 8 x 8, as the outer kernel writes them. */
#ifndef RI_DESIGN_GRAM_TILES_H
#define RI_DESIGN_GRAM_TILES_H

#include <stdatomic.h>

#include "design/gram.h"

enum {
    RI_GRAM_CHUNK_ROWS = 256, /* most rows whose products are added up first */
    RI_GRAM_TILE = 64,
    RI_GRAM_PANELS = RI_GRAM_TILE / 8, /* of a tile */
    RI_GRAM_TILE_SIZE = RI_GRAM_TILE * RI_GRAM_TILE,
};

/* Rows of one group in one block of X. */
typedef struct ri_gram_chunk {
    int64_t from, rows; /* in ri_gram.row */
    int64_t block;
    int32_t group;
} ri_gram_chunk;

struct ri_gram {
    const ri_columns *columns;
    const double *weight;
    int64_t tiles, total_tiles; /* of a side, of the lower triangle */
    int32_t groups;
    int64_t block_rows, blocks; /* a multiple of 8; of X */
    int32_t *row;               /* by block, by group, ascending */
    ri_gram_chunk *chunk;       /* in the same order */
    int64_t chunks;
    double *total;
    double *kept; /* [groups] one after another, or NULL */
    ri_gram_work work;
    atomic_bool *stopped; /* by the poll */
};

/* Rows of X that are decoded together, of n, by the bytes that X has (0: by as few as are well). */
double ri_gram_buffer_rows(int64_t n, int64_t p, double x_bytes);

/* Adds the moments of a group, or (-1) those of all, which lie `apart` of each other, with one read
 * of X; 0: they are added together. */
RI_MUST_USE ri_status ri_gram_form(const ri_gram *gram, int32_t group, double *to, size_t apart,
                                   double *bytes, ri_error *err);

/* Where moment (i, j), i >= j, lies. */
static inline int64_t ri_gram_place(int64_t i, int64_t j) {
    int64_t ti = i / RI_GRAM_TILE, tj = j / RI_GRAM_TILE, a = i % RI_GRAM_TILE,
            b = j % RI_GRAM_TILE;
    return (ti * (ti + 1) / 2 + tj) * RI_GRAM_TILE_SIZE + 64 * (a / 8 + RI_GRAM_PANELS * (b / 8)) +
           a % 8 + 8 * (b % 8);
}

#endif
