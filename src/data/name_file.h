/* SPDX-License-Identifier: BSD-3-Clause
 * Files of one name a line, plain or gzip: the names beside a matrix. */
#ifndef RI_DATA_NAME_FILE_H
#define RI_DATA_NAME_FILE_H

#include "base/status.h"
#include "base/text.h"

/* Field `column` (from 0, fields end at tabs) of each line, appended to the empty list; the first
 * field where a line has fewer. Empty lines are refused. */
RI_MUST_USE ri_status ri_name_file_read(const char *path, int column, ri_names *out, ri_error *err);

/* The path of `name` in the folder of `path` if there is such a file, else NULL; caller frees. */
RI_MUST_USE ri_status ri_name_file_beside(const char *path, const char *name, char **out,
                                          ri_error *err);

/* One number a line; NaN where a line says that it is missing. Caller frees `*out`. */
RI_MUST_USE ri_status ri_number_file_read(const char *path, double **out, int64_t *count,
                                          ri_error *err);

#endif
