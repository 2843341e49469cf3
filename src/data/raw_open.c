/* SPDX-License-Identifier: BSD-3-Clause
 * Where the bytes of a dataset lie, as HDF5 says. */
#include "data/raw.h"

#include <fcntl.h>
#include <stdlib.h>

#include "base/memory.h"

enum {
    MOST_CHUNKS = 1 << 20,  /* listed; more are left to HDF5 */
    CHUNK_BYTES = 64 << 20, /* the same of larger ones */
};

static bool takes_filters(hid_t list, ri_raw *raw) {
    int filters = H5Pget_nfilters(list);
    for (int k = 0; k < filters; k++) {
        unsigned flags, config;
        size_t values = 0;
        H5Z_filter_t id =
            H5Pget_filter2(list, (unsigned)k, &flags, &values, NULL, 0, NULL, &config);
        if (id == H5Z_FILTER_SHUFFLE && k == 0)
            raw->shuffled = true;
        else if (id == H5Z_FILTER_DEFLATE && k == filters - 1)
            raw->deflated = true;
        else
            return false;
    }
    return filters >= 0;
}

static bool find_chunks(const ri_source_set *set, hid_t list, ri_raw *raw) {
    double chunks = 1, bytes = (double)raw->size;
    for (int d = 0; d < 2; d++) {
        raw->chunk[d] = (int64_t)set->chunk[d];
        if (raw->chunk[d] < 1)
            return false;
        raw->chunks[d] = (raw->dims[d] - 1) / raw->chunk[d] + 1;
        chunks *= (double)raw->chunks[d];
        bytes *= (double)raw->chunk[d];
    }
    if (chunks > MOST_CHUNKS || bytes > CHUNK_BYTES || !takes_filters(list, raw))
        return false;
    raw->list = ri_calloc((size_t)chunks, sizeof *raw->list);
    for (int64_t c = 0; raw->list && c < raw->chunks[0] * raw->chunks[1]; c++) {
        const hsize_t corner[2] = {(hsize_t)(c / raw->chunks[1] * raw->chunk[0]),
                                   (hsize_t)(c % raw->chunks[1] * raw->chunk[1])};
        unsigned skipped = 0;
        haddr_t at = HADDR_UNDEF;
        hsize_t stored = 0;
        if (H5Dget_chunk_info_by_coord(set->id, corner, &skipped, &at, &stored) < 0 ||
            at == HADDR_UNDEF || skipped != 0)
            return false;
        raw->list[c] = (ri_raw_chunk){at, stored};
    }
    return raw->list != NULL;
}

static bool find_bytes(const ri_source *source, const ri_source_set *set, hid_t list, ri_raw *raw) {
    hsize_t user_block = 1;
    hid_t file = H5Fget_create_plist(source->file);
    bool plain = file >= 0 && H5Pget_userblock(file, &user_block) >= 0 && user_block == 0;
    if (file >= 0)
        H5Pclose(file);
    if (!plain)
        return false;
    raw->size = set->size;
    raw->room = source->bytes;
    for (int d = 0; d < 2; d++) {
        raw->dims[d] = (int64_t)set->dims[d];
        if (raw->dims[d] < 1)
            return false;
    }
    if (set->layout == H5D_CHUNKED)
        return find_chunks(set, list, raw);
    if (set->layout != H5D_CONTIGUOUS || H5Pget_external_count(list) != 0)
        return false;
    haddr_t at = H5Dget_offset(set->id);
    raw->at = at;
    return at != HADDR_UNDEF;
}

void ri_raw_open(const ri_source *source, const ri_source_set *set, hid_t memory, ri_raw *out) {
    *out = (ri_raw){.asked = true, .file = -1};
    hid_t list = H5Dget_create_plist(set->id), type = H5Dget_type(set->id);
    bool good = list >= 0 && type >= 0 && set->rank == 2 && H5Tequal(type, memory) > 0 &&
                find_bytes(source, set, list, out);
    if (type >= 0)
        H5Tclose(type);
    if (list >= 0)
        H5Pclose(list);
    if (good)
        out->file = open(source->name, O_RDONLY | O_CLOEXEC);
    if (out->file < 0) {
        free(out->list);
        out->list = NULL;
    }
}
