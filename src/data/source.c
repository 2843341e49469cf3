/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/hdf5_common.h"

enum {
    /* Small pieces of rows are read through a buffer of this size; larger ones go straight to
     * their place. */
    SIEVE_BYTES = 16 << 10,
    CACHE_BYTES = 2 << 20, /* of metadata: what HDF5 starts with */
    LISTED = 10,           /* datasets named in a message */
    /* No compression of numbers packs more than this many bytes into one (deflate: 1032). */
    MAX_PACKING = 1100,
};

/* Names lie in many small heaps, each read once: HDF5 would let its cache grow to 32 MB of them. A
 * larger cache does as well, so failure is none. */
static void keep_cache_small(hid_t file) {
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Fget_mdc_config(file, &config) < 0)
        return;
    config.set_initial_size = true;
    config.initial_size = config.min_size = config.max_size = CACHE_BYTES;
    config.incr_mode = H5C_incr__off;
    config.flash_incr_mode = H5C_flash_incr__off;
    config.decr_mode = H5C_decr__off;
    H5Fset_mdc_config(file, &config);
}

ri_status ri_source_open(const char *name, ri_source *out, ri_error *err) {
    *out = (ri_source){.name = name, .file = -1};
    struct stat info;
    if (stat(name, &info) != 0 || access(name, R_OK) != 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", name, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ri_fail(err, RI_BAD_INPUT, "%s: is not a file; give an HDF5 file", name);
    out->bytes = (uint64_t)info.st_size;
    hid_t list = ri_hdf5_access(SIEVE_BYTES);
    if (list < 0)
        return ri_fail(err, RI_SYSTEM, "%s: HDF5 cannot be started", name);
    htri_t known = H5Fis_hdf5(name);
    if (known > 0)
        out->file = H5Fopen(name, H5F_ACC_RDONLY, list);
    if (out->file >= 0)
        keep_cache_small(out->file);
    H5Pclose(list);
    if (known <= 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: is not an HDF5 file", name);
    if (out->file < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: cannot be read as HDF5; the file may be truncated or damaged", name);
    return RI_OK;
}

void ri_source_close(ri_source *source) {
    if (source->file >= 0)
        H5Fclose(source->file);
    source->file = -1;
}

bool ri_source_has(const ri_source *source, const char *path) {
    char *prefix = strdup(path);
    if (!prefix)
        return false;
    bool found = true;
    /* HDF5 answers for the last link only, so every part of the path is asked for in turn. */
    for (char *at = prefix; found && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = '\0';
        found = strspn(prefix, "/") == strlen(prefix) ||
                (H5Lexists(source->file, prefix, H5P_DEFAULT) > 0 &&
                 H5Oexists_by_name(source->file, prefix, H5P_DEFAULT) > 0);
        *at = kept;
    }
    free(prefix);
    return found;
}

typedef struct listing {
    char *text;
    size_t size;
    int count;
} listing;

static void append(listing *list, const char *text) {
    size_t used = strlen(list->text);
    snprintf(list->text + used, list->size - used, "%s", text);
}

static herr_t list_dataset(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    (void)info;
    listing *list = data;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
        return 0;
    hid_t space = H5Iget_type(object) == H5I_DATASET ? H5Dget_space(object) : -1;
    H5Oclose(object);
    if (space < 0)
        return 0;
    hsize_t dims[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    if (++list->count > LISTED) {
        append(list, ", ...");
        return 1;
    }
    append(list, list->count > 1 ? ", /" : "/");
    append(list, name);
    for (int k = 0; k < rank; k++) {
        char extent[32];
        snprintf(extent, sizeof extent, "%s%llu", k == 0 ? " (" : " x ",
                 (unsigned long long)dims[k]);
        append(list, extent);
    }
    append(list, rank > 0 ? ")" : "");
    return 0;
}

const char *ri_source_describe(const ri_source *source, char *text, size_t size) {
    text[0] = '\0';
    listing list = {text, size, 0};
    H5Lvisit(source->file, H5_INDEX_NAME, H5_ITER_INC, list_dataset, &list);
    if (list.count == 0)
        snprintf(text, size, "no dataset");
    return text;
}

typedef struct members {
    ri_names *names;
    ri_status status;
    ri_error *err;
} members;

static herr_t add_member(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    (void)info;
    members *found = data;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
        return 0;
    bool is_dataset = H5Iget_type(object) == H5I_DATASET;
    H5Oclose(object);
    if (is_dataset)
        found->status = ri_names_add(found->names, name, strlen(name), found->err);
    return found->status == RI_OK ? 0 : -1;
}

ri_status ri_source_members(const ri_source *source, const char *group, ri_names *out,
                            ri_error *err) {
    if (!ri_source_has(source, group))
        return RI_OK;
    hid_t object = H5Gopen2(source->file, group, H5P_DEFAULT);
    if (object < 0)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is not a group", source->name, group);
    members found = {out, RI_OK, err};
    herr_t done = H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, add_member, &found);
    H5Gclose(object);
    if (found.status != RI_OK)
        return found.status;
    if (done < 0)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: cannot be read; the file may be truncated",
                       source->name, group);
    return RI_OK;
}

static ri_status fail_damaged(const ri_source *source, const char *path, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: dataset %s cannot be read; the file may be truncated or damaged",
                   source->name, path);
}

static ri_status read_shape(const ri_source *source, const char *path, ri_source_set *set,
                            ri_error *err) {
    hid_t space = H5Dget_space(set->id);
    hsize_t dims[H5S_MAX_RANK] = {0};
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (rank < 0)
        return fail_damaged(source, path, err);
    if (rank < 1 || rank > 2)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: has %d dimensions; 1 or 2 are needed",
                       source->name, path, rank);
    set->rank = rank;
    set->dims[0] = dims[0];
    set->dims[1] = rank == 2 ? dims[1] : 1;
    return RI_OK;
}

static ri_status read_type(const ri_source *source, const char *path, ri_source_set *set,
                           ri_error *err) {
    hid_t type = H5Dget_type(set->id);
    set->class = H5Tget_class(type);
    if (set->class == H5T_ENUM) { /* h5py's booleans */
        hid_t base = H5Tget_super(type);
        H5Tclose(type);
        type = base;
        set->class = H5Tget_class(type);
    }
    set->size = H5Tget_size(type);
    set->is_signed = set->class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
    if (type >= 0)
        H5Tclose(type);
    if (set->class == H5T_NO_CLASS || set->size == 0)
        return fail_damaged(source, path, err);
    set->integer_na = set->is_signed && set->size == 4 && H5Aexists(set->id, "rhdf5-NA.OK") > 0;
    return RI_OK;
}

static ri_status check_chunks(const ri_source *source, const char *path, hid_t list,
                              ri_source_set *set, ri_error *err) {
    hsize_t chunk[H5S_MAX_RANK] = {0};
    if (H5Pget_chunk(list, H5S_MAX_RANK, chunk) != set->rank)
        return fail_damaged(source, path, err);
    set->chunk[0] = chunk[0];
    set->chunk[1] = set->rank == 2 ? chunk[1] : 1;
    int filters = H5Pget_nfilters(list);
    set->filtered = filters > 0;
    for (int k = 0; k < filters; k++) {
        char name[64] = "";
        unsigned flags, config;
        size_t values = 0;
        H5Z_filter_t id =
            H5Pget_filter2(list, (unsigned)k, &flags, &values, NULL, sizeof name, name, &config);
        if (id >= 0 && H5Zfilter_avail(id) <= 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s:%s: is compressed with filter %d ('%.63s'), which is not installed; "
                           "set HDF5_PLUGIN_PATH, or rewrite the file with h5repack -f GZIP=1",
                           source->name, path, (int)id, name);
    }
    return RI_OK;
}

/* Bytes of an extent, or UINT64_MAX where that is more than a number can say. */
static uint64_t extent_bytes(const hsize_t dims[2], size_t size) {
    uint64_t bytes;
    if (__builtin_mul_overflow(dims[0], dims[1], &bytes) ||
        __builtin_mul_overflow(bytes, size, &bytes))
        return UINT64_MAX;
    return bytes;
}

/* Holds the size of the dataset against what is in the file. */
static ri_status check_stored(const ri_source *source, const char *path, hid_t list,
                              ri_source_set *set, ri_error *err) {
    const H5D_layout_t layout = set->layout = H5Pget_layout(list);
    const uint64_t bytes = extent_bytes(set->dims, set->size);
    uint64_t room = source->bytes;
    if (layout == H5D_VIRTUAL || H5Pget_external_count(list) > 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s: lies in other files; gather it into one file with h5repack",
                       source->name, path);
    if (layout == H5D_CHUNKED)
        RI_TRY(check_chunks(source, path, list, set, err));
    else if (layout != H5D_CONTIGUOUS && layout != H5D_COMPACT)
        return fail_damaged(source, path, err);
    set->stored_bytes = H5Dget_storage_size(set->id);
    if (bytes > 0 && layout != H5D_COMPACT && set->stored_bytes == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: holds no data; it was never written",
                       source->name, path);
    if (layout == H5D_CHUNKED) {
        room = set->stored_bytes < room ? set->stored_bytes : room;
        room = room > UINT64_MAX / MAX_PACKING ? UINT64_MAX - 1 : room * MAX_PACKING;
    } else if (layout == H5D_CONTIGUOUS && bytes > 0) {
        haddr_t start = H5Dget_offset(set->id);
        room = start < room ? room - start : 0;
    }
    if (bytes > room || extent_bytes(set->chunk, set->size) > room)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: dataset %s (%llu x %llu) cannot be read; the file of %llu bytes may be "
                       "truncated or damaged",
                       source->name, path, (unsigned long long)set->dims[0],
                       (unsigned long long)set->dims[1], (unsigned long long)source->bytes);
    return RI_OK;
}

static ri_status open_set(const ri_source *source, const char *path, hid_t *id, ri_error *err) {
    char text[600];
    *id = -1;
    if (!ri_source_has(source, path))
        return ri_fail(err, RI_BAD_INPUT, "%s: has no dataset %s; it has %s", source->name, path,
                       ri_source_describe(source, text, sizeof text));
    hid_t object = H5Oopen(source->file, path, H5P_DEFAULT);
    if (object < 0)
        return fail_damaged(source, path, err);
    if (H5Iget_type(object) != H5I_DATASET) {
        H5Oclose(object);
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is not a dataset; the file has %s", source->name,
                       path, ri_source_describe(source, text, sizeof text));
    }
    *id = object;
    return RI_OK;
}

ri_status ri_source_dataset(const ri_source *source, const char *path, ri_source_set *out,
                            ri_error *err) {
    *out = (ri_source_set){.id = -1};
    RI_TRY(open_set(source, path, &out->id, err));
    ri_status status;
    hid_t list = H5Dget_create_plist(out->id);
    if (list < 0) {
        status = fail_damaged(source, path, err);
        goto done;
    }
    RI_GO(read_shape(source, path, out, err));
    RI_GO(read_type(source, path, out, err));
    RI_GO(check_stored(source, path, list, out, err));
done:
    if (list >= 0)
        H5Pclose(list);
    if (status != RI_OK)
        ri_source_set_close(out);
    return status;
}

void ri_source_set_close(ri_source_set *set) {
    if (set->id >= 0)
        H5Dclose(set->id);
    set->id = -1;
}
