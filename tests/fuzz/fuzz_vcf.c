/* SPDX-License-Identifier: BSD-3-Clause
 * Any bytes as VCF or BCF are a dataset or an error with a sentence, and an error leaves no file.
 */
#include <stdlib.h>
#include <unistd.h>

#include "data/import.h"
#include "workshop.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const char *path = workshop_put("d.vcf", bytes, length);
    const char *output = workshop_path("d.h5");
    ri_plink_options options = {.storage = RI_STORAGE_COUNT};
    ri_vcf_options how = {.field = length % 2 ? RI_VCF_GT : RI_VCF_AUTO,
                          .skip_multiallelic = length % 3 == 0};
    ri_import_report report;
    ri_error err = {0};
    ri_status status = ri_import_vcf(path, &options, &how, output, &report, &err);
    int written = access(output, F_OK) == 0;
    if (written != (status == RI_OK) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    unlink(output);
    return 0;
}
