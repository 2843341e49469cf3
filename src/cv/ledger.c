/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/ledger.h"

#include <math.h>

const char *const ri_ledger_word[RI_LEDGER_COLUMNS] = {
    "reading", "planning", "screening", "descent", "waiting", "bytes", "flops", "units", "points"};

void ri_ledger_add(ri_ledger *to, const ri_ledger *more) {
    to->reading += more->reading;
    to->planning += more->planning;
    to->screening += more->screening;
    to->descent += more->descent;
    to->waiting += more->waiting;
    to->bytes += more->bytes;
    to->flops += more->flops;
    to->units += more->units;
    to->points += more->points;
}

double ri_ledger_imbalance(const ri_ledger *ledger, int64_t ranks) {
    double most = 0, sum = 0;
    for (int64_t r = 0; r < ranks; r++) {
        double worked = ledger[r].screening + ledger[r].descent;
        most = fmax(most, worked);
        sum += worked;
    }
    return sum > 0 ? most * (double)ranks / sum - 1 : 0;
}
