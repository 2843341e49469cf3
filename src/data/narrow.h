/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of a selection: narrowing what a dataset shows of its file. */
#ifndef RI_DATA_NARROW_H
#define RI_DATA_NARROW_H

#include "data/dataset_file.h"

/* Keeps the samples (dataset->n flags), or features (dataset->p flags), that are marked; at least
 * one. */
RI_MUST_USE ri_status ri_dataset_narrow_samples(ri_dataset *dataset, const bool *keep,
                                                ri_error *err);
RI_MUST_USE ri_status ri_dataset_narrow_features(ri_dataset *dataset, const bool *keep,
                                                 ri_error *err);

/* One name for each row of the file becomes one for each sample of the dataset. */
RI_MUST_USE ri_status ri_narrow_names(const ri_dataset *dataset, ri_names *names, ri_error *err);

/* ri_backing's read, of the rows and columns that the dataset shows. */
RI_MUST_USE ri_status ri_narrow_read(const ri_dataset *dataset, int64_t from, int64_t count,
                                     void *out, size_t stride, ri_error *err);

#endif
