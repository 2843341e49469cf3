/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/name_list.h"

#include <string.h>

int64_t ri_name_list_find(const ri_names *names, const char *name) {
    for (int64_t k = 0; k < names->count; k++)
        if (strcmp(ri_names_get(names, k), name) == 0)
            return k;
    return -1;
}

ri_status ri_name_list(const char *text, const char *option, ri_names *out, ri_error *err) {
    for (const char *at = text;; at++) {
        size_t length = strcspn(at, ",");
        RI_TRY(ri_names_add(out, at, length, err));
        const char *name = ri_names_get(out, out->count - 1);
        if (length == 0)
            return ri_fail(err, RI_BAD_INPUT, "%s: '%s' has an empty name", option, text);
        if (ri_name_list_find(out, name) < out->count - 1)
            return ri_fail(err, RI_BAD_INPUT, "%s: '%s' comes twice", option, name);
        at += length;
        if (*at == '\0')
            return RI_OK;
    }
}
