/* SPDX-License-Identifier: BSD-3-Clause
 * A symmetric sum of products A A' of tall blocks that come one after another: each in panels of 8
 * interleaved rows of A, entry (i, t) of panel q at [8 t + i]. A block's product is complete before
 * it is added, so the sum has one value for any number of threads. */
#ifndef RI_DESIGN_SQUARE_H
#define RI_DESIGN_SQUARE_H

#include <stdint.h>

#include "base/status.h"

typedef struct ri_square {
    int64_t size, panels; /* rows of A; panels of a block, a multiple of 8: rows that are not there
                             must be 0 */
    double *tile;         /* of 64 x 64, lower triangle of tiles, in micro-blocks of 8 x 8 */
} ri_square;              /* all zero is empty */

RI_MUST_USE ri_status ri_square_new(int64_t size, ri_square *out, ri_error *err);
void ri_square_free(ri_square *square);

/* Adds a block of `columns` columns, panels 8 * columns apart. */
void ri_square_add(ri_square *square, const double *panels, int64_t columns, int threads);

/* Writes factor times the sum, both halves, columns `stride` apart. */
void ri_square_write(const ri_square *square, double factor, double *out, int64_t stride);

#endif
