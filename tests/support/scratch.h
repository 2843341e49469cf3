/* SPDX-License-Identifier: BSD-3-Clause
 * A folder of its own for each test program: made by the group's setup, removed by its teardown. */
#ifndef RI_SUPPORT_SCRATCH_H
#define RI_SUPPORT_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCRATCH_PATH = 512 };
static char scratch_folder[SCRATCH_PATH / 2];

typedef struct scratch_path {
    char text[SCRATCH_PATH];
} scratch_path;

static inline int scratch_setup(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(scratch_folder, sizeof scratch_folder, "%s/riata-test-XXXXXX", base ? base : "/tmp");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

/* Files only: tests make no folders in it. */
static inline int scratch_teardown(void **state) {
    (void)state;
    DIR *folder = opendir(scratch_folder);
    if (!folder)
        return -1;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    return rmdir(scratch_folder);
}

static inline scratch_path scratch_file(const char *name) {
    scratch_path path;
    snprintf(path.text, sizeof path.text, "%s/%s", scratch_folder, name);
    return path;
}

/* Writes `length` bytes to scratch file `name`. */
static inline scratch_path scratch_write(const char *name, const void *bytes, size_t length) {
    scratch_path path = scratch_file(name);
    FILE *file = fopen(path.text, "wb");
    if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0)
        abort();
    return path;
}

static inline scratch_path scratch_text(const char *name, const char *text) {
    return scratch_write(name, text, strlen(text));
}

/* 1 where scratch file `name` exists. */
static inline int scratch_exists(const char *name) {
    struct stat info;
    return stat(scratch_file(name).text, &info) == 0;
}

/* The whole file; caller frees. */
static inline char *scratch_read(const char *path, size_t *length) {
    struct stat info;
    FILE *file = fopen(path, "rb");
    if (!file || fstat(fileno(file), &info) != 0)
        abort();
    *length = (size_t)info.st_size;
    char *bytes = calloc(*length + 1, 1);
    if (!bytes || fread(bytes, 1, *length, file) != *length)
        abort();
    fclose(file);
    return bytes;
}

#endif
