/* SPDX-License-Identifier: BSD-3-Clause
 * riata import of matrix files: AnnData, 10x, MatrixMarket, NumPy, LIBSVM, and tables with features
 * in rows. */
#ifndef RI_CLI_IMPORT_MATRIX_H
#define RI_CLI_IMPORT_MATRIX_H

#include "cli/command.h"
#include "data/import.h"

extern const ri_option ri_options_matrix[], ri_options_beside[];

/* The format that --format, --transpose or the name of the file says; RI_MATRIX_NONE for a table
 * that holds the response too. */
ri_matrix_format ri_import_matrix_format(const ri_arguments *given);

/* RI_BAD_INPUT where an option of matrices is given with another input (`what`). */
RI_MUST_USE ri_status ri_import_matrix_unused(const ri_arguments *given, const char *what,
                                              ri_error *err);

RI_MUST_USE ri_status ri_import_matrix_run(const ri_arguments *given, ri_matrix_format format,
                                           ri_import_report *report, ri_error *err);

#endif
