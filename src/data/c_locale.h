/* SPDX-License-Identifier: BSD-3-Clause
 * Numbers in files have a decimal point whatever the locale of the host program: the calling thread
 * works in the C locale between enter and leave. */
#ifndef RI_DATA_C_LOCALE_H
#define RI_DATA_C_LOCALE_H

#include <locale.h>

typedef struct ri_c_locale {
    locale_t inside, outside;
} ri_c_locale;

static inline ri_c_locale ri_c_locale_enter(void) {
    ri_c_locale pair = {newlocale(LC_ALL_MASK, "C", (locale_t)0), (locale_t)0};
    if (pair.inside)
        pair.outside = uselocale(pair.inside);
    return pair;
}

static inline void ri_c_locale_leave(ri_c_locale pair) {
    if (!pair.inside)
        return;
    uselocale(pair.outside);
    freelocale(pair.inside);
}

#endif
