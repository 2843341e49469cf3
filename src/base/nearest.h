/* SPDX-License-Identifier: BSD-3-Clause
 * Which name a user probably meant. */
#ifndef RI_BASE_NEAREST_H
#define RI_BASE_NEAREST_H

enum { RI_LONGEST_COMPARED = 64 };

/* Levenshtein's distance, upper and lower case equal. Texts longer than RI_LONGEST_COMPARED are
 * compared by that many first characters. */
int ri_edit_distance(const char *a, const char *b);

#endif
