/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/names.h"

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
