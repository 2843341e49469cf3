/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *ri_name_join(const char *stem, size_t length, const char *suffix) {
    size_t more = strlen(suffix);
    char *text = malloc(length + more + 1);
    if (!text)
        return NULL;
    memcpy(text, stem, length);
    memcpy(text + length, suffix, more + 1);
    return text;
}

char *ri_name_default(const char *dataset, const char *command) {
    const char *slash = strrchr(dataset, '/'), *base = slash ? slash + 1 : dataset;
    const char *dot = strrchr(base, '.');
    char suffix[16];
    snprintf(suffix, sizeof suffix, ".%s", command);
    return ri_name_join(base, dot && dot > base ? (size_t)(dot - base) : strlen(base), suffix);
}
