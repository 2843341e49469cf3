/* SPDX-License-Identifier: BSD-3-Clause
 * An open dataset, whatever backs it, as a file in riata's own layout. */
#ifndef RI_DATA_DATASET_WRITE_H
#define RI_DATA_DATASET_WRITE_H

#include "data/dataset.h"

typedef struct ri_write_report {
    int64_t missing_values, constant_features, missing_responses;
} ri_write_report;

/* X in `storage`, which is the dataset's own or, for packed genotypes, RI_I8; names, response,
 * groups and truth. One pass, in blocks; the file appears whole. */
RI_MUST_USE ri_status ri_dataset_write(const ri_dataset *dataset, ri_storage storage,
                                       const char *output, ri_write_report *report, ri_error *err);

#endif
