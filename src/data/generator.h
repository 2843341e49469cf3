/* SPDX-License-Identifier: BSD-3-Clause
 * Columns of a simulated X, block after block, and the response X b that grows with them. A value
 * is a function of seed, sample and feature alone: samples are independent, so threads take ranges
 * of them, and memory is that of one block. */
#ifndef RI_DATA_GENERATOR_H
#define RI_DATA_GENERATOR_H

#include <stdint.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/simulate.h"

typedef struct ri_generator {
    ri_simulate_options options;
    int64_t next;      /* the next feature */
    ri_truth truth;    /* ascending features; coefficients on the original scale */
    double *signal;    /* [n] X b of the features so far */
    double *latent[2]; /* [n] state of the correlation, one for each haplotype */
    size_t column_bytes;
} ri_generator;

/* Checks the options, chooses the support and its coefficients. */
RI_MUST_USE ri_status ri_generator_open(const ri_simulate_options *options, ri_generator *out,
                                        ri_error *err);
void ri_generator_close(ri_generator *generator); /* accepts an all-zero one */

/* The next `count` columns, column_bytes each, in options.storage (RI_I8 for RI_CSC). Where
 * genotypes are set missing, the response still comes from the true ones. */
void ri_generator_columns(ri_generator *generator, int64_t count, void *columns);

/* After the last column: y = X b + noise with var(X b) / var(noise) = snr in the sample; completes
 * truth.noise_sd, the sd of the noise (1 where X b does not vary). `y` may be generator->signal. */
void ri_generator_response(ri_generator *generator, double *y);

/* Where genotype j lies: chromosomes 1 to 22, correlation ends at their borders. */
int64_t ri_generator_chromosome(const ri_simulate_options *options, int64_t feature);
int64_t ri_generator_position(const ri_simulate_options *options, int64_t feature);

/* The two letters of genotype j: alleles[0] is a1. */
void ri_generator_alleles(const ri_simulate_options *options, int64_t feature, char alleles[2]);

/* Frequency of a1. */
double ri_generator_frequency(const ri_simulate_options *options, int64_t feature);

#endif
