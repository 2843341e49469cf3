/* SPDX-License-Identifier: BSD-3-Clause
 * Candidate columns left as they are stored, in a pool that all fits share: products by algebra,
 * the fit kept on all rows in their own order, so that held-out rows are predicted on the way.
 * Private to the candidates (solve/candidates.h). */
#ifndef RI_SOLVE_STORED_H
#define RI_SOLVE_STORED_H

#include <stddef.h>
#include <stdint.h>

#include "design/counts.h"

typedef struct ri_stored {
    double *fit;      /* [n] Z b */
    double *r;        /* [train] = y - root * fit */
    double *residual; /* [n] root * r at training rows, 0 elsewhere */
    int64_t *feature; /* [size] work */
    double *block;    /* entering columns side by side, weighted */
    ri_counts counts;
    size_t row_room, feature_room, block_room;
} ri_stored; /* all zero is empty */

void ri_stored_free(ri_stored *stored);

#endif
