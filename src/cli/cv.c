/* SPDX-License-Identifier: BSD-3-Clause
 * riata cv, path and fit: the same run with and without folds, with a grid or one alpha. */
#include "cli/groups.h"
#include "cli/option_entries.h"
#include "cli/run.h"

#define EBIC_GAMMA                                                                                 \
    {                                                                                              \
        .name = "ebic-gamma", .kind = RI_NUMBER, FIELD(ebic_gamma), .argument = "G",               \
        .initial = "0.5", .low = 0,                                                                \
        .help =                                                                                    \
            "Weight of log C(p, features) in the extended BIC; 0 is BIC, 1 the strictest in use."  \
    }

const ri_option ri_options_choice[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "min",
     .choices = "min|1se|bic|ebic",
     .help = "Which alpha is chosen: the minimum of the error curve, the largest alpha within one "
             "standard error of it, or the minimum of an information criterion of the refit."},
    EBIC_GAMMA,
    {.name = "refine",
     .kind = RI_INTEGER,
     FIELD(refine),
     .argument = "N",
     .low = 2,
     .high = 10000,
     .unit = "alphas",
     .shown = "no such alphas",
     .help = "Then look closer: N more alphas between the neighbours of the minimum of each curve, "
             "fitted in all folds and put into the curve before alpha is chosen."},
    {.name = "metric",
     .kind = RI_CHOICE,
     FIELD(metric),
     .argument = "METRIC",
     .initial = "auto",
     .choices = "auto|mse|mae|deviance|class|auc",
     .help = "The error of the curve that chooses. auto: mse, or deviance where --family is not "
             "gaussian. class is the share of misclassified samples, auc the area under the ROC "
             "curve, the larger the better; both need --family binomial."},
    {0},
};

static const ri_option CRITERION[] = {
    {.name = "select",
     .kind = RI_CHOICE,
     FIELD(select),
     .argument = "RULE",
     .initial = "last",
     .choices = "last|bic|ebic",
     .help =
         "Which alpha is chosen: the smallest one, or the minimum of an information criterion."},
    EBIC_GAMMA,
    {0},
};

static const ri_option ALPHA[] = {
    {.name = "alpha",
     .kind = RI_NUMBER,
     FIELD(alpha),
     .argument = "A",
     .low = 0,
     .required = true,
     .help = "The strength of the penalty."},
    {0},
};

const ri_command ri_command_cv = {
    .name = "cv",
    .purpose = "choose alpha by cross-validation, and refit",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "mpirun -n 2 riata cv data.h5 --folds 10 --threads 2 -o out/first",
    .detail = "Fits the path of every fold and of all samples, each point certified by its duality "
              "gap; writes the error curve, the chosen alpha, all coefficients and out-of-fold "
              "predictions. Under mpirun it runs on all ranks; results do not depend on the number "
              "of ranks and threads.",
    .groups = RI_GROUPS(RI_GROUPS_CV),
    .on_every_rank = true,
    .run = ri_run,
};

const ri_command ri_command_path = {
    .name = "path",
    .purpose = "fit one path over the grid of alphas, without folds",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata path data.h5 --alphas 50 -o out/path",
    .detail = "Writes the same files as cv, less what folds give.",
    .groups = RI_GROUPS(
        {"Grid", ri_options_grid}, {"Test samples", ri_options_test}, {"Choice", CRITERION},
        {"Model", ri_options_model}, {"Correlated features", ri_options_proxies},
        {"Simulated data", ri_options_replicates}, {"Missing values", ri_options_missing},
        RI_GROUPS_COVARIATES, RI_GROUPS_DATASET, RI_GROUPS_RUN),
    .on_every_rank = true,
    .run = ri_run,
};

const ri_command ri_command_fit = {
    .name = "fit",
    .purpose = "fit the model at one alpha",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata fit data.h5 --alpha 0.5 -o out/fit",
    .groups = RI_GROUPS({"Strength", ALPHA}, {"Test samples", ri_options_test},
                        {"Model", ri_options_model}, {"Correlated features", ri_options_proxies},
                        {"Missing values", ri_options_missing}, RI_GROUPS_COVARIATES,
                        RI_GROUPS_DATASET, RI_GROUPS_RUN),
    .on_every_rank = true,
    .run = ri_run,
};
