/* SPDX-License-Identifier: BSD-3-Clause
 * Early stopping: the folds' errors as they become known, and the number of alphas that are still
 * asked for. The rule is a function of the folds' curves alone, so that when, and by which rank,
 * they are looked at changes what is computed in vain and nothing else. */
#ifndef RI_CV_STOP_H
#define RI_CV_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

typedef struct ri_stop {
    int64_t paths, folds, alphas, patience;
    int64_t repeats; /* R of the R K folds; 1 unless set */
    double *error;   /* [paths * folds * alphas] MSE on held-out rows; below 0: not known yet */
    int64_t *needed; /* [paths] alphas that count, from the largest down */
    bool news;       /* something was posted since the flag was last lowered */
} ri_stop;

/* The main thread's only. Nothing is known yet and all alphas are needed. */
RI_MUST_USE ri_status ri_stop_new(int64_t paths, int64_t folds, int64_t alphas, int64_t patience,
                                  ri_stop **out, ri_error *err);
void ri_stop_free(ri_stop *stop); /* accepts NULL */

/* Makes an error known (NaN: the fold has no held-out weight). */
void ri_stop_post(ri_stop *stop, int64_t path, int64_t fold, int64_t alpha, double mse);

/* Makes known what another rank knows: [paths * folds * alphas]. True where that was anything new.
 */
bool ri_stop_merge(ri_stop *stop, const double *error);

/* Looks at what is known of every curve and lowers `needed`. */
void ri_stop_look(ri_stop *stop);

/* Mean and standard error of the errors error[k * stride] of `folds` = R K folds, R = `repeats`,
 * those that are NaN left out: their sd (with R K - 1), over sqrt(K) and not sqrt(R K), since
 * sharing the same samples out once more makes no independent ones of them. */
void ri_curve_point(const double *error, int64_t stride, int64_t folds, int64_t repeats,
                    double *mean, double *se);

/* True where the curve of the means has turned: at the first alpha that lies at least `patience`
 * alphas behind the lowest so far, and above it by more than RI_STOP_ERRORS standard errors of the
 * difference. The folds hold out the same rows at both alphas, so the difference is taken fold by
 * fold: what makes a fold hard as a whole is not in its error. error[k * alphas + a]; `work` has
 * room for alphas + folds. `*needed` counts the alphas up to and with the one found, else all. */
enum { RI_STOP_ERRORS = 2 };
bool ri_stop_rule(const ri_stop *stop, const double *error, int64_t alphas, double *work,
                  int64_t *needed);

#endif
