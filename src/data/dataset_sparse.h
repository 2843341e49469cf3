/* SPDX-License-Identifier: BSD-3-Clause
 * Sparse X of riata's own layout: a group with the entries of each feature (data/dataset.h). */
#ifndef RI_DATA_DATASET_SPARSE_H
#define RI_DATA_DATASET_SPARSE_H

#include "data/dataset_file.h"

/* Opens the group at dataset->x_path where X is one, and sets dataset->sparse; otherwise leaves all
 * as it is. */
RI_MUST_USE ri_status ri_sparse_open(ri_dataset *dataset, ri_error *err);
void ri_sparse_close(ri_dataset_file *file);

/* ri_backing's read: columns of the file with a place for every sample. */
RI_MUST_USE ri_status ri_sparse_read(const ri_dataset *dataset, int64_t from, int64_t count,
                                     void *out, size_t stride, ri_error *err);

#endif
