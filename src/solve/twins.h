/* SPDX-License-Identifier: BSD-3-Clause
 * Equal and mirrored columns among the candidates: the lasso's answer is not unique there, so one
 * of them stands for all. Private to the candidates and to the walks that keep what is known. */
#ifndef RI_SOLVE_TWINS_H
#define RI_SOLVE_TWINS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct ri_candidates;

/* Columns of a fit that have been compared with each other: none equals another. The next
 * candidates are mostly the same, and only new ones are looked at. */
typedef struct ri_distinct {
    int64_t count;
    int64_t *feature; /* [count] ascending */
    double *size;     /* [count] of a fixed random projection: the same for equal and mirrored
                         columns */
    int64_t *order;   /* [count] indices, sizes ascending */
    size_t room;
} ri_distinct; /* all zero is empty */

void ri_distinct_free(ri_distinct *distinct);

/* Of columns equal over the training rows (under positivity: not of mirrored ones) keeps the one
 * with the smallest penalty factor, then the first; sets twin[feature] of the others. `distinct`,
 * or NULL, is of this view and these penalty factors, and becomes what is kept. */
RI_MUST_USE ri_status ri_twins_merge(struct ri_candidates *c, uint8_t *twin, ri_distinct *distinct,
                                     ri_error *err);

#endif
