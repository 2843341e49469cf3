/* SPDX-License-Identifier: BSD-3-Clause */
#include "workshop.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/hdf5_screen.h"

/* There with sanitizers. */
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

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

/* The death of the child that looks through a file is no finding of the fuzzer. */
static void die_alone(void) {
    if (__sanitizer_set_death_callback)
        __sanitizer_set_death_callback(NULL);
}

bool workshop_screen(const char *file) {
    static bool prepared;
    ri_error err = {0};
    if (!prepared && pthread_atfork(NULL, NULL, die_alone) != 0)
        abort();
    prepared = true;
    ri_status status = ri_hdf5_screen(file, &err);
    if (status != RI_OK && err.text[0] == '\0')
        abort();
    return status == RI_OK;
}
