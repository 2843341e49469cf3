/* SPDX-License-Identifier: BSD-3-Clause
 * riata simulate: a dataset whose true coefficients are known. */
#include "data/simulate.h"

#include <math.h>
#include <stdio.h>

#include "base/output.h"
#include "cli/command.h"
#include "cli/option_entries.h"
#include "cli/storage.h"

/* In the order of the choices below. */
enum { GAUSSIAN, GENOTYPE };

static const ri_option SHAPE[] = {
    {.name = "samples",
     .letter = 'n',
     .kind = RI_INTEGER,
     FIELD(samples),
     .argument = "N",
     .initial = "1000",
     .low = 2,
     .high = 1e9,
     .unit = "samples",
     .help = "Number of samples."},
    {.name = "features",
     .letter = 'p',
     .kind = RI_INTEGER,
     FIELD(features),
     .argument = "P",
     .initial = "5000",
     .low = 1,
     .high = 1e9,
     .unit = "features",
     .help = "Number of features."},
    {.name = "kind",
     .kind = RI_CHOICE,
     FIELD(kind),
     .argument = "KIND",
     .initial = "gaussian",
     .choices = "gaussian|genotype",
     .shown = "gaussian; genotype with --bfile",
     .help = "Standard normal features, or genotypes 0, 1, 2 with a spectrum of allele frequencies "
             "and linkage disequilibrium."},
    {.name = "density",
     .kind = RI_NUMBER,
     FIELD(density),
     .argument = "D",
     .low = 0,
     .above_low = true,
     .high = 1,
     .below_high = true,
     .shown = "no zeros",
     .help =
         "Counts as single cells have them: a value is 1, 2, ... with this probability, else 0. "
         "The dataset is sparse."},
    {.name = "correlation",
     .kind = RI_CHOICE,
     FIELD(correlation),
     .argument = "SHAPE",
     .initial = "ar1",
     .choices = "ar1|blocks",
     .help = "Neighbours correlate by rho to the power of their distance, or equally within "
             "blocks."},
    {.name = "rho",
     .kind = RI_NUMBER,
     FIELD(rho),
     .argument = "RHO",
     .initial = "0.5",
     .low = 0,
     .high = 1,
     .below_high = true,
     .help = "Correlation of neighbours, or within a block."},
    {.name = "block",
     .kind = RI_INTEGER,
     FIELD(block),
     .argument = "B",
     .initial = "20",
     .low = 1,
     .unit = "features",
     .help = "Length of a block."},
    {.name = "maf-min",
     .kind = RI_NUMBER,
     FIELD(maf_min),
     .argument = "F",
     .initial = "0.05",
     .low = 0,
     .above_low = true,
     .high = 0.5,
     .help = "Smallest allele frequency of genotypes; their density falls as 1/f up to 0.5."},
    {.name = "missing-rate",
     .kind = RI_NUMBER,
     FIELD(missing_rate),
     .argument = "RATE",
     .initial = "0",
     .low = 0,
     .high = 1,
     .below_high = true,
     .help = "Share of genotypes that are missing at random."},
    {0},
};

static const ri_option TRUTH[] = {
    {.name = "support",
     .kind = RI_INTEGER,
     FIELD(support),
     .argument = "S",
     .initial = "20",
     .low = 0,
     .unit = "features",
     .help = "Features with a coefficient that is not zero."},
    {.name = "snr",
     .kind = RI_NUMBER,
     FIELD(snr),
     .argument = "RATIO",
     .initial = "3",
     .low = 0,
     .above_low = true,
     .help = "Variance of the signal over that of the noise, in the sample."},
    {.name = "coefficients",
     .kind = RI_NUMBERS,
     FIELD(coefficients),
     .argument = "B[,B..]",
     .low = -1e12,
     .high = 1e12,
     .shown = "sizes from 0.5 to 1.5, either sign, at random features",
     .help = "Coefficients of the first features, in place of --support."},
    {.name = "noise-sd",
     .kind = RI_NUMBER,
     FIELD(noise_sd),
     .argument = "SD",
     .low = 0,
     .above_low = true,
     .shown = "by --snr",
     .help = "Standard deviation of the noise, in place of --snr."},
    RI_ENTRY_SEED("The same seed and options give the same file, for any number of threads."),
    {0},
};

static const ri_option OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "FILE",
     .help = "Write this dataset; the truth is stored in it."},
    {.name = "bfile",
     .kind = RI_TEXT,
     FIELD(bfile),
     .argument = "PREFIX",
     .help = "Write PREFIX.bed, .bim, .fam (response in column 6) and PREFIX.truth.tsv instead."},
    {0},
};

static ri_status take_options(const ri_arguments *given, ri_simulate_options *options,
                              ri_error *err) {
    bool genotype = given->kind == GENOTYPE || given->bfile;
    *options = ri_simulate_defaults();
    options->n = given->samples;
    options->p = given->features;
    options->support = given->support;
    options->snr = given->snr;
    options->noise_sd = isnan(given->noise_sd) ? 0 : given->noise_sd;
    if (given->coefficients.count > 0) {
        options->support = given->coefficients.count;
        options->coefficient = given->coefficients.value;
    }
    options->correlation = (ri_correlation)given->correlation;
    options->rho = given->rho;
    options->block = given->block;
    options->genotype = genotype;
    options->maf_min = given->maf_min;
    options->missing_rate = given->missing_rate;
    options->seed = (uint64_t)given->seed;
    options->threads = given->threads > 0 ? (int)given->threads : 0;
    if (given->coefficients.count > given->features)
        return ri_fail(err, RI_BAD_INPUT,
                       "--coefficients: %lld of them for %lld features; give at most as many",
                       (long long)given->coefficients.count, (long long)given->features);
    if (!options->coefficient && given->support > given->features)
        return ri_fail(err, RI_BAD_INPUT,
                       "--support: '%lld' is not allowed; give at most the number of features, "
                       "%lld",
                       (long long)given->support, (long long)given->features);
    if (genotype && !isnan(given->density))
        return ri_fail(err, RI_BAD_INPUT, "--density is not for genotypes");
    if (given->missing_rate > 0 && !genotype)
        return ri_fail(err, RI_BAD_INPUT, "--missing-rate is for genotypes; add --kind genotype");
    if (isnan(given->density))
        return ri_choose_storage(given, genotype, &options->storage, err);
    options->density = given->density;
    return ri_choose_sparse(given, &options->storage, err);
}

static ri_status run_simulate(ri_session *session, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    const char *output = given->bfile ? given->bfile : given->output;
    ri_simulate_options options;
    if (!given->output == !given->bfile)
        return ri_fail(err, RI_BAD_INPUT, "simulate: give either -o FILE or --bfile PREFIX");
    RI_TRY(take_options(given, &options, err));
    RI_TRY(ri_output_prepare(output, err));
    RI_TRY(given->bfile ? ri_simulate_plink(&options, output, err)
                        : ri_simulate_dataset(&options, output, err));
    ri_console_note(&session->console,
                    "%s%s: %lld samples, %lld features, %lld with a true coefficient, snr %g",
                    output, given->bfile ? ".bed .bim .fam .truth.tsv" : "", (long long)options.n,
                    (long long)options.p, (long long)options.support, options.snr);
    return RI_OK;
}

const ri_command ri_command_simulate = {
    .name = "simulate",
    .purpose = "make a dataset with known truth",
    .operands = "",
    .least = 0,
    .most = 0,
    .example = "riata simulate -n 1000 -p 20000 --support 20 --snr 3 --bfile sim",
    .detail = "The response is the sum of the true features times their coefficients, and normal "
              "noise.",
    .groups = RI_GROUPS({"Features", SHAPE}, {"Truth", TRUTH}, {"Output", OUTPUT},
                        {"Type", ri_options_storage}, {"Machine", ri_options_threads},
                        {"Messages", ri_options_messages}),
    .run = run_simulate,
};
