/* SPDX-License-Identifier: BSD-3-Clause
 * Any bytes are a table or an error with a sentence, and an error leaves no file. */
#include <stdlib.h>
#include <unistd.h>

#include "data/import.h"
#include "workshop.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const char *table = workshop_put("table.csv", bytes, length);
    const char *output = workshop_path("table.h5");
    ri_import_report report;
    ri_error err = {0};
    ri_table_options options = {.response = "y", .allow_missing = length % 2 == 0};
    ri_status status = ri_import_table(table, &options, output, &report, &err);
    int written = access(output, F_OK) == 0;
    if (written != (status == RI_OK) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    unlink(output);
    return 0;
}
