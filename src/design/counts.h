/* SPDX-License-Identifier: BSD-3-Clause
 * Products of genotypes with each other, as a fit without weights sees them. Columns of which every
 * kept value is 0, 1 or 2, or missing, are told by their values, however they are stored. Over the
 * rows that both are called at, the sum of (g - mean g)(h - mean h) is a ratio of whole numbers:
 * sums over rows that are exact in any order. So one formula makes the same product of the same
 * genotypes in every storage: from counts of bits where a pool has them packed, many times faster
 * than by floating point; from exact sums of doubles elsewhere. */
#ifndef RI_DESIGN_COUNTS_H
#define RI_DESIGN_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "design/project.h"

typedef struct ri_counts { /* scratch */
    uint64_t *bits;
    double *vector;
    size_t bits_room, vector_room;
} ri_counts; /* all zero is empty */

void ri_counts_free(ri_counts *counts);

/* Whether products of genotypes are had so in a fit: centred, without weights, and not so many
 * samples that a ratio would not fit. */
bool ri_counts_apply(const ri_view *view);

/* out[i + k * stride] = z_i'z_k of columns i of `held` and k of `entering`, over the training rows,
 * where both are genotypes; the others are left alone. */
RI_MUST_USE ri_status ri_count_products(ri_counts *counts, const ri_held *held,
                                        const ri_held *entering, double *out, int64_t stride,
                                        ri_error *err);

#endif
