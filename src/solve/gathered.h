/* SPDX-License-Identifier: BSD-3-Clause
 * Candidate columns gathered: standardised, root-weighted doubles of the training rows side by
 * side, and the held-out rows. Plain arrays that shooting works on directly. Private to the
 * candidates (solve/candidates.h) and to shooting. */
#ifndef RI_SOLVE_GATHERED_H
#define RI_SOLVE_GATHERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "solve/coded.h"

struct ri_candidates;

typedef struct ri_gathered {
    int64_t stride;         /* of z and block: training rows, rounded up */
    double *z;              /* [size * stride] */
    double *z_held;         /* [size * held] */
    const double **column;  /* [size] into z */
    double *r;              /* [train] = y - Z b */
    double *before;         /* [train] work */
    const double **pointer; /* [size] work */
    double *block;          /* entering columns side by side */
    ri_coded coded;         /* what stands for columns of few values */
    size_t z_room, held_room, row_room, column_room, block_room;
} ri_gathered; /* all zero is empty */

void ri_gathered_free(ri_gathered *gathered);

/* Room for the columns and residuals of candidates of c->size; false without memory. */
bool ri_gathered_make_room(struct ri_candidates *c);

#endif
