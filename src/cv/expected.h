/* SPDX-License-Identifier: BSD-3-Clause
 * What is expected of data of which only the shape and the response are known: how many features a
 * fit takes up. */
#ifndef RI_CV_EXPECTED_H
#define RI_CV_EXPECTED_H

#include "cv/problem.h"

/* The strongest correlation of a feature with the response. */
extern const double ri_expected_correlation;

/* Part of the response's deviation that the features which explain it leave. */
extern const double ri_expected_left;

/* Features that a fit has at alpha = part * alpha_max where none of them makes the response:
 * features are independent, and what is left of the response is noise. From the fixed point of
 * approximate message passing (Donoho, Maleki and Montanari, PNAS 106, 2009; of the lasso: Bayati
 * and Montanari, IEEE Trans. Inf. Theory 58, 2012), whose scalar problem has the ridge term too:
 * with l1 = alpha r and l2 = alpha (1 - r),
 *
 *   b = soft(u, a l1) / (1 + a l2),  u normal of deviation s,
 *   n s^2 = noise^2 + p E b^2,  1 / a = 1 - p P(b != 0) / (n (1 + a l2)).
 *
 * An elastic net may have more features than samples. Its ridge term counts beside a response of
 * deviation 1: one of larger deviation has larger alphas, and more features. */
double ri_expected_support(const ri_problem *problem, double l1_ratio, double part);

/* Sweeps of shooting that an alpha of an elastic net takes, at a place between the first alpha (0)
 * and the last (1) of a grid. */
double ri_expected_sweeps(double l1_ratio, double place);

/* Deviation of a response; NaN: left out. 0 where it does not vary. */
double ri_expected_deviation(const double *y, int64_t n);

#endif
