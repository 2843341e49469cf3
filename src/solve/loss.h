/* SPDX-License-Identifier: BSD-3-Clause
 * The losses of a response and a linear predictor eta. Each is half the unit deviance of an
 * exponential family with its canonical link, and is known by its cumulant A alone:
 *
 *     loss(y, eta) = A(eta) - y eta + A*(y) >= 0
 *     derivative   = A'(eta) - y = -(residual),  the mean of the response being A'(eta)
 *     curvature    = A''(eta)
 *
 * A* is the convex conjugate of A, finite on the closed interval of possible means. It gives the
 * dual as well: with a residual u, kept where y - u is a possible mean,
 *
 *     min_eta loss(y, eta) + u eta = A*(y) - A*(y - u).
 *
 * McCullagh and Nelder, Generalized Linear Models, 2.2; Friedman, Hastie and Tibshirani, J. Stat.
 * Softw. 33, 2010, section 3. */
#ifndef RI_SOLVE_LOSS_H
#define RI_SOLVE_LOSS_H

typedef enum ri_family { RI_GAUSSIAN, RI_BINOMIAL, RI_POISSON, RI_FAMILIES } ri_family;

typedef struct ri_loss {
    const char *name;
    double low, high; /* of a response and of a mean */
    double farthest;  /* a fit that wants |eta| above this has no finite answer */
    double (*loss)(double y, double eta);
    double (*mean)(double eta);       /* A' */
    double (*curvature)(double eta);  /* A'' */
    double (*conjugate)(double mean); /* A*, 0 outside of [low, high] by rounding */
    double (*link)(double mean);      /* the eta of a mean; infinite at its borders */
} ri_loss;

const ri_loss *ri_loss_of(ri_family family);

#endif
