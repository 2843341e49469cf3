/* SPDX-License-Identifier: BSD-3-Clause
 * Writes a dataset in riata's own layout (data/dataset.h): as a temporary file, renamed when whole.
 * Importers and the simulator stream through it. */
#ifndef RI_DATA_WRITER_H
#define RI_DATA_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/dataset.h"
#include "kernel/kernel.h"

typedef struct ri_writer ri_writer;

/* Creates the temporary file and an X of n x p in `storage`. */
RI_MUST_USE ri_status ri_writer_open(const char *path, int64_t n, int64_t p, ri_storage storage,
                                     bool genotype, ri_writer **out, ri_error *err);

/* The same with a sparse X, of `entries` values of type `storage` (F64, F32 or I8). */
RI_MUST_USE ri_status ri_writer_open_sparse(const char *path, int64_t n, int64_t p, int64_t entries,
                                            ri_storage storage, ri_writer **out, ri_error *err);

/* The entries of the next `count` features, feature after feature: entries[j] of each, samples
 * ascending. */
RI_MUST_USE ri_status ri_writer_entries(ri_writer *writer, int64_t count, const int64_t *entries,
                                        const int32_t *row, const void *values, ri_error *err);

/* Whole columns [from, from + count), `stride` bytes apart. */
RI_MUST_USE ri_status ri_writer_columns(ri_writer *writer, int64_t from, int64_t count,
                                        const void *values, size_t stride, ri_error *err);

/* Rows [from, from + count) of every column, given row-major (p doubles a row); storage F64, F32,
 * or I8, where every value must fit. */
RI_MUST_USE ri_status ri_writer_rows(ri_writer *writer, int64_t from, int64_t count,
                                     const double *values, ri_error *err);

RI_MUST_USE ri_status ri_writer_samples(ri_writer *writer, const ri_names *id, ri_error *err);
RI_MUST_USE ri_status ri_writer_features(ri_writer *writer, const ri_names *id,
                                         const ri_names *chrom, const ri_names *a1,
                                         const ri_names *a2, const int64_t *pos, ri_error *err);
RI_MUST_USE ri_status ri_writer_response(ri_writer *writer, const char *name, const double *y,
                                         bool is_default, ri_error *err);
/* The same of texts ("" missing): names of classes. */
RI_MUST_USE ri_status ri_writer_response_text(ri_writer *writer, const char *name,
                                              const ri_names *text, bool is_default, ri_error *err);
RI_MUST_USE ri_status ri_writer_group(ri_writer *writer, const char *name, const ri_names *label,
                                      ri_error *err);
/* A covariate: numbers (`value`, NaN missing), or texts (`text`, "" missing); the other is NULL. */
RI_MUST_USE ri_status ri_writer_covariate(ri_writer *writer, const char *name, const double *value,
                                          const ri_names *text, ri_error *err);
RI_MUST_USE ri_status ri_writer_weights(ri_writer *writer, const double *weight, ri_error *err);
RI_MUST_USE ri_status ri_writer_truth(ri_writer *writer, const ri_truth *truth, ri_error *err);

/* Closes and renames (`keep`), or removes the temporary. Frees the writer in any case. */
RI_MUST_USE ri_status ri_writer_close(ri_writer *writer, bool keep, ri_error *err);

#endif
