/* SPDX-License-Identifier: BSD-3-Clause
 * Stability selection (Meinshausen and Buehlmann 2010) over complementary pairs of half-samples
 * (Shah and Samworth 2013): a pair is a repeat of two folds, each of which is trained on while the
 * other is held out, so that the fits are those of a repeated two-fold cross-validation.
 *
 * A half-sample picks a feature where its model has it at some alpha of a region, from the largest
 * alpha down; stable are the features that at least `threshold` of the 2 B half-samples pick. (What
 * is stable by the largest frequency at one alpha, the rule of the first paper, is stable by this
 * one.) q, the number of features that a half-sample picks on average, bounds the expected number
 * of those that are stable by chance alone, of p:
 *
 *   Meinshausen and Buehlmann, theorem 1:  q^2 / ((2 threshold - 1) p), where all noise features
 * are picked equally often and no worse than by guessing. Without these assumptions it bounds the
 *     stable ones among features that a half-sample picks with a probability of at most q / p
 *     (Shah and Samworth, theorem 1);
 *   Shah and Samworth, theorem 2: the same of these features, where the distribution of their
 *     frequency has one mode.
 *
 * The region is the largest one whose first bound is at most `pfer`. Where the number of samples is
 * odd one half has one more than the other. */
#ifndef RI_CV_STABILITY_H
#define RI_CV_STABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ri_record ri_record;

typedef struct ri_stability {
    int32_t pairs;         /* B; 0: no stability selection */
    double threshold;      /* above 0.5, at most 1 */
    double pfer;           /* per-family error rate: expected false selections allowed */
    int64_t features;      /* p: those that are penalised */
    int64_t alphas;        /* of the path */
    int64_t region;        /* alphas of the region, at least 1 */
    double picked;         /* q */
    double bound;          /* Meinshausen and Buehlmann's; above pfer where one alpha is too much */
    double unimodal_bound; /* Shah and Samworth's; NaN where theirs does not apply */
    int64_t selected;      /* stable features */
    double *within;        /* [all features] share of the half-samples that pick it; 0 of
                              unpenalised ones */
    double *most;          /* [all features] largest share at one alpha of the region */
    int64_t *start;        /* [alphas + 1] frequencies along alpha, sparse: those of alpha a are */
    int64_t *feature;      /* entries start[a] .. start[a+1]-1, features ascending */
    double *frequency;     /* [start[alphas]] above 0 */
} ri_stability;

/* Fills record->stability from the fits of its first path, 2 fits a repeat. */
RI_MUST_USE ri_status ri_stability_new(ri_record *record, double threshold, double pfer,
                                       ri_error *err);
void ri_stability_free(ri_stability *stability); /* leaves all zero */

/* True where the half-samples that pick a feature reach the threshold. */
bool ri_stability_holds(const ri_stability *stability, int64_t feature);

/* The two bounds; the second NaN where theta = q / p and threshold are out of its range. */
double ri_stability_bound(double picked, double features, double threshold);
double ri_stability_unimodal(double picked, double features, double threshold, int32_t pairs);

#endif
