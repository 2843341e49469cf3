/* SPDX-License-Identifier: BSD-3-Clause
 * Equal and mirrored columns among the candidates: the lasso's answer is not unique there, so one
 * of them stands for all. Private to the candidates. */
#ifndef RI_SOLVE_TWINS_H
#define RI_SOLVE_TWINS_H

#include <stdint.h>

#include "solve/candidates.h"

/* Of columns equal over the training rows (under positivity: not of mirrored ones) keeps the one
 * with the smallest penalty factor, then the first; sets twin[feature] of the others. */
RI_MUST_USE ri_status ri_twins_merge(ri_candidates *c, uint8_t *twin, ri_error *err);

#endif
