/* SPDX-License-Identifier: BSD-3-Clause */
#include "workshop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES = 8, PATH_BYTES = 256 };

static char folder[PATH_BYTES / 2];
static char path[NAMES][PATH_BYTES];
static int paths;

static void clear(void) {
    for (int k = 0; k < paths; k++)
        unlink(path[k]);
    rmdir(folder);
}

static void open_folder(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/riata-fuzz-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(folder) || atexit(clear) != 0)
        abort();
}

const char *workshop_path(const char *name) {
    if (folder[0] == '\0')
        open_folder();
    size_t length = strlen(folder);
    for (int k = 0; k < paths; k++)
        if (strcmp(path[k] + length + 1, name) == 0)
            return path[k];
    if (paths == NAMES)
        abort();
    snprintf(path[paths], PATH_BYTES, "%s/%s", folder, name);
    return path[paths++];
}

const char *workshop_put(const char *name, const void *bytes, size_t length) {
    const char *at = workshop_path(name);
    FILE *file = fopen(at, "wb");
    if (!file || (length > 0 && fwrite(bytes, 1, length, file) != length) || fclose(file) != 0)
        abort();
    return at;
}
