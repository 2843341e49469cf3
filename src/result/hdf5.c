/* SPDX-License-Identifier: BSD-3-Clause
 * The result file. HDF5, readable by h5py, rhdf5, Julia and MATLAB; names are UTF-8
 * strings of variable length, text attributes of fixed length, yes/no values u8 0 or 1. n_all rows
 * and p features of the dataset, K folds, A alphas. Attributes are marked @.
 *
 * /            @riata_result_format i64 = 1, @riata_version
 * /result      what was asked and found; byte-equal for equal input and options, whatever ranks,
 *              threads, host and day
 *   @command "cv" | "path" | "fit"; @dataset, @response as given; @fingerprint u64 of the dataset
 *   @n_all, @n (kept rows), @p, @folds (K; 0 without), @repeats (R: times that the samples were
 *   shared out into K folds; F = R K are held out in all), @paths, @missing_values (in X) i64
 *   @tol f64; @intercept, @standardize, @positive, @missing_mean, @covariate_mean, @genotype u8;
 *   @solver "auto" | "shooting" | "newton"; @select "min" | "1se" | "bic" | "ebic"; @ebic_gamma
 *   f64; @seed u64;
 *   @early_stop u8, @patience i32; @refine i32 (alphas added around the minimum); @fold_scheme;
 *   @group_name; @y_mean, @y_sd f64 (kept rows, weighted, population)
 *   @selected_path i64: number of the group of `paths` chosen; @index_selected i64: its alpha
 *   @family "gaussian" | "binomial" | "poisson"; @metric of the curve that chooses: "mse" | "mae" |
 *   "deviance" | "class" | "auc"; with family binomial
 *   class            names (2)    what 0 and 1 of the response stand for
 *   fold             i32 (n_all), or (R, n_all) with R > 1: r K .. r K + K - 1 in repeat r, or -1:
 *                    no response, in no fold
 *   weight           f64 (n_all)  as given; absent without weights
 *   penalty_factor   f64 (p)      as given; absent where all are 1
 *   feature_mean, feature_sd f64 (p)  kept rows, weighted, population, in units of the feature
 *   frequency        f64 (p)      share of the folds' fits in which the feature has a coefficient
 * at the chosen alpha; absent without folds sample (n_all), feature (p)   names; for genotypes
 * chrom, a1 (counted allele), a2 (p) and pos              i64 (p)      base pairs
 *   @covariates i64 (C); with C > 0: covariate, covariate_source (its column), covariate_level
 *   ("" of a number), covariate_reference (C) names; covariate_value f64 (C, n_all), NaN missing;
 *   covariate_mean, covariate_sd f64 (C)
 *   @test_samples i64: 0, or test u8 (n_all), 1 for a sample kept out of everything;
 *   @test_chosen "fraction" | "file" | "column", @test_fraction f64, @test_seed u64, and the errors
 *   of the chosen model on them: @test_mse, @test_mae, @test_r2, ... f64
 *   truth_feature i64, truth_coefficient f64 (@truths)  of simulated data, original scale
 *   @replicates i64: draws of the noise of simulated data; 0: none, and the next are absent
 *   bias_squared, variance  f64 (A of the chosen path), @noise_variance f64: true ones, squared
 *                    units of the response, see cli/replicates.h
 *   @proxy_threshold f64: of |correlation|; 0: none were looked for, and the group is absent
 *   proxies          of the S (@selected i64) features of the chosen model, see cv/proxies.h
 *     feature        i64 (S)  ascending; vif f64 (S) variance inflation, NaN not computed
 *     looked         u8 (S)   1: its proxies were looked for
 *     start          i64 (S + 1)  proxies of selected feature k: entries start[k] .. start[k+1]-1
 * of proxy, r       i64, f64 (start[S])  features, ascending, and their correlations with it
 *   paths/0 ..       one group for each l1_ratio: @l1_ratio f64, @gamma f64 (1, or the
 *                    mix of a relaxed path: see src/cv/relax.h), @alphas i64,
 *                    @index_min, @index_1se i64 (-1 without folds), @stopped_early u8: the grid
 *                    went on, but the curve had turned
 *     alpha          f64 (A)      decreasing
 *     mean, mean_weighted, se, mae_mean, mae_se  f64 (A)  the error curve, in units of the
 *                    response (squared, for the first three; by @metric where that is not mse);
 *                    absent without folds. se: sd of
 *                    the errors of all F folds over sqrt(K); repeats add no independent samples
 *     fold_mse, fold_mae  f64 (F, A)  errors on the held-out rows; absent without folds
 *     fold_NAME f64 (F, A), NAME_mean, NAME_se f64 (A)  the same of the metrics that the family has
 *                    more: deviance; with binomial class and auc (NaN: a fold with one class)
 *     prediction     f64 (A, n_all)   of each row by the fit that held it out, or the mean of the R
 *                    that did, else by the refit; linear predictors: logits, or logs of counts
 *     adaptive       group, of cv --adaptive: see hdf5_adaptive.c
 *     fits/fold_0 .. fits/fold_{F-1}, fits/refit
 *       @train i64 (rows), @null_loss f64, @null_mse, @null_mae f64 (NaN for the refit) and
 *       @null_NAME of the family's other metrics,
 *       @constant, @twins, @dependent i64 (features)
 *       start        i64 (A + 1)  the coefficients of alpha a are entries start[a] .. start[a+1]-1
 *       feature      i64 (start[A])  0 .. p-1, ascending within an alpha
 *       coefficient  f64 (start[A])  original scale
 *       intercept    f64 (A)         original scale
 *       covariate    f64 (A, C)      original scale; absent without covariates
 *       objective, gap  f64 (A)      objective on standardised features; relative duality gap
 *       rounds       i32 (A); certified u8 (A): gap <= tol
 *   stability        group, of riata stability: see hdf5_stability.c
 * /run         facts of the machine: @seconds, @seconds_reading, @passes_over_x, @peak_rss_mb f64,
 *              @ranks, @threads i32, @host, @simd, @started, @command_line
 *              @units i64
 *     kept_to_mb    f64 (1)         memory kept to where X did not fit and was streamed unasked;
 *                                   absent otherwise
 *     ledger        f64 (ranks, 9)  columns as in cv/ledger.h
 *     unit          i32 (units, 5)  path, fold, first alpha, alphas, rank that did it
 *     unit_seconds  f64 (units)     what it cost; the three are absent where nobody kept account */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "result/hdf5_facts.h"

static const char *solver_word(int solver) {
    return ri_solver_word[solver];
}

static const char *select_word(int select) {
    return ri_select_word[select];
}

/* Family and metric are in hdf5_family.c, repeats with the folds, first_fit is in the result as the
 * weights that it gave. */
static ri_status walk_settings(const ri_h5 *h5, hid_t at, ri_settings *s) {
    static const ri_h5_fact first[] = {
        RI_H5_FACT(ri_settings, tol), RI_H5_FACT(ri_settings, intercept),
        RI_H5_FACT(ri_settings, standardize), RI_H5_FACT(ri_settings, positive),
        RI_H5_FACT(ri_settings, missing_mean)};
    static const ri_h5_fact then[] = {
        RI_H5_FACT(ri_settings, covariate_mean), RI_H5_FACT(ri_settings, ebic_gamma),
        RI_H5_FACT(ri_settings, seed),           RI_H5_FACT(ri_settings, early_stop),
        RI_H5_FACT(ri_settings, patience),       RI_H5_FACT(ri_settings, refine),
        RI_H5_FACT(ri_settings, fold_scheme),    RI_H5_FACT(ri_settings, group_name)};
    int solver = (int)s->solver, select = (int)s->select;
    RI_TRY(ri_h5_walk_facts(h5, at, first, sizeof first / sizeof *first, s));
    RI_TRY(ri_h5_walk_word(h5, at, "solver", RI_SOLVERS, solver_word, &solver));
    RI_TRY(ri_h5_walk_word(h5, at, "select", RI_SELECTS, select_word, &select));
    s->solver = (ri_solver)solver;
    s->select = (ri_select)select;
    return ri_h5_walk_facts(h5, at, then, sizeof then / sizeof *then, s);
}

/* K and R of the R K folds of the record. */
static ri_status walk_folds(const ri_h5 *h5, hid_t at, ri_record *record) {
    int32_t repeats = ri_settings_repeats(&record->settings), folds = record->folds / repeats;
    RI_TRY(h5->way->number(h5, at, "folds", RI_H5_I32, &folds));
    RI_TRY(h5->way->number(h5, at, "repeats", RI_H5_I32, &repeats));
    RI_TRY(ri_h5_check_count(h5, at, "folds", folds, 0, INT32_MAX / 2));
    RI_TRY(ri_h5_check_count(h5, at, "repeats", repeats, 1, folds > 0 ? INT32_MAX / 2 / folds : 1));
    if (h5->way->reading) {
        record->folds = repeats * folds;
        record->settings.repeats = repeats;
    }
    return RI_OK;
}

static ri_status walk_shape(const ri_h5 *h5, hid_t at, ri_record *record) {
    static const ri_h5_fact first[] = {
        RI_H5_FACT(ri_record, command),  RI_H5_FACT(ri_record, dataset),
        RI_H5_FACT(ri_record, response), RI_H5_FACT(ri_record, fingerprint),
        RI_H5_FACT(ri_record, n_all),    RI_H5_FACT(ri_record, n),
        RI_H5_FACT(ri_record, p)};
    static const ri_h5_fact then[] = {
        RI_H5_FACT(ri_record, paths),         RI_H5_FACT(ri_record, missing_values),
        RI_H5_FACT(ri_record, genotype),      RI_H5_FACT(ri_record, y_mean),
        RI_H5_FACT(ri_record, y_sd),          RI_H5_FACT(ri_record, selected_path),
        RI_H5_FACT(ri_record, index_selected)};
    RI_TRY(ri_h5_walk_facts(h5, at, first, sizeof first / sizeof *first, record));
    RI_TRY(walk_folds(h5, at, record));
    return ri_h5_walk_facts(h5, at, then, sizeof then / sizeof *then, record);
}

static ri_status walk_samples_and_features(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    hsize_t rows = (hsize_t)record->n_all, columns = (hsize_t)record->p;
    hsize_t repeated[2] = {(hsize_t)ri_settings_repeats(&record->settings), rows};
    bool once = repeated[0] == 1;
    RI_TRY(way->array(h5, at, "fold", RI_H5_I32, once ? 1 : 2, once ? &rows : repeated, false,
                      &record->fold));
    RI_TRY(way->array(h5, at, "weight", RI_H5_F64, 1, &rows, true, &record->weight));
    RI_TRY(way->array(h5, at, "penalty_factor", RI_H5_F64, 1, &columns, true,
                      &record->penalty_factor));
    RI_TRY(
        way->array(h5, at, "feature_mean", RI_H5_F64, 1, &columns, false, &record->feature_mean));
    RI_TRY(way->array(h5, at, "feature_sd", RI_H5_F64, 1, &columns, false, &record->feature_sd));
    RI_TRY(way->array(h5, at, "frequency", RI_H5_F64, 1, &columns, true, &record->frequency));
    RI_TRY(way->names(h5, at, "sample", record->n_all, false, &record->sample));
    RI_TRY(way->names(h5, at, "feature", record->p, false, &record->feature));
    RI_TRY(way->names(h5, at, "chrom", record->p, true, &record->chrom));
    RI_TRY(way->names(h5, at, "a1", record->p, true, &record->a1));
    RI_TRY(way->names(h5, at, "a2", record->p, true, &record->a2));
    RI_TRY(way->array(h5, at, "pos", RI_H5_I64, 1, &columns, true, &record->pos));
    RI_TRY(way->number(h5, at, "truths", RI_H5_I64, &record->truths));
    RI_TRY(ri_h5_check_count(h5, at, "truths", record->truths, 0, record->p));
    hsize_t truths = (hsize_t)record->truths;
    RI_TRY(way->array(h5, at, "truth_feature", RI_H5_I64, 1, &truths, truths == 0,
                      &record->truth_feature));
    return way->array(h5, at, "truth_coefficient", RI_H5_F64, 1, &truths, truths == 0,
                      &record->truth_coefficient);
}

/* The test samples and their errors. */
static ri_status walk_test(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    ri_test *test = &record->test;
    hsize_t rows = (hsize_t)record->n_all;
    RI_TRY(way->number(h5, at, "test_samples", RI_H5_I64, &test->rows));
    RI_TRY(ri_h5_check_count(h5, at, "test_samples", test->rows, 0, record->n_all));
    if (test->rows == 0)
        return RI_OK;
    RI_TRY(way->array(h5, at, "test", RI_H5_U8, 1, &rows, false, &test->row));
    RI_TRY(way->text(h5, at, "test_chosen", test->chosen, sizeof test->chosen));
    RI_TRY(way->number(h5, at, "test_fraction", RI_H5_F64, &test->fraction));
    RI_TRY(way->number(h5, at, "test_seed", RI_H5_U64, &test->seed));
    for (int m = 0; m < RI_METRICS; m++) {
        char name[32];
        snprintf(name, sizeof name, "test_%s", ri_metric_name((ri_metric)m));
        if (ri_metric_fits((ri_metric)m, record->settings.family))
            RI_TRY(way->number(h5, at, name, RI_H5_F64, &test->error[m]));
        else
            test->error[m] = NAN;
    }
    return way->number(h5, at, "test_r2", RI_H5_F64, &test->r2);
}

static ri_status walk_covariates(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    ri_covariates *c = &record->covariates;
    RI_TRY(way->number(h5, at, "covariates", RI_H5_I64, &c->count));
    RI_TRY(ri_h5_check_count(h5, at, "covariates", c->count, 0, INT32_MAX));
    if (c->count == 0)
        return RI_OK;
    hsize_t count = (hsize_t)c->count, table[2] = {count, (hsize_t)record->n_all};
    RI_TRY(way->names(h5, at, "covariate", c->count, false, &c->name));
    RI_TRY(way->names(h5, at, "covariate_source", c->count, false, &c->source));
    RI_TRY(way->names(h5, at, "covariate_level", c->count, false, &c->level));
    RI_TRY(way->names(h5, at, "covariate_reference", c->count, false, &c->reference));
    RI_TRY(way->array(h5, at, "covariate_value", RI_H5_F64, 2, table, false, &c->value));
    RI_TRY(
        way->array(h5, at, "covariate_mean", RI_H5_F64, 1, &count, false, &record->covariate_mean));
    return way->array(h5, at, "covariate_sd", RI_H5_F64, 1, &count, false, &record->covariate_sd);
}

static ri_status walk_fit_members(const ri_h5 *h5, hid_t at, const ri_record *record,
                                  int64_t alphas, ri_fit *fit) {
    const ri_h5_way *way = h5->way;
    int64_t p = record->p;
    hsize_t points = (hsize_t)alphas, starts = points + 1;
    hsize_t covariates[2] = {points, (hsize_t)record->covariates.count};
    RI_TRY(way->number(h5, at, "train", RI_H5_I64, &fit->train));
    RI_TRY(way->number(h5, at, "null_loss", RI_H5_F64, &fit->null_loss));
    RI_TRY(ri_h5_walk_null_errors(h5, at, record->settings.family, fit));
    RI_TRY(way->number(h5, at, "constant", RI_H5_I64, &fit->constant));
    RI_TRY(way->number(h5, at, "twins", RI_H5_I64, &fit->twins));
    RI_TRY(way->number(h5, at, "dependent", RI_H5_I64, &fit->dependent));
    RI_TRY(way->array(h5, at, "start", RI_H5_I64, 1, &starts, false, &fit->start));
    RI_TRY(ri_h5_check_start(h5, at, fit->start, alphas, p));
    hsize_t entries = (hsize_t)fit->start[alphas];
    RI_TRY(way->array(h5, at, "feature", RI_H5_I64, 1, &entries, false, &fit->feature));
    RI_TRY(ri_h5_check_features(h5, at, fit, alphas, p));
    RI_TRY(way->array(h5, at, "coefficient", RI_H5_F64, 1, &entries, false, &fit->coefficient));
    RI_TRY(way->array(h5, at, "intercept", RI_H5_F64, 1, &points, false, &fit->intercept));
    if (covariates[1] > 0)
        RI_TRY(way->array(h5, at, "covariate", RI_H5_F64, 2, covariates, false, &fit->covariate));
    RI_TRY(way->array(h5, at, "objective", RI_H5_F64, 1, &points, false, &fit->objective));
    RI_TRY(way->array(h5, at, "gap", RI_H5_F64, 1, &points, false, &fit->gap));
    RI_TRY(way->array(h5, at, "rounds", RI_H5_I32, 1, &points, false, &fit->rounds));
    return way->array(h5, at, "certified", RI_H5_U8, 1, &points, false, &fit->certified);
}

static ri_status walk_fits(const ri_h5 *h5, hid_t at, const ri_record *record, ri_path *path) {
    if (h5->way->reading) {
        RI_TRY(ri_h5_check_members(h5, at, (int64_t)record->folds + 1));
        path->fit = ri_calloc((size_t)record->folds + 1, sizeof *path->fit);
        if (!path->fit)
            return ri_fail_memory(h5->err, "the fits", (size_t)record->folds * sizeof *path->fit);
    }
    for (int32_t k = 0; k <= record->folds; k++) {
        char name[24] = "refit";
        hid_t group;
        if (k < record->folds)
            snprintf(name, sizeof name, "fold_%d", (int)k);
        if (h5->way->reading)
            path->fit[k].fold = k < record->folds ? k : RI_REFIT;
        RI_TRY(h5->way->group(h5, at, name, &group));
        ri_status status = walk_fit_members(h5, group, record, path->alphas, &path->fit[k]);
        H5Gclose(group);
        RI_TRY(status);
    }
    return RI_OK;
}

static ri_status walk_path(const ri_h5 *h5, hid_t at, const ri_record *record, ri_path *path) {
    const ri_h5_way *way = h5->way;
    hid_t fits;
    RI_TRY(way->number(h5, at, "l1_ratio", RI_H5_F64, &path->l1_ratio));
    double gamma = 1 - path->relaxed;
    if (!way->reading || H5Aexists(at, "gamma") > 0)
        RI_TRY(way->number(h5, at, "gamma", RI_H5_F64, &gamma));
    path->relaxed = 1 - gamma;
    RI_TRY(way->number(h5, at, "alphas", RI_H5_I64, &path->alphas));
    RI_TRY(ri_h5_check_count(h5, at, "alphas", path->alphas, 1, INT32_MAX));
    RI_TRY(ri_h5_walk_flag(h5, at, "stopped_early", &path->stopped_early));
    RI_TRY(way->number(h5, at, "index_min", RI_H5_I64, &path->index_min));
    RI_TRY(way->number(h5, at, "index_1se", RI_H5_I64, &path->index_1se));
    int64_t last = record->folds > 0 ? path->alphas - 1 : -1, first = record->folds > 0 ? 0 : -1;
    RI_TRY(ri_h5_check_count(h5, at, "index_min", path->index_min, first, last));
    RI_TRY(ri_h5_check_count(h5, at, "index_1se", path->index_1se, first, last));
    hsize_t points = (hsize_t)path->alphas, table[2] = {points, (hsize_t)record->n_all};
    RI_TRY(way->array(h5, at, "alpha", RI_H5_F64, 1, &points, false, &path->alpha));
    if (record->folds > 0) {
        RI_TRY(way->array(h5, at, "mean", RI_H5_F64, 1, &points, false, &path->mean));
        RI_TRY(way->array(h5, at, "mean_weighted", RI_H5_F64, 1, &points, false,
                          &path->mean_weighted));
        RI_TRY(way->array(h5, at, "se", RI_H5_F64, 1, &points, false, &path->se));
        RI_TRY(way->array(h5, at, "mae_mean", RI_H5_F64, 1, &points, false, &path->mae_mean));
        RI_TRY(way->array(h5, at, "mae_se", RI_H5_F64, 1, &points, false, &path->mae_se));
    }
    RI_TRY(way->array(h5, at, "prediction", RI_H5_F64, 2, table, true, &path->prediction));
    RI_TRY(ri_h5_walk_adaptive(h5, at, record, &path->adaptive));
    RI_TRY(way->group(h5, at, "fits", &fits));
    ri_status status = walk_fits(h5, fits, record, path);
    H5Gclose(fits);
    RI_TRY(status);
    return ri_h5_walk_errors(h5, at, record, path);
}

static ri_status walk_paths(const ri_h5 *h5, hid_t at, ri_record *record) {
    if (h5->way->reading) {
        RI_TRY(ri_h5_check_members(h5, at, record->paths));
        record->path = ri_calloc((size_t)record->paths, sizeof *record->path);
        if (!record->path)
            return ri_fail_memory(h5->err, "the paths", (size_t)record->paths);
    }
    for (int64_t r = 0; r < record->paths; r++) {
        char name[24];
        hid_t group;
        snprintf(name, sizeof name, "%lld", (long long)r);
        RI_TRY(h5->way->group(h5, at, name, &group));
        ri_status status = walk_path(h5, group, record, &record->path[r]);
        H5Gclose(group);
        RI_TRY(status);
    }
    return RI_OK;
}

static ri_status walk_proxy_members(const ri_h5 *h5, hid_t at, int64_t p, ri_proxies *x) {
    const ri_h5_way *way = h5->way;
    RI_TRY(way->number(h5, at, "selected", RI_H5_I64, &x->count));
    RI_TRY(ri_h5_check_count(h5, at, "selected", x->count, 0, p));
    hsize_t count = (hsize_t)x->count, starts = count + 1;
    RI_TRY(way->array(h5, at, "feature", RI_H5_I64, 1, &count, false, &x->feature));
    RI_TRY(way->array(h5, at, "vif", RI_H5_F64, 1, &count, false, &x->vif));
    RI_TRY(way->array(h5, at, "looked", RI_H5_U8, 1, &count, false, &x->looked));
    RI_TRY(way->array(h5, at, "start", RI_H5_I64, 1, &starts, false, &x->start));
    RI_TRY(ri_h5_check_start(h5, at, x->start, x->count, p));
    hsize_t entries = (hsize_t)x->start[x->count];
    RI_TRY(way->array(h5, at, "proxy", RI_H5_I64, 1, &entries, false, &x->proxy));
    RI_TRY(way->array(h5, at, "r", RI_H5_F64, 1, &entries, false, &x->r));
    int64_t once[] = {0, x->count};
    const ri_fit features = {.start = once, .feature = x->feature};
    RI_TRY(ri_h5_check_features(h5, at, &features, 1, p));
    const ri_fit proxies = {.start = x->start, .feature = x->proxy};
    return ri_h5_check_features(h5, at, &proxies, x->count, p);
}

/* Proxies of the chosen model; @proxy_threshold 0: none were looked for. */
static ri_status walk_proxies(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    ri_proxies *x = &record->proxies;
    RI_TRY(way->number(h5, at, "proxy_threshold", RI_H5_F64, &x->threshold));
    if (!(x->threshold > 0))
        return RI_OK;
    hid_t group;
    RI_TRY(way->group(h5, at, "proxies", &group));
    ri_status status = walk_proxy_members(h5, group, record->p, x);
    H5Gclose(group);
    return status;
}

/* @replicates 0: there are none. */
static ri_status walk_replicates(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    ri_replicates *x = &record->replicates;
    hsize_t points = (hsize_t)ri_record_selected(record)->alphas;
    RI_TRY(way->number(h5, at, "replicates", RI_H5_I64, &x->count));
    RI_TRY(ri_h5_check_count(h5, at, "replicates", x->count, 0, INT32_MAX));
    if (x->count == 0)
        return RI_OK;
    RI_TRY(way->number(h5, at, "noise_variance", RI_H5_F64, &x->noise_variance));
    RI_TRY(way->array(h5, at, "bias_squared", RI_H5_F64, 1, &points, false, &x->bias_squared));
    return way->array(h5, at, "variance", RI_H5_F64, 1, &points, false, &x->variance);
}

static ri_status walk_result(const ri_h5 *h5, hid_t at, ri_record *record) {
    hid_t paths;
    RI_TRY(walk_shape(h5, at, record));
    RI_TRY(ri_h5_check_shape(h5, at, record));
    RI_TRY(walk_settings(h5, at, &record->settings));
    RI_TRY(ri_h5_walk_family(h5, at, record));
    RI_TRY(walk_samples_and_features(h5, at, record));
    RI_TRY(walk_covariates(h5, at, record));
    RI_TRY(walk_test(h5, at, record));
    RI_TRY(ri_h5_check_rows(h5, at, record));
    RI_TRY(h5->way->group(h5, at, "paths", &paths));
    ri_status status = walk_paths(h5, paths, record);
    H5Gclose(paths);
    RI_TRY(status);
    RI_TRY(ri_h5_walk_stability(h5, at, record));
    RI_TRY(walk_proxies(h5, at, record));
    RI_TRY(walk_replicates(h5, at, record));
    return ri_h5_check_count(h5, at, "index_selected", record->index_selected, 0,
                             ri_record_selected(record)->alphas - 1);
}

ri_status ri_h5_walk(const ri_h5 *h5, hid_t file, ri_record *record) {
    hid_t group;
    RI_TRY(h5->way->group(h5, file, "result", &group));
    ri_status status = walk_result(h5, group, record);
    H5Gclose(group);
    RI_TRY(status);
    RI_TRY(h5->way->group(h5, file, "run", &group));
    status = ri_h5_walk_run(h5, group, &record->run);
    H5Gclose(group);
    return status;
}
