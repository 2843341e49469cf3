/* SPDX-License-Identifier: BSD-3-Clause
 * Lists of samples, features and chromosomes, held against a dataset. */
#ifndef RI_DATA_LISTS_H
#define RI_DATA_LISTS_H

#include <stdbool.h>
#include <stdint.h>

#include "data/dataset.h"

typedef struct ri_list_count {
    int64_t listed;  /* names in the list; those of the dataset count once */
    int64_t unknown; /* of them not in the dataset */
} ri_list_count;

/* Each sets the flags of what the list names in `named` (false before) and counts. RI_BAD_INPUT
 * where nothing in it is known. */
RI_MUST_USE ri_status ri_list_samples(const ri_dataset *dataset, const char *path, bool *named,
                                      ri_list_count *count, ri_error *err);
RI_MUST_USE ri_status ri_list_features(const ri_dataset *dataset, const char *path, bool *named,
                                       ri_list_count *count, ri_error *err);
/* "1,3-5,X", of features that lie there. */
RI_MUST_USE ri_status ri_list_chromosomes(const ri_dataset *dataset, const char *list, bool *named,
                                          ri_list_count *count, ri_error *err);

/* The chromosomes of such a list, without "chr" before them, and a range as all of its numbers. */
RI_MUST_USE ri_status ri_chromosomes_parse(const char *list, ri_names *out, ri_error *err);
/* `name` without "chr" before it. */
const char *ri_chromosome_plain(const char *name);

/* Every word of a file. */
RI_MUST_USE ri_status ri_list_read(const char *path, ri_names *out, ri_error *err);

#endif
