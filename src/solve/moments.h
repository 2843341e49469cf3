/* SPDX-License-Identifier: BSD-3-Clause
 * Candidate columns known by their second moments alone: the Gram matrix of all of them, and their
 * products with the response. No residual is held; the gradient is, of every column, and with it
 * r'r = y'y - b'(Z'y) - b'(Z'r). Private to the candidates and to the walk by moments. */
#ifndef RI_SOLVE_MOMENTS_H
#define RI_SOLVE_MOMENTS_H

#include <stddef.h>
#include <stdint.h>

#include "design/gram.h"

typedef struct ri_moments {
    const ri_gram *source; /* borrowed; with group and start set before candidates are taken up */
    int32_t group;         /* held out, or -1 */
    const double *start;   /* [size] z'y / n of every candidate; borrowed */
    double *matrix;        /* [size * stride] symmetric */
    int64_t stride;
    double *c;              /* [size] z'y / n */
    double *g;              /* [size] z'r / n */
    double *part;           /* [size] work */
    const double **pointer; /* [size] work */
    double yy;              /* y'y / n */
    ri_gram_error known;
    double drift; /* bound of what rounding of updates did to g, over sqrt(square) */
    size_t room, column_room;
} ri_moments; /* all zero is empty */

void ri_moments_free(ri_moments *moments);

#endif
