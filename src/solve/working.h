/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of a quadratic model (solve/general.h): those of other candidates, gathered, with every
 * row multiplied by a root of its own, and before them the intercept's. Gathered columns once they
 * are made. Private to the candidates and to the model. */
#ifndef RI_SOLVE_WORKING_H
#define RI_SOLVE_WORKING_H

#include <stdbool.h>
#include <stdint.h>

struct ri_candidates;

typedef struct ri_working {
    const struct ri_candidates *of; /* listed ones taken; NULL: these candidates are no model */
    const double *root;             /* [train] */
    const int64_t *list;            /* local indices in `of`, as many as the model has columns */
    bool intercept;                 /* column 0 is the intercept's, and no entry of the list */
} ri_working;                       /* all borrowed */

#endif
