/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/loss.h"

#include <math.h>

/* x log x, 0 at 0 and where rounding leads below it. */
static double x_log_x(double x) {
    return x > 0 ? x * log(x) : 0;
}

static double gaussian_loss(double y, double eta) {
    return 0.5 * (y - eta) * (y - eta);
}

static double gaussian_mean(double eta) {
    return eta;
}

static double gaussian_curvature(double eta) {
    (void)eta;
    return 1;
}

static double gaussian_conjugate(double mean) {
    return 0.5 * mean * mean;
}

static double binomial_conjugate(double mean) {
    return x_log_x(mean) + x_log_x(1 - mean);
}

/* log(1 + exp(eta)) - y eta + A*(y), without a difference of large numbers. */
static double binomial_loss(double y, double eta) {
    double linear = eta > 0 ? (1 - y) * eta : -y * eta;
    return log1p(exp(-fabs(eta))) + linear + binomial_conjugate(y);
}

static double binomial_mean(double eta) {
    double small = exp(-fabs(eta));
    return eta > 0 ? 1 / (1 + small) : small / (1 + small);
}

static double binomial_curvature(double eta) {
    double small = exp(-fabs(eta));
    return small / ((1 + small) * (1 + small));
}

static double binomial_link(double mean) {
    return log(mean / (1 - mean));
}

static double poisson_conjugate(double mean) {
    return x_log_x(mean) - mean;
}

static double poisson_loss(double y, double eta) {
    return exp(eta) - y * eta + poisson_conjugate(y);
}

static const ri_loss LOSS[RI_FAMILIES] = {
    [RI_GAUSSIAN] = {"gaussian", -INFINITY, INFINITY, INFINITY, gaussian_loss, gaussian_mean,
                     gaussian_curvature, gaussian_conjugate, gaussian_mean},
    [RI_BINOMIAL] = {"binomial", 0, 1, 30, binomial_loss, binomial_mean, binomial_curvature,
                     binomial_conjugate, binomial_link},
    [RI_POISSON] = {"poisson", 0, INFINITY, 50, poisson_loss, exp, exp, poisson_conjugate, log},
};

const ri_loss *ri_loss_of(ri_family family) {
    return &LOSS[family];
}
