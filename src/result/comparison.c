/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/comparison.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static const char *const NAME[RI_MODELS] = {"least squares", "ridge", "lasso", "elastic net",
                                            "lasso at --alpha"};

const char *ri_model_name(ri_model model) {
    return NAME[model];
}

/* Names of columns in every file; those of the machine's are no part of /comparison. */
static const char *const COLUMN[RI_COMPARED_COLUMNS] = {
    "rmse", "mae", "r2", "features", "true_features", "alpha", "l1_ratio", "certified", "seconds"};

const char *ri_compared_name(ri_compared column) {
    return COLUMN[column];
}

ri_status ri_comparison_new(ri_comparison *c, ri_error *err) {
    size_t values = (size_t)c->models * RI_COMPARED_COLUMNS * (size_t)c->repeats;
    c->value = ri_calloc(values, sizeof *c->value);
    return c->value ? RI_OK : ri_fail_memory(err, "a comparison", 8 * values);
}

void ri_comparison_free(ri_comparison *c) {
    free(c->value);
    c->value = NULL;
}

double *ri_comparison_column(const ri_comparison *c, ri_model model, ri_compared column) {
    return c->value + ((int64_t)model * RI_COMPARED_COLUMNS + (int64_t)column) * c->repeats;
}

static void mean_and_error(const double *value, const double *less, int64_t count, double *mean,
                           double *error) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++)
        sum += value[i] - (less ? less[i] : 0);
    *mean = sum / (double)count;
    for (int64_t i = 0; i < count; i++) {
        double d = value[i] - (less ? less[i] : 0) - *mean;
        squares += d * d;
    }
    *error = count > 1 ? sqrt(squares / (double)(count - 1) / (double)count) : (double)NAN;
}

void ri_comparison_mean(const ri_comparison *c, ri_model model, ri_compared column, double *mean,
                        double *error) {
    mean_and_error(ri_comparison_column(c, model, column), NULL, c->repeats, mean, error);
}

void ri_comparison_difference(const ri_comparison *c, ri_model a, ri_model b, double *mean,
                              double *error) {
    mean_and_error(ri_comparison_column(c, a, RI_COMPARED_RMSE),
                   ri_comparison_column(c, b, RI_COMPARED_RMSE), c->repeats, mean, error);
}

static double mean_of(const ri_comparison *c, ri_model model, ri_compared column) {
    double mean, error;
    ri_comparison_mean(c, model, column, &mean, &error);
    return mean;
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double ri_comparison_median(const ri_comparison *c, ri_model model, ri_compared column) {
    size_t count = (size_t)c->repeats;
    double *sorted = ri_alloc(count, sizeof *sorted), median = NAN;
    if (sorted) {
        memcpy(sorted, ri_comparison_column(c, model, column), count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_numbers);
        median = sorted[(count - 1) / 2];
    }
    free(sorted);
    return median;
}

static void print_line(const ri_comparison *c, ri_model m, FILE *out) {
    double rmse, error;
    char ratio[16] = "", found[24] = "", spread[24] = "";
    ri_comparison_mean(c, m, RI_COMPARED_RMSE, &rmse, &error);
    if (c->repeats > 1)
        snprintf(spread, sizeof spread, "+- %.3g", error);
    if (m != RI_MODEL_LEAST_SQUARES)
        snprintf(ratio, sizeof ratio, "%.3g", ri_comparison_median(c, m, RI_COMPARED_L1_RATIO));
    if (c->truths > 0)
        snprintf(found, sizeof found, "%.1f", mean_of(c, m, RI_COMPARED_FOUND));
    fprintf(out, "%-17s %10.5g %-11s %8.4f %9.1f", NAME[m], rmse, spread,
            mean_of(c, m, RI_COMPARED_R2), mean_of(c, m, RI_COMPARED_FEATURES));
    if (c->truths > 0)
        fprintf(out, " %8s", found);
    fprintf(out, " %10.4g %8s %9.3g\n", ri_comparison_median(c, m, RI_COMPARED_ALPHA), ratio,
            mean_of(c, m, RI_COMPARED_SECONDS));
}

/* The model of the lowest mean RMSE, of those whose alpha was chosen on folds or is 0. */
static ri_model best_model(const ri_comparison *c) {
    ri_model best = RI_MODEL_LEAST_SQUARES;
    for (int m = 1; m < RI_MODEL_FIXED; m++)
        if (mean_of(c, (ri_model)m, RI_COMPARED_RMSE) < mean_of(c, best, RI_COMPARED_RMSE))
            best = (ri_model)m;
    return best;
}

/* True where a is better than b by more than twice the standard error of their difference. */
static bool clearly_better(const ri_comparison *c, ri_model a, ri_model b) {
    double mean, error;
    ri_comparison_difference(c, a, b, &mean, &error);
    return mean < 0 && -mean > 2 * error;
}

static void say_best(const ri_comparison *c, FILE *out) {
    ri_model best = best_model(c);
    fprintf(out, "Lowest test error: %s, RMSE %.5g.", NAME[best],
            mean_of(c, best, RI_COMPARED_RMSE));
    if (c->repeats == 1) {
        fprintf(out, " One split says little of a small difference: --test-repeats 20 shows its "
                     "standard error.\n");
        return;
    }
    bool first = true;
    for (int m = 0; m < RI_MODEL_FIXED; m++) {
        if ((ri_model)m == best || clearly_better(c, best, (ri_model)m))
            continue;
        fprintf(out,
                first ? " Not clearly behind (within two standard errors of the difference): "
                        "%s"
                      : ", %s",
                NAME[m]);
        first = false;
    }
    fprintf(out, first ? " It is clearly ahead of the others (more than two standard errors of the "
                         "difference).\n"
                       : ".\n");
}

/* What kind of truth the order of the models speaks for. */
static void say_meaning(const ri_comparison *c, FILE *out) {
    double kept = mean_of(c, RI_MODEL_LASSO, RI_COMPARED_FEATURES);
    double lasso = mean_of(c, RI_MODEL_LASSO, RI_COMPARED_RMSE);
    double ridge = mean_of(c, RI_MODEL_RIDGE, RI_COMPARED_RMSE);
    if (c->repeats == 1)
        fprintf(out, "Here the lasso's error is %.3g %% %s ridge's, with %.0f of %lld features.\n",
                100 * fabs(lasso / ridge - 1), lasso < ridge ? "below" : "above", kept,
                (long long)c->p);
    else if (clearly_better(c, RI_MODEL_LASSO, RI_MODEL_RIDGE) ||
             clearly_better(c, RI_MODEL_ELASTIC_NET, RI_MODEL_RIDGE))
        fprintf(out,
                "The lasso predicts better than ridge, from %.0f of %lld features: a few features "
                "carry what can be predicted.\n",
                kept, (long long)c->p);
    else if (clearly_better(c, RI_MODEL_RIDGE, RI_MODEL_LASSO))
        fprintf(out, "Ridge predicts better than the lasso: many features carry a little each, or "
                     "stand in for each other.\n");
    else
        fprintf(out,
                "Lasso and ridge predict about equally well; the lasso does it with %.0f of %lld "
                "features.\n",
                kept, (long long)c->p);
    if (c->p >= c->train)
        fprintf(out,
                "With %lld features and %lld training samples least squares fits the training "
                "samples exactly; its coefficients are the smallest that do.\n",
                (long long)c->p, (long long)c->train);
}

/* What a penalty that nobody chose costs. */
static void say_fixed(const ri_comparison *c, FILE *out) {
    double more, error;
    if (c->models <= RI_MODEL_FIXED)
        return;
    ri_comparison_difference(c, RI_MODEL_FIXED, RI_MODEL_LEAST_SQUARES, &more, &error);
    fprintf(out, "At alpha %.4g the lasso keeps %.1f features", c->fixed_alpha,
            mean_of(c, RI_MODEL_FIXED, RI_COMPARED_FEATURES));
    if (more > 0)
        fprintf(out,
                ", but its test RMSE is %.3g above that of least squares: shrinkage bias. Each "
                "coefficient that it keeps is pulled towards 0, by about alpha on the standardised "
                "scale where features hardly correlate; an alpha chosen by cross-validation "
                "shrinks no more than pays.\n",
                more);
    else
        fprintf(out, ", and its test RMSE is %.3g below that of least squares.\n", -more);
}

void ri_comparison_say(const ri_comparison *c, FILE *out) {
    say_best(c, out);
    say_meaning(c, out);
    say_fixed(c, out);
    for (int m = 0; m < c->models && m < RI_MODELS; m++)
        if (mean_of(c, (ri_model)m, RI_COMPARED_CERTIFIED) < 1)
            fprintf(out, "NOT CERTIFIED: some points of %s missed the tolerance.\n", NAME[m]);
}

void ri_comparison_print(const ri_comparison *c, FILE *out) {
    fprintf(out,
            "%s: response '%s', %lld samples, %lld features\n%lld trained on, %lld tested, %lld "
            "draw%s of the test samples, alpha chosen on %lld folds\n\n",
            c->dataset, c->response, (long long)c->n, (long long)c->p, (long long)c->train,
            (long long)(c->n - c->train), (long long)c->repeats, c->repeats == 1 ? "" : "s",
            (long long)c->folds);
    fprintf(out, "%-17s %10s %-11s %8s %9s", "", "test RMSE", "", "test R2", "features");
    if (c->truths > 0)
        fprintf(out, " %8s", "true");
    fprintf(out, " %10s %8s %9s\n", "alpha", "l1_ratio", "seconds");
    for (int m = 0; m < c->models; m++)
        print_line(c, (ri_model)m, out);
    if (c->repeats > 1)
        fprintf(out, "\nMeans over the draws (alpha and l1_ratio: medians); +- is the standard "
                     "error of the mean.\n");
    fputc('\n', out);
    ri_comparison_say(c, out);
}
