/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/replicates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cli/adaptive.h"
#include "kernel/kernel.h"

const ri_option ri_options_replicates[] = {
    {.name = "replicates",
     .kind = RI_INTEGER,
     FIELD(replicates),
     .argument = "R",
     .initial = "0",
     .low = 0,
     .high = 10000,
     .help = "On simulated data: fits the chosen path to R new draws of the noise (by --seed) and "
             "reports its true bias and variance at every alpha. 0: none."},
    {0},
};

ri_status ri_replicates_check(const ri_session *session, const ri_dataset *dataset,
                              const ri_problem *problem, ri_error *err) {
    int64_t asked = session->arguments.replicates;
    if (asked == 0)
        return RI_OK;
    if (asked == 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--replicates: '1' is not allowed; a variance needs at least 2");
    if (dataset->truth.count == 0 || !(dataset->truth.noise_sd > 0))
        return ri_fail(err, RI_BAD_INPUT,
                       "--replicates: %s has no known truth and noise; riata simulate makes data "
                       "that do",
                       dataset->path);
    bool adaptive = strcmp(session->command, "cv") == 0 && ri_adaptive_given(session);
    const char *other = problem->settings.family != RI_GAUSSIAN ? "a --family but gaussian"
                        : session->arguments.relax              ? "--relax"
                        : adaptive                              ? "--adaptive"
                                                                : NULL;
    if (other)
        return ri_fail(err, RI_BAD_INPUT, "--replicates does not go with %s", other);
    return RI_OK;
}

/* What all ranks need of the record, and what is summed on rank 0. */
typedef struct replicates {
    const ri_problem *problem;
    double shape[2];       /* alphas and l1_ratio of the chosen path */
    double *alpha;         /* [alphas] */
    double *truth;         /* [n] true means */
    double *y;             /* [n] of a replicate */
    double *sum, *squares; /* [alphas * n] of fitted less true; rank 0 */
} replicates;

static int64_t alphas_of(const replicates *job) {
    return (int64_t)job->shape[0];
}

/* True means from the columns as they are stored, missing values at the mean of the others. */
static ri_status find_means(replicates *job, const ri_truth *truth, ri_error *err) {
    const ri_matrix *x = &job->problem->x;
    int64_t n = x->n;
    double *d = ri_alloc((size_t)n, sizeof *d);
    int32_t *row = ri_alloc((size_t)n, sizeof *row);
    job->truth = ri_alloc((size_t)n, sizeof *job->truth);
    job->y = ri_alloc((size_t)n, sizeof *job->y);
    bool good = d && row && job->truth && job->y;
    for (int64_t i = 0; good && i < n; i++)
        job->truth[i] = truth->intercept;
    for (int64_t t = 0; good && t < truth->count; t++) {
        int64_t j = truth->feature[t], lost = ri_matrix_decode(x, j, 0, d);
        double mean = ri_kernel_get()->sum(d, n) / (double)(n - lost > 0 ? n - lost : 1);
        lost = lost > 0 ? ri_matrix_missing(x, j, row) : 0;
        for (int64_t m = 0; m < lost; m++)
            d[row[m]] = mean;
        ri_kernel_get()->axpy(truth->coefficient[t], d, job->truth, n);
    }
    free(d);
    free(row);
    return good ? RI_OK : ri_fail_memory(err, "the true means", 28 * (uint64_t)n);
}

/* The grid of rank 0's record on all ranks. */
static ri_status share_grid(ri_session *session, replicates *job, const ri_record *record,
                            ri_error *err) {
    const ri_path *path = record ? ri_record_selected(record) : NULL;
    ri_status status = RI_OK;
    if (path) {
        job->shape[0] = (double)path->alphas;
        job->shape[1] = path->l1_ratio;
    }
    ri_cluster_share(session->cluster, job->shape, sizeof job->shape);
    size_t alphas = (size_t)alphas_of(job), points = alphas * (size_t)job->problem->x.n;
    job->alpha = ri_alloc(alphas, sizeof *job->alpha);
    if (path) {
        job->sum = ri_calloc(points, sizeof *job->sum);
        job->squares = ri_calloc(points, sizeof *job->squares);
    }
    if (!job->alpha || (path && (!job->sum || !job->squares)))
        status = ri_fail_memory(err, "the replicates", 16 * points);
    RI_TRY(ri_cluster_agree(session->cluster, status, err));
    if (path)
        memcpy(job->alpha, path->alpha, alphas * sizeof *job->alpha);
    ri_cluster_share(session->cluster, job->alpha, alphas * sizeof *job->alpha);
    return RI_OK;
}

static int stop(void *context, const ri_progress *progress) {
    (void)context;
    (void)progress;
    return ri_interrupted();
}

/* Fits the path to one draw of the noise. */
static ri_status fit_one(ri_session *session, replicates *job, double noise_sd, int64_t r,
                         int threads, ri_error *err) {
    const ri_problem *all = job->problem;
    ri_problem problem = *all;
    ri_record *record;
    int64_t n = all->x.n;
    for (int64_t i = 0; i < n; i++) {
        double noise = ri_random_normal(all->settings.seed, RI_STREAM_REPLICATE,
                                        (uint64_t)r * (uint64_t)n + (uint64_t)i);
        job->y[i] = isnan(all->y[i]) ? (double)NAN : job->truth[i] + noise_sd * noise;
    }
    problem.y = job->y;
    problem.folds = 0;
    problem.fold = NULL;
    problem.settings.repeats = 1;
    problem.settings.early_stop = false;
    problem.settings.select = RI_SELECT_MIN;
    problem.settings.refine = 0;
    problem.checkpoint = NULL;
    problem.l1_ratios = 1;
    problem.l1_ratio = &job->shape[1];
    problem.alphas = alphas_of(job);
    problem.alpha_list = job->alpha;
    problem.blocks = 1;
    ri_status status =
        ri_cluster_run(session->cluster, &problem, threads, stop, NULL, &record, err);
    if (status == RI_UNCERTIFIED)
        status = RI_OK;
    for (int64_t k = 0; status == RI_OK && record && k < alphas_of(job) * n; k++) {
        double d = record->path[0].prediction[k] - job->truth[k % n];
        job->sum[k] += d;
        job->squares[k] += d * d;
    }
    ri_record_free(record);
    return status;
}

/* Means over the kept rows. */
static ri_status conclude(const replicates *job, int64_t count, double noise_sd, ri_record *record,
                          ri_error *err) {
    ri_replicates *out = &record->replicates;
    int64_t n = job->problem->x.n, alphas = alphas_of(job);
    double draws = (double)count;
    out->bias_squared = ri_alloc((size_t)alphas, sizeof(double));
    out->variance = ri_alloc((size_t)alphas, sizeof(double));
    if (!out->bias_squared || !out->variance)
        return ri_fail_memory(err, "the replicates", 16 * (uint64_t)alphas);
    out->count = count;
    out->noise_variance = noise_sd * noise_sd;
    for (int64_t a = 0; a < alphas; a++) {
        double bias = 0, variance = 0, rows = 0;
        for (int64_t i = 0; i < n; i++) {
            if (isnan(job->problem->y[i]))
                continue;
            double mean = job->sum[a * n + i] / draws;
            double spread = (job->squares[a * n + i] - draws * mean * mean) / (draws - 1);
            bias += mean * mean;
            variance += fmax(spread, 0);
            rows++;
        }
        out->variance[a] = variance / rows;
        out->bias_squared[a] = fmax(bias / rows - out->variance[a] / draws, 0);
    }
    return RI_OK;
}

ri_status ri_replicates_run(ri_session *session, const ri_dataset *dataset,
                            const ri_problem *problem, int threads, ri_record *record,
                            ri_error *err) {
    replicates job = {.problem = problem};
    int64_t count = session->arguments.replicates;
    double noise_sd = dataset->truth.noise_sd;
    ri_status status;
    if (count == 0)
        return RI_OK;
    status = find_means(&job, &dataset->truth, err);
    RI_GO(ri_cluster_agree(session->cluster, status, err));
    RI_GO(share_grid(session, &job, record, err));
    ri_console_note(&session->console, "replicates: %lld draws of the noise", (long long)count);
    for (int64_t r = 0; r < count; r++)
        RI_GO(fit_one(session, &job, noise_sd, r, threads, err));
    if (record)
        status = conclude(&job, count, noise_sd, record, err);
    status = ri_cluster_agree(session->cluster, status, err);
done:
    free(job.alpha);
    free(job.truth);
    free(job.y);
    free(job.sum);
    free(job.squares);
    return status;
}
