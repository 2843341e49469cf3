/* SPDX-License-Identifier: BSD-3-Clause
 * The state of a walk between two windows: all that its further way depends on, to the last bit,
 * beyond what data, options and the first pass give anew. What is added to ri_walk, or to the
 * factor and support in it, and lives longer than a window, must be added to ri_walk_state too and
 * RI_WALK_STATE raised: the law "a walk that was written and read back goes on as if nothing had
 * been" (tests/unit/test_walk_state.c) fails where something is forgotten. */
#ifndef RI_SOLVE_WALK_STATE_H
#define RI_SOLVE_WALK_STATE_H

#include "base/archive.h"
#include "solve/walk.h"

enum { RI_WALK_STATE = 3 }; /* version of what is listed */

/* Writes the state of a walk that has accepted the answer of a pass and chosen nothing since or
 * solved nothing of what it chose; or reads it into a walk of the same problem that has taken the
 * answer of the first pass. Where that fails the walk is good for ri_walk_free only. */
void ri_walk_state(ri_walk *walk, ri_archive *archive);

#endif
