/* SPDX-License-Identifier: BSD-3-Clause
 * Facts of runs that come one after another. Private to this room. */
#ifndef RI_CLUSTER_FACTS_H
#define RI_CLUSTER_FACTS_H

#include <math.h>

#include "cv/record.h"

/* Facts of both runs together. */
static inline void ri_run_facts_add(ri_run_facts *run, const ri_run_facts *more) {
    run->seconds += more->seconds;
    run->passes_over_x += more->passes_over_x;
    run->peak_rss_mb = fmax(run->peak_rss_mb, more->peak_rss_mb);
    if (run->ledger && more->ledger)
        for (int32_t r = 0; r < run->ranks; r++)
            ri_ledger_add(&run->ledger[r], &more->ledger[r]);
}

#endif
