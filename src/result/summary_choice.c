/* SPDX-License-Identifier: BSD-3-Clause
 * Of the summary: what was chosen, why, what others would choose, and how well it predicts. */
#include <math.h>

#include "result/notes.h"
#include "result/summary.h"
#include "result/view.h"

static void say_choice(const ri_record *record, const char *label, const char *rule, int64_t index,
                       FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t support = ri_fit_support(record, ri_path_refit(record, path), index);
    if (!path->mean) {
        ri_summary_say(out, label, "alpha %.6g (index %lld of 0..%lld): %lld feature%s - %s",
                       path->alpha[index], (long long)index, (long long)path->alphas - 1,
                       (long long)support, ri_summary_plural(support), rule);
        return;
    }
    ri_summary_say(out, label,
                   "alpha %.6g (index %lld of 0..%lld): %lld feature%s, %s %.6g +- %.3g - %s",
                   path->alpha[index], (long long)index, (long long)path->alphas - 1,
                   (long long)support, ri_summary_plural(support), ri_record_error(record),
                   path->mean[index], path->se[index], rule);
}

static void say_notes(const ri_record *record, FILE *out) {
    ri_notes notes = ri_record_notes(record);
    for (int k = 0; k < notes.count; k++)
        ri_summary_say(out, "Note", "%s", notes.text[k]);
}

static void say_stop(const ri_record *record, const ri_path *path, FILE *out) {
    if (path->stopped_early)
        ri_summary_say(
            out, "Stopped early",
            "the error curve had turned: %lld alphas behind its minimum, by more than two "
            "standard errors of the difference; smaller alphas were left out",
            (long long)(path->alphas - 1 - path->index_min));
    else if (record->settings.early_stop)
        ri_summary_say(out, "", "the error curve did not turn clearly enough to stop early");
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
    ri_summary_say(
        out, "Criteria",
        "BIC is lowest at alpha %.6g (%lld feature%s), extended BIC (gamma %.3g) at alpha %.6g "
        "(%lld feature%s)%s",
        path->alpha[bic], bic_support, ri_summary_plural(bic_support), record->settings.ebic_gamma,
        path->alpha[ebic], ebic_support, ri_summary_plural(ebic_support),
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
        ri_summary_say(out, "", "both rules, min and 1se, choose this alpha");
}

void ri_summary_say_choice(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t chosen = record->index_selected;
    const ri_fit *refit = ri_path_refit(record, path);
    if (path->mean) {
        say_cv_choices(record, out);
        say_stop(record, path, out);
    } else if (record->settings.select >= RI_SELECT_BIC) {
        say_choice(record, "Chosen", rule_in_words(record->settings.select), chosen, out);
    } else if (path->alphas > 1) {
        ri_summary_say(out, "Path",
                       "the smallest alpha, %.6g, is described here; riata cv chooses one by "
                       "its error on held-out samples",
                       path->alpha[chosen]);
    }
    say_notes(record, out);
    say_criteria(record, out);
    int64_t free_ones = 0;
    for (int64_t j = 0; j < record->p; j++)
        free_ones += ri_summary_unpenalised(record, j);
    ri_summary_say(out, "Kept", "%lld of %lld features",
                   (long long)ri_fit_support(record, refit, chosen),
                   (long long)(record->p - free_ones));
    if (free_ones > 0)
        ri_summary_say(out, "", "and %lld unpenalised feature%s, always in the model",
                       (long long)free_ones, ri_summary_plural(free_ones));
}

void ri_summary_say_frequency(const ri_record *record, FILE *out) {
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    int64_t a = record->index_selected, kept = 0, always = 0, often = 0;
    if (!record->frequency)
        return;
    for (int64_t j = 0; j < record->p; j++)
        often += record->frequency[j] >= 0.5 && !ri_summary_unpenalised(record, j);
    for (int64_t e = refit->start[a]; e < refit->start[a + 1]; e++) {
        int64_t j = refit->feature[e];
        if (refit->coefficient[e] == 0 || ri_summary_unpenalised(record, j))
            continue;
        kept++;
        always += record->frequency[j] == 1;
        often -= record->frequency[j] >= 0.5;
    }
    if (kept > 0)
        ri_summary_say(
            out, "",
            "%lld of them in the model of every fold; %lld other%s in at least half of them",
            (long long)always, (long long)often, ri_summary_plural(often));
}

/* By another metric than the squared error: all that the family has. */
static void say_other_errors(const ri_record *record, const ri_path *path, int64_t chosen,
                             double r2, FILE *out) {
    ri_summary_say(out, "Expected",
                   "on new samples: %s %.6g +- %.3g (mean of the folds and its standard error)",
                   ri_metric_words(record->settings.metric), path->mean[chosen], path->se[chosen]);
    for (int m = RI_DEVIANCE; m < RI_METRICS; m++)
        if (path->more_mean[m] && (ri_metric)m != record->settings.metric)
            ri_summary_say(out, "", "%s %.6g +- %.3g", ri_metric_words((ri_metric)m),
                           path->more_mean[m][chosen], path->more_se[m][chosen]);
    if (record->settings.family == RI_GAUSSIAN)
        ri_summary_say(out, "", "R2 %.4f against the null model", r2);
    else
        ri_summary_say(
            out, "", "D2 %.4f: the share of the null model's deviance that the features explain%s",
            r2, r2 <= 0 ? "; no better than that model" : "");
}

void ri_summary_say_error(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    int64_t chosen = record->index_selected;
    if (!path->mean) {
        ri_summary_say(
            out, "Fit",
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
    ri_summary_say(
        out, "Expected",
        "on new samples: MSE %.6g +- %.3g (mean of the folds and its standard error), RMSE %.6g, "
        "mean absolute error %.6g",
        path->mean[chosen], path->se[chosen], sqrt(path->mean[chosen]), path->mae_mean[chosen]);
    ri_summary_say(out, "", "R2 %.4f against the null model%s without these features (MSE %.6g)%s",
                   r2, record->covariates.count > 0 ? ", of the covariates," : "",
                   ri_path_null_mse(record, path), r2 <= 0 ? ": no better than that model" : "");
}

void ri_summary_say_test(const ri_record *record, FILE *out) {
    const ri_test *test = &record->test;
    if (test->rows == 0)
        return;
    ri_summary_say(
        out, "Test",
        "%lld samples kept out of everything: MSE %.6g, RMSE %.6g, mean absolute error %.6g, R2 "
        "%.4f",
        (long long)test->rows, test->error[RI_MSE], sqrt(test->error[RI_MSE]), test->error[RI_MAE],
        test->r2);
    for (int m = RI_MAE + 1; m < RI_METRICS; m++)
        if (ri_metric_fits((ri_metric)m, record->settings.family))
            ri_summary_say(out, "", "%s %.6g", ri_metric_words((ri_metric)m), test->error[m]);
}

void ri_summary_say_replicates(const ri_record *record, FILE *out) {
    const ri_replicates *x = &record->replicates;
    const ri_path *path = ri_record_selected(record);
    int64_t best = 0, chosen = record->index_selected;
    if (x->count == 0)
        return;
    for (int64_t a = 1; a < path->alphas; a++)
        if (x->bias_squared[a] + x->variance[a] < x->bias_squared[best] + x->variance[best])
            best = a;
    ri_summary_say(
        out, "Replicates",
        "over %lld draws of the noise (variance %.4g): squared bias %.4g and variance %.4g at the "
        "chosen alpha; their sum is least, %.4g, at alpha %.6g",
        (long long)x->count, x->noise_variance, x->bias_squared[chosen], x->variance[chosen],
        x->bias_squared[best] + x->variance[best], path->alpha[best]);
}
