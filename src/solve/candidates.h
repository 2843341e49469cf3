/* SPDX-License-Identifier: BSD-3-Clause
 * The candidate columns of one fit for a few alphas, with the state of the descent on them. Scratch
 * of one thread: filled for a window, used by both engines, refilled for the next fit. Local index
 * k stands for feature[k]; features ascend. How the columns are held, and with them the residual,
 * is the affair of a table of functions; the engines see them through this header only.
 *
 * At a point (alpha, l1_ratio) with l1 = alpha * l1_ratio, l2 = alpha * (1 - l1_ratio):
 *   minimise  |r|^2 / (2 n) + sum_k f_k (l1 |b_k| + l2 b_k^2 / 2),   r = y - Z b,  n = train. */
#ifndef RI_SOLVE_CANDIDATES_H
#define RI_SOLVE_CANDIDATES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "design/pass.h"
#include "design/pool.h"
#include "design/view.h"
#include "solve/gathered.h"
#include "solve/moments.h"
#include "solve/stored.h"
#include "solve/twins.h"
#include "solve/working.h"

typedef struct ri_point {
    double l1, l2;
    double target; /* relative duality gap on the candidates at which to stop */
    bool trusting; /* after an exact step gradients of active columns are taken for what they are to
                      be; the residual's part of the gap is computed all the same */
} ri_point;

typedef struct ri_candidates ri_candidates;

/* Gram matrix (z'z / n) of entering columns with active ones and with each other. */
typedef struct ri_gram_block {
    const int64_t *active, *enter; /* [size], [count] local indices */
    int64_t size, count;
    double *cross; /* [size * count], column-major */
    double *own;   /* [count * count], at least the lower triangle */
} ri_gram_block;

/* A way to hold candidate columns. z_k is standardised and root-weighted, on the training rows. */
typedef struct ri_column_ops {
    /* Takes up c->feature[0 .. size) of c->view and sets c->square; no residual yet. */
    ri_status (*open)(ri_candidates *c, ri_error *err);
    /* Makes the listed columns ready for reset, move and predict. NULL: all always are. */
    ri_status (*take)(ri_candidates *c, const int64_t *list, int64_t count, ri_error *err);
    /* out[i] = z'u of the listed columns, of all where `list` is NULL; u [train] */
    void (*project)(ri_candidates *c, const int64_t *list, int64_t count, const double *u,
                    double *out);
    /* Column `from` takes the place of column `to` <= from. */
    void (*shift)(ri_candidates *c, int64_t from, int64_t to);
    /* r = y - sum b z of the listed columns. The values may be overwritten, here and in `move`. */
    void (*reset)(ri_candidates *c, const int64_t *list, double *b, int64_t count);
    /* r -= sum step z; returns the length of that way over sqrt(n). */
    double (*move)(ri_candidates *c, const int64_t *list, double *step, int64_t count);
    /* out[i] = z'r / n of the listed columns */
    void (*gradient)(ri_candidates *c, const int64_t *list, int64_t count, double *out);
    ri_status (*gram)(ri_candidates *c, const ri_gram_block *want, ri_error *err);
    /* r'r / n, r'y / n */
    void (*terms)(ri_candidates *c, double *rr, double *ry);
    /* prediction += sum b z on the held-out rows; the non-zeros of c->b are listed. NULL where that
     * is for later. */
    void (*predict)(ri_candidates *c, const int64_t *list, const double *b, int64_t count,
                    double *prediction);
    /* out[i] = root-weight times r at training rows, 0 at the others of all n. NULL where r is not
     * held: the gradient is, of all columns. */
    void (*scatter)(const ri_candidates *c, double *out);
} ri_column_ops;

extern const ri_column_ops ri_gathered_columns, ri_stored_columns, ri_moment_columns,
    ri_working_columns;

/* The regression of a fit. */
typedef struct ri_regression {
    const ri_view *view;
    const double *y;  /* [train] root-weighted, centred response */
    double null_loss; /* of intercept and unpenalised terms */
    bool positive;
    uint8_t *twin;         /* [p] or NULL, see ri_candidates_fill */
    ri_distinct *distinct; /* with twin: candidates of this regression that are known to differ, or
                              NULL */
} ri_regression;

struct ri_candidates {
    const ri_column_ops *columns;
    const ri_view *view;
    const ri_pool *pool; /* of the stored columns */
    int64_t train, held, size;
    bool positive;
    const double *y; /* [train] borrowed */
    double null_loss;
    int64_t *feature; /* [size] */
    double *penalty;  /* [size] f_k */
    double *square;   /* [size] z_k'z_k / n */
    double *b;        /* [size] */
    double *g;        /* [size] z_k'r / n, of the residual at which it was last computed */
    double *travel;   /* [size] `travelled` when g was computed */
    double travelled; /* length of the way of r so far, in units of |z| / sqrt(n) = 1 */
    double bytes;     /* of X read by gathering and comparing columns */
    size_t capacity, scratch_room;
    double *scratch; /* ri_scratch_doubles(n_all) */
    double *value;   /* [capacity] work */
    int64_t *list;   /* [capacity] work */
    ri_gathered gathered;
    ri_moments moments;
    ri_stored stored;
    ri_working working; /* set before the columns of a model are taken up */
};                      /* all zero is empty */

void ri_candidates_free(ri_candidates *c);

/* Takes up `count` ascending features, left as they are in `pool`, or to be gathered as they are
 * taken (ri_candidates_take) where that is NULL; constant columns must not be among them. With
 * twins (pure lasso), of columns equal over the training rows only the one with the smallest
 * penalty factor, then the first, is kept, and twin[j] is set for the others, which need not be
 * candidates again. b = 0 and r = y. What `of` points to is borrowed. */
RI_MUST_USE ri_status ri_candidates_fill(ri_candidates *c, const ri_regression *of,
                                         const ri_pool *pool, const int64_t *feature, int64_t count,
                                         ri_error *err);

/* Changes to columns that are gathered, as non-zeros are then; b stays, r is recomputed. */
RI_MUST_USE ri_status ri_candidates_gather(ri_candidates *c, ri_error *err);

/* Makes the listed columns ready for coefficients other than 0: those of a working set, where
 * columns are gathered. They stay so. */
RI_MUST_USE ri_status ri_candidates_take(ri_candidates *c, const int64_t *list, int64_t count,
                                         ri_error *err);

/* The same for all. */
RI_MUST_USE ri_status ri_candidates_take_all(ri_candidates *c, ri_error *err);

/* Local index of a feature, or -1. */
int64_t ri_candidates_find(const ri_candidates *c, int64_t feature);

/* Recomputes r from b, which others may have set. */
void ri_candidates_residual(ri_candidates *c);

/* b[list[i]] += step[i] and r follows. */
void ri_candidates_move(ri_candidates *c, const int64_t *list, const double *step, int64_t count);

/* Brings g up to date where it may matter at threshold l1: for every k with b_k != 0, f_k = 0 or
 * keep[k] (keep may be NULL), and, unless `part` is negative, every other that reaches l1 f_k if g
 * has come by `part` of the bound |z| * way since. */
void ri_candidates_gradient(ri_candidates *c, double l1, const bool *keep, double part);

/* Takes gradients, features ascending, of the residual that ri_candidates_residual made. */
void ri_candidates_know(ri_candidates *c, const ri_gradient *entry, int64_t count);

/* r'r / n and r'y / n of a residual [train]. */
void ri_candidates_terms(const ri_candidates *c, const double *r, double *rr, double *ry);

/* Relative duality gap over the candidates (at alpha = 0 the largest |z_k'r| / (n sqrt(2
 * null_loss))); g must be up to date. */
double ri_candidates_gap(ri_candidates *c, const ri_point *point);

/* How much larger the gap may be where every g_k may be off by error sqrt(square_k), and r'r / n
 * and r'y / n of second moments by what that and rounding make of them; l1 > 0. */
double ri_candidates_gap_error(ri_candidates *c, const ri_point *point, double error);

/* Predictions of the held-out rows but for the mean of the response, which they begin with. */
void ri_candidates_predict(ri_candidates *c, double *prediction);

/* True where k, not in the support, breaks its optimality condition by more than `slack`
 * (relative). */
static inline bool ri_violates(const ri_candidates *c, int64_t k, double l1, double slack) {
    double g = c->g[k] < 0 && !c->positive ? -c->g[k] : c->g[k];
    return g > l1 * c->penalty[k] * (1 + slack);
}

/* The pieces of the relative duality gap, shared with the certificate over all features. */
typedef struct ri_gap_terms {
    double rr, ry;       /* r'r / n, r'y / n */
    double norm1, norm2; /* sum f |b|, sum f b^2 */
    double ratio;        /* max_j |g_j - l2 f_j b_j| / (l1 f_j); one-sided under positivity */
    double conjugate;    /* sum_j max(|g_j| - l1 f_j, 0)^2 / f_j: used where l1 = 0 */
} ri_gap_terms;

/* (primal - dual) / null_loss, not below 0; 0 where the null loss is 0. Dual point: r scaled to
 * feasibility (elastic net: of the augmented problem, r and -sqrt(n l2 f) b). */
double ri_duality_gap(const ri_gap_terms *terms, double l1, double l2, double null_loss);

#endif
