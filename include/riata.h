/* SPDX-License-Identifier: BSD-3-Clause
 * riata: cross-validated lasso and elastic net with a certificate for every point.
 *
 * For each alpha of a decreasing grid and each l1_ratio r it minimises over b0 and b
 *
 *     1/(2n) sum_i w_i (y_i - b0 - z_i'b)^2  +  alpha sum_j f_j ( r |b_j| + (1-r)/2 b_j^2 )
 *
 * where z are the features standardised (mean 0, population sd 1) over the rows of that fit, w are
 * sample weights rescaled to sum to n, and f are penalty factors. Coefficients are returned on the
 * original scale. glmnet's lambda is this alpha and glmnet's alpha this l1_ratio; scikit-learn's
 * alpha and l1_ratio are the same as here; the textbook's "RSS + lambda |b|_1" has
 * lambda = 2 n alpha.
 *
 * Other families put their loss in place of the square, divided by n:
 *
 *     RIATA_BINOMIAL  y in {0, 1}   log(1 + exp(eta)) - y eta,  eta = b0 + z_i'b the log odds of 1
 *     RIATA_POISSON   y >= 0        exp(eta) - y eta + (y log y - y),  eta the log of the mean
 *
 * Both are half the deviance, so that alpha is glmnet's lambda here too; scikit-learn's
 * LogisticRegression(penalty="l1") has C = 1 / (n alpha).
 *
 * Solved means certified: the relative duality gap, (primal - dual) / (loss of the null model),
 * over all features is at most `tol`. The dual point is the residual scaled to feasibility (Fercoq,
 * Gramfort and Salmon, ICML 2015, section 2). Coefficients are found by Newton steps on the support
 * (active-set quadratic programming; Osborne, Presnell and Turlach, IMA J. Numer. Anal. 20, 2000)
 * and by coordinate descent with Anderson extrapolation (Bertrand and Massias, AISTATS 2021).
 *
 * The answer does not depend on the number of threads. No function prints, exits, or keeps state
 * between calls; different results may be used by different threads. */
#ifndef RIATA_H
#define RIATA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What calls return; the same numbers are the program's exit statuses. */
typedef enum riata_status {
    RIATA_OK = 0,
    RIATA_BAD_INPUT = 1,    /* a wrong value; the sentence names it */
    RIATA_UNCERTIFIED = 2,  /* finished, but some points missed `tol`; the result is there */
    RIATA_SYSTEM = 3,       /* memory or disk */
    RIATA_INTERRUPTED = 85, /* the progress function asked to stop */
} riata_status;

typedef enum riata_type {
    RIATA_F64 = 0, /* double; NaN is missing */
    RIATA_F32 = 1, /* float; NaN is missing */
    RIATA_I8 = 2,  /* int8_t; -128 is missing */
} riata_type;

typedef enum riata_family {
    RIATA_GAUSSIAN = 0,
    RIATA_BINOMIAL = 1,
    RIATA_POISSON = 2
} riata_family;

/* The error of the curve that chooses. By the family: MSE for gaussian, else the deviance. CLASS,
 * the share of samples in the wrong class, and AUC, the larger the better, need RIATA_BINOMIAL. */
typedef enum riata_metric {
    RIATA_METRIC_BY_FAMILY = 0,
    RIATA_MSE = 1,
    RIATA_MAE = 2,
    RIATA_DEVIANCE = 3,
    RIATA_CLASS = 4,
    RIATA_AUC = 5,
} riata_metric;

/* The data of a run; all arrays stay the caller's. */
typedef struct riata_data {
    int64_t n;            /* samples, at least 2 */
    int64_t p;            /* features, at least 1 */
    riata_type type;      /* of the elements of x */
    const void *x;        /* [n * p] column-major: feature j is x[j*n .. j*n + n-1]. No infinity. A
                             missing value takes the mean of the training rows of each fit */
    const double *y;      /* [n] response; NaN: the sample is not trained on, but predicted */
    const double *weight; /* [n] finite, >= 0, or NULL for 1 */
    const double *penalty_factor; /* [p] finite, >= 0, used as given, or NULL for 1;
                                     0: unpenalised */
    const int32_t *fold;          /* [n] 0 .. folds-1 of each sample with a response, or NULL:
                                     shuffled by `seed`, with RIATA_BINOMIAL class by class */
} riata_data;

typedef struct riata_options {
    int32_t folds;            /* K >= 2, or 0 for a path without cross-validation; default 10 */
    uint64_t seed;            /* of the shuffle into folds; default 1 */
    int64_t alphas;           /* points of the grid, at least 1; default 100 */
    double eps;               /* smallest / largest alpha, below 1; 0 (default): 1e-3 where more
                                 samples have a response than there are features, else 1e-2 */
    const double *alpha_list; /* [alphas] finite, >= 0, each below the one before it; or NULL for
                                 a log-spaced grid; stays the caller's */
    riata_family family;      /* default RIATA_GAUSSIAN */
    riata_metric metric;      /* default RIATA_METRIC_BY_FAMILY */
    double l1_ratio;          /* in [0, 1]; default 1, the lasso */
    double tol;               /* relative duality gap, above 0; default 1e-6 */
    int intercept;            /* 0 or 1; default 1 */
    int standardize;          /* 0: features are penalised as they are; default 1 */
    int positive;             /* coefficients >= 0; default 0 */
    int threads;              /* 0 (default): all that OpenMP offers */
    /* Called by the calling thread now and then, of alphas over all fits; a return other than 0
     * ends the run with RIATA_INTERRUPTED. Default NULL. */
    int (*progress)(void *context, int64_t points_done, int64_t points_total);
    void *context;   /* of `progress`; default NULL */
    int32_t repeats; /* R: times the samples are shuffled into K folds; default 1, more need
                        `fold` NULL and K folds */
} riata_options;

typedef struct riata_error {
    int status;      /* that of the call, a riata_status */
    char text[1024]; /* one sentence; empty with RIATA_OK */
} riata_error;

/* Opaque; made by riata_fit, freed by riata_result_free. */
typedef struct riata_result riata_result;

const char *riata_version(void); /* such as "0.1.0"; static */

riata_options riata_options_default(void);

/* Cross-validated path (or, with folds = 0, a path) and its refit on all samples. On RIATA_OK and
 * RIATA_UNCERTIFIED `*out` is a result for the caller to free, else NULL. `err` may be NULL. */
riata_status riata_fit(const riata_data *data, const riata_options *options, riata_result **out,
                       riata_error *err);
void riata_result_free(riata_result *result); /* accepts NULL */

/* Arrays of riata_alphas() numbers, alphas from the largest down; they live as long as the result.
 * Without folds the curve functions return NULL and the indices -1. */
int64_t riata_alphas(const riata_result *result);
const double *riata_alpha(const riata_result *result);
const double *
riata_cv_mean(const riata_result *result);             /* mean over folds of the held-out error by
                                                          the metric; folds without one left out */
const double *riata_cv_se(const riata_result *result); /* sd (n-1) over the R K folds / sqrt(K) */
int64_t riata_index_min(const riata_result *result);   /* best mean, ties to the larger alpha */
int64_t riata_index_1se(const riata_result *result);   /* largest alpha within one se of it */

/* Largest relative duality gap over all alphas of all folds and the refit. */
double riata_worst_gap(const riata_result *result);

/* Objective of the refit at alpha `index`; NaN where `index` is out of range. */
double riata_objective(const riata_result *result, int64_t index);

/* Non-zero coefficients of the refit at alpha `index` (original scale): `*feature` and
 * `*coefficient` point to the returned number of entries, features ascending, and live as long as
 * the result; `*intercept` may be NULL. -1 where `index` is out of range. */
int64_t riata_coefficients(const riata_result *result, int64_t index, const int64_t **feature,
                           const double **coefficient, double *intercept);

/* Writes the result file (HDF5) that the program riata reads: report, predict, verify. A file that
 * is there is replaced once the new one is complete. `err` may be NULL. */
riata_status riata_write(const riata_result *result, const char *path, riata_error *err);

#ifdef __cplusplus
}
#endif

#endif
