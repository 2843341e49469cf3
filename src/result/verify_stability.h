/* SPDX-License-Identifier: BSD-3-Clause
 * Stability selection counted again from the stored fits, by its definition. Private to this room.
 */
#ifndef RI_RESULT_VERIFY_STABILITY_H
#define RI_RESULT_VERIFY_STABILITY_H

#include "cv/record.h"

/* Frequencies, region, bound and stable features are those of the fits; true without stability
 * selection. */
RI_MUST_USE ri_status ri_verify_stability(const ri_record *record, bool *agrees, ri_error *err);

#endif
