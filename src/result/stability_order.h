/* SPDX-License-Identifier: BSD-3-Clause
 * Features in the order of their stability, for tables, picture and summary. Private to this room.
 */
#ifndef RI_RESULT_STABILITY_ORDER_H
#define RI_RESULT_STABILITY_ORDER_H

#include "cv/record.h"

typedef struct ri_stable {
    int64_t feature;
    double most, within;
    int64_t alpha; /* the largest one at which the frequency is `most` */
} ri_stable;

/* Features that some half-sample picks in the region: the most stable first, of equal ones those
 * of a larger frequency at one alpha, then file order. The caller frees `*out`. */
RI_MUST_USE ri_status ri_stability_order(const ri_record *record, ri_stable **out, int64_t *count,
                                         ri_error *err);

/* Frequency of a feature at an alpha. */
double ri_stability_at(const ri_stability *stability, int64_t alpha, int64_t feature);

#endif
