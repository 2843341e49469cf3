/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of ri_plan, shared by the files of this room. */
#ifndef RI_CV_PLAN_H
#define RI_CV_PLAN_H

#include "cv/cv.h"
#include "cv/held_errors.h"
#include "cv/stop.h"
#include "design/view.h"

struct ri_plan {
    const ri_problem *problem;
    int threads;
    ri_columns columns;
    int64_t kept;  /* rows with a response */
    double *shift; /* [p], node-shared */
    uint8_t *missing, *integer;
    double *mean, *sd; /* [p] over kept rows, original scale */
    double *gradient;  /* [p] |x_j'r0| / (n f_j) of all kept rows; 0 where f_j = 0 or constant */
    int64_t *missing_count; /* [p] */
    bool own_arrays;        /* the above are ours to free */
    double **alpha;         /* [l1_ratios] -> [alphas] */
    double *stretch;        /* [p] of the refit of an adaptive lasso, or NULL */
    double top;             /* largest gradient: alpha_max = top / max(l1_ratio, 1e-3) */
    ri_unit *unit;
    int64_t units;
    double bytes_read;
    ri_stop *stop; /* NULL: every alpha is computed */
    bool ridge;    /* alphas without an l1 term are solved by a decomposition, solve/ridge.h */
};

/* Fills the facts of the columns of `share`, or of all (plan_survey.c). */
RI_MUST_USE ri_status ri_plan_survey(ri_plan *plan, const ri_share *share, int threads,
                                     ri_error *err);

/* Largest alpha of the grid of a path: all penalised coefficients are zero there. */
double ri_plan_alpha_max(const ri_plan *plan, int64_t path);

/* Makes the curve of a path from the errors of its fits. */
RI_MUST_USE ri_status ri_curve_make(const ri_problem *problem, ri_path *path, ri_error *err);

/* What the cost of a run is guessed from; eps: last alpha over alpha_max; correlation: the largest
 * of a feature with the response, 0 where it is not known. */
typedef struct ri_route_shape {
    int64_t n, p, fits, alphas;
    double eps, correlation;
} ri_route_shape;

/* True where walking by the second moments of all features is expected to be faster than by passes
 * over X, and their memory to be in proportion. */
bool ri_moments_pay(const ri_route_shape *shape);

/* Bytes of a rank for rows of a streamed X, while moments and predictions, or the Gram matrix of a
 * ridge, are made from them. */
double ri_moments_buffer(const ri_problem *problem);

/* Bytes of a rank, and of each of its threads, that moments may take: 0 where they do not pay. */
void ri_moments_memory(const ri_problem *problem, double *rank, double *thread);

/* True where they pay if the strongest correlation of a feature with the response is that. */
bool ri_moments_expected(const ri_problem *problem, double correlation);

/* True where the fits of this plan do: it pays, the solver is left to riata, nothing is missing. */
bool ri_plan_by_moments(const ri_plan *plan);

/* True where alphas without an l1 term are to be solved by a decomposition: the solver is left to
 * riata, coefficients may have any sign, the matrix is not too large, and few columns are
 * unpenalised. */
bool ri_ridge_pays(const ri_problem *problem);

/* Alphas at the end of a unit that are: all of a ridge, else one of 0. */
int64_t ri_ridge_alphas(const ri_plan *plan, const ri_unit *unit);

/* Whether all alphas of all units are. */
bool ri_ridge_only(const ri_problem *problem);

/* Bytes of a fit in hand that they take at most, with their solutions; 0 where there are none. */
double ri_ridge_memory(const ri_problem *problem);

/* The same as expected, on the average of all l1_ratios, beside ri_ridge_results: what solutions
 * are made from is gone when results are made of them. */
double ri_ridge_expected(const ri_problem *problem);

/* Bytes of the coefficients of all fits of a ridge, which has all features in each. */
double ri_ridge_results(const ri_problem *problem);

/* Role of every row in a fit (fold or RI_REFIT): 1 trained on, 2 held out, 0 neither. */
void ri_plan_roles(const ri_problem *problem, int32_t fold, uint8_t *role);

#endif
