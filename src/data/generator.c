/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/generator.h"

#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum {
    SAMPLE_RANGE = 64, /* samples a thread takes at a time; a multiple of 4: packed bytes, pairs */
    CHROMOSOMES = 22,
    SHORTEST_CHROMOSOME = 1000, /* features, so that small data have neighbours too */
    BASES_APART = 1000,
};

/* --- what the options say ------------------------------------------------------------------ */

static ri_status check_storage(const ri_simulate_options *o, ri_error *err) {
    bool fits = o->genotype      ? o->storage == RI_I8 || o->storage == RI_PACKED2
                : o->density > 0 ? o->storage == RI_CSC || o->storage == RI_I8
                                 : o->storage == RI_F64 || o->storage == RI_F32;
    if (fits)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT, "simulated %s features are stored as %s",
                   o->genotype      ? "genotype"
                   : o->density > 0 ? "sparse"
                                    : "gaussian",
                   o->genotype      ? "packed2 or i8"
                   : o->density > 0 ? "csc or i8"
                                    : "f64 or f32");
}

static ri_status check_distribution(const ri_simulate_options *o, ri_error *err) {
    double lowest = o->correlation == RI_AR1 ? -1.0 : 0.0;
    bool inside = o->correlation == RI_AR1 ? o->rho > lowest : o->rho >= lowest;
    if (!inside || !(o->rho < 1.0))
        return ri_fail(err, RI_BAD_INPUT, "rho %g: a correlation %s %g and below 1 is needed",
                       o->rho, o->correlation == RI_AR1 ? "above" : "from", lowest);
    if (o->block < 1)
        return ri_fail(err, RI_BAD_INPUT, "block %" PRId64 ": a block has at least one feature",
                       o->block);
    if (!o->genotype && o->missing_rate != 0.0)
        return ri_fail(err, RI_BAD_INPUT, "missing values are simulated for genotypes only");
    if (!(o->missing_rate >= 0.0 && o->missing_rate < 1.0))
        return ri_fail(err, RI_BAD_INPUT, "missing rate %g: a rate from 0 and below 1 is needed",
                       o->missing_rate);
    if (!(o->density >= 0.0 && o->density < 1.0) || (o->density > 0.0 && o->genotype))
        return ri_fail(err, RI_BAD_INPUT,
                       "density %g: a share above 0 and below 1 is needed, and no genotypes",
                       o->density);
    if (o->genotype && !(o->maf_min > 0.0 && o->maf_min <= 0.5))
        return ri_fail(err, RI_BAD_INPUT,
                       "lowest allele frequency %g: it must be above 0 and at most 0.5",
                       o->maf_min);
    return RI_OK;
}

static ri_status check_options(const ri_simulate_options *o, ri_error *err) {
    int64_t draws;
    if (o->n < 1 || o->p < 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "n %" PRId64 ", p %" PRId64 ": at least one sample and one feature", o->n,
                       o->p);
    if (__builtin_mul_overflow(o->n, o->p, &draws) || draws > INT64_MAX / 8)
        return ri_fail(err, RI_BAD_INPUT, "n %" PRId64 ", p %" PRId64 ": too many values", o->n,
                       o->p);
    if (o->support < 0 || o->support > o->p)
        return ri_fail(err, RI_BAD_INPUT,
                       "support %" PRId64 ": it must be from 0 to the number of features, %" PRId64,
                       o->support, o->p);
    if (!(o->snr > 0.0) || isinf(o->snr))
        return ri_fail(err, RI_BAD_INPUT, "snr %g: a number above 0 is needed", o->snr);
    if (!(o->noise_sd >= 0.0) || isinf(o->noise_sd))
        return ri_fail(err, RI_BAD_INPUT, "noise sd %g: a number above 0 is needed", o->noise_sd);
    RI_TRY(check_distribution(o, err));
    return check_storage(o, err);
}

/* --- features ------------------------------------------------------------------------------ */

static int64_t chromosome_features(const ri_simulate_options *options) {
    int64_t even = (options->p + CHROMOSOMES - 1) / CHROMOSOMES;
    return even > SHORTEST_CHROMOSOME ? even : SHORTEST_CHROMOSOME;
}

int64_t ri_generator_chromosome(const ri_simulate_options *options, int64_t feature) {
    return 1 + feature / chromosome_features(options);
}

int64_t ri_generator_position(const ri_simulate_options *options, int64_t feature) {
    return BASES_APART * (1 + feature % chromosome_features(options));
}

void ri_generator_alleles(const ri_simulate_options *options, int64_t feature, char alleles[2]) {
    static const char letters[] = "ACGT";
    uint64_t bits = ri_random_bits(options->seed, RI_STREAM_ALLELE, 2 * (uint64_t)feature + 1);
    unsigned first = (unsigned)(bits & 3);
    unsigned second = (first + 1 + (unsigned)((bits >> 2) % 3)) & 3;
    alleles[0] = letters[first];
    alleles[1] = letters[second];
}

double ri_generator_frequency(const ri_simulate_options *options, int64_t feature) {
    double u = ri_random_uniform(options->seed, RI_STREAM_ALLELE, 2 * (uint64_t)feature);
    return options->maf_min * pow(0.5 / options->maf_min, u);
}

/* z with P(normal < z) = f, by bisection. */
static double normal_quantile(double f) {
    double low = -40.0;
    double high = 40.0;
    for (int step = 0; step < 64; step++) {
        double middle = 0.5 * (low + high);
        if (0.5 * erfc(-middle * M_SQRT1_2) < f)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}

/* --- the truth ----------------------------------------------------------------------------- */

/* Selection sampling (Knuth, TAOCP 2, algorithm 3.4.2 S): each feature in turn, with the
 * probability that leaves all supports of this size equally likely. */
static void choose_support(ri_generator *generator) {
    const ri_simulate_options *o = &generator->options;
    ri_truth *truth = &generator->truth;
    for (int64_t j = 0; o->coefficient && j < o->support; j++) {
        truth->feature[j] = j;
        truth->coefficient[j] = o->coefficient[j];
        truth->count = o->support;
    }
    for (int64_t j = 0; j < o->p && truth->count < o->support; j++) {
        uint64_t draw = 3 * (uint64_t)j;
        double u = ri_random_uniform(o->seed, RI_STREAM_TRUTH, draw);
        if (u * (double)(o->p - j) >= (double)(o->support - truth->count))
            continue;
        double size = 0.5 + ri_random_uniform(o->seed, RI_STREAM_TRUTH, draw + 1);
        if (ri_random_bits(o->seed, RI_STREAM_TRUTH, draw + 2) & 1)
            size = -size;
        double f = o->genotype ? ri_generator_frequency(o, j) : 0.0;
        if (o->genotype)
            size /= sqrt(2.0 * f * (1.0 - f));
        truth->feature[truth->count] = j;
        truth->coefficient[truth->count++] = size;
    }
}

ri_status ri_generator_open(const ri_simulate_options *options, ri_generator *out, ri_error *err) {
    *out = (ri_generator){.options = *options};
    RI_TRY(check_options(options, err));
    size_t n = (size_t)options->n;
    size_t support = (size_t)options->support;
    out->column_bytes =
        ri_storage_bytes(options->storage == RI_CSC ? RI_I8 : options->storage, options->n);
    out->truth.feature = ri_alloc(support, sizeof *out->truth.feature);
    out->truth.coefficient = ri_alloc(support, sizeof *out->truth.coefficient);
    out->signal = ri_calloc(n, sizeof *out->signal);
    out->latent[0] = ri_calloc(n + 1, sizeof(double)); /* pairs of an odd number of samples */
    out->latent[1] = ri_calloc(n, sizeof(double));
    if (!out->truth.feature || !out->truth.coefficient || !out->signal || !out->latent[0] ||
        !out->latent[1]) {
        ri_generator_close(out);
        return ri_fail_memory(err, "a simulation", 3 * (n + support) * sizeof(double));
    }
    choose_support(out);
    return RI_OK;
}

void ri_generator_close(ri_generator *generator) {
    free(generator->truth.feature);
    free(generator->truth.coefficient);
    free(generator->signal);
    free(generator->latent[0]);
    free(generator->latent[1]);
    *generator = (ri_generator){0};
}

/* --- columns ------------------------------------------------------------------------------- */

/* One feature as all threads see it. */
typedef struct column_plan {
    int64_t feature;
    bool fresh;         /* starts a chain or block: independent of the feature before */
    double threshold;   /* an allele is a1 below it; a count is not 0 above it */
    double coefficient; /* 0 outside the support */
    unsigned char *out;
} column_plan;

/* Draws come in pairs: the two haplotypes of a sample, or two neighbouring samples. */
static int64_t pairs_of_feature(const ri_simulate_options *o) {
    return o->genotype ? o->n : (o->n + 1) / 2;
}

/* Correlates a fresh normal number with `state`: that of the feature before (AR(1)), or the factor
 * that the block shares. */
static double correlate(const ri_simulate_options *o, double own, double *state) {
    if (o->correlation == RI_BLOCKS)
        return sqrt(o->rho) * *state + sqrt(1.0 - o->rho) * own;
    *state = o->rho * *state + sqrt(1.0 - o->rho * o->rho) * own;
    return *state;
}

/* Pair `at` of a feature. Where a chain or block starts, the state is drawn too, from counters
 * beyond those of all features. */
static void draw_pair(const ri_simulate_options *o, const column_plan *plan, int64_t at,
                      double *first, double *second, double pair[2]) {
    uint64_t width = (uint64_t)pairs_of_feature(o);
    uint64_t draw = (uint64_t)plan->feature * width + (uint64_t)at;
    if (plan->fresh) {
        double state[2];
        ri_random_normal_pair(o->seed, RI_STREAM_FEATURE, draw + (uint64_t)o->p * width, state);
        *first = state[0];
        *second = state[1];
    }
    ri_random_normal_pair(o->seed, RI_STREAM_FEATURE, draw, pair);
    pair[0] = correlate(o, pair[0], first);
    pair[1] = correlate(o, pair[1], second);
}

static void fill_gaussian(ri_generator *generator, const column_plan *plan, int64_t from,
                          int64_t end) {
    const ri_simulate_options *o = &generator->options;
    double *f64 = (double *)(void *)plan->out;
    float *f32 = (float *)(void *)plan->out;
    double *state = generator->latent[0];
    double pair[2];
    for (int64_t i = from; i < end; i++) {
        if (i % 2 == 0)
            draw_pair(o, plan, i / 2, &state[i], &state[i + 1], pair);
        double value = pair[i % 2];
        if (o->storage == RI_F32) {
            f32[i] = (float)value;
            value = f32[i];
        } else {
            f64[i] = value;
        }
        generator->signal[i] += plan->coefficient * value;
    }
}

/* The farther above the threshold, the larger: mostly 1 to 3. */
static void fill_counts(ri_generator *generator, const column_plan *plan, int64_t from,
                        int64_t end) {
    static const double steps = 4.0, largest = 127.0;
    const ri_simulate_options *o = &generator->options;
    double *state = generator->latent[0];
    double pair[2];
    for (int64_t i = from; i < end; i++) {
        if (i % 2 == 0)
            draw_pair(o, plan, i / 2, &state[i], &state[i + 1], pair);
        double above = pair[i % 2] - plan->threshold;
        double count = above > 0.0 ? fmin(1.0 + floor(steps * above), largest) : 0.0;
        plan->out[i] = (unsigned char)count;
        generator->signal[i] += plan->coefficient * count;
    }
}

static bool is_missing(const ri_simulate_options *o, int64_t feature, int64_t sample) {
    if (o->missing_rate == 0.0)
        return false;
    uint64_t draw = (uint64_t)feature * (uint64_t)o->n + (uint64_t)sample;
    return ri_random_uniform(o->seed, RI_STREAM_MISSING, draw) < o->missing_rate;
}

static void fill_genotypes(ri_generator *generator, const column_plan *plan, int64_t from,
                           int64_t end) {
    static const unsigned char code[3] = {3, 2, 0}; /* of .bed; 1 is missing */
    const ri_simulate_options *o = &generator->options;
    for (int64_t i = from; i < end; i++) {
        double pair[2];
        draw_pair(o, plan, i, &generator->latent[0][i], &generator->latent[1][i], pair);
        int copies = (pair[0] < plan->threshold) + (pair[1] < plan->threshold);
        generator->signal[i] += plan->coefficient * copies;
        bool missing = is_missing(o, plan->feature, i);
        if (o->storage == RI_I8) {
            plan->out[i] = (unsigned char)(missing ? INT8_MIN : copies);
            continue;
        }
        unsigned char *byte = &plan->out[i / 4];
        unsigned bits = missing ? 1u : code[copies];
        *byte = (unsigned char)((i % 4 ? *byte : 0u) | bits << (2 * (i % 4)));
    }
}

static bool starts_chain(const ri_simulate_options *o, int64_t feature) {
    int64_t at = o->genotype ? feature % chromosome_features(o) : feature;
    return o->correlation == RI_AR1 ? at == 0 : at % o->block == 0;
}

static column_plan plan_column(const ri_generator *generator, int64_t feature, int64_t *support,
                               unsigned char *out) {
    const ri_simulate_options *o = &generator->options;
    const ri_truth *truth = &generator->truth;
    column_plan plan = {.feature = feature, .fresh = starts_chain(o, feature), .out = out};
    if (o->genotype)
        plan.threshold = normal_quantile(ri_generator_frequency(o, feature));
    else if (o->density > 0.0)
        plan.threshold = normal_quantile(1.0 - o->density);
    while (*support < truth->count && truth->feature[*support] < feature)
        ++*support;
    if (*support < truth->count && truth->feature[*support] == feature)
        plan.coefficient = truth->coefficient[*support];
    return plan;
}

void ri_generator_columns(ri_generator *generator, int64_t count, void *columns) {
    const ri_simulate_options *o = &generator->options;
    int64_t ranges = (o->n + SAMPLE_RANGE - 1) / SAMPLE_RANGE;
    int threads = o->threads > 0 ? o->threads : omp_get_max_threads();
#pragma omp parallel num_threads(threads)
    {
        /* each thread plans all columns by itself: that is cheap beside n draws */
        for (int64_t j = 0, support = 0; j < count; j++) {
            unsigned char *out = (unsigned char *)columns + (size_t)j * generator->column_bytes;
            column_plan plan = plan_column(generator, generator->next + j, &support, out);
#pragma omp for schedule(static) nowait
            for (int64_t r = 0; r < ranges; r++) {
                int64_t from = r * SAMPLE_RANGE;
                int64_t end = from + SAMPLE_RANGE < o->n ? from + SAMPLE_RANGE : o->n;
                if (o->genotype)
                    fill_genotypes(generator, &plan, from, end);
                else if (o->density > 0.0)
                    fill_counts(generator, &plan, from, end);
                else
                    fill_gaussian(generator, &plan, from, end);
            }
        }
    }
    generator->next += count;
}

/* --- the response -------------------------------------------------------------------------- */

static double variance(const double *values, int64_t n) {
    double mean = 0.0;
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        mean += values[i];
    mean /= (double)n;
    for (int64_t i = 0; i < n; i++)
        sum += (values[i] - mean) * (values[i] - mean);
    return sum / (double)n;
}

void ri_generator_response(ri_generator *generator, double *y) {
    const ri_simulate_options *o = &generator->options;
    double *noise = generator->latent[0]; /* no column follows */
    for (int64_t i = 0; i < o->n; i++)
        noise[i] = ri_random_normal(o->seed, RI_STREAM_NOISE, (uint64_t)i);
    double spread = variance(generator->signal, o->n);
    double drawn = variance(noise, o->n);
    double scale = spread > 0.0 && drawn > 0.0 ? sqrt(spread / (o->snr * drawn)) : 1.0;
    if (o->noise_sd > 0)
        scale = o->noise_sd; /* as drawn: its sd in the sample comes near */
    generator->truth.noise_sd = scale * sqrt(drawn);
    for (int64_t i = 0; i < o->n; i++)
        y[i] = generator->signal[i] + scale * noise[i];
}
