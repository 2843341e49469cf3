/* SPDX-License-Identifier: BSD-3-Clause
 * What a record knows of the dataset it was made from. */
#ifndef RI_CLI_DESCRIBE_H
#define RI_CLI_DESCRIBE_H

#include "cv/record.h"
#include "data/dataset.h"

/* Names, alleles, positions, truth, response and fingerprint, as copies: the dataset may serve
 * another response. */
RI_MUST_USE ri_status ri_record_describe(ri_record *record, const ri_dataset *dataset,
                                         const ri_covariates *covariates, ri_error *err);

#endif
