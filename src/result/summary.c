/* SPDX-License-Identifier: BSD-3-Clause
 * The summary in words, for a person who reads it once: what was asked, what was chosen, how well
 * it predicts, what the signs mean, whether it is proven, and what to do where something is off.
 * Lines have at most 100 columns. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "result/notes.h"
#include "result/result.h"
#include "result/stability_words.h"
#include "result/view.h"

enum {
    LABEL_COLUMNS = 14,
    LINE_COLUMNS = 98,
    STRONGEST = 10,
    UNCERTIFIED_SHOWN = 8,
    NAME_COLUMNS = 30
};

static const char *plural(int64_t count) {
    return count == 1 ? "" : "s";
}

static size_t columns_of(const char *text, size_t bytes) {
    size_t columns = 0;
    for (size_t i = 0; i < bytes; i++)
        columns += ((unsigned char)text[i] & 0xc0) != 0x80;
    return columns;
}

/* A paragraph under a label, broken between words. */
static RI_PRINTF(3, 4) void say(FILE *out, const char *label, const char *format, ...) {
    char text[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t column = LABEL_COLUMNS;
    fprintf(out, "%-*s", LABEL_COLUMNS, label);
    for (const char *word = text; *word;) {
        size_t bytes = strcspn(word, " "), columns = columns_of(word, bytes);
        if (column > LABEL_COLUMNS && column + 1 + columns > LINE_COLUMNS) {
            fprintf(out, "\n%*s", LABEL_COLUMNS, "");
            column = LABEL_COLUMNS;
        } else if (column > LABEL_COLUMNS) {
            fputc(' ', out);
            column++;
        }
        fwrite(word, 1, bytes, out);
        column += columns;
        word += bytes + (word[bytes] == ' ');
    }
    fputc('\n', out);
}

static const char *model_name(double l1_ratio) {
    return l1_ratio >= 1 ? "lasso" : l1_ratio <= 0 ? "ridge" : "elastic net";
}

static void say_data(const ri_record *record, FILE *out) {
    char dataset[RI_SHORT_TEXT], response[RI_SHORT_TEXT];
    say(out, "Data", "%s: response '%s', %lld samples, %lld features%s",
        ri_text_shorten(record->dataset, 60, dataset),
        ri_text_shorten(record->response, NAME_COLUMNS, response), (long long)record->n,
        (long long)record->p, record->genotype ? " (genotypes)" : "");
    int64_t missing = record->n_all - record->n - record->test.rows;
    if (missing > 0)
        say(out, "", "%lld sample%s without a response%s: left out of training, but predicted",
            (long long)missing, plural(missing),
            record->covariates.count > 0 ? " or a covariate" : "");
    if (record->missing_values > 0)
        say(out, "",
            "%lld missing value%s in X, each taken as the mean of the training rows of "
            "its fit",
            (long long)record->missing_values, plural(record->missing_values));
}

static void say_family(const ri_record *record, FILE *out) {
    char negative[RI_SHORT_TEXT], positive[RI_SHORT_TEXT];
    if (record->settings.family == RI_BINOMIAL)
        say(out, "Family",
            "binomial (logistic): the probability of '%s' against '%s'; coefficients change its "
            "log odds",
            ri_text_shorten(ri_names_get(&record->classes, 1), NAME_COLUMNS, positive),
            ri_text_shorten(ri_names_get(&record->classes, 0), NAME_COLUMNS, negative));
    else if (record->settings.family == RI_POISSON)
        say(out, "Family", "poisson: counts; coefficients change the logarithm of the mean");
}

static void say_folds(const ri_record *record, FILE *out) {
    const ri_settings *s = &record->settings;
    char group[RI_SHORT_TEXT], folds[RI_FOLDS_TEXT];
    if (record->folds == 0)
        return;
    ri_record_folds_text(record, folds);
    if (strcmp(s->fold_scheme, "grouped") == 0)
        say(out, "Folds", "%s, whole groups of '%s' together, seed %llu", folds,
            ri_text_shorten(s->group_name, NAME_COLUMNS, group), (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "stratified") == 0)
        say(out, "Folds", "%s, shuffled within strata of the response, seed %llu", folds,
            (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "random") == 0)
        say(out, "Folds", "%s, shuffled by sample name, seed %llu", folds,
            (unsigned long long)s->seed);
    else if (strcmp(s->fold_scheme, "loo") == 0)
        say(out, "Folds", "%d, leave-one-out", (int)record->folds);
    else
        say(out, "Folds", "%s, scheme %s", folds, s->fold_scheme);
}

static void say_model(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const ri_settings *s = &record->settings;
    const char *positive = s->positive ? ", coefficients >= 0" : "";
    const char *intercept = s->intercept ? "" : ", no intercept";
    const char *scale = s->standardize ? "" : ", features not standardised";
    if (path->alphas == 1 && path->alpha[0] == 0)
        say(out, "Model", "least squares (alpha 0)%s%s%s", positive, intercept, scale);
    else if (path->alphas == 1)
        say(out, "Model", "%s (l1_ratio %.6g)%s%s%s, one alpha: %.6g", model_name(path->l1_ratio),
            path->l1_ratio, positive, intercept, scale, path->alpha[0]);
    else
        say(out, "Model", "%s (l1_ratio %.6g)%s%s%s, %lld alphas from %.6g down to %.6g",
            model_name(path->l1_ratio), path->l1_ratio, positive, intercept, scale,
            (long long)path->alphas, path->alpha[0], path->alpha[path->alphas - 1]);
    if (path->adaptive.fits > 0)
        say(out, "", "adaptive: penalty factors 1 / |b|^%.4g of a first %s at alpha %.4g",
            path->adaptive.gamma, path->adaptive.ridge ? "ridge" : "lasso", path->adaptive.alpha);
    if (path->relaxed >= 1)
        say(out, "", "relaxed: least squares on its support (gamma 0)");
    else if (path->relaxed > 0)
        say(out, "", "relaxed: %.4g x its coefficients + %.4g x least squares on its support",
            1 - path->relaxed, path->relaxed);
    char label[RI_LABEL_TEXT];
    for (int64_t r = 0; r < record->paths && record->paths > 1; r++) {
        const ri_path *other = &record->path[r];
        bool by_error = record->settings.select < RI_SELECT_BIC;
        const char *chosen = r != record->selected_path ? ""
                             : by_error                 ? " (chosen: the lowest)"
                                                        : " (chosen)";
        if (other->mean)
            say(out, r == 0 ? "Paths" : "", "%s: best %s %.6g at alpha %.6g%s",
                ri_path_label(other, label), ri_record_error(record), other->mean[other->index_min],
                other->alpha[other->index_min], chosen);
        else
            say(out, r == 0 ? "l1_ratios" : "", "%.6g: %lld alphas from %.6g%s", other->l1_ratio,
                (long long)other->alphas, other->alpha[0],
                r == record->selected_path ? " (described below)" : "");
    }
}

static void say_choice(const ri_record *record, const char *label, const char *rule, int64_t index,
                       FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t support = ri_fit_support(record, ri_path_refit(record, path), index);
    if (!path->mean) {
        say(out, label, "alpha %.6g (index %lld of 0..%lld): %lld feature%s - %s",
            path->alpha[index], (long long)index, (long long)path->alphas - 1, (long long)support,
            plural(support), rule);
        return;
    }
    say(out, label, "alpha %.6g (index %lld of 0..%lld): %lld feature%s, %s %.6g +- %.3g - %s",
        path->alpha[index], (long long)index, (long long)path->alphas - 1, (long long)support,
        plural(support), ri_record_error(record), path->mean[index], path->se[index], rule);
}

static void say_notes(const ri_record *record, FILE *out) {
    ri_notes notes = ri_record_notes(record);
    for (int k = 0; k < notes.count; k++)
        say(out, "Note", "%s", notes.text[k]);
}

static void say_stop(const ri_record *record, const ri_path *path, FILE *out) {
    if (path->stopped_early)
        say(out, "Stopped early",
            "the error curve had turned: %lld alphas behind its minimum, by more than one standard "
            "error; smaller alphas were left out",
            (long long)(path->alphas - 1 - path->index_min));
    else if (record->settings.early_stop)
        say(out, "", "the error curve did not turn clearly enough to stop early");
}

static bool unpenalised(const ri_record *record, int64_t feature) {
    return record->penalty_factor && record->penalty_factor[feature] == 0;
}

/* What a rule looks for. */
static const char *rule_in_words(ri_select rule) {
    static const char *const words[RI_SELECTS] = {
        "the lowest cross-validated error (min)",
        "the largest within one standard error of the minimum (1se)", "the lowest BIC (bic)",
        "the lowest extended BIC (ebic)"};
    return words[rule];
}

/* What the criteria would choose, of the path described; nothing for ridge. */
static void say_criteria(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *refit = ri_path_refit(record, path);
    int64_t bic = ri_path_least_bic(record, path, 0);
    int64_t ebic = ri_path_least_bic(record, path, record->settings.ebic_gamma);
    if (bic < 0 || ebic < 0 || path->alphas == 1)
        return;
    long long bic_support = ri_fit_support(record, refit, bic);
    long long ebic_support = ri_fit_support(record, refit, ebic);
    say(out, "Criteria",
        "BIC is lowest at alpha %.6g (%lld feature%s), extended BIC (gamma %.3g) at alpha %.6g "
        "(%lld feature%s)%s",
        path->alpha[bic], bic_support, plural(bic_support), record->settings.ebic_gamma,
        path->alpha[ebic], ebic_support, plural(ebic_support),
        bic == path->alphas - 1 ? "; BIC still falls at the end of the grid: do not trust it here"
                                : "");
}

static void say_cv_choices(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    ri_select rule = record->settings.select;
    int64_t chosen = record->index_selected;
    say_choice(record, "Chosen", rule_in_words(rule), chosen, out);
    const int64_t index[] = {path->index_min, path->index_1se};
    for (ri_select other = RI_SELECT_MIN; other <= RI_SELECT_1SE; other++)
        if (other != rule && index[other] != chosen)
            say_choice(record, "Other choice", rule_in_words(other), index[other], out);
    if (path->index_min == chosen && path->index_1se == chosen)
        say(out, "", "both rules, min and 1se, choose this alpha");
}

static void say_choices(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t chosen = record->index_selected;
    const ri_fit *refit = ri_path_refit(record, path);
    if (path->mean) {
        say_cv_choices(record, out);
        say_stop(record, path, out);
    } else if (record->settings.select >= RI_SELECT_BIC) {
        say_choice(record, "Chosen", rule_in_words(record->settings.select), chosen, out);
    } else if (path->alphas > 1) {
        say(out, "Path",
            "the smallest alpha, %.6g, is described here; riata cv chooses one by "
            "its error on held-out samples",
            path->alpha[chosen]);
    }
    say_notes(record, out);
    say_criteria(record, out);
    int64_t free_ones = 0;
    for (int64_t j = 0; j < record->p; j++)
        free_ones += unpenalised(record, j);
    say(out, "Kept", "%lld of %lld features", (long long)ri_fit_support(record, refit, chosen),
        (long long)(record->p - free_ones));
    if (free_ones > 0)
        say(out, "", "and %lld unpenalised feature%s, always in the model", (long long)free_ones,
            plural(free_ones));
}

/* How many of the selected features the folds agree on. */
static void say_frequency(const ri_record *record, FILE *out) {
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    int64_t a = record->index_selected, kept = 0, always = 0, often = 0;
    if (!record->frequency)
        return;
    for (int64_t j = 0; j < record->p; j++)
        often += record->frequency[j] >= 0.5 && !unpenalised(record, j);
    for (int64_t e = refit->start[a]; e < refit->start[a + 1]; e++) {
        int64_t j = refit->feature[e];
        if (refit->coefficient[e] == 0 || unpenalised(record, j))
            continue;
        kept++;
        always += record->frequency[j] == 1;
        often -= record->frequency[j] >= 0.5;
    }
    if (kept > 0)
        say(out, "",
            "%lld of them in the model of every fold; %lld other%s in at least half of them",
            (long long)always, (long long)often, plural(often));
}

/* By another metric than the squared error: all that the family has. */
static void say_other_errors(const ri_record *record, const ri_path *path, int64_t chosen,
                             double r2, FILE *out) {
    say(out, "Expected",
        "on new samples: %s %.6g +- %.3g (mean of the folds and its standard error)",
        ri_metric_words(record->settings.metric), path->mean[chosen], path->se[chosen]);
    for (int m = RI_DEVIANCE; m < RI_METRICS; m++)
        if (path->more_mean[m] && (ri_metric)m != record->settings.metric)
            say(out, "", "%s %.6g +- %.3g", ri_metric_words((ri_metric)m),
                path->more_mean[m][chosen], path->more_se[m][chosen]);
    if (record->settings.family == RI_GAUSSIAN)
        say(out, "", "R2 %.4f against the null model", r2);
    else
        say(out, "", "D2 %.4f: the share of the null model's deviance that the features explain%s",
            r2, r2 <= 0 ? "; no better than that model" : "");
}

static void say_error(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t chosen = record->index_selected;
    if (!path->mean) {
        say(out, "Fit",
            "%s %.4f on the training samples themselves, which flatters the model; riata cv "
            "estimates the error on new ones",
            ri_record_share(record), ri_path_training_r2(record, path, chosen));
        return;
    }
    double r2 = ri_path_r2(record, path, chosen);
    if (record->settings.metric != RI_MSE) {
        say_other_errors(record, path, chosen, r2, out);
        return;
    }
    say(out, "Expected",
        "on new samples: MSE %.6g +- %.3g (mean of the folds and its standard error), RMSE %.6g, "
        "mean absolute error %.6g",
        path->mean[chosen], path->se[chosen], sqrt(path->mean[chosen]), path->mae_mean[chosen]);
    say(out, "", "R2 %.4f against the null model%s without these features (MSE %.6g)%s", r2,
        record->covariates.count > 0 ? ", of the covariates," : "", ri_path_null_mse(record, path),
        r2 <= 0 ? ": no better than that model" : "");
}

/* The last word on samples that took part in nothing. */
static void say_test(const ri_record *record, FILE *out) {
    const ri_test *test = &record->test;
    if (test->rows == 0)
        return;
    say(out, "Test",
        "%lld samples kept out of everything: MSE %.6g, RMSE %.6g, mean absolute error %.6g, R2 "
        "%.4f",
        (long long)test->rows, test->error[RI_MSE], sqrt(test->error[RI_MSE]), test->error[RI_MAE],
        test->r2);
    for (int m = RI_MAE + 1; m < RI_METRICS; m++)
        if (ri_metric_fits((ri_metric)m, record->settings.family))
            say(out, "", "%s %.6g", ri_metric_words((ri_metric)m), test->error[m]);
}

static void say_one_effect(const ri_record *record, const ri_effect *effect, FILE *out) {
    char name[RI_SHORT_TEXT], response[RI_SHORT_TEXT], allele[RI_SHORT_TEXT];
    ri_text_shorten(ri_names_get(&record->feature, effect->feature), NAME_COLUMNS, name);
    ri_text_shorten(record->settings.family == RI_BINOMIAL ? ri_names_get(&record->classes, 1)
                                                           : record->response,
                    16, response);
    int padding = NAME_COLUMNS - (int)columns_of(name, strlen(name));
    fprintf(out, "%*s%s%*s %+11.4g  ", LABEL_COLUMNS, "", name, padding, "", effect->standardized);
    bool more = effect->coefficient > 0, binomial = record->settings.family == RI_BINOMIAL;
    const char *direction = binomial ? more ? "more likely" : "less likely"
                            : more   ? "higher"
                                     : "lower";
    if (record->genotype && record->a1.count > 0)
        fprintf(out, "more %s: %s %s\n",
                ri_text_shorten(ri_names_get(&record->a1, effect->feature), 12, allele), direction,
                response);
    else
        fprintf(out, "higher: %s %s\n", direction, response);
}

/* Covariates of the chosen model, as many as fit. */
static void say_covariates(const ri_record *record, FILE *out) {
    const ri_covariates *c = &record->covariates;
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    if (c->count == 0)
        return;
    say(out, "Covariates",
        "%lld, unpenalised, in every model; change of the prediction for one unit, the others held "
        "fixed",
        (long long)c->count);
    for (int64_t k = 0; k < c->count && k < STRONGEST; k++) {
        char name[RI_SHORT_TEXT], reference[RI_SHORT_TEXT];
        ri_text_shorten(ri_names_get(&c->name, k), NAME_COLUMNS, name);
        ri_text_shorten(ri_names_get(&c->reference, k), 16, reference);
        int padding = NAME_COLUMNS - (int)columns_of(name, strlen(name));
        fprintf(out, "%*s%s%*s %+11.4g", LABEL_COLUMNS, "", name, padding, "",
                refit->covariate[record->index_selected * c->count + k]);
        fprintf(out, "%s%s\n", reference[0] ? "  against " : "", reference);
    }
    if (c->count > STRONGEST)
        say(out, "", "and %lld more in .covariates.tsv", (long long)(c->count - STRONGEST));
}

static void say_effects(const ri_record *record, const ri_effect *effect, int64_t count,
                        FILE *out) {
    if (count == 0) {
        say(out, "Features", "none: the prediction is the same for every sample");
        return;
    }
    say(out, "Strongest",
        "change of the prediction for one standard deviation of a feature, "
        "the others held fixed");
    for (int64_t i = 0; i < count && i < STRONGEST; i++)
        say_one_effect(record, &effect[i], out);
    if (count > STRONGEST)
        say(out, "", "and %lld more in .features.tsv", (long long)(count - STRONGEST));
    say(out, "Signs", "%s",
        record->genotype
            ? "+ means: each copy of the counted allele (A1) goes with a higher response; - with a "
              "lower one. Linked markers stand in for each other: this is no proof of a cause"
        : record->settings.family == RI_BINOMIAL
            ? "+ means: a higher value makes the positive class more likely, given the other "
              "features; - less. This is no proof of a cause"
            : "+ means: a higher value goes with a higher response, given the other features; - "
              "with a lower one. This is no proof of a cause");
}

static void say_truth(const ri_record *record, const ri_effect *effect, int64_t count, FILE *out) {
    double *truth = ri_record_truth(record);
    int64_t found = 0, real = 0;
    for (int64_t j = 0; truth && j < record->p; j++)
        real += truth[j] != 0;
    for (int64_t i = 0; truth && i < count; i++)
        found += truth[effect[i].feature] != 0;
    if (truth)
        say(out, "Truth", "%lld of %lld true features are among the %lld selected",
            (long long)found, (long long)real, (long long)count);
    free(truth);
}

/* Least squares whose answer is not unique. */
static void say_rank(const ri_record *record, const ri_fit *refit, FILE *out) {
    long long features = record->p - refit->constant;
    for (int64_t j = 0; record->penalty_factor && j < record->p; j++)
        features -= record->penalty_factor[j] == 0;
    say(out, "Rank",
        "at alpha 0 the %lld features that vary have rank %lld on these %lld samples: infinitely "
        "many coefficients fit equally well. Those given are the smallest, by the sum of their "
        "squares on the %s scale; the fitted values are the same for all",
        features, features - (long long)refit->dependent, (long long)refit->train,
        record->settings.standardize ? "standardised" : "original");
    if (features - refit->dependent >= refit->train - record->settings.intercept)
        say(out, "",
            "they fit the training samples exactly, noise included: a ridge or a lasso predicts "
            "better, as a rule");
}

/* Where the sum of true bias and variance is least, and what alpha was chosen. */
static void say_replicates(const ri_record *record, FILE *out) {
    const ri_replicates *x = &record->replicates;
    const ri_path *path = ri_record_selected(record);
    int64_t best = 0, chosen = record->index_selected;
    if (x->count == 0)
        return;
    for (int64_t a = 1; a < path->alphas; a++)
        if (x->bias_squared[a] + x->variance[a] < x->bias_squared[best] + x->variance[best])
            best = a;
    say(out, "Replicates",
        "over %lld draws of the noise (variance %.4g): squared bias %.4g and variance %.4g at the "
        "chosen alpha; their sum is least, %.4g, at alpha %.6g",
        (long long)x->count, x->noise_variance, x->bias_squared[chosen], x->variance[chosen],
        x->bias_squared[best] + x->variance[best], path->alpha[best]);
}

static void say_ties(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *refit = ri_path_refit(record, path);
    if (refit->constant > 0)
        say(out, "Constant", "%lld feature%s without variation: coefficient 0",
            (long long)refit->constant, plural(refit->constant));
    if (refit->twins > 0)
        say(out, "Equal", "%lld feature%s equal%s or mirror%s an earlier one%s",
            (long long)refit->twins, plural(refit->twins), refit->twins == 1 ? "s" : "",
            refit->twins == 1 ? "s" : "",
            path->l1_ratio >= 1 ? " and stay at 0, so that the answer is defined"
                                : "; an elastic net shares the weight between them");
    if (refit->dependent > 0 && path->alpha[path->alphas - 1] == 0)
        say_rank(record, refit, out);
    else if (refit->dependent > 0)
        say(out, "Dependent",
            "features depend linearly on others of the model (at least %lld met): "
            "their coefficients are not unique, the objective is",
            (long long)refit->dependent);
}

static int64_t count_uncertified(const ri_record *record, int64_t *points) {
    int64_t count = 0;
    *points = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++, (*points)++)
                count += !record->path[r].fit[k].certified[a];
    return count;
}

static void say_one_uncertified(const ri_record *record, const ri_path *path, int32_t k, int64_t a,
                                FILE *out) {
    char fit[32] = "refit";
    if (k < record->folds)
        snprintf(fit, sizeof fit, "fold %d", (int)k);
    say(out, "", "%s, l1_ratio %.4g, alpha %.6g (index %lld): gap %.3g, %.3g x the tolerance", fit,
        path->l1_ratio, path->alpha[a], (long long)a, path->fit[k].gap[a],
        path->fit[k].gap[a] / record->settings.tol);
}

static void say_certificate(const ri_record *record, FILE *out) {
    int64_t points, missed = count_uncertified(record, &points), shown = 0;
    if (missed == 0) {
        say(out, "Certificate",
            "all %lld fits are certified: worst relative duality gap %.3g over all features "
            "(asked: %.3g)",
            (long long)points, ri_record_worst_gap(record), record->settings.tol);
        return;
    }
    say(out, "NOT CERTIFIED",
        "%lld of %lld fits missed the relative duality gap of %.3g:", (long long)missed,
        (long long)points, record->settings.tol);
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                if (!record->path[r].fit[k].certified[a] && shown++ < UNCERTIFIED_SHOWN)
                    say_one_uncertified(record, &record->path[r], k, a, out);
    if (missed > UNCERTIFIED_SHOWN)
        say(out, "", "and %lld more, listed in the JSON and the HDF5 file",
            (long long)(missed - UNCERTIFIED_SHOWN));
    say(out, "",
        "what to do: a larger --tol if these gaps are good enough, a grid that ends earlier "
        "(larger --eps), or another --solver");
}

static void say_run(const ri_record *record, FILE *out) {
    const ri_run_facts *run = &record->run;
    char host[RI_SHORT_TEXT];
    say(out, "Machine",
        "%.3g s, and %.3g s of reading, on %d rank%s x %d thread%s (%s, %s); X was read %.3g "
        "times; peak memory %.4g MB",
        run->seconds, run->seconds_reading, (int)run->ranks, plural(run->ranks), (int)run->threads,
        plural(run->threads), ri_text_shorten(run->host, NAME_COLUMNS, host), run->simd,
        run->passes_over_x, run->peak_rss_mb);
}

static void say_stability(const ri_record *record, FILE *out) {
    ri_stability_words words;
    if (ri_stability_say(record, &words, NULL) != RI_OK)
        return;
    for (int k = 0; k < words.count; k++)
        say(out, k == 0 ? "Stability" : "", "%s", words.text[k]);
}

/* The model chosen by its curve or criterion. */
static void say_chosen(const ri_record *record, FILE *out) {
    ri_effect *effect = NULL;
    int64_t count = 0;
    say_choices(record, out);
    say_frequency(record, out);
    say_error(record, out);
    say_test(record, out);
    say_covariates(record, out);
    if (ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect, &count,
                        NULL) == RI_OK) {
        say_effects(record, effect, count, out);
        say_truth(record, effect, count, out);
    }
    say_replicates(record, out);
    free(effect);
}

void ri_summary_print(const ri_record *record, FILE *out) {
    say_data(record, out);
    say_family(record, out);
    say_folds(record, out);
    say_model(record, out);
    if (record->stability.pairs > 0)
        say_stability(record, out);
    else
        say_chosen(record, out);
    say_ties(record, out);
    say_certificate(record, out);
    say_run(record, out);
}
