/* SPDX-License-Identifier: BSD-3-Clause
 * riata report --h5ad: the features of a result, back in a copy of the file they came from. */
#ifndef RI_CLI_REPORT_H5AD_H
#define RI_CLI_REPORT_H5AD_H

#include "cli/command.h"

extern const ri_option ri_options_h5ad[]; /* --h5ad --h5ad-output --h5ad-column --h5ad-values */

/* Does what the options ask for, nothing without --h5ad. */
RI_MUST_USE ri_status ri_report_h5ad(ri_session *session, const ri_record *record, ri_error *err);

#endif
