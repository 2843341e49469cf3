/* SPDX-License-Identifier: BSD-3-Clause
 * The relaxed lasso (Meinshausen 2007; with a mix as in glmnet, Hastie, Tibshirani and Tibshirani
 * 2020): the support of every fit at every alpha is fitted again by least squares, without a
 * penalty, on the training rows of that fit, and a model of mix gamma is
 *
 *   gamma x the path's own coefficients + (1 - gamma) x those of least squares.
 *
 * A feature that depends linearly on earlier ones of its support keeps the coefficient 0 in least
 * squares. Every gamma is a path of its own beside the one it comes from, with its curve and
 * choices; its objective is the training loss, its gap the relative norm of the normal equations
 * on the support, as at alpha = 0, or that of the path where it is larger (0 < gamma < 1). */
#ifndef RI_CV_RELAX_H
#define RI_CV_RELAX_H

#include "cv/problem.h"
#include "cv/record.h"

/* Adds the paths of `gamma` [gammas], falling from 1 (the path itself) to 0, to a record with
 * folds, each group of them where its path was, and chooses anew. `problem` is the one that the
 * record is the answer to, with X in memory. gaussian family only. */
RI_MUST_USE ri_status ri_record_relax(ri_record *record, const ri_problem *problem,
                                      const double *gamma, int64_t gammas, int threads,
                                      ri_error *err);

#endif
