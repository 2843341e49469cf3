/* SPDX-License-Identifier: BSD-3-Clause
 * Choices of alpha and l1_ratio made again. Private to verification. */
#ifndef RI_RESULT_VERIFY_CHOICE_H
#define RI_RESULT_VERIFY_CHOICE_H

#include <stdbool.h>

#include "cv/record.h"

/* True where index_min, index_1se, the selected path and alpha are what the rules make of the
 * recorded curve and of the refit's objectives and coefficients. */
bool ri_verify_choice(const ri_record *record);

#endif
