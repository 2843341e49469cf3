/* SPDX-License-Identifier: BSD-3-Clause
 * The part of riata import that is about VCF and BCF files. */
#ifndef RI_CLI_IMPORT_VCF_H
#define RI_CLI_IMPORT_VCF_H

#include <stdbool.h>

#include "cli/command.h"
#include "data/import.h"

extern const ri_option ri_options_vcf[]; /* --dosage --multiallelic --region */

/* By its name: .vcf, .bcf, compressed or not. */
bool ri_is_vcf(const char *path);

RI_MUST_USE ri_status ri_import_vcf_run(const ri_arguments *given, ri_import_report *report,
                                        ri_error *err);
void ri_tell_vcf(ri_session *session, const ri_vcf_report *report);

#endif
