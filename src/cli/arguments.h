/* SPDX-License-Identifier: BSD-3-Clause
 * The values of all options of all subcommands, and the option groups that several of them share.
 * A subcommand reads the fields that its groups set. */
#ifndef RI_CLI_ARGUMENTS_H
#define RI_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/option.h"

/* In the order of --missing's choices. */
enum ri_missing {
    RI_MISSING_NOT_GIVEN = -1,
    RI_MISSING_ERROR,
    RI_MISSING_MEAN,
    RI_MISSING_DROP_FEATURE,
    RI_MISSING_DROP_SAMPLE
};

typedef struct ri_arguments {
    const char *operand[2]; /* the words that are no options; NULL where not given */

    /* how to open a dataset */
    const char *x_path, *y_path, *response;
    int layout;  /* ri_layout */
    int missing; /* ri_missing; import: RI_MISSING_ERROR, or RI_MISSING_MEAN to keep them */

    /* model */
    ri_number_list l1_ratio, alpha_list;
    int64_t alphas, alpha_blocks, patience, refine; /* refine: -1 where not given */
    bool early_stop;
    double alpha, eps, tol; /* eps: NaN where not given */
    int family, solver;     /* ri_family, ri_solver */
    int metric;             /* cv: 0 that of the family, else 1 + ri_metric */
    const char *positive_class, *class_weight;
    bool no_standardize, no_intercept, positive;
    const char *weights, *penalty_factors;

    /* covariates */
    const char *covar, *covar_name, *covar_categorical;
    bool sex;
    int covar_missing; /* 0: leave out, 1: mean */
    int loco;          /* -1: not given, 0: refit, 1: drop */

    /* folds */
    int64_t folds, repeats; /* folds: -1: not given */
    int fold_scheme;
    const char *group, *fold_file;
    int adaptive; /* cv; -1: not given, 0: lasso, 1: ridge */
    double adaptive_gamma;
    ri_number_list adaptive_alpha;
    bool relax;             /* cv */
    ri_number_list gamma;   /* of it */
    int half_scheme;        /* stability: random, grouped, stratified */
    double threshold, pfer; /* stability */
    double ebic_gamma, proxies;
    int64_t replicates;
    int select; /* cv: ri_select; path: 0 or 1 less than it; predict: 0 as stored, else 1 +
                   ri_select */

    /* test samples */
    double test_fraction; /* NaN where not given */
    const char *test_file, *test_column, *test_group;
    bool test_stratify;
    int64_t test_seed, test_repeats;

    /* machine, output */
    int64_t threads; /* -1: not given */
    const char *memory;
    int64_t nodes, cores; /* of plan */
    const char *mem, *time, *write;
    bool calibrate;
    bool stream;
    int64_t shard; /* nodes that hold X together */
    int64_t seed;
    const char *output;
    bool quiet, log_json;
    const char *checkpoint; /* a folder, "none", or NULL */
    double checkpoint_every;
    bool resume, fresh;

    /* PLINK files and phenotypes; import */
    const char *bfile, *pheno, *pheno_name, *missing_phenotype, *truth;
    const char *id_column, *drop, *weight_column;
    int storage;
    const char *layer, *covariates, *sample_sheet, *sample_names, *feature_names;
    int format;
    int64_t index_base;
    bool gene_names, transpose;

    bool binary_coding;

    /* part of a dataset */
    const char *keep, *remove, *extract, *exclude, *chr;
    double geno, maf; /* NaN where not given */

    /* VCF */
    const char *region;
    int dosage, multiallelic;

    /* simulate */
    int64_t samples, features, support, block;
    ri_number_list coefficients;
    double noise_sd;                                 /* NaN where not given */
    double snr, rho, maf_min, missing_rate, density; /* density: NaN where not given */
    int correlation, kind;

    /* report */
    const char *compare;
    const char *h5ad, *h5ad_output, *h5ad_column;
    int h5ad_values; /* 0: selected, 1: coefficient */

    /* predict */
    int64_t alpha_index; /* -1: not given */
} ri_arguments;

/* Of a ri_option: where its value goes. */
#define FIELD(name) .field = offsetof(ri_arguments, name)

/* Option tables used by more than one subcommand. */
extern const ri_option ri_options_dataset[];  /* --x --y --response --layout */
extern const ri_option ri_options_grid[];     /* --alphas --eps --alpha-list --alpha-blocks */
extern const ri_option ri_options_stop[];     /* --early-stop --patience */
extern const ri_option ri_options_proxies[];  /* --proxies */
extern const ri_option ri_options_model[];    /* --l1-ratio ... --penalty-factors */
extern const ri_option ri_options_missing[];  /* --missing */
extern const ri_option ri_options_threads[];  /* --threads */
extern const ri_option ri_options_memory[];   /* --memory --stream --shard */
extern const ri_option ri_options_choice[];   /* --select */
extern const ri_option ri_options_messages[]; /* --quiet --log-json */
extern const ri_option ri_options_prefix[];   /* --output PREFIX */

#endif
