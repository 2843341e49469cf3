/* SPDX-License-Identifier: BSD-3-Clause
 * Matrices in HDF5 files as feeds: dense ones, and sparse ones in the compressed form that AnnData
 * and 10x share: `indptr` (where each sample, or feature, begins), `indices` and `data`. */
#ifndef RI_DATA_FEED_HDF5_H
#define RI_DATA_FEED_HDF5_H

#include "data/feed.h"
#include "data/source.h"

/* The open file is the feed's context: closed with it. Sets place, context and close. */
RI_MUST_USE ri_status ri_feed_hdf5_open(const char *path, const char *matrix, ri_feed *out,
                                        ri_error *err);
ri_source *ri_feed_hdf5_source(const ri_feed *feed);

/* A dense matrix (n, p) of numbers at path `matrix`; feed->n and p must be set. */
RI_MUST_USE ri_status ri_feed_hdf5_dense(ri_feed *feed, const char *matrix, ri_error *err);

/* A sparse one in group `matrix`, compressed by features or by samples; n and p must be set. */
RI_MUST_USE ri_status ri_feed_hdf5_sparse(ri_feed *feed, const char *matrix, bool by_features,
                                          ri_error *err);

#endif
