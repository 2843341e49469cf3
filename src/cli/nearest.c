/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "base/nearest.h"
#include "cli/option.h"

const char *ri_nearest(const char *text, const char *const *names) {
    const char *best = NULL;
    int bound = 1 + (int)strlen(text) / 2; /* farther than this is no misspelling */
    for (; *names; names++) {
        int distance = ri_edit_distance(text, *names);
        if (distance < bound) {
            best = *names;
            bound = distance;
        }
    }
    return best;
}
