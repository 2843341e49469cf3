/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of what the refit says by its own rows: the training error that is derived from objective
 * and penalty is the mean square of the residuals of the raw data; BIC and extended BIC are their
 * definitions, with C(p, df) multiplied out; the choice by a criterion is the lowest point of all
 * paths; shrinkage goes from 0, where all is zero, to 1 at its largest. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/criteria.h"
#include "support/small_run.h"

static bool is_kept(const small_problem *s, int64_t i) {
    return !isnan(s->y[i]);
}

static long double weight_of(const small_problem *s, int64_t i) {
    return s->weight ? s->weight[i] : 1.0L;
}

/* Weighted mean of the observed kept values of a feature. */
static long double mean_of(const small_problem *s, int64_t j) {
    int64_t n = s->design.n;
    long double sum = 0, all = 0;
    for (int64_t i = 0; i < n; i++)
        if (is_kept(s, i) && !isnan(s->x[j * n + i])) {
            sum += weight_of(s, i) * (long double)s->x[j * n + i];
            all += weight_of(s, i);
        }
    return all > 0 ? sum / all : 0;
}

/* Weighted mean square of the residuals of the kept rows at an alpha. */
static double mean_square(const small_problem *s, const ri_fit *fit, int64_t a) {
    int64_t n = s->design.n;
    long double sum = 0, all = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!is_kept(s, i))
            continue;
        long double r = s->y[i] - (long double)fit->intercept[a];
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            double x = s->x[fit->feature[e] * n + i];
            r -= (long double)fit->coefficient[e] * (isnan(x) ? mean_of(s, fit->feature[e]) : x);
        }
        sum += weight_of(s, i) * r * r;
        all += weight_of(s, i);
    }
    return (double)(sum / all);
}

/* The criterion by its definition; the number of subsets is multiplied out. */
static double criterion(const small_problem *s, const ri_record *record, const ri_path *path,
                        int64_t a, double gamma) {
    const ri_fit *fit = ri_path_refit(record, path);
    int64_t df = 0, p = 0;
    long double subsets = 1;
    for (int64_t j = 0; j < s->design.p; j++) {
        bool penalised = !s->factor || s->factor[j] > 0;
        p += penalised;
        df += penalised && small_coefficient(fit, a, j) != 0;
    }
    for (int64_t k = 0; k < df; k++)
        subsets *= (long double)(p - k) / (long double)(k + 1);
    double n = (double)record->n;
    return n * log(mean_square(s, fit, a)) + (double)df * log(n) +
           2 * gamma * (double)logl(subsets);
}

static void check_path(const small_problem *s, const ri_record *record, const ri_path *path) {
    double null = 2 * ri_path_refit(record, path)->null_loss;
    for (int64_t a = 0; a < path->alphas; a++) {
        double mse = mean_square(s, ri_path_refit(record, path), a);
        if (fabs(ri_path_training_error(record, path, a) - mse) > 1e-9 * null)
            fail_msg("%s: alpha %d: training error %.12g is %.12g", small_text(&s->design), (int)a,
                     ri_path_training_error(record, path, a), mse);
        for (double gamma = 0; gamma <= 1; gamma += 0.5) {
            double value = ri_path_bic(record, path, a, gamma);
            int64_t df = ri_fit_support(record, ri_path_refit(record, path), a);
            bool meaningless = path->l1_ratio == 0 || df >= record->n - 1 || mse < 1e-10 * null;
            if (isnan(value)
                    ? !meaningless
                    : fabs(value - criterion(s, record, path, a, gamma)) > 1e-6 * (double)record->n)
                fail_msg("%s: alpha %d: BIC with gamma %g %.12g is %.12g", small_text(&s->design),
                         (int)a, gamma, value, criterion(s, record, path, a, gamma));
        }
    }
}

static small_design design_of(int c) {
    static const double l1_ratio[] = {1, 0.5, 0};
    small_design d = small_defaults();
    d.seed = 70 + (uint64_t)c;
    d.n = c % 2 ? 40 : 90;
    d.storage = (ri_storage)(c % RI_DENSE_COUNT);
    d.missing = c % 2 ? 0.05 : 0;
    d.missing_y = c % 3 ? 0 : 0.1;
    d.weights = (small_weights)(c / 2 % 3);
    d.factors = (small_factors)(c / 3 % 4);
    d.no_intercept = c % 7 == 3;
    d.raw = c % 5 == 4;
    d.positive = c % 4 == 1;
    d.l1_ratio = l1_ratio[c % 3];
    d.oddities = c % 4 == 2 ? ODD_ALL : 0;
    d.folds = c % 6 == 5 ? 3 : 0;
    return d;
}

static void test_definitions(void **state) {
    (void)state;
    for (int c = 0; c < 40; c++) {
        small_design d = design_of(c);
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        check_path(s, run.record, &run.record->path[0]);
        small_run_free(&run);
        small_free(s);
    }
}

static void test_choice_is_the_lowest(void **state) {
    (void)state;
    static const double l1_ratio[] = {0.3, 1, 0.6, 0};
    for (int c = 0; c < 12; c++) {
        small_design d = small_defaults();
        d.seed = 10 + (uint64_t)c;
        d.folds = c % 2 ? 3 : 0;
        d.n = 60;
        small_problem *s = small_new(&d);
        s->problem.l1_ratio = l1_ratio;
        s->problem.l1_ratios = 4;
        s->problem.settings.select = c % 3 ? RI_SELECT_EBIC : RI_SELECT_BIC;
        s->problem.settings.ebic_gamma = c % 3 == 2 ? 1 : 0.5;
        double gamma = c % 3 ? s->problem.settings.ebic_gamma : 0;
        small_run run = small_solve(s, 1, false);
        const ri_record *record = run.record;
        double chosen =
            criterion(s, record, ri_record_selected(record), record->index_selected, gamma);
        for (int64_t r = 0; r < 3; r++)
            for (int64_t a = 0; a < d.alphas; a++)
                assert_true(chosen <= criterion(s, record, &record->path[r], a, gamma) + 1e-7);
        assert_int_equal(ri_path_least_bic(record, ri_record_selected(record), gamma),
                         record->index_selected);
        assert_int_equal(ri_path_least_bic(record, &record->path[3], gamma), -1);
        small_run_free(&run);
        small_free(s);
    }
}

static void test_shrinkage_ends(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.p = 12;
    d.factors = SOME_FREE;
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 1, false);
    const ri_record *record = run.record;
    const ri_path *path = &record->path[0];
    double shrinkage[64], most = 0;
    ri_path_shrinkage(record, path, shrinkage);
    assert_true(shrinkage[0] == 0);
    for (int64_t a = 0; a < path->alphas; a++) {
        const ri_fit *fit = ri_path_refit(record, path);
        long double here = 0, last = 0;
        for (int64_t j = 0; j < d.p; j++) {
            if (s->factor[j] == 0)
                continue;
            here += fabsl((long double)small_coefficient(fit, a, j) * record->feature_sd[j]);
            last += fabsl((long double)small_coefficient(fit, path->alphas - 1, j) *
                          record->feature_sd[j]);
        }
        double ratio = shrinkage[a] / shrinkage[path->alphas - 1];
        assert_true(fabs(ratio - (double)(here / last)) < 1e-12);
        most = fmax(most, shrinkage[a]);
    }
    assert_true(most == 1);
    small_run_free(&run);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_choice_is_the_lowest),
        cmocka_unit_test(test_shrinkage_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
