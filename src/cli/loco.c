/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/loco.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "cli/names.h"

enum { NO_LOCO = -1, REFIT, DROP };

/* A penalty factor that no gradient overcomes: the feature is out of the model. */
static const double EXCLUDED = 1e200;

const ri_option ri_options_loco[] = {
    {.name = "loco",
     .kind = RI_CHOICE,
     FIELD(loco),
     .argument = "HOW",
     .shown = "not done",
     .choices = "refit|drop",
     .help =
         "Write PREFIX.loco.tsv, for each chromosome the predictions of all samples without it, "
         "at the alpha chosen on all: of a refit without its features (refit), or of the model "
         "with its features held at their means (drop)."},
    {0},
};

typedef struct loco {
    const ri_problem *problem;
    ri_names chromosome; /* in order of first appearance */
    int32_t *place;      /* [features] index of its chromosome */
    double *prediction;  /* [chromosomes * n] rank 0 */
    double point[2];     /* alpha and l1_ratio chosen */
    int64_t missed;      /* refits above the tolerance */
} loco;

static void free_loco(loco *job) {
    ri_names_free(&job->chromosome);
    free(job->place);
    free(job->prediction);
}

static ri_status list_chromosomes(loco *job, const ri_dataset *dataset, ri_error *err) {
    const char *last = NULL;
    int32_t at = 0;
    job->place = ri_alloc((size_t)dataset->p, sizeof *job->place);
    if (!job->place)
        return ri_fail_memory(err, "the chromosomes", 4 * (uint64_t)dataset->p);
    for (int64_t j = 0; j < dataset->p && dataset->chrom.count > 0; j++) {
        const char *name = ri_names_get(&dataset->chrom, j);
        if (!last || strcmp(last, name) != 0) {
            for (at = 0; at < job->chromosome.count; at++)
                if (strcmp(ri_names_get(&job->chromosome, at), name) == 0)
                    break;
            if (at == job->chromosome.count)
                RI_TRY(ri_names_add(&job->chromosome, name, strlen(name), err));
        }
        last = name;
        job->place[j] = at;
    }
    return RI_OK;
}

ri_status ri_loco_check(const ri_session *session, const ri_dataset *dataset, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    loco job = {0};
    if (given->loco == NO_LOCO)
        return RI_OK;
    ri_status status = list_chromosomes(&job, dataset, err);
    if (status == RI_OK && job.chromosome.count < 2)
        status = ri_fail(err, RI_BAD_INPUT,
                         "--loco: %s has %lld chromosomes; features on at least 2 are needed",
                         dataset->path, (long long)job.chromosome.count);
    for (int64_t r = 0; status == RI_OK && given->loco == REFIT && r < given->l1_ratio.count; r++)
        if (given->l1_ratio.value[r] == 0)
            status =
                ri_fail(err, RI_BAD_INPUT, "--loco refit: not with --l1-ratio 0; use --loco drop");
    free_loco(&job);
    return status;
}

static int stop_asked(void *context, const ri_progress *progress) {
    (void)context, (void)progress;
    return ri_interrupted();
}

/* One refit without chromosome `c`. */
static ri_status refit_without(ri_session *session, loco *job, int64_t c, double *factor,
                               int threads, ri_error *err) {
    const ri_problem *all = job->problem;
    ri_problem problem = *all;
    ri_record *record = NULL;
    int64_t n = all->x.n, features = ri_matrix_features(&all->x);
    problem.folds = 0;
    problem.fold = NULL;
    problem.settings.repeats = 1;
    problem.settings.early_stop = false;
    problem.alphas = problem.l1_ratios = problem.blocks = 1;
    problem.alpha_list = &job->point[0];
    problem.l1_ratio = &job->point[1];
    problem.penalty_factor = factor;
    for (int64_t j = 0; j < all->x.p; j++) {
        factor[j] = all->penalty_factor ? all->penalty_factor[j] : 1;
        if (j < features && job->place[j] == c)
            factor[j] = EXCLUDED;
    }
    ri_status status =
        ri_cluster_run(session->cluster, &problem, threads, stop_asked, NULL, &record, err);
    if (status == RI_UNCERTIFIED)
        status = RI_OK;
    if (status == RI_OK && record) {
        job->missed += !ri_record_certified(record);
        memcpy(job->prediction + c * n, record->path[0].prediction, (size_t)n * sizeof(double));
    }
    ri_record_free(record);
    return status;
}

static ri_status refit_all(ri_session *session, loco *job, int threads, ri_error *err) {
    double *factor = ri_alloc((size_t)job->problem->x.p, sizeof *factor);
    ri_status status = RI_OK;
    if (!factor)
        status = ri_fail_memory(err, "penalty factors", 8 * (uint64_t)job->problem->x.p);
    RI_GO(ri_cluster_agree(session->cluster, status, err));
    if (!(job->point[0] > 0)) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "--loco refit: the chosen alpha is 0, which excludes nothing; use --loco "
                         "drop");
        goto done;
    }
    for (int64_t c = 0; c < job->chromosome.count; c++) {
        ri_console_note(&session->console, "--loco: refit without chromosome %s",
                        ri_names_get(&job->chromosome, c));
        RI_GO(refit_without(session, job, c, factor, threads, err));
    }
done:
    free(factor);
    return status;
}

/* Adds coefficient times (column j - mean), missing values at the mean. */
static void add_terms(const ri_matrix *x, int64_t j, double mean, double coefficient, double *d,
                      double *out) {
    ri_matrix_decode(x, j, mean, d);
    ri_kernel_get()->axpy(coefficient, d, out, x->n);
}

/* The same of a feature of the dataset; `room` is for its column where X stays in the file. */
static ri_status add_feature(const loco *job, const ri_record *record, int64_t e, void *room,
                             double *d, ri_error *err) {
    const ri_matrix *x = &job->problem->x;
    const ri_fit *fit = ri_path_refit(record, ri_record_selected(record));
    int64_t j = fit->feature[e];
    if (x->stream)
        RI_TRY(ri_stream_show(x->stream, j, room, err));
    add_terms(x, j, record->feature_mean[j], fit->coefficient[e], d,
              job->prediction + job->place[j] * x->n);
    if (x->stream)
        ri_stream_hide(x->stream, j);
    return RI_OK;
}

/* Rank 0: each chromosome's terms, then all but them. */
static ri_status drop_all(loco *job, const ri_record *record, ri_error *err) {
    const ri_matrix *x = &job->problem->x;
    const ri_covariates *c = &record->covariates;
    const ri_fit *fit = ri_path_refit(record, ri_record_selected(record));
    int64_t n = x->n, a = record->index_selected, chromosomes = job->chromosome.count;
    double *base = ri_calloc((size_t)n, sizeof *base), *d = ri_alloc((size_t)n, sizeof *d);
    double *room = ri_alloc((size_t)n, sizeof *room);
    double constant = fit->intercept[a];
    ri_status status =
        base && d && room ? RI_OK : ri_fail_memory(err, "predictions", 24 * (uint64_t)n);
    if (status != RI_OK)
        goto done;
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
        constant += fit->coefficient[e] * record->feature_mean[fit->feature[e]];
        RI_GO(add_feature(job, record, e, room, d, err));
    }
    for (int64_t k = 0; k < c->count; k++) {
        double coefficient = fit->covariate[a * c->count + k];
        constant += coefficient * record->covariate_mean[k];
        add_terms(x, record->p + k, record->covariate_mean[k], coefficient, d, base);
    }
    for (int64_t i = 0; i < n; i++) {
        double all = constant + base[i];
        for (int64_t k = 0; k < chromosomes; k++)
            all += job->prediction[k * n + i];
        for (int64_t k = 0; k < chromosomes; k++)
            job->prediction[k * n + i] = all - job->prediction[k * n + i];
    }
done:
    free(base);
    free(d);
    free(room);
    return status;
}

static ri_status write_table(const loco *job, const ri_names *sample, const char *prefix,
                             ri_error *err) {
    char number[RI_NUMBER_TEXT], *path = ri_name_join(prefix, strlen(prefix), ".loco.tsv");
    ri_output out;
    int64_t n = job->problem->x.n;
    if (!path)
        return ri_fail_memory(err, "a file name", strlen(prefix));
    ri_status status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        fputs("sample", out.file);
        for (int64_t c = 0; c < job->chromosome.count; c++)
            fprintf(out.file, "\t%s", ri_names_get(&job->chromosome, c));
        for (int64_t i = 0; i < n; i++) {
            fprintf(out.file, "\n%s", ri_names_get(sample, i));
            for (int64_t c = 0; c < job->chromosome.count; c++)
                fprintf(out.file, "\t%s", ri_format_number(job->prediction[c * n + i], number));
        }
        fputc('\n', out.file);
        status = ri_output_close(&out, 1, err);
    }
    free(path);
    return status;
}

static ri_status start(loco *job, const ri_dataset *dataset, const ri_record *record,
                       ri_error *err) {
    RI_TRY(list_chromosomes(job, dataset, err));
    if (!record)
        return RI_OK;
    size_t count = (size_t)(job->chromosome.count * dataset->n);
    const ri_path *path = ri_record_selected(record);
    job->point[0] = path->alpha[record->index_selected];
    job->point[1] = path->l1_ratio;
    job->prediction = ri_calloc(count, sizeof *job->prediction);
    return job->prediction ? RI_OK : ri_fail_memory(err, "the predictions", 8 * count);
}

ri_status ri_loco_write(ri_session *session, const ri_dataset *dataset, const ri_problem *problem,
                        const ri_record *record, const char *prefix, int threads, ri_error *err) {
    loco job = {.problem = problem};
    ri_status status = start(&job, dataset, record, err);
    RI_GO(ri_cluster_agree(session->cluster, status, err));
    ri_cluster_share(session->cluster, job.point, sizeof job.point);
    if (session->arguments.loco == REFIT)
        RI_GO(refit_all(session, &job, threads, err));
    else if (record)
        status = drop_all(&job, record, err);
    if (status == RI_OK && record)
        status = write_table(&job, &dataset->sample, prefix, err);
    if (status == RI_OK && job.missed > 0)
        status =
            ri_fail(err, RI_UNCERTIFIED,
                    "--loco: %lld of %lld refits missed --tol %g; predictions are written",
                    (long long)job.missed, (long long)job.chromosome.count, problem->settings.tol);
    status = ri_cluster_agree(session->cluster, status, err);
done:
    free_loco(&job);
    return status;
}
