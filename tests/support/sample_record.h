/* SPDX-License-Identifier: BSD-3-Clause
 * A small made-up record for tests of result files: shaped like a cross-validation on orthogonal
 * features, where coefficients are soft-thresholded and errors have a closed form. No solver is
 * involved, so that every field can be varied on its own. */
#ifndef TESTS_SUPPORT_SAMPLE_RECORD_H
#define TESTS_SUPPORT_SAMPLE_RECORD_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cv/frequency.h"
#include "cv/record.h"

typedef struct sample_shape {
    int32_t folds;
    int64_t paths, alphas, n_all, missing, p, strong; /* strong: features that matter */
    bool genotype, truth, weights, zero;              /* zero: all coefficients 0 */
    bool proxies;
} sample_shape;

static inline void sample_check(bool good) {
    if (!good) {
        fprintf(stderr, "the sample record could not be made\n");
        abort();
    }
}

static inline void sample_name(ri_names *names, const char *stem, long long number) {
    char text[64];
    snprintf(text, sizeof text, "%s%lld", stem, number);
    sample_check(ri_names_add(names, text, strlen(text), NULL) == RI_OK);
}

static inline double *sample_numbers(int64_t count, double base, double spread, uint32_t stream) {
    double *value = ri_alloc((size_t)count, sizeof *value);
    sample_check(value != NULL);
    for (int64_t i = 0; i < count; i++)
        value[i] = base + spread * ri_random_uniform(1, stream, (uint64_t)i);
    return value;
}

/* What feature j has to say, before shrinkage; a little different in each fold. */
static inline double sample_signal(const sample_shape *shape, int32_t fold, int64_t j) {
    if (shape->zero)
        return 0;
    double noise = 0.25 * ri_random_normal(2, (uint32_t)fold + 9, (uint64_t)j);
    double sign = j % 2 ? -1 : 1;
    return j < shape->strong ? sign * 4.0 / (1 + 0.4 * (double)j) + noise : noise;
}

static inline void sample_fit(const sample_shape *shape, const ri_record *record, ri_path *path,
                              int32_t k) {
    ri_fit *fit = &path->fit[k];
    int64_t entry = 0;
    sample_check(ri_fit_new(fit, shape->alphas, shape->alphas * shape->p, NULL) == RI_OK);
    fit->fold = k < shape->folds ? k : RI_REFIT;
    fit->train = record->n - (k < shape->folds ? record->n / shape->folds : 0);
    fit->null_loss = 20.5;
    fit->null_mse = k < shape->folds ? 41 + 0.1 * k : (double)NAN;
    fit->null_mae = k < shape->folds ? 5 + 0.1 * k : (double)NAN;
    fit->constant = k;
    fit->twins = 2;
    fit->dependent = 1;
    for (int64_t a = 0; a < shape->alphas; a++) {
        double error = 6 + 0.4 * k, loss = 0;
        for (int64_t j = 0; j < shape->p; j++) {
            double c = sample_signal(shape, k, j), threshold = path->alpha[a] * path->l1_ratio;
            double size = fabs(c) - threshold;
            double b = size > 0 ? copysign(size, c) : 0;
            double truth = j < shape->strong && !shape->zero
                               ? copysign(4.0 / (1 + 0.4 * (double)j), j % 2 ? -1.0 : 1.0)
                               : 0;
            error += (b - truth) * (b - truth);
            loss += (b - c) * (b - c) / 2 + path->alpha[a] * fabs(b);
            if (b != 0) {
                fit->feature[entry] = j;
                fit->coefficient[entry++] = b / record->feature_sd[j];
            }
        }
        fit->start[a + 1] = entry;
        fit->intercept[a] = 1.0 / 3 + (double)a;
        fit->objective[a] = loss + 0.1;
        fit->gap[a] = 1e-9 * (double)(a + k + 1);
        fit->rounds[a] = (int32_t)(a + 3);
        fit->certified[a] = 1;
        fit->mse[a] = k < shape->folds ? error : (double)NAN;
        fit->mae[a] = k < shape->folds ? sqrt(error) : (double)NAN;
    }
}

static inline void sample_curve(const sample_shape *shape, ri_path *path) {
    double count = shape->folds;
    path->mean = ri_calloc((size_t)shape->alphas, sizeof(double));
    path->mean_weighted = ri_calloc((size_t)shape->alphas, sizeof(double));
    path->se = ri_calloc((size_t)shape->alphas, sizeof(double));
    path->mae_mean = ri_calloc((size_t)shape->alphas, sizeof(double));
    path->mae_se = ri_calloc((size_t)shape->alphas, sizeof(double));
    sample_check(path->mean && path->mean_weighted && path->se && path->mae_mean && path->mae_se);
    path->index_min = 0;
    for (int64_t a = 0; a < shape->alphas; a++) {
        for (int32_t k = 0; k < shape->folds; k++) {
            path->mean[a] += path->fit[k].mse[a] / count;
            path->mae_mean[a] += path->fit[k].mae[a] / count;
        }
        for (int32_t k = 0; k < shape->folds; k++)
            path->se[a] += pow(path->fit[k].mse[a] - path->mean[a], 2) / (count - 1) / count;
        path->se[a] = sqrt(path->se[a]);
        path->mean_weighted[a] = path->mean[a] * 1.01;
        path->mae_se[a] = 0.125;
        if (path->mean[a] < path->mean[path->index_min])
            path->index_min = a;
    }
    double limit = path->mean[path->index_min] + path->se[path->index_min];
    while (path->mean[path->index_1se] > limit)
        path->index_1se++;
}

static inline void sample_path(const sample_shape *shape, const ri_record *record, ri_path *path,
                               int64_t r) {
    path->l1_ratio = 1 - 0.4 * (double)r / (double)shape->paths;
    path->alphas = shape->alphas;
    path->alpha = ri_calloc((size_t)shape->alphas, sizeof(double));
    path->fit = ri_calloc((size_t)shape->folds + 1, sizeof *path->fit);
    path->prediction = sample_numbers(shape->alphas * shape->n_all, 10, 1, 40);
    sample_check(path->alpha && path->fit);
    for (int64_t a = 0; a < shape->alphas; a++)
        path->alpha[a] =
            4.6 / path->l1_ratio * pow(0.01, (double)a / fmax((double)shape->alphas - 1, 1));
    for (int32_t k = 0; k <= shape->folds; k++)
        sample_fit(shape, record, path, k);
    path->index_min = path->index_1se = -1;
    if (shape->folds > 0) {
        path->index_1se = 0;
        sample_curve(shape, path);
    }
}

static inline void sample_genotypes(ri_record *record) {
    record->pos = ri_calloc((size_t)record->p, sizeof *record->pos);
    sample_check(record->pos != NULL);
    for (int64_t j = 0; j < record->p; j++) {
        sample_name(&record->chrom, "", j / 10 + 1);
        sample_check(ri_names_add(&record->a1, j % 2 ? "C" : "A", 1, NULL) == RI_OK);
        sample_check(ri_names_add(&record->a2, j % 2 ? "T" : "GA", j % 2 ? 1 : 2, NULL) == RI_OK);
        record->pos[j] = 1000 + 37 * j;
    }
}

/* The next feature stands in for every second selected one. */
static inline void sample_proxies(ri_record *record) {
    const ri_fit *fit = ri_path_refit(record, ri_record_selected(record));
    int64_t from = fit->start[record->index_selected], to = fit->start[record->index_selected + 1];
    ri_proxies *x = &record->proxies;
    size_t room = (size_t)(to - from) + 1;
    x->threshold = 0.75;
    x->feature = ri_calloc(room, sizeof *x->feature);
    x->vif = sample_numbers((int64_t)room, 1, 8, 46);
    x->looked = ri_calloc(room, 1);
    x->start = ri_calloc(room, sizeof *x->start);
    x->proxy = ri_calloc(room, sizeof *x->proxy);
    x->r = sample_numbers((int64_t)room, -1, 0.25, 47);
    sample_check(x->feature && x->looked && x->start && x->proxy);
    for (int64_t e = from; e < to; e++) {
        int64_t entry = x->start[x->count], j = fit->feature[e];
        x->feature[x->count] = j;
        x->looked[x->count] = e % 3 != 2;
        if (e % 2 == 0 && j + 1 < record->p)
            x->proxy[entry++] = j + 1;
        x->start[++x->count] = entry;
    }
    if (x->count > 0)
        x->vif[0] = INFINITY;
}

static inline ri_record *sample_record(const sample_shape *shape) {
    ri_record *record = ri_calloc(1, sizeof *record);
    sample_check(record != NULL);
    record->fold = ri_calloc((size_t)shape->n_all, sizeof *record->fold);
    record->path = ri_calloc((size_t)shape->paths, sizeof *record->path);
    sample_check(record->fold && record->path);
    snprintf(record->command, sizeof record->command, "%s", shape->folds ? "cv" : "path");
    snprintf(record->dataset, sizeof record->dataset, "data/sample.h5");
    snprintf(record->response, sizeof record->response, "yield");
    record->fingerprint = UINT64_MAX - 5;
    record->settings = (ri_settings){.tol = 1e-6,
                                     .intercept = true,
                                     .standardize = true,
                                     .solver = RI_SOLVER_NEWTON,
                                     .seed = 17,
                                     .missing_mean = shape->genotype};
    snprintf(record->settings.fold_scheme, sizeof record->settings.fold_scheme, "%s",
             shape->folds ? "random" : "none");
    record->n_all = shape->n_all;
    record->n = shape->n_all - shape->missing;
    record->p = shape->p;
    record->folds = shape->folds;
    for (int64_t i = 0; i < shape->n_all; i++) {
        record->fold[i] =
            i < shape->missing || shape->folds == 0 ? RI_NO_FOLD : (int32_t)(i % shape->folds);
        sample_name(&record->sample, "sample ", i);
    }
    for (int64_t j = 0; j < shape->p; j++)
        sample_name(&record->feature, shape->genotype ? "rs" : "gene_", 100 + j);
    if (shape->weights)
        record->weight = sample_numbers(shape->n_all, 0.5, 1, 41);
    if (shape->weights)
        record->penalty_factor = sample_numbers(shape->p, 0.5, 1, 42);
    record->feature_mean = sample_numbers(shape->p, 5, 1, 43);
    record->feature_sd = sample_numbers(shape->p, 0.5, 2, 44);
    record->y_mean = 152.1;
    record->y_sd = 6.4;
    record->genotype = shape->genotype;
    if (shape->genotype)
        sample_genotypes(record);
    if (shape->truth) {
        record->truths = shape->strong;
        record->truth_feature = ri_calloc((size_t)shape->strong, sizeof(int64_t));
        record->truth_coefficient = sample_numbers(shape->strong, 1, 1, 45);
        for (int64_t t = 0; t < shape->strong; t++)
            record->truth_feature[t] = t;
    }
    record->missing_values = shape->genotype ? 12 : 0;
    record->paths = shape->paths;
    for (int64_t r = 0; r < shape->paths; r++)
        sample_path(shape, record, &record->path[r], r);
    record->index_selected = shape->folds ? record->path[0].index_min : shape->alphas - 1;
    sample_check(ri_record_count_folds(record, NULL) == RI_OK);
    if (shape->proxies)
        sample_proxies(record);
    record->run = (ri_run_facts){.seconds = 1.25,
                                 .seconds_reading = 0.1,
                                 .passes_over_x = 19.5,
                                 .peak_rss_mb = 120,
                                 .ranks = 2,
                                 .threads = 4,
                                 .host = "node1",
                                 .simd = "avx2",
                                 .started = "2026-11-02T10:00:00Z",
                                 .command_line = "riata cv data/sample.h5 -o out/a"};
    return record;
}

/* A new directory for the files of a test; the caller frees the name. */
static inline char *sample_directory(void) {
    const char *base = getenv("TMPDIR");
    char *name = malloc(4096);
    sample_check(name != NULL);
    snprintf(name, 4096, "%s/riata-test-XXXXXX", base && *base ? base : "/tmp");
    sample_check(mkdtemp(name) != NULL);
    return name;
}

#endif
