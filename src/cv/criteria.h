/* SPDX-License-Identifier: BSD-3-Clause
 * What the refit says of each alpha by its own rows: training error, shrinkage, and the information
 * criteria. All are derived from the record; none is stored. */
#ifndef RI_CV_CRITERIA_H
#define RI_CV_CRITERIA_H

#include <stdint.h>

#include "cv/record.h"

/* Features of a fit with a coefficient other than 0, without the unpenalised ones. */
int64_t ri_fit_support(const ri_record *record, const ri_fit *fit, int64_t alpha);

/* alpha sum_j f_j (r |b_j| + (1-r)/2 b_j^2) of the refit, b on the scale of the penalty. */
double ri_path_penalty(const ri_record *record, const ri_path *path, int64_t alpha);

/* Twice the refit's loss, objective less penalty: the weighted mean square of its residuals; of
 * other families the mean deviance. */
double ri_path_training_error(const ri_record *record, const ri_path *path, int64_t alpha);

/* 1 - loss / null loss of the refit on its own rows: always optimistic. */
double ri_path_training_r2(const ri_record *record, const ri_path *path, int64_t alpha);

/* Of every alpha, [alphas]: |b|_1 of the penalised features, standardised, over the largest one of
 * the path: 0 where all are zero, 1 where they are shrunken least. The axis of Efron, Hastie,
 * Johnstone and Tibshirani (2004). NaN where no feature ever enters. */
void ri_path_shrinkage(const ri_record *record, const ri_path *path, double *shrinkage);

/* n log(RSS / n) + df log n + 2 gamma log C(p, df): BIC at gamma 0, extended BIC above (Chen and
 * Chen, Biometrika 2008), RSS being that of the penalised fit and df its number of penalised
 * features other than 0 (Zou, Hastie and Tibshirani 2007: exact for the lasso; an elastic net has
 * somewhat fewer). Terms that all alphas share are left out. Other families have their deviance in
 * place of n log(RSS / n). NaN for ridge, where df is not that
 * number, and where the fit is so close that nothing is left of RSS, or df reaches n. */
double ri_path_bic(const ri_record *record, const ri_path *path, int64_t alpha, double gamma);

/* The alpha with the least such criterion, ties to the larger; -1 where none has one. */
int64_t ri_path_least_bic(const ri_record *record, const ri_path *path, double gamma);

/* Gamma of a rule: that of the settings for the extended one. */
double ri_settings_gamma(const ri_settings *settings, ri_select rule);

#endif
