/* SPDX-License-Identifier: BSD-3-Clause
 * Any bytes as MatrixMarket, LIBSVM, NumPy or a bare table are a dataset or an error with a
 * sentence, and an error leaves no file. The first byte picks the format and the options. */
#include <stdlib.h>
#include <unistd.h>

#include "data/import.h"
#include "workshop.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    static const ri_matrix_format FORMAT[] = {RI_MATRIX_MTX, RI_MATRIX_SVM, RI_MATRIX_NPY,
                                              RI_MATRIX_TABLE};
    if (length == 0)
        return 0;
    ri_matrix_options options = {.format = FORMAT[*bytes & 3],
                                 .transpose = *bytes & 4,
                                 .allow_missing = *bytes & 8,
                                 .index_base = *bytes & 16 ? 0 : 1,
                                 .features = -1,
                                 .storage = RI_STORAGE_COUNT};
    const char *matrix = workshop_put("matrix", bytes + 1, length - 1);
    const char *output = workshop_path("matrix.h5");
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_matrix(matrix, &options, output, &report, &err);
    int written = access(output, F_OK) == 0;
    if (written != (status == RI_OK) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    unlink(output);
    return 0;
}
