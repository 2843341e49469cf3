/* SPDX-License-Identifier: BSD-3-Clause
 * Any bytes as AnnData and as a 10x matrix are a dataset or an error with a sentence, and an error
 * leaves no file. Files that HDF5 itself crashes on must be found by the program's own look through
 * them; what HDF5 loses on damaged files is not looked at. */
#include <stdlib.h>
#include <unistd.h>

#include "data/import.h"
#include "workshop.h"

const char *__lsan_default_suppressions(void);

/* HDF5 1.10 forgets an object header whose checksum is wrong. */
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static void try_import(const char *path, const ri_matrix_options *options) {
    const char *output = workshop_path("out.h5");
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_matrix(path, options, output, &report, &err);
    int written = access(output, F_OK) == 0;
    if (written != (status == RI_OK) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    unlink(output);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const char *path = workshop_put("data.h5ad", bytes, length);
    ri_matrix_options options = {.format = RI_MATRIX_H5AD,
                                 .response = "y,m",
                                 .covariates = "c",
                                 .group_column = "t",
                                 .index_base = 1,
                                 .features = -1,
                                 .storage = RI_STORAGE_COUNT};
    if (!workshop_screen(path))
        return 0;
    try_import(path, &options);
    options = (ri_matrix_options){.format = RI_MATRIX_H5AD,
                                  .layer = "l",
                                  .allow_missing = true,
                                  .index_base = 1,
                                  .features = -1,
                                  .storage = RI_F64};
    try_import(path, &options);
    options.format = RI_MATRIX_10X;
    try_import(path, &options);
    return 0;
}
