/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/hdf5_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ri_hdf5_quiet ri_hdf5_silence(void) {
    ri_hdf5_quiet before = {NULL, NULL};
    H5Eget_auto2(H5E_DEFAULT, &before.handler, &before.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return before;
}

void ri_hdf5_restore(ri_hdf5_quiet before) {
    H5Eset_auto2(H5E_DEFAULT, before.handler, before.data);
}

typedef struct reason {
    char *text;
    size_t size;
} reason;

/* HDF5's file driver writes "..., error message = 'No such file', ..." into its description. */
static herr_t find_message(unsigned depth, const H5E_error2_t *entry, void *data) {
    (void)depth;
    reason *found = data;
    static const char mark[] = "error message = '";
    const char *start = entry->desc ? strstr(entry->desc, mark) : NULL;
    if (!start)
        return 0;
    start += sizeof mark - 1;
    size_t length = strcspn(start, "'");
    if (length == 0 || length >= found->size)
        return 0;
    memcpy(found->text, start, length);
    found->text[length] = '\0';
    return 1;
}

const char *ri_hdf5_reason(char *text, size_t size, const char *otherwise) {
    text[0] = '\0';
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, find_message, &(reason){text, size});
    if (text[0] == '\0')
        snprintf(text, size, "%s", otherwise);
    return text;
}

hid_t ri_hdf5_access(size_t sieve) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0)
        return access;
    herr_t bad = H5Pset_sieve_buf_size(access, sieve);
#if H5_VERSION_GE(1, 10, 7)
    bad |= H5Pset_file_locking(access, 0, 1);
#endif
    if (bad < 0) {
        H5Pclose(access);
        return -1;
    }
    return access;
}

char *ri_hdf5_link_name(const char *name) {
    char *link = strdup(*name ? name : "_");
    if (!link)
        return NULL;
    if (strcmp(link, ".") == 0)
        link[0] = '_';
    for (char *slash = strchr(link, '/'); slash; slash = strchr(slash, '/'))
        *slash = '_';
    return link;
}

hid_t ri_hdf5_memory_type(ri_storage storage) {
    switch (storage) {
    case RI_F64:
        return H5T_NATIVE_DOUBLE;
    case RI_F32:
        return H5T_NATIVE_FLOAT;
    case RI_I8:
        return H5T_NATIVE_INT8;
    default:
        return H5T_NATIVE_UINT8;
    }
}

bool ri_hdf5_read_part(hid_t vector, int64_t from, int64_t count, hid_t type, void *out) {
    if (count == 0)
        return true;
    const hsize_t first[1] = {(hsize_t)from}, length[1] = {(hsize_t)count};
    hid_t memory = H5Screate_simple(1, length, NULL);
    hid_t stored = H5Dget_space(vector);
    bool ok = memory >= 0 && stored >= 0 &&
              H5Sselect_hyperslab(stored, H5S_SELECT_SET, first, NULL, length, NULL) >= 0 &&
              H5Dread(vector, type, memory, stored, H5P_DEFAULT, out) >= 0;
    if (memory >= 0)
        H5Sclose(memory);
    if (stored >= 0)
        H5Sclose(stored);
    return ok;
}
