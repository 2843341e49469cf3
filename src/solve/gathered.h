/* SPDX-License-Identifier: BSD-3-Clause
 * Candidate columns gathered: standardised, root-weighted doubles of the training rows, and the
 * held-out rows behind them. Shooting works directly on those that have been taken, which stay for
 * as long as the candidates do: a working set, few beside all that are looked at. Products with the
 * others come from the columns as they are stored. Private to the candidates (solve/candidates.h)
 * and to those who take them. */
#ifndef RI_SOLVE_GATHERED_H
#define RI_SOLVE_GATHERED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pieces.h"
#include "solve/coded.h"

struct ri_candidates;

typedef struct ri_gathered {
    int64_t stride;         /* of a column and of block: training rows, rounded up */
    ri_pieces place;        /* of the columns taken: training rows, held-out rows, codes */
    const double **column;  /* [size] NULL: not taken */
    double *r;              /* [train] = y - Z b */
    double *before;         /* [train] work */
    double *spread;         /* [n] root * r at training rows, 0 elsewhere */
    int64_t *feature;       /* [size] work */
    const double **pointer; /* [size] work */
    double *block;          /* entering columns side by side */
    ri_coded coded;         /* what stands for columns of few values */
    size_t row_room, spread_room, column_room, block_room;
} ri_gathered; /* all zero is empty */

void ri_gathered_free(ri_gathered *gathered);

/* Room for candidates of c->size, none of which is taken; false without memory. */
bool ri_gathered_make_room(struct ri_candidates *c);

/* Takes candidate k: its place, to be filled and then given to ri_gathered_filled; NULL without
 * memory. */
double *ri_gathered_take(struct ri_candidates *c, int64_t k);

/* The training rows of k are written: pads them and sets c->square. */
void ri_gathered_filled(struct ri_candidates *c, int64_t k, double *z);

#endif
