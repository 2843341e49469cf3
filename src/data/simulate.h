/* SPDX-License-Identifier: BSD-3-Clause
 * Datasets with a known truth: y = X b + noise, the same file for any number of threads. */
#ifndef RI_DATA_SIMULATE_H
#define RI_DATA_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "kernel/kernel.h"

typedef enum ri_correlation { RI_AR1, RI_BLOCKS } ri_correlation;

typedef struct ri_simulate_options {
    int64_t n, p;
    int64_t support;           /* non-zero coefficients */
    const double *coefficient; /* [support] of the first features, borrowed; NULL: drawn */
    double snr;                /* var(X b) / var(noise), in the sample */
    double noise_sd;           /* of the noise, in place of snr; 0: not given */
    ri_correlation correlation;
    double rho;          /* AR(1) coefficient, or correlation within a block */
    int64_t block;       /* features of a block */
    bool genotype;       /* 0/1/2 with allele frequencies and LD; else standard normal */
    double maf_min;      /* allele frequencies: density ~ 1/f on [maf_min, 0.5] */
    double missing_rate; /* genotypes set missing at random */
    double density;      /* above 0: whole numbers 1, 2, ... with this probability, else 0 */
    uint64_t seed;
    ri_storage storage; /* f64, f32 for gaussian; i8, packed2 for genotypes; csc, i8 with density */
    int threads;        /* 0: all */
} ri_simulate_options;

ri_simulate_options ri_simulate_defaults(void);

/* An HDF5 dataset with /truth. */
RI_MUST_USE ri_status ri_simulate_dataset(const ri_simulate_options *options, const char *output,
                                          ri_error *err);

/* PREFIX.bed/.bim/.fam (response in column 6) and PREFIX.truth.tsv; genotypes only. */
RI_MUST_USE ri_status ri_simulate_plink(const ri_simulate_options *options, const char *prefix,
                                        ri_error *err);

#endif
