/* SPDX-License-Identifier: BSD-3-Clause
 * Samples found by the names that other files have for them: FID and IID, or IID alone. */
#ifndef RI_DATA_SAMPLE_INDEX_H
#define RI_DATA_SAMPLE_INDEX_H

#include "base/status.h"
#include "base/text.h"

typedef struct ri_sample_index ri_sample_index;

/* `id`: names of the samples, an IID or FID_IID each. `family`: their labels in the group column
 * FID ("0:IID" where FID is 0), or NULL where no families are known. Both must outlive the index.
 */
RI_MUST_USE ri_status ri_sample_index_new(const ri_names *id, const ri_names *family,
                                          ri_sample_index **out, ri_error *err);

/* The sample IID whose family is FID; else the one named FID_IID. Without families, or with a `fid`
 * of NULL, the IID alone counts. `*sample` is -1 where there is none. */
RI_MUST_USE ri_status ri_sample_index_find(ri_sample_index *index, const char *fid, const char *iid,
                                           int64_t *sample, ri_error *err);
void ri_sample_index_free(ri_sample_index *index); /* accepts NULL */

#endif
