/* SPDX-License-Identifier: BSD-3-Clause
 * The result as JSON, for scripts. Top-level arrays describe the selected l1_ratio and run along
 * `alphas`; `paths` holds all of them. Indices are 0-based, non-finite numbers null. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "cv/proxies.h"
#include "result/notes.h"
#include "result/result.h"
#include "result/view.h"

enum { UNCERTIFIED_LISTED = 100 };

/* An object being filled; `good` falls to false without memory. */
typedef struct builder {
    json_t *object;
    bool good;
} builder;

static void put(builder *to, const char *key, json_t *value) {
    to->good &= json_object_set_new(to->object, key, value) == 0;
}

static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static void put_real(builder *to, const char *key, double value) {
    put(to, key, real_or_null(value));
}

static void put_integer(builder *to, const char *key, int64_t value) {
    put(to, key, json_integer(value));
}

static void put_flag(builder *to, const char *key, bool value) {
    put(to, key, json_boolean(value));
}

static void put_text(builder *to, const char *key, const char *text) {
    char *clean = ri_text_clean(text);
    put(to, key, clean ? json_string(clean) : NULL);
    free(clean);
}

/* 64 unsigned bits: a number where JSON readers keep it exactly, else its digits. */
static void put_seed(builder *to, const char *key, uint64_t value) {
    char text[24];
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    put(to, key, value <= INT64_MAX ? json_integer((json_int_t)value) : json_string(text));
}

/* NULL values: null, for a run without folds. */
static void put_reals(builder *to, const char *key, const double *value, int64_t count) {
    json_t *array = value ? json_array() : json_null();
    for (int64_t i = 0; value && i < count; i++)
        to->good &= json_array_append_new(array, real_or_null(value[i])) == 0;
    put(to, key, array);
}

static void put_support(builder *to, const ri_record *record, const ri_path *path) {
    json_t *array = json_array();
    for (int64_t a = 0; a < path->alphas; a++) {
        int64_t support = ri_fit_support(record, ri_path_refit(record, path), a);
        to->good &= json_array_append_new(array, json_integer(support)) == 0;
    }
    put(to, "nnz", array);
}

static void put_gaps(builder *to, const ri_record *record, const ri_path *path) {
    json_t *array = json_array();
    for (int64_t a = 0; a < path->alphas; a++)
        to->good &= json_array_append_new(array, real_or_null(ri_path_gap(record, path, a))) == 0;
    put(to, "gap", array);
}

/* Training error, shrinkage and information criteria along the path. */
static void put_training(builder *to, const ri_record *record, const ri_path *path) {
    int64_t alphas = path->alphas;
    double *value = ri_alloc(4 * (size_t)alphas, sizeof *value),
           gamma = record->settings.ebic_gamma;
    to->good &= value != NULL;
    if (!value)
        return;
    for (int64_t a = 0; a < alphas; a++) {
        value[a] = ri_path_training_error(record, path, a);
        value[alphas + a] = ri_path_bic(record, path, a, 0);
        value[2 * alphas + a] = ri_path_bic(record, path, a, gamma);
    }
    ri_path_shrinkage(record, path, value + 3 * alphas);
    put_reals(to, record->settings.family == RI_GAUSSIAN ? "training_mse" : "training_deviance",
              value, alphas);
    put_reals(to, "shrinkage", value + 3 * alphas, alphas);
    put_reals(to, "bic", value + alphas, alphas);
    put_reals(to, "ebic", value + 2 * alphas, alphas);
    free(value);
}

/* index_NAME, alpha_NAME and r2_NAME of a chosen alpha; -1: null. */
static void put_choice(builder *to, const ri_record *record, const ri_path *path, const char *name,
                       int64_t index) {
    char key[32];
    snprintf(key, sizeof key, "index_%s", name);
    put(to, key, index < 0 ? json_null() : json_integer(index));
    snprintf(key, sizeof key, "alpha_%s", name);
    put_real(to, key, index < 0 ? (double)NAN : path->alpha[index]);
    snprintf(key, sizeof key, "r2_%s", name);
    put_real(to, key, index < 0 ? (double)NAN : ri_path_r2(record, path, index));
}

/* Curves and null models by the metrics that the family has beside the squared and absolute error.
 */
static void put_metrics(builder *to, const ri_record *record, const ri_path *path) {
    for (int m = RI_DEVIANCE; m < RI_METRICS; m++) {
        char key[40];
        const char *name = ri_metric_name((ri_metric)m);
        if (!path->more_mean[m])
            continue;
        snprintf(key, sizeof key, "cv_%s", name);
        put_reals(to, key, path->more_mean[m], path->alphas);
        snprintf(key, sizeof key, "cv_%s_se", name);
        put_reals(to, key, path->more_se[m], path->alphas);
        json_t *folds = json_array();
        for (int32_t k = 0; k < record->folds; k++) {
            builder fold = {json_object(), true};
            put_reals(&fold, "error", path->fit[k].more[m], path->alphas);
            json_t *errors = json_incref(json_object_get(fold.object, "error"));
            to->good &= fold.good & (json_array_append_new(folds, errors) == 0);
            json_decref(fold.object);
        }
        snprintf(key, sizeof key, "fold_%s", name);
        put(to, key, folds);
    }
    put_real(to, "null_error", ri_path_null_error(record, path));
}

static void put_path(builder *to, const ri_record *record, const ri_path *path) {
    put_real(to, "l1_ratio", path->l1_ratio);
    put_real(to, "gamma", 1 - path->relaxed);
    put_real(to, "first_alpha", path->adaptive.fits > 0 ? path->adaptive.alpha : (double)NAN);
    put_reals(to, "alphas", path->alpha, path->alphas);
    put_reals(to, "cv_mean", path->mean, path->alphas);
    put_reals(to, "cv_mean_weighted", path->mean_weighted, path->alphas);
    put_reals(to, "cv_se", path->se, path->alphas);
    put_reals(to, "cv_mae", path->mae_mean, path->alphas);
    put_reals(to, "cv_mae_se", path->mae_se, path->alphas);
    put_reals(to, "objective", ri_path_refit(record, path)->objective, path->alphas);
    put_support(to, record, path);
    put_training(to, record, path);
    put_gaps(to, record, path);
    put_flag(to, "stopped_early", path->stopped_early);
    put_real(to, "null_mse", ri_path_null_mse(record, path));
    put_metrics(to, record, path);
    put_choice(to, record, path, "min", path->index_min);
    put_choice(to, record, path, "1se", path->index_1se);
    put_choice(to, record, path, "bic", ri_path_least_bic(record, path, 0));
    put_choice(to, record, path, "ebic",
               ri_path_least_bic(record, path, record->settings.ebic_gamma));
}

/* What 0 and 1 of the response stand for: the second is the one whose probability is modelled. */
static void put_classes(builder *to, const ri_record *record) {
    json_t *list = record->classes.count > 0 ? json_array() : json_null();
    for (int64_t k = 0; k < record->classes.count; k++) {
        char *clean = ri_text_clean(ri_names_get(&record->classes, k));
        to->good &= clean && json_array_append_new(list, json_string(clean)) == 0;
        free(clean);
    }
    put(to, "classes", list);
}

static void put_question(builder *to, const ri_record *record) {
    const ri_settings *s = &record->settings;
    put_text(to, "riata_version", RIATA_VERSION);
    put_text(to, "command", record->command);
    put_text(to, "dataset", record->dataset);
    put_text(to, "response", record->response);
    put_text(to, "family", ri_loss_of(s->family)->name);
    put_text(to, "metric", ri_metric_name(s->metric));
    put_classes(to, record);
    put_integer(to, "n", record->n);
    put_integer(to, "n_all", record->n_all);
    put_integer(to, "p", record->p);
    put_integer(to, "missing_responses", record->n_all - record->n);
    put_integer(to, "missing_values", record->missing_values);
    put_integer(to, "folds", record->folds / ri_settings_repeats(s));
    put_integer(to, "repeats", ri_settings_repeats(s));
    put_text(to, "fold_scheme", s->fold_scheme);
    put_seed(to, "seed", s->seed);
    put_real(to, "tol", s->tol);
    put_real(to, "ebic_gamma", s->ebic_gamma);
    put_text(to, "select", ri_select_word[s->select]);
    put_flag(to, "standardize", s->standardize);
    put_flag(to, "intercept", s->intercept);
    put_flag(to, "positive", s->positive);
}

static void put_paths(builder *to, const ri_record *record) {
    json_t *ratios = json_array(), *paths = json_array();
    for (int64_t r = 0; r < record->paths; r++) {
        builder path = {json_object(), true};
        put_path(&path, record, &record->path[r]);
        to->good &= path.good & (json_array_append_new(paths, path.object) == 0);
        to->good &= json_array_append_new(ratios, real_or_null(record->path[r].l1_ratio)) == 0;
    }
    put(to, "l1_ratios", ratios);
    put(to, "paths", paths);
}

static void put_selection(builder *to, const ri_record *record) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *refit = ri_path_refit(record, path);
    put_choice(to, record, path, "selected", record->index_selected);
    put_real(to, "intercept_selected", refit->intercept[record->index_selected]);
    put_integer(to, "features_selected", ri_fit_support(record, refit, record->index_selected));
    put_integer(to, "constant_features", refit->constant);
    put_integer(to, "twin_features", refit->twins);
    put_integer(to, "dependent_features", refit->dependent);
}

/* Covariates of the chosen model by name: a list of objects. */
static void put_covariates(builder *to, const ri_record *record) {
    const ri_covariates *c = &record->covariates;
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    json_t *list = json_array();
    for (int64_t k = 0; k < c->count; k++) {
        builder one = {json_object(), true};
        put_text(&one, "name", ri_names_get(&c->name, k));
        put_real(&one, "coefficient", refit->covariate[record->index_selected * c->count + k]);
        if (ri_names_get(&c->reference, k)[0] != '\0')
            put_text(&one, "reference", ri_names_get(&c->reference, k));
        to->good &= one.good & (json_array_append_new(list, one.object) == 0);
    }
    put(to, "covariates", list);
}

/* Correlated features in numbers; null where they were not looked for. */
static void put_proxies(builder *to, const ri_record *record) {
    const ri_proxies *x = &record->proxies;
    ri_proxy_totals totals = ri_proxies_totals(x);
    bool looked = x->threshold > 0;
    put_real(to, "proxy_threshold", looked ? x->threshold : (double)NAN);
    put(to, "features_looked_at", looked ? json_integer(totals.looked) : json_null());
    put(to, "features_with_proxies", looked ? json_integer(totals.with) : json_null());
    put(to, "features_with_unselected_proxies",
        looked ? json_integer(totals.with_unselected) : json_null());
    put_real(to, "largest_vif", totals.worst_vif);
}

/* True bias and variance along the chosen path, of simulated data. */
static void put_replicates(builder *to, const ri_record *record) {
    const ri_replicates *x = &record->replicates;
    int64_t alphas = ri_record_selected(record)->alphas;
    if (x->count == 0)
        return;
    put_integer(to, "replicates", x->count);
    put_real(to, "noise_variance", x->noise_variance);
    put_reals(to, "bias_squared", x->bias_squared, alphas);
    put_reals(to, "variance", x->variance, alphas);
}

/* What to be warned of, as sentences. */
static void put_notes(builder *to, const ri_record *record) {
    json_t *list = json_array();
    ri_notes notes = ri_record_notes(record);
    for (int k = 0; k < notes.count; k++)
        to->good &= json_array_append_new(list, json_string(notes.text[k])) == 0;
    put(to, "notes", list);
}

/* Points that missed the tolerance: their number, and the first of them. */
static void put_certificates(builder *to, const ri_record *record) {
    json_t *list = json_array();
    int64_t count = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++) {
                const ri_path *path = &record->path[r];
                if (path->fit[k].certified[a] || count++ >= UNCERTIFIED_LISTED)
                    continue;
                builder point = {json_object(), true};
                put_real(&point, "l1_ratio", path->l1_ratio);
                put(&point, "fold", k < record->folds ? json_integer(k) : json_string("refit"));
                put_integer(&point, "alpha_index", a);
                put_real(&point, "gap", path->fit[k].gap[a]);
                to->good &= point.good & (json_array_append_new(list, point.object) == 0);
            }
    put_text(to, "status", count == 0 ? "certified" : "not certified");
    put_flag(to, "certified", count == 0);
    put_real(to, "max_relative_gap", ri_record_worst_gap(record));
    put_integer(to, "uncertified_count", count);
    put(to, "uncertified", list);
}

/* A list of objects, one for each rank. */
static void put_ledger(builder *to, const ri_run_facts *run) {
    json_t *list = json_array();
    for (int32_t r = 0; run->ledger && r < run->ranks; r++) {
        double column[RI_LEDGER_COLUMNS];
        memcpy(column, &run->ledger[r], sizeof column);
        builder one = {json_object(), true};
        for (int c = 0; c < RI_LEDGER_COLUMNS; c++)
            put_real(&one, ri_ledger_word[c], column[c]);
        to->good &= one.good & (json_array_append_new(list, one.object) == 0);
    }
    put(to, "ledger", list);
    if (run->ledger)
        put_real(to, "imbalance", ri_ledger_imbalance(run->ledger, run->ranks));
}

/* What the units cost, likewise. */
static void put_units(builder *to, const ri_run_facts *run) {
    json_t *list = json_array();
    for (int64_t u = 0; u < run->units; u++) {
        const ri_unit_fact *unit = &run->unit[u];
        builder one = {json_object(), true};
        put_integer(&one, "path", unit->path);
        put_integer(&one, "fold", unit->fold);
        put_integer(&one, "first", unit->first);
        put_integer(&one, "count", unit->count);
        put_integer(&one, "rank", unit->rank);
        put_real(&one, "seconds", unit->seconds);
        to->good &= one.good & (json_array_append_new(list, one.object) == 0);
    }
    put(to, "units", list);
}

/* Stability selection: null where there is none. */
static void put_stability(builder *to, const ri_record *record) {
    const ri_stability *s = &record->stability;
    if (s->pairs == 0) {
        put(to, "stability", json_null());
        return;
    }
    builder one = {json_object(), true};
    json_t *names = json_array();
    put_integer(&one, "pairs", s->pairs);
    put_real(&one, "threshold", s->threshold);
    put_real(&one, "pfer", s->pfer);
    put_integer(&one, "region", s->region);
    put_real(&one, "picked", s->picked);
    put_real(&one, "bound", s->bound);
    put_real(&one, "unimodal_bound", s->unimodal_bound);
    for (int64_t j = 0; j < record->p; j++) {
        if (!ri_stability_holds(s, j))
            continue;
        builder feature = {json_object(), true};
        put_text(&feature, "name", ri_names_get(&record->feature, j));
        put_real(&feature, "frequency", s->within[j]);
        put_real(&feature, "frequency_at_one_alpha", s->most[j]);
        one.good &= feature.good & (json_array_append_new(names, feature.object) == 0);
    }
    put(&one, "stable", names);
    to->good &= one.good;
    put(to, "stability", one.object);
}

static void put_run(builder *to, const ri_run_facts *run) {
    put_real(to, "passes_over_x", run->passes_over_x);
    put_real(to, "seconds", run->seconds);
    put_real(to, "seconds_reading", run->seconds_reading);
    put_real(to, "peak_rss_mb", run->peak_rss_mb);
    if (run->kept_to_mb > 0)
        put_real(to, "kept_to_mb", run->kept_to_mb);
    put_integer(to, "ranks", run->ranks);
    put_integer(to, "threads", run->threads);
    put_text(to, "simd", run->simd);
    put_text(to, "host", run->host);
    put_text(to, "started", run->started);
    put_text(to, "command_line", run->command_line);
    put_ledger(to, run);
    put_units(to, run);
}

/* Null without test samples. */
static void put_test(builder *to, const ri_record *record) {
    const ri_test *test = &record->test;
    builder object = {json_object(), true};
    if (test->rows == 0) {
        json_decref(object.object);
        put(to, "test", json_null());
        return;
    }
    put_integer(&object, "samples", test->rows);
    put_text(&object, "chosen", test->chosen);
    put_real(&object, "fraction", test->fraction);
    put_seed(&object, "seed", test->seed);
    for (int m = 0; m < RI_METRICS; m++)
        if (ri_metric_fits((ri_metric)m, record->settings.family))
            put_real(&object, ri_metric_name((ri_metric)m), test->error[m]);
    put_real(&object, "rmse", sqrt(test->error[RI_MSE]));
    put_real(&object, "r2", test->r2);
    to->good &= object.good;
    put(to, "test", object.object);
}

ri_status ri_export_json(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    builder root = {json_object(), true};
    ri_status status = RI_OK;
    put_question(&root, record);
    put_path(&root, record, ri_record_selected(record));
    put_selection(&root, record);
    put_test(&root, record);
    put_covariates(&root, record);
    put_replicates(&root, record);
    put_proxies(&root, record);
    put_notes(&root, record);
    put_stability(&root, record);
    put_certificates(&root, record);
    put_run(&root, &record->run);
    put_paths(&root, record);
    if (!root.good) {
        status = ri_fail_memory(err, "the JSON summary", sizeof(json_t));
        goto done;
    }
    RI_GO(ri_output_open(path, &out, err));
    bool good = json_dumpf(root.object, out.file, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0;
    good &= fputc('\n', out.file) != EOF;
    if (!good)
        status = ri_fail(err, RI_SYSTEM, "%s: cannot be written (is the disk full?)", path);
    ri_status closed = ri_output_close(&out, good, err);
    status = status == RI_OK ? closed : status;
done:
    json_decref(root.object);
    return status;
}
