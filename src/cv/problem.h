/* SPDX-License-Identifier: BSD-3-Clause
 * The numeric problem of a run, and its folds. All arrays are borrowed.
 *
 *   minimise over b0, b:  1/(2n) sum_i w_i (y_i - b0 - z_i'b)^2
 *                         + alpha sum_j f_j (r |b_j| + (1-r)/2 b_j^2)
 *
 * over the n training rows of a fit; z standardised with their weighted mean and population sd,
 * weights w rescaled to sum to n, f_j penalty factors, r the l1_ratio. Without an intercept columns
 * are scaled but not centred. */
#ifndef RI_CV_PROBLEM_H
#define RI_CV_PROBLEM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "cv/adaptive.h"
#include "cv/record.h"
#include "data/matrix.h"

typedef struct ri_checkpoint ri_checkpoint; /* cv/checkpoint.h */

/* With settings.family other than gaussian the square gives way to the loss of solve/loss.h, and y
 * holds 0 and 1 (binomial) or counts (poisson). A field that the answer depends on has a line in
 * cv/checkpoint_describe.c. */
struct ri_problem {
    ri_matrix x;                  /* n_all rows; its extra columns are covariates */
    const double *y;              /* [n_all] NaN: row not kept */
    const double *weight;         /* [n_all] >= 0, or NULL */
    const double *penalty_factor; /* [x.p] >= 0, 0 for covariates, or NULL */
    int32_t folds;                /* R K, R = settings.repeats, or 0 */
    const int32_t *fold;          /* [R * n_all] repeat r: r K .. r K + K - 1, RI_NO_FOLD where y is
                                     NaN; NULL without folds */
    ri_settings settings;
    int64_t l1_ratios;
    const double *l1_ratio;   /* [l1_ratios] in [0, 1] */
    int64_t alphas;           /* points of the grid */
    const double *alpha_list; /* [alphas] decreasing; NULL: log-spaced from alpha_max */
    bool list_of_each;        /* alpha_list is [l1_ratios * alphas], a grid for each path */
    double eps;               /* alpha_min / alpha_max; 0: 1e-3 if n > p, else 1e-2 */
    int64_t kept;             /* rows with a response, for what is expected of a run; 0: all */
    double deviation;         /* of the response, for the same; 0: not known */
    int64_t fits_in_hand; /* most at a time on a rank; 0: by a default. No answer depends on it */
    int64_t columns_in_hand; /* most that fits work on at a time, but for one fit; 0: no bound */
    int32_t blocks;          /* blocks of consecutive alphas of a path, >= 1 */
    const ri_adaptive *adaptive; /* of an adaptive lasso, or NULL */
    const struct ri_fit_extent
        *extent; /* [2] what its fits are expected to hold (cv/fit_extent.h), or NULL */
    ri_checkpoint *checkpoint; /* what units are kept in and taken from, or NULL */
};

/* K, and the repeat of a fold (0 of the refit). */
static inline int32_t ri_problem_folds(const ri_problem *problem) {
    return problem->folds / ri_settings_repeats(&problem->settings);
}
static inline int32_t ri_problem_repeat(const ri_problem *problem, int32_t fold) {
    return fold < 0 ? 0 : fold / ri_problem_folds(problem);
}

/* alpha_min / alpha_max of a grid for so many rows. */
static inline double ri_problem_eps(const ri_problem *problem, int64_t rows) {
    return problem->eps > 0 ? problem->eps : rows > ri_matrix_features(&problem->x) ? 1e-3 : 1e-2;
}

/* Rows that fits are expected to train on. */
static inline int64_t ri_problem_kept(const ri_problem *problem) {
    return problem->kept > 0 ? problem->kept : problem->x.n;
}

/* The loss of the solver: NULL for the gaussian family, which has a way of its own. */
static inline const ri_loss *ri_problem_loss(const ri_problem *problem) {
    return problem->settings.family == RI_GAUSSIAN ? NULL : ri_loss_of(problem->settings.family);
}

/* Whether only shooting may walk. */
static inline bool ri_problem_shoots(const ri_problem *problem) {
    return problem->settings.solver == RI_SOLVER_SHOOTING || ri_problem_loss(problem) != NULL;
}

/* Columns that are not penalised. */
static inline int64_t ri_problem_unpenalized(const ri_problem *problem) {
    int64_t count = 0;
    for (int64_t j = 0; problem->penalty_factor && j < problem->x.p; j++)
        count += problem->penalty_factor[j] == 0;
    return count;
}

/* Whether fits may multiply genotypes with each other as whole numbers (design/counts.h). */
static inline bool ri_problem_counts(const ri_problem *problem) {
    return !ri_problem_loss(problem) && problem->settings.intercept && !problem->weight;
}

/* Strata of the scheme "stratified": each value where the response has at most RI_MOST_CLASSES,
 * else that many ranges of equally many rows. */
enum { RI_MOST_CLASSES = 10 };

/* Fold of every row. `order_key` (for random and grouped): sample names, so that the fold of a
 * sample does not depend on row order. Schemes: "modulo" (kept row i: i mod K), "contiguous"
 * (floor(i K / kept)), "random" (shuffled by seed and name, then dealt in turn), "stratified" (the
 * same stratum by stratum, so that each fold has its share of each), "grouped" (whole
 * groups, shuffled by seed, each to the smallest fold so far). `fold` receives n_all entries.
 * RI_BAD_INPUT: K < 2, more folds than kept rows (or groups). */
RI_MUST_USE ri_status ri_folds_make(const char *scheme, int32_t folds, uint64_t seed, int64_t n_all,
                                    const double *y, const ri_names *sample, const int32_t *group,
                                    int64_t groups, int32_t *fold, ri_error *err);

/* The same `repeats` times, independently: `fold` receives [repeats * n_all] entries, of repeat r
 * those of a shuffle by seed and r, plus r K; repeat 0 is that of ri_folds_make. Groups, which it
 * deals largest first, are dealt in random order by the others. RI_BAD_INPUT also: more than one
 * repeat of a scheme that is not random, or of leave-one-out. */
typedef struct ri_fold_rule {
    const char *scheme;
    int32_t folds, repeats; /* K, R */
    uint64_t seed;
    const ri_names *sample;
    const int32_t *group;
    int64_t groups;
} ri_fold_rule;
RI_MUST_USE ri_status ri_folds_repeat(const ri_fold_rule *rule, int64_t n_all, const double *y,
                                      int32_t *fold, ri_error *err);

#endif
