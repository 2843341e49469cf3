/* SPDX-License-Identifier: BSD-3-Clause
 * Fuzz target of the dataset opener: any bytes are opened as riata's own layout and as a foreign
 * file, read, grouped and fingerprinted. Seeds: small files of `riata simulate` and `riata import`.
 * Files that HDF5 itself crashes on must be found by the program's own look through them; what
 * HDF5 loses on damaged files is not looked at. */
#include <stdint.h>
#include <stdlib.h>

#include "data/dataset.h"
#include "workshop.h"

const char *__lsan_default_suppressions(void);

enum { READ_BYTES = 64 << 20 };

/* HDF5 1.10 forgets an object header whose checksum is wrong. */
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static void use_entries(const ri_dataset *dataset) {
    int64_t entries = ri_dataset_entries(dataset, 0, dataset->p), missing;
    if (entries > READ_BYTES / 8)
        return;
    int64_t *kept = malloc((size_t)dataset->p * sizeof *kept);
    int32_t *row = malloc((size_t)entries * sizeof *row + 1);
    double *value = malloc((size_t)entries * sizeof *value + 1);
    if (kept && row && value &&
        ri_dataset_read_entries(dataset, 0, dataset->p, kept, row, value, &missing, NULL) == RI_OK)
        for (int64_t j = 0; j < dataset->p; j++)
            if (kept[j] != ri_dataset_entries(dataset, j, 1))
                abort();
    free(kept);
    free(row);
    free(value);
}

static void use(const ri_dataset *dataset) {
    if (dataset->sparse)
        use_entries(dataset);
    size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    int64_t count = bytes <= READ_BYTES ? (int64_t)(READ_BYTES / bytes) : 0, missing;
    count = count < dataset->p ? count : dataset->p;
    char *x = malloc((size_t)count * bytes + 1);
    if (!x)
        return;
    if (ri_dataset_read(dataset, 0, count, x, bytes, &missing, NULL) == RI_OK && missing > 0 &&
        ri_dataset_missing_error(dataset, 0, count, x, bytes, NULL) == RI_OK)
        abort();
    free(x);
    uint64_t fingerprint;
    if (count == dataset->p && ri_dataset_fingerprint(dataset, &fingerprint, NULL) != RI_OK)
        return;
    for (int64_t k = 0; k < dataset->group_names.count; k++) {
        int32_t *group;
        int64_t groups;
        const char *name = ri_names_get(&dataset->group_names, k);
        if (ri_dataset_group(dataset, name, &group, &groups, NULL) == RI_OK)
            free(group);
    }
}

static void try_open(const char *path, const ri_open_options *options) {
    ri_dataset *dataset;
    ri_error err = {0};
    ri_status status = ri_dataset_open(path, options, &dataset, &err);
    if ((status == RI_OK) != (dataset != NULL) || (status != RI_OK && err.text[0] == '\0'))
        abort();
    if (status == RI_OK)
        use(dataset);
    ri_dataset_close(dataset);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    const char *path = workshop_put("dataset.h5", bytes, size);
    if (!workshop_screen(path))
        return 0;
    try_open(path, &(ri_open_options){.response_optional = true});
    try_open(path, &(ri_open_options){.x_path = "/X", .y_path = "/y"});
    try_open(path, &(ri_open_options){.x_path = "/X",
                                      .response_optional = true,
                                      .layout = RI_LAYOUT_SAMPLES_FIRST});
    return 0;
}
