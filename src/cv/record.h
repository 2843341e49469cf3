/* SPDX-License-Identifier: BSD-3-Clause
 * The record of one run: everything a result file holds, in memory. Made by cross-validation (and
 * by path and fit, with folds = 0), written and read by `result`, recomputed by `verify`.
 *
 * Index conventions: sample i is a row of the dataset, 0 .. n_all-1; feature j a column, 0 .. p-1;
 * alpha a runs from the largest down. Covariates are not features, and never among them. Fold -1 is
 * the refit on all kept rows. */
#ifndef RI_CV_RECORD_H
#define RI_CV_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "cv/adaptive.h"
#include "cv/ledger.h"
#include "cv/metric.h"
#include "cv/stability.h"
#include "data/covariates.h"

enum { RI_REFIT = -1, RI_NO_FOLD = -1 };

/* How alpha is chosen; without folds RI_SELECT_MIN stands for the last one. */
typedef enum ri_select { RI_SELECT_MIN, RI_SELECT_1SE, RI_SELECT_BIC, RI_SELECT_EBIC } ri_select;
enum { RI_SELECTS = RI_SELECT_EBIC + 1 };
#define RI_EBIC_GAMMA 0.5
extern const char *const ri_select_word[RI_SELECTS]; /* "min", ... */

typedef enum ri_solver { RI_SOLVER_AUTO, RI_SOLVER_SHOOTING, RI_SOLVER_NEWTON } ri_solver;
enum { RI_SOLVERS = RI_SOLVER_NEWTON + 1 };
extern const char *const ri_solver_word[RI_SOLVERS]; /* "auto", ... */

/* What was asked; recorded in the result, so that verify can recompute. Each field has a line in
 * cv/checkpoint_settings.h. */
typedef struct ri_settings {
    ri_family family;    /* default gaussian */
    ri_metric metric;    /* of the curve that chooses; default that of the family */
    double tol;          /* relative duality gap asked for; default 1e-6 */
    bool intercept;      /* default true */
    bool standardize;    /* default true */
    bool positive;       /* default false */
    bool missing_mean;   /* missing values take the training mean; else there are none */
    bool covariate_mean; /* so do missing covariates; else their samples are left out of training */
    ri_solver solver;
    ri_select select;
    double ebic_gamma; /* of the extended BIC, at least 0; default RI_EBIC_GAMMA */
    uint64_t seed;
    bool early_stop;      /* a curve that has turned is not followed to its end; see cv/stop.h */
    int32_t patience;     /* of that: least alphas behind the minimum; default 10 */
    int32_t repeats;      /* R: times the samples were shared out into K folds; 0 is 1 */
    uint64_t first_fit;   /* hash of what was asked of an adaptive lasso's first fit; 0: none */
    int32_t refine;       /* alphas added around the minimum of each curve; 0: none */
    char fold_scheme[32]; /* "random", "modulo", "contiguous", "grouped", "loo", "file", "none" */
    char group_name[256]; /* for "grouped" */
} ri_settings;

static inline int32_t ri_settings_repeats(const ri_settings *settings) {
    return settings->repeats > 1 ? settings->repeats : 1;
}

/* Fits of one row set along the grid of one l1_ratio. Sparse: the coefficients of alpha a are
 * entries start[a] .. start[a+1]-1 of feature/coefficient, features ascending. */
typedef struct ri_fit {
    int32_t fold;     /* 0 .. R K - 1, or RI_REFIT */
    int64_t train;    /* rows of the fit */
    double null_loss; /* loss of intercept and unpenalised terms: (1/2n) sum w r^2, n = train;
                         of other families the mean loss, half the mean deviance */
    double null_mse, null_mae; /* of the null model on the held-out rows; NaN for the refit */
    int64_t *start;            /* [alphas + 1] */
    int64_t *feature;          /* [start[alphas]] */
    double *coefficient;       /* original scale */
    double *covariate;         /* [alphas * covariates] original scale; NULL without covariates */
    double *intercept;         /* [alphas] original scale */
    double *objective;         /* [alphas] as in DESIGN: standardised features */
    double *gap;               /* [alphas] relative duality gap over all features; at alpha = 0 the
                                  relative norm of the normal equations */
    int32_t *rounds;           /* [alphas] descent sweeps + Newton rounds */
    uint8_t *certified;        /* [alphas] gap <= tol */
    double *mse, *mae;         /* [alphas] on the held-out rows; NaN for the refit */
    double *more[RI_METRICS];  /* [alphas] of metrics that only some families have, else NULL */
    double null_more[RI_METRICS]; /* the same of the null model */
    int64_t constant;             /* features constant on these rows */
    int64_t twins;                /* features equal to or mirroring an earlier one on these rows */
    int64_t dependent; /* pivots rejected: features linearly dependent on the support, at most */
} ri_fit;

/* One l1_ratio. */
typedef struct ri_path {
    double l1_ratio;
    double relaxed; /* 1 - gamma: part of the coefficients that is least squares on the support; 0
                       of a path that is none of cv/relax.h */
    ri_adaptive adaptive;              /* of an adaptive lasso: the weights of its fits */
    int64_t alphas;                    /* of the grid, or fewer where it stopped early */
    bool stopped_early;                /* the curve had turned */
    double *alpha;                     /* [alphas] decreasing */
    ri_fit *fit;                       /* [folds + 1]: folds 0 .. R K - 1, then the refit */
    double *mean, *mean_weighted, *se; /* [alphas] of the folds' errors by settings.metric (MSE for
                                          the gaussian family); NULL without folds. se is the sd of
                                          all R K over sqrt(K) */
    double *mae_mean, *mae_se;         /* [alphas] */
    double *more_mean[RI_METRICS], *more_se[RI_METRICS]; /* [alphas] of `more` of the fits */
    int64_t index_min, index_1se;                        /* -1 without folds */
    double *prediction; /* [alphas * n_all] linear predictors (gaussian: of the response itself),
                           row a: of sample i by the fit that held it out, the mean of R of them;
                           by the refit where no fold held it out (missing response, or no folds at
                           all) */
} ri_path;

/* Features that could stand in for those of the chosen model; see cv/proxies.h. */
typedef struct ri_proxies {
    double threshold; /* of |correlation|; 0: none were looked for */
    int64_t count;    /* selected features */
    int64_t *feature; /* [count] ascending */
    double *vif;      /* [count] variance inflation: inf where it depends on the others, NaN where
                         there are too many to say */
    uint8_t *looked;  /* [count] 1: its proxies were looked for */
    int64_t *start;   /* [count + 1] those of selected feature k are entries start[k] .. */
    int64_t *proxy;   /* [start[count]] features, ascending for each k */
    double *r;        /* [start[count]] their correlations */
} ri_proxies;

/* True bias and variance of the chosen path, of simulated data; see cli/replicates.h. */
typedef struct ri_replicates {
    int64_t count; /* 0: there are none */
    double noise_variance;
    double *bias_squared, *variance; /* [alphas of the chosen path] */
} ri_replicates;

/* What the machine did: never part of /result. */
typedef struct ri_run_facts {
    double seconds; /* data in memory -> curve, refit, choice */
    double seconds_reading;
    double passes_over_x; /* bytes of X read by all kernels and ranks / bytes of X */
    double peak_rss_mb;   /* proportional set size summed over the node's ranks, at its peak */
    double kept_to_mb;    /* of free memory, which X did not fit into: it was streamed though nobody
                             had asked for that; 0: not so */
    int32_t ranks, threads; /* threads of one rank */
    int32_t ranks_on_node;  /* where most are; 0: not known */
    char host[256];
    char simd[16];
    char started[32]; /* ISO 8601, UTC */
    char command_line[2048];
    ri_ledger *ledger;  /* [ranks] or NULL */
    ri_unit_fact *unit; /* [units] what each cost, in canonical order */
    int64_t units;
} ri_run_facts;

/* Samples kept out of everything, and how well the chosen model predicts them (cv/split.h). */
typedef struct ri_test {
    int64_t rows;    /* 0: there are none, and nothing else here is set */
    uint8_t *row;    /* [n_all] 1 for a test sample */
    char chosen[16]; /* "fraction", "file", "column" */
    double fraction; /* asked for; of the samples with a response where it was not a fraction */
    uint64_t seed;   /* of a fraction */
    double error[RI_METRICS]; /* at the alpha chosen; NaN where the family has no such metric */
    double r2;                /* 1 - squared errors / squares about the mean of the test samples */
} ri_test;

struct ri_record {
    char command[16];   /* "cv", "path", "fit", "stability" */
    char dataset[1024]; /* as given on the command line */
    char response[256];
    uint64_t fingerprint; /* of the dataset */
    ri_settings settings;
    int64_t n_all; /* rows of the dataset */
    int64_t n;     /* kept rows: those with a response (and covariates) */
    int64_t p;
    int32_t folds;  /* R K, those of repeat r being r K .. r K + K - 1; 0 for path and fit */
    int32_t *fold;  /* [R * n_all], repeat by repeat: the fold that held each sample out, RI_NO_FOLD
                       for rows without a response */
    double *weight; /* [n_all] as given, or NULL */
    double *penalty_factor; /* [p] as given, or NULL */
    double *feature_mean;   /* [p] over the kept rows, weighted, missing left out */
    double *feature_sd;     /* [p] population sd over the kept rows, of the filled column */
    double *frequency;      /* [p] share of the folds' fits in which the feature has a coefficient,
                               at the chosen alpha; NULL without folds */
    ri_covariates covariates;
    double *covariate_mean, *covariate_sd; /* [covariates] as those of the features; or NULL */
    double y_mean, y_sd;                   /* kept rows, weighted, population */
    ri_names classes;         /* binomial: what 0 and 1 of the response stand for; else empty */
    ri_names sample, feature; /* n_all, p */
    ri_names chrom, a1, a2;   /* p or empty */
    int64_t *pos;             /* [p] or NULL */
    bool genotype;
    int64_t *truth_feature; /* [truths] or NULL */
    double *truth_coefficient;
    int64_t truths;
    int64_t missing_values; /* in X */
    int64_t paths;
    ri_path *path;          /* [paths], in the order asked for */
    int64_t selected_path;  /* lowest cv_mean, ties to the larger l1_ratio; 0 without folds. By an
                               information criterion: the lowest of it */
    int64_t index_selected; /* within it: by settings.select */
    ri_stability stability; /* of riata stability */
    ri_test test;
    ri_replicates replicates;
    ri_proxies proxies; /* of the chosen model */
    ri_run_facts run;
};

void ri_record_free(ri_record *record);    /* accepts NULL */
void ri_proxies_free(ri_proxies *proxies); /* leaves all zero */

/* Zeroed arrays for `alphas` points with room for `nonzeros`. */
RI_MUST_USE ri_status ri_fit_new(ri_fit *fit, int64_t alphas, int64_t nonzeros, ri_error *err);
void ri_fit_free(ri_fit *fit); /* leaves all zero */

/* Zeroed arrays of the metrics that only some families have: into `more`. */
RI_MUST_USE ri_status ri_metrics_new(ri_family family, int64_t alphas, double *more[RI_METRICS],
                                     ri_error *err);

/* Errors of a fit by a metric [alphas]; NULL where its family does not have it. */
double *ri_fit_errors(const ri_fit *fit, ri_metric metric);

/* Error of its null model. */
double ri_fit_null_error(const ri_fit *fit, ri_metric metric);

/* Frees the members of a path of `folds` folds. */
void ri_path_free(ri_path *path, int32_t folds);

/* The choices from the stored curves: index_min and index_1se of a path; the path and alpha of a
 * record, by settings.select. */
void ri_path_choose(ri_path *path, ri_metric metric);
void ri_record_choose(ri_record *record);

/* Copies what is not an array: fold, counts, null model. */
void ri_fit_copy_facts(ri_fit *to, const ri_fit *from);

/* Worst relative gap of all fits; and whether every point is certified. */
double ri_record_worst_gap(const ri_record *record);
bool ri_record_certified(const ri_record *record);

static inline const ri_path *ri_record_selected(const ri_record *record) {
    return &record->path[record->selected_path];
}
static inline const ri_fit *ri_path_refit(const ri_record *record, const ri_path *path) {
    return &path->fit[record->folds];
}

#endif
