/* SPDX-License-Identifier: BSD-3-Clause
 * The options of cv, which plan takes too. Whoever names them includes the headers of the groups.
 */
#ifndef RI_CLI_CV_GROUPS_H
#define RI_CLI_CV_GROUPS_H

#include "cli/adaptive.h"
#include "cli/arguments.h"
#include "cli/covariates.h"
#include "cli/folds.h"
#include "cli/loco.h"
#include "cli/open.h"
#include "cli/relax.h"
#include "cli/replicates.h"
#include "cli/resume.h"
#include "cli/split.h"

#define RI_CV_GROUPS                                                                               \
    {"Folds", ri_options_folds}, {"Test samples", ri_options_test}, {"Grid", ri_options_grid},     \
        {"Early stopping", ri_options_stop}, {"Choice", ri_options_choice},                        \
        {"Relaxed lasso", ri_options_relax}, {"Adaptive lasso", ri_options_adaptive},              \
        {"Model", ri_options_model}, {"Missing values", ri_options_missing},                       \
        {"Correlated features", ri_options_proxies}, {"Simulated data", ri_options_replicates},    \
        {"Covariates", ri_options_covariates}, {"Chromosomes", ri_options_loco},                   \
        {"Dataset", ri_options_dataset}, {"PLINK 1 files", ri_options_bfile},                      \
        {"Phenotypes", ri_options_pheno}, {"Selection", ri_options_select},                        \
        {"Output", ri_options_prefix}, {"Stopping and resuming", ri_options_checkpoint},           \
        {"Machine", ri_options_machine}, {                                                         \
        "Messages", ri_options_messages                                                            \
    }

#endif
