/* SPDX-License-Identifier: BSD-3-Clause
 * Any bytes as .fam, .bim, --pheno and .bed are a dataset or an error with a sentence, and an error
 * leaves no file. The input is the four files, one after another, with a line "%%" between them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/import.h"
#include "workshop.h"

static const char border[] = "%%\n";
enum { BORDER = sizeof border - 1 };

/* Writes the bytes up to the next border to file `name`; what follows is left in `*bytes`. */
static const char *put_part(const char *name, const uint8_t **bytes, size_t *length) {
    const uint8_t *end = memmem(*bytes, *length, border, BORDER);
    size_t part = end ? (size_t)(end - *bytes) : *length;
    const char *path = workshop_put(name, *bytes, part);
    size_t used = end ? part + BORDER : part;
    *bytes += used;
    *length -= used;
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    ri_plink_options options = {.storage = length % 2 ? RI_I8 : RI_PACKED2};
    put_part("d.fam", &bytes, &length);
    put_part("d.bim", &bytes, &length);
    const char *pheno = put_part("d.pheno", &bytes, &length);
    options.pheno.file = length % 3 == 0 ? pheno : NULL;
    workshop_put("d.bed", bytes, length);
    const char *output = workshop_path("d.h5");
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_plink(workshop_path("d"), &options, output, &report, &err);
    int written = access(output, F_OK) == 0;
    if (written != (status == RI_OK) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    unlink(output);
    return 0;
}
