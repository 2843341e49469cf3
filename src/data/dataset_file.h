/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of an open dataset: its HDF5 handles, and the steps in which it is opened. */
#ifndef RI_DATA_DATASET_FILE_H
#define RI_DATA_DATASET_FILE_H

#include "data/dataset.h"
#include "data/source.h"

struct ri_dataset_file {
    ri_source source;
    ri_source_set x; /* opened with a chunk cache that suits reading by features */
    hid_t memory;    /* type of an element in memory, one of HDF5's own */
};
typedef struct ri_dataset_file ri_dataset_file;

/* Opens X and decides storage, genotype and compression from its type and attributes. */
RI_MUST_USE ri_status ri_dataset_open_x(ri_dataset *dataset, ri_error *err);

/* Sets n, p and samples_first: from riata's attributes, the option, or the length of the response
 * (`length` < 0: there is none). */
RI_MUST_USE ri_status ri_dataset_orient(ri_dataset *dataset, ri_layout layout, int64_t length,
                                        ri_error *err);

/* Names, weights, folds, group names and truth of riata's own layout; names made up where there
 * are none, and for foreign files. */
RI_MUST_USE ri_status ri_dataset_load_annotations(ri_dataset *dataset, ri_error *err);

/* RI_BAD_INPUT with "FILE: has no WHAT 'NAME'; it has ..." and up to ten of the known names. */
ri_status ri_dataset_unknown_name(const ri_dataset *dataset, const char *what, const char *name,
                                  const ri_names *known, ri_error *err);

#endif
