/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/expected.h"

#include <math.h>

const double ri_expected_correlation = 0.3;

const double ri_expected_left = 0.75;

enum { BISECTIONS = 20 };          /* plans of many layouts ask often */
static const double FARTHEST = 12; /* deviations of a threshold */

typedef struct scalar { /* problem of one feature, in deviations of the response */
    double n, p, l1, l2;
} scalar;

/* Deviation s of u where its threshold a l1 is z deviations: increasing in the second moment of
 * what is beyond it. 0 where there is none: the noise would grow without end. */
static double deviation_at(const scalar *q, double z) {
    double density = exp(-z * z / 2) / sqrt(2 * M_PI);
    double beyond = q->p * ((1 + z * z) * erfc(z * M_SQRT1_2) - 2 * z * density);
    double ridge = z * q->l2 / q->l1; /* a l2 = ridge * s */
    if (ridge == 0)
        return q->n > beyond ? ri_expected_left / sqrt(q->n - beyond) : 0;
    double low = 0,
           high = fmax(M_SQRT2 * ri_expected_left / sqrt(q->n), sqrt(2 * beyond / q->n) / ridge);
    for (int k = 0; k < BISECTIONS; k++) {
        double s = (low + high) / 2, shrunk = (1 + ridge * s) * (1 + ridge * s);
        *(s * s * (q->n - beyond / shrunk) < ri_expected_left * ri_expected_left ? &low : &high) =
            s;
    }
    return high;
}

/* True where a threshold of z deviations is too low: 1 / a > 1 - p P(b != 0) / (n (1 + a l2)). */
static bool too_low(const scalar *q, double z) {
    double s = deviation_at(q, z), a = z * s / q->l1;
    double freedom = q->p * erfc(z * M_SQRT1_2) / (q->n * (1 + a * q->l2));
    return s == 0 || a * (1 - freedom) < 1;
}

/* 10 to 16 were met where shooting begins, and at the end of the grid 17 for an l1_ratio of 0.1, 20
 * to 41 for 0.5 and 148 for 0.9: the less of a ridge term, the more. */
double ri_expected_sweeps(double l1_ratio, double place) {
    return 9 * pow(1.6 / (1 - l1_ratio), place);
}

double ri_expected_deviation(const double *y, int64_t n) {
    double mean = 0, square = 0, count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (isnan(y[i]))
            continue;
        double d = y[i] - mean;
        count++;
        mean += d / count;
        square += d * (y[i] - mean);
    }
    return count > 0 ? sqrt(square / count) : 0;
}

double ri_expected_support(const ri_problem *problem, double l1_ratio, double part) {
    scalar q = {.n = (double)ri_problem_kept(problem), .p = (double)problem->x.p};
    if (!(part > 0) || !(l1_ratio > 0))
        return q.p;
    q.l1 = part * ri_expected_correlation;
    q.l2 = q.l1 * (1 - l1_ratio) / l1_ratio * (problem->deviation > 0 ? problem->deviation : 1);
    double low = 0, high = FARTHEST;
    for (int k = 0; k < BISECTIONS; k++) {
        double z = (low + high) / 2;
        *(too_low(&q, z) ? &low : &high) = z;
    }
    return q.p * erfc(high * M_SQRT1_2);
}
