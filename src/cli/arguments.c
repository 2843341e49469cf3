/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/arguments.h"

#include "cli/option_entries.h"

const ri_option ri_options_dataset[] = {
    {.name = "x",
     .kind = RI_TEXT,
     FIELD(x_path),
     .argument = "PATH",
     .shown = "/X",
     .help = "Where X is inside an HDF5 file that riata did not write, such as /data/X. It may be "
             "f64, f32 or i8."},
    {.name = "y",
     .kind = RI_TEXT,
     FIELD(y_path),
     .argument = "PATH",
     .shown = "from /y",
     .help = "Where the response is inside such a file."},
    {.name = "layout",
     .kind = RI_CHOICE,
     FIELD(layout),
     .argument = "ORDER",
     .initial = "auto",
     .choices = "auto|features-first|samples-first",
     .help = "Order of the dimensions of X in such a file: (p, n) or (n, p), as h5dump shows them. "
             "auto takes the one that fits the length of the response."},
    {.name = "response",
     .kind = RI_TEXT,
     FIELD(response),
     .argument = "NAME[,NAME..]",
     .shown = "the dataset's default",
     .help = "Which response of a riata dataset to use; 'riata info' lists them. Several make cv, "
             "path and fit run each, on one reading of X, and write PREFIX.NAME.* for each."},
    {0},
};

const ri_option ri_options_grid[] = {
    {.name = "alphas",
     .kind = RI_INTEGER,
     FIELD(alphas),
     .argument = "N",
     .initial = "100",
     .low = 1,
     .high = 100000,
     .unit = "points",
     .help = "Points of the grid, log-spaced from alpha_max (all penalised coefficients zero) to "
             "eps times alpha_max, both included."},
    {.name = "eps",
     .kind = RI_NUMBER,
     FIELD(eps),
     .argument = "RATIO",
     .shown = "0.001 where n > p, else 0.01",
     .low = 0,
     .above_low = true,
     .high = 1,
     .below_high = true,
     .help = "Smallest alpha of the grid as a fraction of alpha_max."},
    {.name = "alpha-list",
     .kind = RI_NUMBERS,
     FIELD(alpha_list),
     .argument = "A,B,..|@FILE",
     .low = 0,
     .shown = "the grid above",
     .help = "These alphas in place of the grid; they are sorted, largest first."},
    {.name = "alpha-blocks",
     .kind = RI_INTEGER,
     FIELD(alpha_blocks),
     .argument = "B",
     .initial = "1",
     .low = 1,
     .high = 100000,
     .unit = "blocks",
     .help = "Cut every path into B blocks of consecutive alphas, each a unit of work of its own: "
             "for more ranks than folds. Part of the problem, not of the machine."},
    {0},
};

const ri_option ri_options_stop[] = {
    {.name = "early-stop",
     .kind = RI_SWITCH,
     FIELD(early_stop),
     .help = "All folds stop once the error curve has clearly turned: at the first alpha that lies "
             "at least --patience alphas behind the lowest error so far, and above it by more than "
             "two standard errors of the difference, taken fold by fold. Smaller alphas are left "
             "out of the result."},
    {.name = "patience",
     .kind = RI_INTEGER,
     FIELD(patience),
     .argument = "N",
     .initial = "10",
     .low = 1,
     .high = 100000,
     .unit = "alphas",
     .help = "Of --early-stop: least distance to the lowest error."},
    {0},
};

const ri_option ri_options_proxies[] = {
    {.name = "proxies",
     .kind = RI_NUMBER,
     FIELD(proxies),
     .argument = "R",
     .initial = "0.9",
     .low = 0,
     .high = 1,
     .help = "Looks for proxies of the selected features: others whose correlation with one is at "
             "least R in size, 0.5 or more. One pass over X at the end; 0 looks for none."},
    {0},
};

const ri_option ri_options_model[] = {
    {.name = "family",
     .kind = RI_CHOICE,
     FIELD(family),
     .argument = "FAMILY",
     .initial = "gaussian",
     .choices = "gaussian|binomial|poisson",
     .help = "Distribution of the response: gaussian is the squared error; binomial is logistic "
             "regression of two classes, whatever they are called; poisson is for counts."},
    {.name = "positive-class",
     .kind = RI_TEXT,
     FIELD(positive_class),
     .argument = "LABEL",
     .shown = "the larger number, or the later in alphabetical order",
     .help = "Of --family binomial: the class whose probability is modelled."},
    {.name = "class-weight",
     .kind = RI_TEXT,
     FIELD(class_weight),
     .argument = "balanced|LABEL=W,LABEL=W",
     .shown = "1 for both",
     .help = "Of --family binomial: multiplies the weights of a class, in fits and errors alike; "
             "balanced gives both classes the same total."},
    RI_ENTRY_L1_RATIO("1",
                      "Mix of the penalty: 1 is the lasso, 0 is ridge, between is the elastic net. "
                      "Each of several values gets its own grid; the best is chosen."),
    RI_ENTRY_TOL,
    {.name = "solver",
     .kind = RI_CHOICE,
     FIELD(solver),
     .argument = "ENGINE",
     .initial = "auto",
     .choices = "auto|shooting|newton",
     .help =
         "Coordinate descent, or Newton steps on the support. auto: Newton, and descent where it "
         "does not settle or, for an elastic net, is expected to be faster; where there are about "
         "as many samples as features or more, nothing "
         "is missing and it is expected to be faster, from second moments of all features "
         "instead of passes over X."},
    {.name = "no-standardize",
     .kind = RI_SWITCH,
     FIELD(no_standardize),
     .help = "Penalise coefficients on the features' own scale."},
    {.name = "no-intercept",
     .kind = RI_SWITCH,
     FIELD(no_intercept),
     .help = "Fit without an intercept; features are then not centred."},
    {.name = "positive",
     .kind = RI_SWITCH,
     FIELD(positive),
     .help = "Allow no negative coefficients."},
    RI_ENTRY_WEIGHTS("rescaled to sum to n over the rows of each fit."),
    {.name = "penalty-factors",
     .kind = RI_TEXT,
     FIELD(penalty_factors),
     .argument = "FILE",
     .shown = "1 for every feature",
     .help = "TSV with header 'feature factor': multiplies alpha for that feature, used as given; "
             "0 leaves it unpenalised. Features not named have 1."},
    {0},
};

const ri_option ri_options_missing[] = {
    {.name = "missing",
     .kind = RI_CHOICE,
     FIELD(missing),
     .argument = "WHAT",
     .shown = "mean for genotypes, else error",
     .choices = "error|mean|drop-feature|drop-sample",
     .help = "A missing value in X: stop; take the mean of the feature over the training rows of "
             "each fit; or drop every feature, or every sample, that has one. verify and predict "
             "need it where it dropped something."},
    {0},
};

const ri_option ri_options_threads[] = {
    {.name = "threads",
     .kind = RI_INTEGER,
     FIELD(threads),
     .argument = "T",
     .low = 1,
     .high = 4096,
     .shown = "OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else the affinity mask",
     .unit = "OpenMP threads of one rank",
     .help = "Results do not depend on it."},
    {0},
};

const ri_option ri_options_memory[] = {
    {.name = "memory",
     .kind = RI_TEXT,
     FIELD(memory),
     .argument = "SIZE",
     .shown = "as much as all fits of a rank take; what is free, where X does not fit beside them",
     .help =
         "What all ranks of a node may take together, X included, such as 700M or 8G. X that does "
         "not fit beside the fits stays in the file and is read anew by every pass. Fits that do "
         "not fit in run after the others, each batch with passes over X of its own. Results do "
         "not depend on it."},
    {.name = "stream",
     .kind = RI_SWITCH,
     FIELD(stream),
     .help = "Leave X in the file even where it would fit into memory. Results do not depend on "
             "it."},
    {.name = "shard",
     .kind = RI_INTEGER,
     FIELD(shard),
     .argument = "N",
     .initial = "1",
     .low = 1,
     .high = 100000,
     .unit = "nodes",
     .help = "Nodes that hold one copy of X together, each its part of the features, for X that no "
             "node has the memory for; must divide the number of nodes. Results do not depend on "
             "it."},
    {0},
};

const ri_option ri_options_messages[] = {
    {.name = "quiet",
     .letter = 'q',
     .kind = RI_SWITCH,
     FIELD(quiet),
     .help = "Print warnings and errors only."},
    {.name = "log-json",
     .kind = RI_SWITCH,
     FIELD(log_json),
     .help = "Write progress, notes, warnings and errors to stderr as JSON, one object a line."},
    {0},
};

const ri_option ri_options_prefix[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "PREFIX",
     .shown = "the dataset's name with the subcommand's in place of its extension, in this folder",
     .help = "Writes PREFIX.h5 .json .curve.tsv .features.tsv .curve.svg .path.svg .log; with "
             "covariates .covariates.tsv, with genotypes .score.tsv and .afreq for plink2. Missing "
             "folders are created, files there are replaced."},
    {0},
};
