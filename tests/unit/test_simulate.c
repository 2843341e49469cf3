/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a simulated file is the same bytes for any number of threads; y - X b has the variance that
 * the signal-to-noise ratio asks for, with X, y and b read back from the file; features have the
 * distribution and correlation asked for; PLINK files and dataset of one seed are the same data. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/import.h"
#include "data/simulate.h"
#include "support/read_back.h"
#include "support/scratch.h"

typedef struct data {
    int64_t n, p, support;
    double *x, *y, *feature, *coefficient;
    double noise_sd, intercept;
} data;

static ri_simulate_options small(void) {
    ri_simulate_options options = ri_simulate_defaults();
    options.n = 403; /* not a multiple of 4, nor of a thread's share */
    options.p = 90;
    options.support = 7;
    return options;
}

static data simulate(const ri_simulate_options *options) {
    ri_error err = {0};
    scratch_path path = scratch_file("s.h5");
    if (ri_simulate_dataset(options, path.text, &err) != RI_OK)
        fail_msg("%s", err.text);
    data d = {.n = options->n, .p = options->p};
    int64_t count;
    d.x = read_back(path.text, "/X", &count);
    d.y = read_back(path.text, "/y/y", &count);
    assert_int_equal(count, d.n);
    d.feature = read_back(path.text, "/truth/features", &d.support);
    d.coefficient = read_back(path.text, "/truth/coefficients", &count);
    assert_int_equal(count, d.support);
    assert_int_equal(d.support, options->support);
    d.noise_sd = read_back_attribute(path.text, "/truth", "noise_sd");
    d.intercept = read_back_attribute(path.text, "/truth", "intercept");
    return d;
}

static void release(data *d) {
    free(d->x);
    free(d->y);
    free(d->feature);
    free(d->coefficient);
}

static long double mean_of(const double *a, int64_t n) {
    long double sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i];
    return sum / (long double)n;
}

static double covariance(const double *a, const double *b, int64_t n) {
    long double am = mean_of(a, n), bm = mean_of(b, n), sum = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (a[i] - am) * (b[i] - bm);
    return (double)(sum / (long double)n);
}

static double correlation(const double *a, const double *b, int64_t n) {
    return covariance(a, b, n) / sqrt(covariance(a, a, n) * covariance(b, b, n));
}

/* y = intercept + X b + noise, var(X b) = snr var(noise), the noise apart from X b and of mean
 * near 0. */
static void check_truth(const data *d, double snr) {
    double *signal = calloc((size_t)d->n, sizeof *signal);
    double *noise = calloc((size_t)d->n, sizeof *noise);
    for (int64_t i = 0; i < d->n; i++) {
        for (int64_t k = 0; k < d->support; k++)
            signal[i] += d->x[(int64_t)d->feature[k] * d->n + i] * d->coefficient[k];
        noise[i] = d->y[i] - d->intercept - signal[i];
    }
    double ratio = covariance(signal, signal, d->n) / covariance(noise, noise, d->n);
    assert_true(fabs(ratio / snr - 1) < 1e-9);
    assert_true(fabs(sqrt(covariance(noise, noise, d->n)) / d->noise_sd - 1) < 1e-9);
    assert_true(fabs(correlation(signal, noise, d->n)) < 5 / sqrt((double)d->n));
    assert_true(fabs((double)mean_of(noise, d->n)) < 5 * d->noise_sd / sqrt((double)d->n));
    for (int64_t k = 1; k < d->support; k++)
        assert_true(d->feature[k - 1] < d->feature[k]);
    free(signal);
    free(noise);
}

static void check_threads(ri_simulate_options options) {
    char *bytes[3];
    size_t length[3];
    ri_error err = {0};
    scratch_path path = scratch_file("threads.h5");
    for (int k = 0; k < 3; k++) {
        options.threads = k + 1;
        if (ri_simulate_dataset(&options, path.text, &err) != RI_OK)
            fail_msg("%s", err.text);
        bytes[k] = scratch_read(path.text, &length[k]);
        assert_int_equal(length[k], length[0]);
        assert_memory_equal(bytes[k], bytes[0], length[0]);
    }
    options.seed++;
    assert_int_equal(ri_simulate_dataset(&options, path.text, &err), RI_OK);
    char *other = scratch_read(path.text, &length[1]);
    assert_int_equal(length[1], length[0]);
    assert_true(memcmp(other, bytes[0], length[0]) != 0);
    free(other);
    for (int k = 0; k < 3; k++)
        free(bytes[k]);
}

static void test_threads(void **state) {
    (void)state;
    static const ri_storage storage[] = {RI_F64, RI_F32, RI_I8, RI_PACKED2};
    for (int k = 0; k < 4; k++) {
        ri_simulate_options options = small();
        options.storage = storage[k];
        options.genotype = k >= 2;
        options.missing_rate = k >= 2 ? 0.02 : 0.0;
        options.correlation = k % 2 ? RI_BLOCKS : RI_AR1;
        check_threads(options);
    }
}

static void test_truth(void **state) {
    (void)state;
    static const ri_storage storage[] = {RI_F64, RI_F32, RI_I8};
    for (int k = 0; k < 3; k++) {
        ri_simulate_options options = small();
        options.storage = storage[k];
        options.genotype = k == 2;
        options.snr = 0.5 + k;
        data d = simulate(&options);
        check_truth(&d, options.snr);
        release(&d);
    }
}

/* All features, none, and no bias for the first or last ones in between. */
static void test_support(void **state) {
    (void)state;
    ri_simulate_options options = small();
    options.n = 3;
    options.p = 40;
    options.support = 40;
    data d = simulate(&options);
    for (int j = 0; j < 40; j++) {
        assert_true(d.feature[j] == j);
        assert_true(fabs(d.coefficient[j]) >= 0.5 && fabs(d.coefficient[j]) <= 1.5);
    }
    release(&d);
    options.support = 0;
    d = simulate(&options);
    assert_true(covariance(d.y, d.y, 3) > 0);
    release(&d);
    options.support = 10;
    int64_t early = 0, negative = 0;
    for (options.seed = 1; options.seed <= 60; options.seed++) {
        d = simulate(&options);
        for (int k = 0; k < 10; k++) {
            early += d.feature[k] < 20;
            negative += d.coefficient[k] < 0;
        }
        release(&d);
    }
    assert_true(early > 240 && early < 360); /* 600 chosen, half of them early: 5 sd are 53 */
    assert_true(negative > 230 && negative < 370);
}

static void test_gaussian(void **state) {
    (void)state;
    ri_simulate_options options = small();
    options.n = 4000;
    options.p = 60;
    options.rho = 0.8;
    data d = simulate(&options);
    for (int64_t j = 0; j + 2 < d.p; j++) {
        const double *a = d.x + j * d.n;
        assert_true(fabs((double)mean_of(a, d.n)) < 0.08);
        assert_true(fabs(covariance(a, a, d.n) - 1) < 0.12);
        assert_true(fabs(correlation(a, a + d.n, d.n) - 0.8) < 0.03);
        assert_true(fabs(correlation(a, a + 2 * d.n, d.n) - 0.64) < 0.05);
    }
    release(&d);
    options.correlation = RI_BLOCKS;
    options.block = 20;
    options.rho = 0.3;
    d = simulate(&options);
    for (int64_t j = 0; j < d.p; j++)
        for (int64_t k = 0; k < j; k++) {
            double expected = j / 20 == k / 20 ? 0.3 : 0.0;
            double found = correlation(d.x + j * d.n, d.x + k * d.n, d.n);
            assert_true(fabs(found - expected) < 0.09);
        }
    release(&d);
}

/* Frequencies of density 1/f: their logarithm is uniform. Neighbours are in LD, far ones not. */
static void test_genotypes(void **state) {
    (void)state;
    ri_simulate_options options = small();
    options.genotype = true;
    options.storage = RI_I8;
    options.n = 2000;
    options.p = 1500; /* chromosome 2 starts at 1000 */
    options.rho = 0.9;
    options.maf_min = 0.05;
    options.support = 40;
    options.missing_rate = 0.03;
    data d = simulate(&options);
    int64_t missing = 0;
    int64_t at = 0;
    double position = 0, near = 0, far = 0;
    for (int64_t j = 0; j < d.p; j++) {
        double *a = d.x + j * d.n;
        double copies = 0, called = 0;
        for (int64_t i = 0; i < d.n; i++) {
            assert_true(a[i] == 0 || a[i] == 1 || a[i] == 2 || a[i] == -128);
            missing += a[i] == -128;
            called += a[i] >= 0;
            copies += a[i] >= 0 ? a[i] : 0;
        }
        double f = copies / (2 * called);
        assert_true(f > 0.025 && f < 0.56);
        if (at < d.support && d.feature[at] == (double)j) {
            double size = fabs(d.coefficient[at++]) * sqrt(2 * f * (1 - f));
            assert_true(size > 0.42 && size < 1.75); /* 0.5 to 1.5 at the true frequency */
        }
        position += log(f / 0.05) / log(0.5 / 0.05) / (double)d.p;
        for (int64_t i = 0; i < d.n; i++)
            a[i] = a[i] < 0 ? 2 * f : a[i];
        if (j >= 10 && j != 1000) {
            near += correlation(a, a - d.n, d.n);
            far += correlation(a, a - 10 * d.n, d.n);
        }
    }
    assert_int_equal(at, d.support);
    double pairs = (double)(d.p - 11);
    assert_true(fabs((double)missing / (double)(d.n * d.p) - 0.03) < 0.001);
    assert_true(fabs(position - 0.5) < 0.04);
    assert_true(near / pairs > 0.3);
    assert_true(fabs(far / pairs) < 0.5 * near / pairs);
    assert_true(fabs(correlation(d.x + 1000 * d.n, d.x + 999 * d.n, d.n)) < 0.12);
    release(&d);
}

static void check_same(const char *path, const char *first, const char *second) {
    int64_t count[2];
    double *a = read_back(scratch_file("s.h5").text, first, &count[0]);
    double *b = read_back(scratch_file("imported.h5").text, second, &count[1]);
    assert_int_equal(count[0], count[1]);
    if (memcmp(a, b, (size_t)count[0] * sizeof *a) != 0)
        fail_msg("%s differs", path);
    free(a);
    free(b);
}

static void test_plink(void **state) {
    (void)state;
    ri_simulate_options options = small();
    options.genotype = true;
    options.storage = RI_PACKED2;
    options.missing_rate = 0.01;
    data d = simulate(&options);
    release(&d);
    ri_error err = {0};
    ri_import_report report;
    if (ri_simulate_plink(&options, scratch_file("sim").text, &err) != RI_OK)
        fail_msg("%s", err.text);
    scratch_path truth = scratch_file("sim.truth.tsv");
    ri_plink_options import = {.truth = truth.text, .storage = RI_PACKED2};
    if (ri_import_plink(scratch_file("sim").text, &import, scratch_file("imported.h5").text,
                        &report, &err) != RI_OK)
        fail_msg("%s", err.text);
    assert_int_equal(report.samples, options.n);
    assert_int_equal(report.features, options.p);
    assert_int_equal(report.missing_responses, 0);
    assert_int_equal(report.renamed_features, 0);
    check_same("X", "/X", "/X");
    check_same("y", "/y/y", "/y/phenotype");
    check_same("positions", "/features/pos", "/features/pos");
    check_same("support", "/truth/features", "/truth/features");
    check_same("coefficients", "/truth/coefficients", "/truth/coefficients");
    assert_true(read_back_attribute(scratch_file("s.h5").text, "/truth", "noise_sd") ==
                read_back_attribute(scratch_file("imported.h5").text, "/truth", "noise_sd"));
}

static void test_wrong_options(void **state) {
    (void)state;
    const ri_simulate_options good = small();
    struct {
        ri_simulate_options options;
        const char *says;
    } wrong[] = {{good, "at least one"},   {good, "support 91"},    {good, "snr 0"},
                 {good, "rho 1"},          {good, "block 0"},       {good, "f64 or f32"},
                 {good, "packed2 or i8"},  {good, "frequency 0.6"}, {good, "rate 1"},
                 {good, "genotypes only"}, {good, "rho -0.5"}};
    wrong[0].options.p = 0;
    wrong[1].options.support = 91;
    wrong[2].options.snr = 0;
    wrong[3].options.rho = 1;
    wrong[4].options.block = 0;
    wrong[5].options.storage = RI_I8;
    wrong[6].options.genotype = true;
    wrong[7].options.genotype = true;
    wrong[7].options.maf_min = 0.6;
    wrong[8].options.genotype = true;
    wrong[8].options.missing_rate = 1;
    wrong[9].options.missing_rate = 0.1;
    wrong[10].options.correlation = RI_BLOCKS;
    wrong[10].options.rho = -0.5;
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        ri_error err = {0};
        assert_int_equal(ri_simulate_dataset(&wrong[k].options, scratch_file("none.h5").text, &err),
                         RI_BAD_INPUT);
        if (!strstr(err.text, wrong[k].says))
            fail_msg("'%s' does not say '%s'", err.text, wrong[k].says);
        assert_false(scratch_exists("none.h5"));
    }
    ri_error err = {0};
    assert_int_equal(ri_simulate_plink(&good, scratch_file("none").text, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "genotypes"));
    assert_false(scratch_exists("none.bed"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),       cmocka_unit_test(test_truth),
        cmocka_unit_test(test_support),       cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_genotypes),     cmocka_unit_test(test_plink),
        cmocka_unit_test(test_wrong_options),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
