/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/sample_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

struct ri_sample_index {
    const ri_names *id, *family;
    ri_name_index *names;
    char *key;
    size_t key_capacity;
};

ri_status ri_sample_index_new(const ri_names *id, const ri_names *family, ri_sample_index **out,
                              ri_error *err) {
    *out = NULL;
    ri_sample_index *index = calloc(1, sizeof *index);
    if (!index)
        return ri_fail_memory(err, "an index of samples", sizeof *index);
    index->id = id;
    index->family = family;
    ri_status status = ri_name_index_new(id, &index->names, NULL, err);
    if (status == RI_OK)
        *out = index;
    else
        ri_sample_index_free(index);
    return status;
}

static bool in_family(const ri_sample_index *index, int64_t sample, const char *fid,
                      const char *iid) {
    const char *label = ri_names_get(index->family, sample);
    return strcmp(label, fid) == 0 ||
           (strcmp(fid, "0") == 0 && strncmp(label, "0:", 2) == 0 && strcmp(label + 2, iid) == 0);
}

ri_status ri_sample_index_find(ri_sample_index *index, const char *fid, const char *iid,
                               int64_t *sample, ri_error *err) {
    *sample = ri_name_index_find(index->names, iid);
    if (!fid || (*sample >= 0 && (!index->family || in_family(index, *sample, fid, iid))))
        return RI_OK;
    size_t room = strlen(fid) + strlen(iid) + 2;
    if (!ri_grow(&index->key, &index->key_capacity, room, 1))
        return ri_fail_memory(err, "a sample name", room);
    snprintf(index->key, room, "%s_%s", fid, iid);
    *sample = ri_name_index_find(index->names, index->key);
    if (*sample >= 0 && index->family && !in_family(index, *sample, fid, iid))
        *sample = -1;
    return RI_OK;
}

void ri_sample_index_free(ri_sample_index *index) {
    if (!index)
        return;
    ri_name_index_free(index->names);
    free(index->key);
    free(index);
}
