/* SPDX-License-Identifier: BSD-3-Clause
 * Where the descent of an alpha starts: the coefficients of a lasso go along straight lines from
 * one entering or leaving feature to the next (Osborne, Presnell and Turlach, IMA J. Numer. Anal.
 * 20, 2000), so that the secant through the two alphas before leads near the answer. */
#ifndef RI_SOLVE_SECANT_H
#define RI_SOLVE_SECANT_H

#include "solve/walk.h"

/* Moves the candidates, which stand at the solution before alpha `t` of the window, along the
 * secant, none across zero; back where that is no better at `point`. */
RI_MUST_USE ri_status ri_secant_start(const ri_walk *walk, ri_candidates *c, int64_t t,
                                      const ri_point *point, ri_error *err);

#endif
