/* SPDX-License-Identifier: BSD-3-Clause
 * Which features will enter at the next alpha: from one alpha to the next gradients go on nearly as
 * they went on before, so that those that are about to reach the threshold can enter the active set
 * with Newton's first step and not after it. A wrong guess comes out with the wrong sign and leaves
 * before that step is taken. A predictor in the sense of path following (Park and Hastie, J. R.
 * Statist. Soc. B 69, 2007). For walks that know the gradient of every candidate. */
#ifndef RI_SOLVE_FORESIGHT_H
#define RI_SOLVE_FORESIGHT_H

#include "base/status.h"
#include "solve/newton.h"

typedef struct ri_foresight {
    double *g;  /* [size] of the point before the last one */
    double l1;  /* there */
    int known;  /* points that were noted: 0, 1 or 2 */
    double *at; /* [size] of the last point */
    double last;
    size_t room;
} ri_foresight; /* all zero is empty */

void ri_foresight_free(ri_foresight *foresight);

/* Notes the gradients of all candidates at a solved point. */
RI_MUST_USE ri_status ri_foresight_note(ri_foresight *foresight, const ri_candidates *c, double l1,
                                        ri_error *err);

/* Lets candidates that are expected to be violators at `point` into the active set; the state is
 * that of the last point noted. */
RI_MUST_USE ri_status ri_foresight_enter(const ri_foresight *foresight, ri_newton *newton,
                                         ri_candidates *c, const ri_point *point, ri_error *err);

#endif
