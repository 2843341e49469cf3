/* SPDX-License-Identifier: BSD-3-Clause
 * Rates of one core that both the choice of a route (cv/by_moments.c) and the time of a plan
 * (cv/cost.h) go by, in floating-point operations a second where nothing else is said. */
#ifndef RI_CV_RATES_H
#define RI_CV_RATES_H

extern const double ri_rate_outer;   /* Gram matrices from panels, of which one half is formed */
extern const double ri_rate_product; /* Gram matrices of entering columns */
extern const double ri_rate_update;  /* gradients by a Gram matrix, one vector */
extern const double ri_rate_sweep;   /* residuals and gradients by columns, where they are stored */
extern const double ri_rate_entry;   /* seconds to standardise an entry of a Gram matrix */

/* Rounds of Newton an alpha: by moments, which know all gradients and see who enters next, and by
 * passes. */
extern const double ri_rounds_by_moments, ri_rounds_by_passes;

#endif
