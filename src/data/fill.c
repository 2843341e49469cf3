/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/fill.h"

static const double CLEAR = 1.0 / 2, BEGIN = 1.0 / 5, GO_ON = 1.0 / 16; /* parts of the time */

void ri_fill_note(ri_fill *fill, double waited, double used) {
    fill->waited += waited;
    fill->used += used;
    fill->pieces++;
    const double all = fill->waited + fill->used;
    const bool clear =
        !fill->fills && fill->pieces >= RI_FILL_FEW && all > 0 && fill->waited >= CLEAR * all;
    if (!clear && fill->pieces < RI_FILL_PIECES)
        return;
    const double least = (fill->fills ? GO_ON : BEGIN) * all;
    const bool waits = fill->waited > 0 && fill->waited >= least;
    *fill = (ri_fill){.fills = waits && !fill->lost, .lost = fill->lost};
}

void ri_fill_lose(ri_fill *fill) {
    *fill = (ri_fill){.lost = true};
}
