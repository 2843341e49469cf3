/* SPDX-License-Identifier: BSD-3-Clause
 * Covariates that a dataset holds, as texts. */
#include <math.h>
#include <string.h>

#include "data/covariates.h"
#include "data/dataset_file.h"
#include "data/narrow.h"

ri_status ri_dataset_number_texts(const double *value, int64_t count, ri_names *text,
                                  ri_error *err) {
    char number[RI_NUMBER_TEXT];
    for (int64_t i = 0; i < count; i++) {
        const char *shown = isnan(value[i]) ? "" : ri_format_number(value[i], number);
        RI_TRY(ri_names_add(text, shown, strlen(shown), err));
    }
    return RI_OK;
}

ri_status ri_dataset_covariate(const ri_dataset *dataset, const char *name, ri_names *text,
                               ri_error *err) {
    bool known = false;
    for (int64_t k = 0; k < dataset->covariate_names.count; k++)
        known |= strcmp(ri_names_get(&dataset->covariate_names, k), name) == 0;
    if (!known || !dataset->file->backing->covariate)
        return ri_dataset_unknown_name(dataset, "covariate", name, &dataset->covariate_names, err);
    ri_status status = dataset->file->backing->covariate(dataset, name, text, err);
    if (status == RI_OK)
        status = ri_narrow_names(dataset, text, err);
    if (status != RI_OK)
        ri_names_free(text);
    return status;
}
