/* SPDX-License-Identifier: BSD-3-Clause
 * Runs a fuzz target on every file given as an argument: how the seeds, and inputs that once
 * failed, are part of the test suite without a fuzzing engine. */
#include <stdio.h>
#include <stdlib.h>

#include "workshop.h"

static int replay(const char *name) {
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
    free(bytes);
    return bad;
}

int main(int count, char **name) {
    int bad = count < 2;
    for (int k = 1; k < count; k++)
        bad |= replay(name[k]);
    printf("%d inputs\n", count - 1);
    return bad;
}
