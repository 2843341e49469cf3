/* SPDX-License-Identifier: BSD-3-Clause
 * Runs a fuzz target on every file given as an argument: how the seeds, and inputs that once
 * failed, are part of the test suite without a fuzzing engine. With --cut as the first argument
 * also on each of them cut off at every byte, but for files of more than CUT_BYTES. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workshop.h"

enum { CUT_BYTES = 5000 };

/* Every cut in memory of its own size, so that reading beyond it is seen. */
static int replay_cuts(const uint8_t *bytes, long length) {
    for (long kept = 0; kept < length; kept++) {
        uint8_t *part = malloc((size_t)kept + 1);
        if (!part)
            return 1;
        memcpy(part, bytes, (size_t)kept);
        LLVMFuzzerTestOneInput(part, (size_t)kept);
        free(part);
    }
    return 0;
}

static int replay(const char *name, bool cut) {
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s: cannot be read\n", name);
        return 1;
    }
    long length = ftell(file);
    uint8_t *bytes = malloc((size_t)length + 1);
    rewind(file);
    int bad = !bytes || fread(bytes, 1, (size_t)length, file) != (size_t)length;
    fclose(file);
    if (!bad)
        LLVMFuzzerTestOneInput(bytes, (size_t)length);
    if (!bad && cut && length <= CUT_BYTES)
        bad = replay_cuts(bytes, length);
    free(bytes);
    return bad;
}

int main(int count, char **name) {
    bool cut = count > 1 && strcmp(name[1], "--cut") == 0;
    int first = cut ? 2 : 1, bad = count <= first;
    for (int k = first; k < count; k++)
        bad |= replay(name[k], cut);
    printf("%d inputs%s\n", count - first, cut ? ", cut at every byte" : "");
    return bad;
}
