/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/wording.h"

#include <stdio.h>
#include <string.h>

#include "base/nearest.h"

enum { LISTED = 8 };

ri_excerpt ri_excerpt_of(const char *text) {
    static const char more[] = "...";
    ri_excerpt excerpt;
    size_t room = sizeof excerpt.text - 1;
    size_t length = strlen(text);
    size_t kept = length <= room ? length : room - (sizeof more - 1);
    while (kept < length && kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
        kept--;
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)text[i];
        excerpt.text[i] = c < 0x20 || c == 0x7F ? '?' : text[i];
    }
    memcpy(excerpt.text + kept, more, kept < length ? sizeof more : 0);
    if (kept == length)
        excerpt.text[kept] = '\0';
    return excerpt;
}

static const char *nearest(const ri_names *names, const char *text) {
    const char *best = NULL;
    int bound = 1 + (int)strnlen(text, RI_LONGEST_COMPARED) / 3; /* farther: no misspelling */
    for (int64_t i = 0; i < names->count; i++) {
        const char *name = ri_names_get(names, i);
        int distance = ri_edit_distance(name, text);
        if (*name != '\0' && distance < bound) {
            bound = distance;
            best = name;
        }
    }
    return best;
}

ri_status ri_fail_unknown_column(ri_error *err, const char *path, const char *option,
                                 const char *name, const ri_names *columns) {
    const char *near = nearest(columns, name);
    if (near)
        return ri_fail(err, RI_BAD_INPUT, "%s: %s '%s': no such column; did you mean '%s'?", path,
                       option, ri_excerpt_of(name).text, ri_excerpt_of(near).text);
    char list[LISTED * (RI_EXCERPT_TEXT + 4) + 16] = "";
    size_t used = 0;
    for (int64_t i = 0; i < columns->count && i < LISTED; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s'%s'", i ? ", " : "",
                                 ri_excerpt_of(ri_names_get(columns, i)).text);
    return ri_fail(err, RI_BAD_INPUT, "%s: %s '%s': no such column; there are %lld: %s%s", path,
                   option, ri_excerpt_of(name).text, (long long)columns->count, list,
                   columns->count > LISTED ? ", ..." : "");
}
