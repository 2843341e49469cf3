/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/unique_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Appends NAME#k with the first k >= `*next` that is no name of the file. Two names made this way
 * differ: the text after the last '#' is k, the text before it the base. */
static ri_status add_numbered(const char *name, const ri_name_index *taken, int64_t *next,
                              ri_names *out, ri_error *err) {
    size_t room = strlen(name) + 24;
    char *text = ri_alloc(room, 1);
    if (!text)
        return ri_fail_memory(err, "a feature name", room);
    do
        snprintf(text, room, "%s#%" PRId64, name, (*next)++);
    while (ri_name_index_find(taken, text) >= 0);
    ri_status status = ri_names_add(out, text, strlen(text), err);
    free(text);
    return status;
}

ri_status ri_names_unique(const ri_names *in, ri_names *out, int64_t *renamed, ri_error *err) {
    ri_status status;
    ri_name_index *index = NULL;
    int64_t *next = NULL;
    int64_t changed = 0;
    *out = (ri_names){0};
    RI_GO(ri_name_index_new(in, &index, NULL, err));
    next = ri_alloc((size_t)in->count, sizeof *next);
    if (!next) {
        status = ri_fail_memory(err, "feature names", (size_t)in->count * sizeof *next);
        goto done;
    }
    for (int64_t j = 0; j < in->count; j++) {
        const char *name = ri_names_get(in, j);
        int64_t first = ri_name_index_find(index, name);
        next[j] = 2;
        if (first == j) {
            RI_GO(ri_names_add(out, name, strlen(name), err));
        } else {
            RI_GO(add_numbered(name, index, &next[first], out, err));
            changed++;
        }
    }
    if (renamed)
        *renamed = changed;
    status = RI_OK;
done:
    free(next);
    ri_name_index_free(index);
    if (status != RI_OK)
        ri_names_free(out);
    return status;
}
