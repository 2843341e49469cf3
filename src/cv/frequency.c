/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/frequency.h"

#include <stdlib.h>

#include "base/memory.h"

void ri_frequency_at(const ri_path *path, int32_t fits, int64_t alpha, int64_t p,
                     double *frequency) {
    for (int64_t j = 0; j < p; j++)
        frequency[j] = 0;
    for (int32_t k = 0; k < fits; k++) {
        const ri_fit *fit = &path->fit[k];
        for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++)
            frequency[fit->feature[e]] += fit->coefficient[e] != 0;
    }
    for (int64_t j = 0; j < p; j++)
        frequency[j] /= fits;
}

ri_status ri_record_count_folds(ri_record *record, ri_error *err) {
    if (record->folds == 0)
        return RI_OK;
    free(record->frequency);
    record->frequency = ri_alloc((size_t)record->p, sizeof *record->frequency);
    if (!record->frequency)
        return ri_fail_memory(err, "the selection frequencies", 8 * (size_t)record->p);
    ri_frequency_at(ri_record_selected(record), record->folds, record->index_selected, record->p,
                    record->frequency);
    return RI_OK;
}
