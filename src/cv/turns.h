/* SPDX-License-Identifier: BSD-3-Clause
 * Walks of a batch taking turns. Their factors are largest at the end of the grid, and all would be
 * there together; where that is what memory goes to, a third of the walks go through the last third
 * of the alphas first and let go of their factors, while the others wait with small ones. That
 * takes more passes over X, of fewer residuals each. No answer depends on it: fits know nothing of
 * each other. */
#ifndef RI_CV_TURNS_H
#define RI_CV_TURNS_H

#include "cv/batch.h"

/* Whether `count` fits in hand take turns: where their factors are large, nobody has said how much
 * memory there is, X is in memory (passes are cheap) and early stopping does not have to see all
 * folds at once. */
bool ri_turns_pay(const ri_problem *problem, int64_t count);

/* Windows, and thus passes over X, more than without. */
double ri_turns_windows(const ri_problem *problem);

/* Factors of fits at their end that are held together, at most. */
double ri_turns_factors(int64_t count);

/* Marks the walks that wait in this round: batch->waits. One that is not done goes on. */
void ri_turns_take(ri_batch *batch);

#endif
