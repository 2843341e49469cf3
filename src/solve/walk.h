/* SPDX-License-Identifier: BSD-3-Clause
 * The walk of one fit down its alphas, as a state machine that shares reads of X with other fits
 * but decides from its own data alone:
 *
 *   ri_walk_start      response, null model; the null residual is the first request
 *   loop:  pass over X answers all requests of all walks
 *          ri_walk_accept   certify the alphas of the window, record them
 *          ri_walk_choose   candidates for the next window; those of all walks are copied
 *          ri_walk_solve    the window solved on its candidates
 *
 * Where the second moments of all columns are at hand, ri_walk_by_moments stands for the loop. */
#ifndef RI_SOLVE_WALK_H
#define RI_SOLVE_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "design/gram.h"
#include "design/pass.h"
#include "design/view.h"
#include "solve/candidates.h"
#include "solve/dual.h"
#include "solve/general.h"
#include "solve/loss.h"
#include "solve/newton.h"
#include "solve/shooting.h"

enum { RI_LOOK_AHEAD = 6 };
_Static_assert((int)RI_LOOK_AHEAD <= (int)RI_MOST_RESIDUALS, "a window is one request");

typedef struct ri_walk_options {
    double l1_ratio;
    double tol;
    bool positive;
    bool shooting;       /* alone; else Newton, and shooting where that does not settle */
    bool free_engine;    /* else: or where shooting alone is expected to be faster */
    const ri_loss *loss; /* NULL: the squared error, which has a faster way of its own */
    const double *alpha; /* [alphas] decreasing; borrowed */
    int64_t alphas;
    const bool *lead; /* [alphas] true where an alpha only leads the way to the next; borrowed */
    bool (*poll)(void *context); /* called before every alpha; true ends the walk; may be NULL */
    void *context;
} ri_walk_options;

/* A solved alpha, certified or to be certified. */
typedef struct ri_solution {
    int64_t count;    /* non-zeros */
    int64_t *feature; /* ascending */
    double *b;        /* standardised scale */
    double intercept; /* original scale */
    double loss;      /* mean loss of the training rows */
    double rr, ry, norm1, norm2;
    double gap; /* over all features, once certified */
    int32_t rounds;
    int64_t twins, dependent; /* features found to be so on the way down to here */
    double own_gap;           /* over the candidates */
    bool stalled;             /* that missed its target */
    bool noted;               /* `twins` and `dependent` are known: it waited */
    double *prediction;       /* [held] */
} ri_solution;

typedef struct ri_walk {
    ri_view *view;
    ri_walk_options options;
    const double *response; /* [n_all], borrowed */
    double *y;              /* [train] root-weighted, centred; with a loss as it is */
    double y_mean;          /* with a loss: intercept of the last solution, standardised scale */
    ri_dual dual;           /* with a loss */
    double null_loss;
    double *null_prediction; /* [held] */
    int64_t unpenalized;
    int64_t *unpenalized_feature;
    ri_support support;
    int64_t next;       /* first alpha that is not done */
    int64_t end;        /* alphas that are asked for; those after it may be done too */
    int64_t look;       /* alphas of the next window */
    double reach;       /* how far below the window's last alpha candidates are taken */
    int attempts;       /* failures at `next` */
    bool shoots;        /* the window in hand is left to shooting alone */
    double sweeps;      /* that shooting alone took for an alpha, last time; 0: not yet known */
    ri_gradient *entry; /* gradients at the last certified alpha */
    int64_t entries;
    int64_t *candidate; /* [candidates] of the window in hand, ascending */
    int64_t candidates;
    size_t candidate_room;
    int64_t window; /* alphas in hand: solved, they wait for certification */
    int64_t solved; /* those of them that are: ri_walk_solve has come so far */
    ri_solution pending[RI_LOOK_AHEAD];
    double *residual;  /* [(RI_LOOK_AHEAD + 1) * n_all] of the window, row 0 also of the null model;
                          and the one that `gradient` belongs to */
    bool knows;        /* there is one, and its gradient: a pass has come since start or resume */
    float *gradient;   /* [p] of all features; NULL where others keep it (design/pass.h) */
    ri_solution *done; /* [alphas] */
    int64_t waits_from, waiting; /* those behind `next` that wait for ri_walk_recall */
    bool recalled;               /* the last window in hand had waited */
    int64_t unpredicted;         /* first ones whose predictions wait for ri_walks_predict */
    uint8_t *twin; /* [p] 1: equals another column, which stands for it; NULL with l1_ratio < 1 */
    ri_distinct distinct; /* of the last window's candidates: none equals another */
    int64_t dependent;
    bool started;
} ri_walk;

typedef struct ri_workspace { /* of one thread */
    ri_candidates candidates;
    ri_newton newton;
    ri_shooting shooting;
    ri_general general;
} ri_workspace; /* all zero is empty */

void ri_workspace_free(ri_workspace *workspace);

/* `view` has the moments of unpenalised columns; it and `response` are borrowed. */
RI_MUST_USE ri_status ri_walk_start(ri_walk *walk, ri_view *view, const double *response,
                                    const ri_walk_options *options, ri_workspace *workspace,
                                    ri_error *err);
void ri_walk_free(ri_walk *walk);

static inline bool ri_walk_done(const ri_walk *walk) {
    return walk->next >= walk->end;
}

/* What the walk asks of the next pass: one request. */
void ri_walk_request(const ri_walk *walk, ri_request *request);

/* Takes the answers (copied; the caller frees its own) and certifies. */
RI_MUST_USE ri_status ri_walk_accept(ri_walk *walk, const ri_request *request, ri_error *err);

/* Goes down the alphas by second moments, in one go and without passes, as far as that is exact
 * enough to certify and l1 > 0: for a walk that has taken the answer of the first pass, of which
 * every gradient was kept. `group` is what the view holds out, or -1. Predictions are left to
 * ri_walks_predict (solve/walk_predict.h), and certificates that take X itself to ri_walk_recall
 * (solve/walk_confirm.h). */
RI_MUST_USE ri_status ri_walk_by_moments(ri_walk *walk, const ri_gram *gram, int32_t group,
                                         ri_workspace *workspace, ri_error *err);

/* True where the factor of a walk's support begins with entries of floats: half the memory, and as
 * good for every Newton step of workloads of the benchmark at a gap of 1e-6; at 1e-7 some of their
 * windows would fail. Where they do not serve it becomes one of doubles (solve/active.h). What
 * rounding leaves of the gradient of unpenalised columns no gap may hide: those take doubles. */
bool ri_walk_takes_floats(double tol, int64_t unpenalized);

/* True where a fit of n samples with a ridge term is expected to take shooting, of so many sweeps
 * an alpha (0: not known), less time than Newton. A ridge term that changes from alpha to alpha
 * makes Newton form Gram matrix and factor of the whole support anew, and bounds the sweeps that
 * shooting needs. */
bool ri_walk_shooting_pays(double n, double support, double sweeps);

/* True where a window of Newton takes all of p features where it has so many candidates: X is tall,
 * and the few left out cost more, by windows that fail for them, than to look at. (1,500 x 1,000
 * down to 1e-3: 25 passes over X in place of 78, and less than half of the time.) */
bool ri_walk_takes_all(double n, double p, double candidates);

/* Chooses window, engine and candidates: the present support, unpenalised columns, and those whose
 * gradient comes near the threshold. */
RI_MUST_USE ri_status ri_walk_choose(ri_walk *walk, ri_error *err);

/* Solves the first `until` alphas of the window; `pool` holds its candidates, unless the walk
 * `shoots`: then it gathers them. To its end in one call or, where none shoots and there is no
 * other loss, in several with the same `workspace`, which serves no other walk between them. */
RI_MUST_USE ri_status ri_walk_solve(ri_walk *walk, const ri_pool *pool, int64_t until,
                                    ri_workspace *workspace, ri_error *err);

#endif
