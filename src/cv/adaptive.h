/* SPDX-License-Identifier: BSD-3-Clause
 * The adaptive lasso (Zou 2006): a lasso whose penalty factors are 1 / |b|^gamma of a first fit, a
 * lasso or ridge at one alpha, so that what was large there is hardly shrunk, and what was 0 is
 * left out. The first fit of a fold is made on its training rows alone; so its factors are its own.
 *
 * With z_j the standardised column it is a lasso on z_j |b_j|^gamma, which is how it is solved. */
#ifndef RI_CV_ADAPTIVE_H
#define RI_CV_ADAPTIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ri_problem ri_problem;
typedef struct ri_record ri_record;

typedef struct ri_adaptive {
    int32_t fits;     /* folds, then the refit; 0: no adaptive lasso */
    bool ridge;       /* the first fit, else a lasso */
    double alpha;     /* of the first fit */
    double gamma;     /* above 0 */
    int64_t *start;   /* [fits + 1] those of fit k are entries start[k] .. start[k+1]-1 of */
    int64_t *feature; /* features that take part, ascending */
    double *initial;  /* their coefficients in the first fit, original scale */
    double *weight;   /* |coefficient on the standardised scale|^gamma */
} ri_adaptive;

/* Weights from the fits of `first` at its alpha `index`; `problem` has X in memory. */
RI_MUST_USE ri_status ri_adaptive_new(const ri_record *first, int64_t index,
                                      const ri_problem *problem, double gamma, ri_adaptive *out,
                                      ri_error *err);
void ri_adaptive_free(ri_adaptive *adaptive); /* leaves all zero */

/* Weight of feature j in fit k; 0: left out. 1 where there is no adaptive lasso. */
double ri_adaptive_weight(const ri_adaptive *adaptive, int32_t k, int64_t feature);

/* What the columns of a fit (fold or RI_REFIT) are multiplied by, [x.p]: 1 for covariates and
 * unpenalised features. `*out` is NULL without an adaptive lasso, else the caller's. */
RI_MUST_USE ri_status ri_adaptive_spread(const ri_problem *problem, int32_t fold, double **out,
                                         ri_error *err);

#endif
