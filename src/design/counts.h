/* SPDX-License-Identifier: BSD-3-Clause
 * Products of genotype columns with each other, as a fit without weights sees them: over the rows
 * that both are called at, the sum of (g - mean g)(h - mean h) is a ratio of whole numbers, which
 * are counts of bits: exact, and many times faster than the same by floating point. */
#ifndef RI_DESIGN_COUNTS_H
#define RI_DESIGN_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "design/project.h"

typedef struct ri_counts { /* scratch */
    uint64_t *bits;
    size_t room;
} ri_counts; /* all zero is empty */

void ri_counts_free(ri_counts *counts);

/* Whether products of these columns can be had so: all of them packed genotypes, centred, without
 * weights, and not so many samples that a count would not fit. */
bool ri_counts_apply(const ri_held *held);

/* out[i + k * stride] = z_i'z_k, column i of `held`, k of `entering`, over the training rows. */
RI_MUST_USE ri_status ri_count_products(ri_counts *counts, const ri_held *held,
                                        const ri_held *entering, double *out, int64_t stride,
                                        ri_error *err);

#endif
