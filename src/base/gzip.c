/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE 1 /* fopencookie */
#include "base/gzip.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

bool ri_gzip_named(const char *path) {
    size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

static ssize_t read_some(void *file, char *bytes, size_t size) {
    int got = gzread(file, bytes, size < 1 << 20 ? (unsigned)size : 1u << 20);
    int state = Z_OK;
    if (got == 0)
        gzerror(file, &state); /* a file that ends too early is found at its end */
    if (got < 0 || state == Z_BUF_ERROR) {
        errno = EIO;
        return -1;
    }
    return got;
}

static ssize_t write_some(void *file, const char *bytes, size_t size) {
    return gzwrite(file, bytes, size < 1 << 20 ? (unsigned)size : 1u << 20);
}

static int close_file(void *file) {
    int state = gzclose(file);
    if (state == Z_OK)
        return 0;
    if (state != Z_ERRNO)
        errno = EIO;
    return -1;
}

FILE *ri_gzip_open(const char *path, const char *mode) {
    bool writing = mode[0] == 'w';
    errno = 0;
    gzFile file = gzopen(path, writing ? "wbe" : "rbe");
    if (!file) {
        errno = errno ? errno : ENOMEM;
        return NULL;
    }
    cookie_io_functions_t functions = {.close = close_file};
    if (writing)
        functions.write = write_some;
    else
        functions.read = read_some;
    FILE *stream = fopencookie(file, mode, functions);
    if (!stream)
        gzclose(file);
    return stream;
}
