/* SPDX-License-Identifier: BSD-3-Clause
 * Cells of the tables for people and scripts. Private to this room. */
#ifndef RI_RESULT_EXPORT_H
#define RI_RESULT_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/text.h"

/* A tab, and the number in shortest round-trip form; "nan" where it is unknown. */
void ri_export_number(FILE *file, double value);

/* A name without tabs and line ends; false without memory. */
bool ri_export_name(FILE *file, const ri_names *names, int64_t index);

#endif
