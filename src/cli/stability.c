/* SPDX-License-Identifier: BSD-3-Clause
 * riata stability: the run of a repeated two-fold cross-validation, whose fits are those of
 * complementary half-samples. */
#include "cli/folds.h"
#include "cli/groups.h"
#include "cli/option_entries.h"
#include "cli/run.h"

static const ri_option STABILITY[] = {
    {.name = "pairs",
     .kind = RI_INTEGER,
     FIELD(repeats),
     .argument = "B",
     .initial = "50",
     .low = 2,
     .high = 10000,
     .unit = "pairs",
     .help =
         "Complementary pairs of half-samples: B times the samples are shuffled and cut in two, "
         "and a path is fitted to each half."},
    {.name = "threshold",
     .kind = RI_NUMBER,
     FIELD(threshold),
     .argument = "PI",
     .initial = "0.75",
     .low = 0.5,
     .above_low = true,
     .high = 1,
     .help = "Stable is a feature that at least this share of the 2 B half-samples pick at some "
             "alpha of the region; 0.6 to 0.9 is usual."},
    {.name = "pfer",
     .kind = RI_NUMBER,
     FIELD(pfer),
     .argument = "E",
     .initial = "1",
     .low = 0,
     .above_low = true,
     .unit = "features",
     .help = "Expected number of false selections that is allowed: the region goes down the alphas "
             "as far as the bound of Meinshausen and Buehlmann stays at or below it."},
    {.name = "half-scheme",
     .kind = RI_CHOICE,
     FIELD(half_scheme),
     .argument = "SCHEME",
     .shown = "random, or stratified with --family binomial",
     .choices = "random|grouped|stratified",
     .help = "How samples are cut in two: see --fold-scheme of riata cv."},
    RI_ENTRY_GROUP("the dataset's only group column",
                   "Groups for --half-scheme grouped, which it implies; they stay together."),
    RI_ENTRY_SEED("Seed of the halves."),
    {0},
};

static ri_status run_stability(ri_session *session, ri_error *err) {
    ri_arguments *given = &session->arguments;
    if (given->l1_ratio.count != 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--l1-ratio: stability selection is of one path; give one value");
    if (!(given->l1_ratio.value[0] > 0))
        return ri_fail(err, RI_BAD_INPUT,
                       "--l1-ratio 0: ridge keeps every feature in every model; give more than 0");
    given->folds = 2;
    given->fold_scheme = ri_half_scheme(given->half_scheme);
    given->loco = -1;
    given->ebic_gamma = RI_EBIC_GAMMA;
    return ri_run(session, err);
}

const ri_command ri_command_stability = {
    .name = "stability",
    .purpose = "find features that most half-samples select",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "mpirun -n 2 riata stability data.h5 --pairs 50 --pfer 1 -o out/stable",
    .detail =
        "Stability selection over complementary pairs. A feature of one lasso may be there by "
        "the chance of its samples; one that most half-samples select hardly is, and the "
        "number of false ones has a bound. Halves are units of work as folds are: they share "
        "passes over X and spread over ranks. Writes the frequencies, a picture, and, as a "
        "pair is a two-fold cross-validation, all that cv writes.",
    .groups = RI_GROUPS({"Stability", STABILITY}, {"Grid", ri_options_grid},
                        {"Model", ri_options_model}, {"Missing values", ri_options_missing},
                        {"Covariates", ri_options_covariates}, RI_GROUPS_DATASET, RI_GROUPS_RUN),
    .on_every_rank = true,
    .run = run_stability,
};
