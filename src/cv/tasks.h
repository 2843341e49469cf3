/* SPDX-License-Identifier: BSD-3-Clause
 * The windows of a round over threads that are to end together. 11 fits of about the same length
 * are 6 for one of 2 threads and 5 for the other, which would wait for a sixth of them. So a fit
 * for each thread but one is left at half of its window; when no other is left to begin, threads
 * go, alpha by alpha, to the fit that has most before it (McNaughton, Management Science 6, 1959;
 * longest remaining time first). Each fit keeps the workspace that it was begun in: what is
 * computed does not depend on who computes it. */
#ifndef RI_CV_TASKS_H
#define RI_CV_TASKS_H

#include "cv/batch.h"

/* Workspaces of a batch: of windows in hand, and of those that are left. */
int64_t ri_task_rooms(int threads);

/* Solves the windows of the `count` listed units; the list becomes sorted. Windows of walks that
 * shoot, and of other losses, hold columns of their own, and one thread solves them in one go. */
RI_MUST_USE ri_status ri_tasks_run(ri_batch *batch, int64_t *unit, int64_t count, ri_error *err);

#endif
