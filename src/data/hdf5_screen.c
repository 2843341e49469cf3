/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/hdf5_screen.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "data/hdf5_common.h"

enum {
    LEAST_SECONDS = 5, /* of processor time that are allowed, and one for each so many bytes */
    BYTES_A_SECOND = 10 << 20,
    MOST_SECONDS = 600,
    MOST_DEPTH = 64,        /* of groups within groups; links may go round */
    MOST_OBJECTS = 1000000, /* to be looked at */
    MOST_BYTES = 64 << 20,  /* of texts, or of one element, read at a time */
    SIEVE_BYTES = 16 << 10,
    MOST_DESCRIPTORS = 1024, /* that may have come from the parent */
};

typedef struct tour {
    int depth;
    int64_t objects;
} tour;

/* Reads a selection of a dataset (or an attribute, `space` < 0) whose elements are not too many. */
static void read_values(hid_t object, hid_t type, hid_t space, hssize_t points) {
    size_t size = type >= 0 ? H5Tget_size(type) : 0;
    if (size == 0 || points <= 0 || (size_t)points > MOST_BYTES / size)
        return;
    hsize_t length = (hsize_t)points;
    hid_t memory = H5Screate_simple(1, &length, NULL);
    void *values = calloc((size_t)points, size);
    if (values && space < 0)
        H5Aread(object, type, values);
    else if (values)
        H5Dread(object, type, memory, space, H5P_DEFAULT, values);
    if (values)
        H5Dvlen_reclaim(type, memory, H5P_DEFAULT, values);
    free(values);
    H5Sclose(memory);
}

static herr_t look_at_attribute(hid_t object, const char *name, const H5A_info_t *info,
                                void *data) {
    (void)info, (void)data;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    if (attribute < 0)
        return 0;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    read_values(attribute, type, -1, space >= 0 ? H5Sget_simple_extent_npoints(space) : 0);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    H5Aclose(attribute);
    return 0;
}

/* The first and the last element: their chunks are found and unpacked. */
static void read_ends(hid_t set, hid_t type, hid_t space) {
    hsize_t dims[H5S_MAX_RANK], at[H5S_MAX_RANK];
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    for (int last = 0; last < 2; last++) {
        for (int k = 0; k < rank; k++)
            at[k] = last ? dims[k] - 1 : 0;
        if (rank < 1 || H5Sselect_elements(space, H5S_SELECT_SET, 1, at) >= 0)
            read_values(set, type, space, 1);
    }
}

static void look_at_dataset(hid_t set) {
    hid_t type = H5Dget_type(set), space = H5Dget_space(set);
    hid_t list = H5Dget_create_plist(set);
    hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
    H5Dget_storage_size(set);
    if (type >= 0 && points > 0) {
        if (H5Tget_class(type) == H5T_STRING)
            read_values(set, type, space, points);
        read_ends(set, type, space);
    }
    if (list >= 0)
        H5Pclose(list);
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
}

static void look_at_group(hid_t group, tour *way);

/* Goes on whatever is wrong with one link: its reader may come to the next one by name. */
static herr_t look_at_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
    tour *way = data;
    if (info->type == H5L_TYPE_EXTERNAL || ++way->objects > MOST_OBJECTS)
        return 0;
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0)
        return 0;
    hsize_t from = 0;
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, &from, look_at_attribute, NULL);
    if (H5Iget_type(object) == H5I_GROUP)
        look_at_group(object, way);
    else if (H5Iget_type(object) == H5I_DATASET)
        look_at_dataset(object);
    H5Oclose(object);
    return 0;
}

static void look_at_group(hid_t group, tour *way) {
    hsize_t from = 0;
    H5G_info_t info;
    if (way->depth == MOST_DEPTH || H5Gget_info(group, &info) < 0)
        return;
    way->depth++;
    H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &from, look_at_link, way);
    way->depth--;
}

static void look_through(const char *path) {
    tour way = {0, 0};
    hsize_t from = 0;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t access = ri_hdf5_access(SIEVE_BYTES);
    hid_t file = access >= 0 && H5Fis_hdf5(path) > 0 ? H5Fopen(path, H5F_ACC_RDONLY, access) : -1;
    if (file < 0)
        return;
    H5Aiterate2(file, H5_INDEX_NAME, H5_ITER_INC, &from, look_at_attribute, NULL);
    look_at_group(file, &way);
    H5Fclose(file);
}

/* The child: silent, mortal, and without a trace. It ends by _exit and holds nothing of its
 * parent's, so that a launcher that watches the parent sees none of it. */
static void prepare_child(off_t bytes) {
    static const int deadly[] = {SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,
                                 SIGILL,  SIGXCPU, SIGTERM, SIGINT};
    rlim_t time = LEAST_SECONDS + (rlim_t)(bytes / BYTES_A_SECOND);
    time = time < MOST_SECONDS ? time : MOST_SECONDS;
    struct rlimit none = {0, 0}, seconds = {time, time + 1};
    for (size_t k = 0; k < sizeof deadly / sizeof *deadly; k++)
        signal(deadly[k], SIG_DFL);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &seconds);
    int nowhere = open("/dev/null", O_RDWR);
    for (int k = 0; k < 3 && nowhere >= 0; k++)
        dup2(nowhere, k);
    for (int k = 3; k < MOST_DESCRIPTORS; k++) /* connections to the launcher among them */
        close(k);
}

ri_status ri_hdf5_screen(const char *path, ri_error *err) {
    int outcome = 0;
    struct stat info;
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        return RI_OK;
    pid_t child = fork();
    if (child < 0)
        return RI_OK; /* nothing is known of the file */
    if (child == 0) {
        prepare_child(info.st_size);
        look_through(path);
        _exit(0);
    }
    while (waitpid(child, &outcome, 0) < 0)
        if (errno != EINTR)
            return RI_OK;
    if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0)
        return RI_OK;
    int number = WIFSIGNALED(outcome) ? WTERMSIG(outcome) : 0;
    if (number == SIGTERM || number == SIGINT)
        return RI_OK; /* meant for all of us */
    bool endless = number == SIGXCPU || number == SIGKILL;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s is damaged: HDF5 %s; take it anew from where it came, or write it again",
                   path, endless ? "comes to no end with it" : "itself crashes on it");
}
