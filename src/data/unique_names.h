/* SPDX-License-Identifier: BSD-3-Clause
 * Names made unique: the first of equal names stays, later ones become NAME#2, NAME#3, ... */
#ifndef RI_DATA_UNIQUE_NAMES_H
#define RI_DATA_UNIQUE_NAMES_H

#include "base/status.h"
#include "base/text.h"

/* `out` receives as many names as `in`; `*renamed` (how many differ) may be NULL. */
RI_MUST_USE ri_status ri_names_unique(const ri_names *in, ri_names *out, int64_t *renamed,
                                      ri_error *err);

#endif
