/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/rates.h"

const double ri_rate_outer = 80e9;
const double ri_rate_product = 25e9;
const double ri_rate_update = 8e9;
const double ri_rate_sweep = 6e9;
const double ri_rate_entry = 2.5e-9;

/* 1.0 to 1.7 and 1.7 to 2.6 were measured. */
const double ri_rounds_by_moments = 1.4, ri_rounds_by_passes = 2.2;
