/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/relax.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/failure.h"
#include "base/memory.h"
#include "cv/frequency.h"
#include "cv/held_errors.h"
#include "cv/plan.h"
#include "cv/relax_fit.h"

static double blend(double gamma, double own, double fresh) {
    return gamma * own + (1 - gamma) * fresh;
}

/* Errors of a mix on the held-out rows; the refit has none. */
static ri_status mix_errors(const ri_problem *p, const ri_relaxed_fit *relaxed, double gamma,
                            int64_t alphas, ri_fit *out, ri_error *err) {
    double *prediction = ri_alloc((size_t)relaxed->held, sizeof *prediction), error[RI_METRICS];
    if (!prediction)
        return ri_fail_memory(err, "predictions", 8 * (size_t)relaxed->held);
    ri_status status = RI_OK;
    for (int64_t a = 0; a < alphas; a++) {
        const double *own = relaxed->own + a * relaxed->held,
                     *fresh = relaxed->fresh + a * relaxed->held;
        for (int64_t t = 0; t < relaxed->held; t++)
            prediction[t] = blend(gamma, own[t], fresh[t]);
        RI_GO(ri_held_metrics(p, relaxed->row, relaxed->held, prediction, error, err));
        out->mse[a] = out->fold == RI_REFIT ? (double)NAN : error[RI_MSE];
        out->mae[a] = out->fold == RI_REFIT ? (double)NAN : error[RI_MAE];
    }
done:
    free(prediction);
    return status;
}

static ri_status mix_fit(const ri_problem *p, const ri_fit *fit, const ri_relaxed_fit *relaxed,
                         double gamma, int64_t alphas, ri_fit *out, ri_error *err) {
    int64_t entries = fit->start[alphas], extras = p->x.extras;
    RI_TRY(ri_fit_new(out, alphas, entries, err));
    ri_fit_copy_facts(out, fit);
    out->dependent = relaxed->dependent;
    for (int64_t e = 0; e < entries; e++) {
        out->feature[e] = fit->feature[e];
        out->coefficient[e] = blend(gamma, fit->coefficient[e], relaxed->coefficient[e]);
    }
    if (extras > 0) {
        out->covariate = ri_alloc((size_t)(alphas * extras), sizeof *out->covariate);
        if (!out->covariate)
            return ri_fail_memory(err, "the covariates", 8 * (size_t)(alphas * extras));
        for (int64_t i = 0; i < alphas * extras; i++)
            out->covariate[i] = blend(gamma, fit->covariate[i], relaxed->covariate[i]);
    }
    for (int64_t a = 0; a < alphas; a++) {
        const double *square = relaxed->square + 3 * a;
        out->start[a + 1] = fit->start[a + 1];
        out->intercept[a] = blend(gamma, fit->intercept[a], relaxed->intercept[a]);
        out->objective[a] = (gamma * gamma * square[0] + 2 * gamma * (1 - gamma) * square[1] +
                             (1 - gamma) * (1 - gamma) * square[2]) /
                            2;
        out->gap[a] = gamma > 0 ? fmax(fit->gap[a], relaxed->gap[a]) : relaxed->gap[a];
        out->certified[a] = out->gap[a] <= p->settings.tol;
    }
    return mix_errors(p, relaxed, gamma, alphas, out, err);
}

/* Held-out predictions of least squares, put together as those of the path are: means over the
 * repeats, and the refit's where the response is missing. */
static void predict_all(const ri_problem *p, const ri_path *path, const ri_relaxed_fit *relaxed,
                        double *out) {
    int64_t n = p->x.n;
    double repeats = ri_settings_repeats(&p->settings);
    for (int64_t i = 0; i < path->alphas * n; i++)
        out[i] = 0;
    for (int32_t k = 0; k <= p->folds; k++)
        for (int64_t a = 0; a < path->alphas; a++)
            for (int64_t t = 0; t < relaxed[k].held; t++)
                out[a * n + relaxed[k].row[t]] += relaxed[k].fresh[a * relaxed[k].held + t];
    for (int64_t a = 0; a < path->alphas && repeats > 1; a++)
        for (int64_t i = 0; i < n; i++)
            out[a * n + i] /= isnan(p->y[i]) ? 1 : repeats;
}

/* The path of one mix; `fresh` [alphas * n_all] predictions of least squares. */
static ri_status mix_path(const ri_problem *p, const ri_path *path, const ri_relaxed_fit *relaxed,
                          const double *fresh, double gamma, ri_path *out, ri_error *err) {
    size_t alphas = (size_t)path->alphas, points = alphas * (size_t)p->x.n;
    *out = (ri_path){.l1_ratio = path->l1_ratio,
                     .relaxed = 1 - gamma,
                     .alphas = path->alphas,
                     .stopped_early = path->stopped_early};
    out->alpha = ri_alloc(alphas, sizeof *out->alpha);
    out->prediction = ri_alloc(points, sizeof *out->prediction);
    out->fit = ri_calloc((size_t)p->folds + 1, sizeof *out->fit);
    if (!out->alpha || !out->prediction || !out->fit)
        return ri_fail_memory(err, "a relaxed path", 8 * points);
    memcpy(out->alpha, path->alpha, alphas * sizeof *out->alpha);
    for (size_t i = 0; i < points; i++)
        out->prediction[i] = blend(gamma, path->prediction[i], fresh[i]);
    for (int32_t k = 0; k <= p->folds; k++)
        RI_TRY(mix_fit(p, &path->fit[k], &relaxed[k], gamma, path->alphas, &out->fit[k], err));
    RI_TRY(ri_curve_make(p, out, err));
    ri_path_choose(out, p->settings.metric);
    return RI_OK;
}

/* Least squares of all fits of a path, threads over fits; the first failure wins. */
static ri_status relax_fits(const ri_problem *p, const ri_path *path, int threads,
                            ri_relaxed_fit *relaxed, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (int32_t k = p->folds; k >= 0; k--) {
        ri_error own = {0};
        ri_status mine = ri_relaxed_fit_new(p, &path->fit[k], path->alphas, &relaxed[k], &own);
        ri_failure_note(&failure, p->folds - k, mine, &own);
    }
    return ri_failure_tell(&failure, err);
}

/* The mixes of a path, behind it in `out`: out[0] is the path itself. */
static ri_status relax_path(const ri_problem *p, const double *gamma, int64_t gammas, int threads,
                            ri_path *out, ri_error *err) {
    ri_relaxed_fit *relaxed = ri_calloc((size_t)p->folds + 1, sizeof *relaxed);
    size_t points = (size_t)(out[0].alphas * p->x.n);
    double *fresh = ri_alloc(points, sizeof *fresh);
    ri_status status = RI_OK;
    if (!relaxed || !fresh) {
        status = ri_fail_memory(err, "relaxed fits", 8 * points);
        goto done;
    }
    RI_GO(relax_fits(p, &out[0], threads, relaxed, err));
    predict_all(p, &out[0], relaxed, fresh);
    for (int64_t g = 1; g < gammas; g++)
        RI_GO(mix_path(p, &out[0], relaxed, fresh, gamma[g], &out[g], err));
done:
    for (int32_t k = 0; relaxed && k <= p->folds; k++)
        ri_relaxed_fit_free(&relaxed[k]);
    free(relaxed);
    free(fresh);
    return status;
}

ri_status ri_record_relax(ri_record *record, const ri_problem *problem, const double *gamma,
                          int64_t gammas, int threads, ri_error *err) {
    size_t paths = (size_t)(record->paths * gammas);
    ri_path *all = ri_calloc(paths, sizeof *all);
    if (!all)
        return ri_fail_memory(err, "the relaxed paths", paths * sizeof *all);
    for (int64_t r = 0; r < record->paths; r++)
        all[r * gammas] = record->path[r];
    free(record->path);
    record->path = all;
    int64_t before = record->paths;
    record->paths = (int64_t)paths;
    for (int64_t r = 0; r < before; r++)
        RI_TRY(relax_path(problem, gamma, gammas, threads, &all[r * gammas], err));
    ri_record_choose(record);
    return ri_record_count_folds(record, err);
}
