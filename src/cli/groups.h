/* SPDX-License-Identifier: BSD-3-Clause
 * The lists of option groups that several subcommands take, and the headers of these groups. */
#ifndef RI_CLI_GROUPS_H
#define RI_CLI_GROUPS_H

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

/* Which dataset, and which part of it. */
#define RI_GROUPS_DATASET                                                                          \
    {"Dataset", ri_options_dataset}, {"PLINK 1 files", ri_options_bfile},                          \
        {"Phenotypes", ri_options_pheno}, {                                                        \
        "Selection", ri_options_select                                                             \
    }

/* How a run that takes its time is run. */
#define RI_GROUPS_RUN                                                                              \
    {"Output", ri_options_prefix}, {"Stopping and resuming", ri_options_checkpoint},               \
        {"Machine", ri_options_threads}, {"Memory", ri_options_memory}, {                          \
        "Messages", ri_options_messages                                                            \
    }

/* What goes into the fits beside the features. */
#define RI_GROUPS_COVARIATES                                                                       \
    {"Covariates", ri_options_covariates}, {                                                       \
        "Chromosomes", ri_options_loco                                                             \
    }

/* All of cv, which plan takes too. */
#define RI_GROUPS_CV                                                                               \
    {"Folds", ri_options_folds}, {"Test samples", ri_options_test}, {"Grid", ri_options_grid},     \
        {"Early stopping", ri_options_stop}, {"Choice", ri_options_choice},                        \
        {"Relaxed lasso", ri_options_relax}, {"Adaptive lasso", ri_options_adaptive},              \
        {"Model", ri_options_model}, {"Missing values", ri_options_missing},                       \
        {"Correlated features", ri_options_proxies}, {"Simulated data", ri_options_replicates},    \
        RI_GROUPS_COVARIATES, RI_GROUPS_DATASET, RI_GROUPS_RUN

#endif
