/* SPDX-License-Identifier: BSD-3-Clause
 * The relaxed lasso: with gamma = 0 the fitted values are those of least squares on the support,
 * orthogonal to its columns, computed here in long double from raw data; a mix lies between;
 * held-out errors are those of its predictions; and the path itself is not touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/relax.h"
#include "solve/support_fit.h"
#include "support/small_run.h"

enum { GAMMAS = 4 };
static const double GAMMA[GAMMAS] = {1, 0.7, 0.25, 0};

/* Feature j with missing values at the weighted mean of the training rows of fold k (-1: none). */
static void fill(const small_problem *s, int64_t j, int32_t k, long double *out) {
    int64_t n = s->design.n;
    long double sum = 0, weight = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = s->x[j * n + i];
        out[i] = v;
        bool train = !isnan(s->y[i]) && (k < 0 || s->fold[i] != k);
        if (!train || isnan(v))
            continue;
        long double w = s->weight ? s->weight[i] : 1;
        sum += w * v;
        weight += w;
    }
    for (int64_t i = 0; i < n; i++)
        if (isnan(out[i]))
            out[i] = weight > 0 ? sum / weight : 0;
}

/* Prediction of a row from the coefficients of a fit. */
static long double predicted(const small_problem *s, const ri_fit *fit, int64_t a, int64_t i) {
    long double *column = small_room((size_t)s->design.n, sizeof *column);
    long double sum = fit->intercept[a];
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
        fill(s, fit->feature[e], fit->fold, column);
        sum += column[i] * fit->coefficient[e];
    }
    free(column);
    return sum;
}

/* The residual of least squares is orthogonal, by the weights, to the intercept and to every column
 * of the support: the normal equations, which no other coefficients satisfy but for dependent
 * columns. */
static void check_normal_equations(const small_problem *s, const ri_fit *fit, int64_t a) {
    int64_t n = s->design.n;
    long double *column = small_room((size_t)n, sizeof *column), *r = small_room((size_t)n, 16);
    long double sum = 0, total = 0;
    for (int64_t i = 0; i < n; i++) {
        bool train = !isnan(s->y[i]) && (fit->fold < 0 || s->fold[i] != fit->fold);
        long double w = s->weight ? s->weight[i] : 1;
        r[i] = train ? w * (s->y[i] - predicted(s, fit, a, i)) : 0;
        total += train ? w * s->y[i] * s->y[i] : 0;
        sum += r[i];
    }
    if (!s->design.no_intercept)
        assert_true(fabsl(sum) < 1e-9L * (1 + total));
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
        long double dot = 0, square = 0;
        fill(s, fit->feature[e], fit->fold, column);
        for (int64_t i = 0; i < n; i++) {
            dot += column[i] * r[i];
            square += column[i] * column[i];
        }
        assert_true(fabsl(dot) < 1e-9L * sqrtl(square * (1 + total)));
    }
    free(column);
    free(r);
}

static void check_errors(const small_problem *s, const ri_fit *fit, int64_t a) {
    long double square = 0, weight = 0;
    for (int64_t i = 0; i < s->design.n; i++) {
        if (isnan(s->y[i]) || fit->fold < 0 || s->fold[i] != fit->fold)
            continue;
        long double w = s->weight ? s->weight[i] : 1, e = s->y[i] - predicted(s, fit, a, i);
        square += w * e * e;
        weight += w;
    }
    if (weight > 0)
        assert_true(fabsl(square / weight - fit->mse[a]) < 1e-8L * (1 + square / weight));
    else
        assert_true(isnan(fit->mse[a]));
}

static void check_mixes(const small_problem *s, const ri_record *record) {
    const ri_path *own = &record->path[0], *fresh = &record->path[GAMMAS - 1];
    assert_int_equal(record->paths, GAMMAS);
    for (int g = 0; g < GAMMAS; g++) {
        const ri_path *path = &record->path[g];
        assert_true(path->relaxed == 1 - GAMMA[g]);
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < path->alphas; a += 3) {
                const ri_fit *fit = &path->fit[k];
                for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
                    double mix = GAMMA[g] * own->fit[k].coefficient[e] +
                                 (1 - GAMMA[g]) * fresh->fit[k].coefficient[e];
                    assert_true(fabs(fit->coefficient[e] - mix) <= 1e-12 * (1 + fabs(mix)));
                }
                check_errors(s, fit, a);
                if (GAMMA[g] == 0)
                    check_normal_equations(s, fit, a);
                assert_true(fit->certified[a]);
            }
    }
}

/* The path that was there, byte for byte. */
static void check_untouched(const ri_path *now, const ri_path *before, int32_t folds, int64_t n) {
    size_t points = (size_t)before->alphas * sizeof(double);
    assert_memory_equal(now->mean, before->mean, points);
    assert_memory_equal(now->se, before->se, points);
    assert_memory_equal(now->prediction, before->prediction, points * (size_t)n);
    for (int32_t k = 0; k <= folds; k++) {
        const ri_fit *a = &now->fit[k], *b = &before->fit[k];
        size_t entries = (size_t)b->start[before->alphas] * sizeof(double);
        assert_memory_equal(a->coefficient, b->coefficient, entries ? entries : 1);
        assert_memory_equal(a->intercept, b->intercept, points);
        assert_memory_equal(a->mse, b->mse, points);
        assert_memory_equal(a->gap, b->gap, points);
    }
}

static void check_design(const small_design *d) {
    small_problem *s = small_new(d);
    small_run before = small_solve(s, 1, false), one = small_solve(s, 1, false);
    small_run three = small_solve(s, 1, false);
    ri_error err = {0};
    if (ri_record_relax(one.record, &s->problem, GAMMA, GAMMAS, 1, &err) != RI_OK)
        fail_msg("%s", err.text);
    assert_int_equal(ri_record_relax(three.record, &s->problem, GAMMA, GAMMAS, 3, &err), RI_OK);
    check_mixes(s, one.record);
    check_untouched(&one.record->path[0], &before.record->path[0], d->folds, d->n);
    for (int g = 0; g < GAMMAS; g++)
        check_untouched(&three.record->path[g], &one.record->path[g], d->folds, d->n);
    int64_t best = 0;
    for (int g = 1; g < GAMMAS; g++) {
        const ri_path *path = one.record->path;
        if (path[g].mean[path[g].index_min] < path[best].mean[path[best].index_min])
            best = g;
    }
    assert_int_equal(one.record->selected_path, best);
    small_run_free(&before);
    small_run_free(&one);
    small_run_free(&three);
    small_free(s);
}

static void supports_are_fitted_by_least_squares(void **state) {
    (void)state;
    small_design d = small_defaults();
    check_design(&d);
    d.oddities = ODD_ALL; /* constant and dependent columns */
    d.storage = RI_I8;
    d.missing = 0.05;
    d.missing_y = 0.1;
    check_design(&d);
    d = small_defaults();
    d.weights = UNEVEN_AND_ZERO;
    d.factors = SOME_FREE;
    d.l1_ratio = 0.8;
    check_design(&d);
    d = small_defaults();
    d.n = 18; /* supports of as many features as rows */
    d.p = 40;
    d.eps = 1e-3;
    d.tol = 1e-6;
    check_design(&d);
    d.no_intercept = true;
    d.raw = true;
    check_design(&d);
}

/* Columns 0, 1, 2 = 0 + 1, 3: the dependent one gets 0, and the others what they get without it. */
static void dependent_columns_get_nothing(void **state) {
    (void)state;
    double z[4 * 6], y[6], all[4], three[3];
    for (int i = 0; i < 6; i++) {
        z[i] = sin(i + 1.0);
        z[6 + i] = cos(3.0 * i);
        z[12 + i] = z[i] + z[6 + i];
        z[18 + i] = i % 2;
        y[i] = 2 * z[i] - z[6 + i] + 0.5 * z[18 + i] + 0.01 * i;
    }
    ri_support_fit fit;
    assert_int_equal(ri_support_fit_new(&fit, z, y, 6, 4, NULL), RI_OK);
    const int64_t with[] = {0, 1, 2, 3}, without[] = {0, 1, 3};
    ri_support_fit_solve(&fit, with, 4, all);
    assert_int_equal(fit.dependent, 1);
    assert_true(fit.steepest < 1e-14);
    ri_support_fit_solve(&fit, without, 3, three);
    assert_int_equal(fit.dependent, 0);
    assert_true(all[2] == 0);
    assert_true(all[0] == three[0] && all[1] == three[1] && all[3] == three[2]);
    ri_support_fit_solve(&fit, with, 0, all);
    assert_true(fit.steepest == 0 && fit.residual[5] == y[5]);
    ri_support_fit_free(&fit);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supports_are_fitted_by_least_squares),
        cmocka_unit_test(dependent_columns_get_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
