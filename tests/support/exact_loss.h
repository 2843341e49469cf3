/* SPDX-License-Identifier: BSD-3-Clause
 * A fit of a small problem with classes or counts, in long double and from its definition:
 * objective, optimality conditions, a dual bound, and the optimum by brute force. Nothing of the
 * solver is used. Include cmocka.h before. */
#ifndef RI_SUPPORT_EXACT_LOSS_H
#define RI_SUPPORT_EXACT_LOSS_H

#include "support/exact_fit.h"

typedef struct exact_state { /* of a fit */
    const exact_fit *fit;
    long double *beta; /* [p] standardised scale */
    long double intercept;
    long double *eta; /* [n] */
} exact_state;

static inline bool exact_binomial(const exact_fit *f) {
    return f->of->design.family == RI_BINOMIAL;
}

static inline long double exact_mean(const exact_fit *f, long double eta) {
    return exact_binomial(f) ? 1 / (1 + expl(-eta)) : expl(eta);
}

static inline long double exact_x_log_x(long double x) {
    return x > 0 ? x * logl(x) : 0;
}

static inline long double exact_conjugate(const exact_fit *f, long double mean) {
    return exact_x_log_x(mean) + (exact_binomial(f) ? exact_x_log_x(1 - mean) : -mean);
}

static inline long double exact_loss(const exact_fit *f, long double y, long double eta) {
    long double cumulant =
        exact_binomial(f) ? fmaxl(eta, 0) + log1pl(expl(-fabsl(eta))) : expl(eta);
    return cumulant - y * eta + exact_conjugate(f, y);
}

static inline exact_state exact_start(const exact_fit *f) {
    return (exact_state){f, small_room((size_t)f->p, sizeof(long double)), 0,
                         small_room((size_t)f->n, sizeof(long double))};
}

static inline void exact_end(exact_state *s) {
    free(s->beta);
    free(s->eta);
}

static inline void exact_add(exact_state *s, int64_t j, long double step) {
    const exact_fit *f = s->fit;
    for (int64_t t = 0; t < f->n; t++)
        if (f->root[t] > 0)
            s->eta[t] += step * (j < 0 ? 1 : f->z[j * f->n + t] / f->root[t]);
    *(j < 0 ? &s->intercept : &s->beta[j]) += step;
}

/* Of coefficients on the original scale. */
static inline exact_state exact_take(const exact_fit *f, const double *b, double b0) {
    exact_state s = exact_start(f);
    long double offset = b0;
    for (int64_t j = 0; j < f->p; j++) {
        if (b[j] == 0)
            continue;
        offset += f->of->design.no_intercept ? 0 : b[j] * f->mean[j];
        exact_add(&s, j, b[j] / f->scale[j]);
    }
    exact_add(&s, -1, offset);
    return s;
}

static inline long double exact_factor(const exact_fit *f, int64_t j) {
    return f->of->factor ? f->of->factor[j] : 1;
}

static inline long double exact_mean_loss(const exact_state *s) {
    const exact_fit *f = s->fit;
    long double sum = 0;
    for (int64_t t = 0; t < f->n; t++)
        sum += f->w[t] > 0 ? f->w[t] * exact_loss(f, f->y[t], s->eta[t]) : 0;
    return sum / (long double)f->n;
}

static inline long double exact_objective(const exact_state *s, double alpha) {
    const exact_fit *f = s->fit;
    long double r = f->of->design.l1_ratio, sum = 0;
    for (int64_t j = 0; j < f->p; j++)
        sum += exact_factor(f, j) * (r * fabsl(s->beta[j]) + (1 - r) / 2 * s->beta[j] * s->beta[j]);
    return exact_mean_loss(s) + alpha * sum;
}

/* z_j'(y - mean) / n, of the intercept with j = -1. */
static inline long double exact_gradient(const exact_state *s, int64_t j) {
    const exact_fit *f = s->fit;
    long double sum = 0;
    for (int64_t t = 0; t < f->n; t++)
        sum += f->root[t] * (j < 0 ? f->root[t] : f->z[j * f->n + t]) *
               (f->y[t] - exact_mean(f, s->eta[t]));
    return sum / (long double)f->n;
}

/* How far the gradient of j is from what optimality allows. */
static inline long double exact_violation(const exact_state *s, double alpha, int64_t j) {
    const exact_fit *f = s->fit;
    long double g = exact_gradient(s, j), factor = j < 0 ? 0 : exact_factor(f, j);
    if (factor == 0)
        return fabsl(g);
    long double l1 = (long double)alpha * f->of->design.l1_ratio * factor;
    long double b = s->beta[j];
    g -= (alpha - (long double)alpha * f->of->design.l1_ratio) * factor * b;
    if (b != 0)
        return fabsl(g - (b > 0 ? l1 : -l1));
    return fmaxl((f->of->design.positive ? g : fabsl(g)) - l1, 0);
}

/* Objective less what a dual point proves: the residuals, projected and scaled. Not a number where
 * the projection leaves the means that are possible. */
static inline long double exact_gap(const exact_state *s, double alpha) {
    const exact_fit *f = s->fit;
    long double l1 = (long double)alpha * f->of->design.l1_ratio, l2 = alpha - l1;
    long double *u = small_room((size_t)f->n, sizeof *u), ratio = 1, dual = 0;
    for (int64_t t = 0; t < f->n; t++)
        u[t] = f->root[t] * (f->y[t] - exact_mean(f, s->eta[t]));
    exact_project(f, u);
    for (int64_t j = 0; j < f->p; j++) {
        long double factor = exact_factor(f, j);
        long double g = exact_dot(f->z + j * f->n, u, f->n) / (long double)f->n;
        g -= l2 * factor * s->beta[j];
        if (factor > 0 && f->scale[j] != 0)
            ratio = fmaxl(ratio, (f->of->design.positive ? g : fabsl(g)) / (l1 * factor));
    }
    for (int64_t t = 0; t < f->n; t++) {
        long double mean = f->w[t] > 0 ? f->y[t] - u[t] / ratio / f->root[t] : f->y[t];
        bool possible = mean >= 0 && (mean <= 1 || !exact_binomial(f));
        dual += possible ? f->w[t] * (exact_conjugate(f, f->y[t]) - exact_conjugate(f, mean))
                         : (long double)NAN;
    }
    free(u);
    dual /= (long double)f->n;
    for (int64_t j = 0; j < f->p; j++)
        dual -= l2 * exact_factor(f, j) * s->beta[j] * s->beta[j] / (2 * ratio * ratio);
    return exact_objective(s, alpha) - dual;
}

/* One coordinate to where its own quadratic model has its least value, halved until the objective
 * does not rise; returns the step. */
static inline long double exact_move(exact_state *s, double alpha, int64_t j) {
    const exact_fit *f = s->fit;
    long double factor = j < 0 ? 0 : exact_factor(f, j), ratio = f->of->design.l1_ratio;
    long double l1 = alpha * ratio * factor, l2 = (alpha - alpha * ratio) * factor;
    long double g = exact_gradient(s, j), curvature = l2, from = j < 0 ? s->intercept : s->beta[j];
    for (int64_t t = 0; t < f->n; t++) {
        long double z = j < 0 ? f->root[t] : f->z[j * f->n + t], mean = exact_mean(f, s->eta[t]);
        curvature += z * z * (exact_binomial(f) ? mean * (1 - mean) : mean) / (long double)f->n;
    }
    long double u = g + (curvature - l2) * from;
    long double shrunk = u > l1 ? u - l1 : u < -l1 && !f->of->design.positive ? u + l1 : 0;
    if (factor == 0)
        shrunk = u;
    long double step = shrunk / curvature - from, before = exact_objective(s, alpha);
    exact_add(s, j, step);
    while (exact_objective(s, alpha) > before + 1e-18L && fabsl(step) > 1e-16L) {
        exact_add(s, j, -step / 2);
        step /= 2;
    }
    return step;
}

/* The optimum by coordinate descent. */
static inline exact_state exact_solve(const exact_fit *f, double alpha, int sweeps) {
    exact_state s = exact_start(f);
    bool intercept = !f->of->design.no_intercept;
    for (int k = 0; k < sweeps; k++) {
        long double moved = intercept ? fabsl(exact_move(&s, alpha, -1)) : 0;
        for (int64_t j = 0; j < f->p; j++)
            if (f->scale[j] != 0)
                moved = fmaxl(moved, fabsl(exact_move(&s, alpha, j)));
        if (moved < 1e-13L)
            break;
    }
    return s;
}

#endif
