/* SPDX-License-Identifier: BSD-3-Clause
 * Shapes that kernels on several columns are tried with: alignments, lengths and counts on both
 * sides of every tile. Include cmocka.h before. */
#ifndef RI_SUPPORT_KERNEL_SHAPES_H
#define RI_SUPPORT_KERNEL_SHAPES_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "support/normals.h"

enum { KERNEL_PAD = 16, KERNEL_MOST = 19, KERNEL_VECTORS = 8 }; /* columns or rotations at once */

typedef struct kernel_shape {
    int shift; /* elements off alignment */
    int64_t n, count, vectors;
} kernel_shape;

typedef void kernel_check(const kernel_shape *shape, void *context);

/* All short lengths, or every second, and some of the others. */
static inline int64_t kernel_next_length(int64_t n, int64_t step) {
    return n + (n < 40 ? step : 13);
}

/* `count` columns added to `vectors` vectors. */
static inline void each_update_shape(int64_t longest, int step, kernel_check *check,
                                     void *context) {
    for (int shift = 0; shift < 8; shift += step)
        for (int64_t n = shift % 2; n <= longest; n = kernel_next_length(n, 2))
            for (int64_t count = 0; count <= KERNEL_MOST; count += 1 + count / 4)
                for (int64_t vectors = 0; vectors <= KERNEL_VECTORS; vectors++)
                    check(&(kernel_shape){shift, n, count, vectors}, context);
}

/* One vector, with `count` columns or rotations. */
static inline void each_vector_shape(int64_t longest, int step, kernel_check *check,
                                     void *context) {
    for (int shift = 0; shift < 8; shift += step)
        for (int64_t n = 0; n <= longest; n = kernel_next_length(n, 1))
            for (int64_t count = 0; count <= KERNEL_MOST; count++)
                check(&(kernel_shape){shift, n, count, 1}, context);
}

/* Where column k begins in a block of columns KERNEL_PAD apart. */
static inline int64_t kernel_column(int64_t longest, int shift, int k) {
    return k * (longest + KERNEL_PAD) + (shift + k) % 8;
}

/* Cosines and sines of KERNEL_MOST angles. */
static inline void draw_rotations(double *c, double *s) {
    double *angle = draw_normals(KERNEL_MOST, 7, 2);
    for (int q = 0; q < KERNEL_MOST; q++) {
        c[q] = cos(angle[q]);
        s[q] = sin(angle[q]);
    }
    free(angle);
}

#endif
