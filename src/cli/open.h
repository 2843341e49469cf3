/* SPDX-License-Identifier: BSD-3-Clause
 * Opening the data that a subcommand works on: a dataset, or PLINK files; a response from
 * elsewhere; a part of the samples and features. What was found is said on the console. */
#ifndef RI_CLI_OPEN_H
#define RI_CLI_OPEN_H

#include "cli/command.h"
#include "data/dataset.h"
#include "data/pheno.h"
#include "data/selection.h"

extern const ri_option ri_options_bfile[];  /* --bfile */
extern const ri_option ri_options_pheno[];  /* --pheno ... --binary-coding */
extern const ri_option ri_options_select[]; /* --keep ... --maf */

/* RI_BAD_INPUT unless there is one of `data`, an operand, and --bfile. */
RI_MUST_USE ri_status ri_check_data(const ri_session *session, const char *data, ri_error *err);

/* Opens `data`, an operand, or, where that is NULL, --bfile. `response` (may be NULL) is the one to
 * take where no option says which. */
RI_MUST_USE ri_status ri_open_data(ri_session *session, const char *data, const char *response,
                                   bool response_optional, ri_dataset **out, ri_error *err);

/* The options as the library takes them. */
ri_pheno_options ri_given_pheno(const ri_arguments *given);
ri_selection ri_given_selection(const ri_arguments *given);

/* Notes and warnings of a report; `file` is the one of --pheno. */
void ri_tell_selection(ri_session *session, const ri_selection_report *report);
void ri_tell_pheno(ri_session *session, const ri_pheno_report *report);

#endif
