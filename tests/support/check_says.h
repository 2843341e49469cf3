/* SPDX-License-Identifier: BSD-3-Clause
 * What a sentence must say. Include cmocka.h before. */
#ifndef RI_SUPPORT_CHECK_SAYS_H
#define RI_SUPPORT_CHECK_SAYS_H

#include <string.h>

/* `parts` end with NULL. */
static inline void check_says(const char *text, const char *const *parts) {
    for (; *parts; parts++)
        if (!strstr(text, *parts))
            fail_msg("'%s' does not say '%s'", text, *parts);
}

#endif
