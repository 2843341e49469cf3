/* SPDX-License-Identifier: BSD-3-Clause
 * The active set of Newton's step and its factor, kept in step: who enters, who leaves. Private to
 * the engine; what the walk uses of it is in solve/newton.h. */
#ifndef RI_SOLVE_ACTIVE_H
#define RI_SOLVE_ACTIVE_H

#include "solve/newton.h"

/* Gram of `count` entering columns with the active ones (w->cross) and with each other (w->own, the
 * ridge term included). */
RI_MUST_USE ri_status ri_active_gram(ri_newton *w, ri_candidates *c, const int64_t *enter,
                                     int64_t count, ri_error *err);

/* Sign with which column k enters; 0 where it is not penalised. */
double ri_active_sign(const ri_candidates *c, int64_t k);

/* Appends columns to factor and active set; dependent ones stay out, the first becomes suspect. */
RI_MUST_USE ri_status ri_active_append(ri_newton *w, ri_candidates *c, const int64_t *enter,
                                       int64_t count, ri_error *err);

/* Makes the factor anew, of doubles from now on: where floats do not tell whether a column depends
 * on others, or are too coarse for the answer that is asked for. */
RI_MUST_USE ri_status ri_active_widen(ri_newton *w, ri_candidates *c, ri_error *err);

/* Deletes the rows marked in w->drop from factor and active set. */
RI_MUST_USE ri_status ri_active_delete(ri_newton *w, ri_error *err);

#endif
