/* SPDX-License-Identifier: BSD-3-Clause
 * Relaxed paths against those they are made of. Private to this room. */
#ifndef RI_RESULT_VERIFY_RELAX_H
#define RI_RESULT_VERIFY_RELAX_H

#include "cv/record.h"

/* True where every relaxed path has the supports of its path, and lies between it and least squares
 * as gamma says. */
bool ri_verify_relax(const ri_record *record);

#endif
