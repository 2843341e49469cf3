/* SPDX-License-Identifier: BSD-3-Clause
 * The adaptive lasso is a lasso on columns multiplied by the weights: the same coefficients,
 * undone, at the same alphas. Its weights are |standardised coefficient|^gamma of the first fit, on
 * the training rows alone, and a feature without one stays at 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/small_run.h"

/* Mean and population sd of column j over the training rows of fold k (-1: all). */
static void moments(const small_problem *s, int64_t j, int32_t k, long double *mean,
                    long double *sd) {
    long double sum = 0, weight = 0, squares = 0, observed = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < s->design.n; i++) {
            double v = s->x[j * s->design.n + i];
            long double w = s->weight ? s->weight[i] : 1;
            if (isnan(s->y[i]) || (k >= 0 && s->fold[i] == k))
                continue;
            weight += pass == 0 ? w : 0;
            if (isnan(v))
                continue;
            observed += pass == 0 ? w : 0;
            sum += pass == 0 ? w * v : 0;
            squares += pass == 1 ? w * (v - sum / observed) * (v - sum / observed) : 0;
        }
    *mean = sum / observed;
    *sd = sqrtl(squares / weight);
}

static ri_adaptive weigh(const small_problem *s, const ri_record *first, int64_t a, double gamma) {
    ri_adaptive adaptive;
    ri_error err = {0};
    if (ri_adaptive_new(first, a, &s->problem, gamma, &adaptive, &err) != RI_OK)
        fail_msg("%s", err.text);
    return adaptive;
}

static void weights_are_those_of_the_first_fit(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.missing = 0.05;
    d.weights = UNEVEN;
    d.factors = SOME_FREE;
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 1, false);
    ri_adaptive adaptive = weigh(s, run.record, 9, 1.5);
    assert_int_equal(adaptive.fits, d.folds + 1);
    for (int32_t k = 0; k <= d.folds; k++)
        for (int64_t j = 0; j < d.p; j++) {
            long double mean, sd;
            double b = small_coefficient(&run.record->path[0].fit[k], 9, j);
            moments(s, j, k < d.folds ? k : -1, &mean, &sd);
            long double expected = s->factor[j] > 0 ? powl(fabsl(b * sd), 1.5L) : 0;
            double got = ri_adaptive_weight(&adaptive, k, j);
            assert_true(fabsl(got - expected) <= 1e-12L * expected);
        }
    ri_adaptive_free(&adaptive);
    small_run_free(&run);
    small_free(s);
}

/* Columns (x - mean) weight / sd in place of x: what a run without standardisation sees. */
static void rescale(small_problem *s, const ri_adaptive *adaptive, long double *factor) {
    int64_t n = s->design.n;
    for (int64_t j = 0; j < s->design.p; j++) {
        long double mean, sd;
        moments(s, j, -1, &mean, &sd);
        factor[j] = ri_adaptive_weight(adaptive, 0, j) / sd;
        for (int64_t i = 0; i < n; i++)
            s->x[j * n + i] = (double)((s->x[j * n + i] - mean) * factor[j]);
    }
    memcpy(s->stored, s->x, (size_t)(n * s->design.p) * sizeof *s->x);
}

static void it_is_a_lasso_on_rescaled_columns(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        small_design d = small_defaults();
        d.storage = RI_F64;
        d.folds = 0;
        d.seed = seed;
        d.tol = 1e-13;
        d.alphas = 8;
        small_problem *s = small_new(&d), *t = small_new(&d);
        small_run first = small_solve(s, 1, false);
        ri_adaptive adaptive = weigh(s, first.record, 5, 1);
        assert_true(adaptive.start[1] > 2 && adaptive.start[1] < d.p);
        s->problem.adaptive = &adaptive;
        small_run run = small_solve(s, 1, false);
        long double *factor = small_room((size_t)d.p, sizeof *factor);
        rescale(t, &adaptive, factor);
        t->problem.settings.standardize = false;
        t->problem.alpha_list = run.record->path[0].alpha;
        small_run plain = small_solve(t, 1, false);
        const ri_fit *a = &run.record->path[0].fit[0], *b = &plain.record->path[0].fit[0];
        assert_int_equal(a->start[1], 0); /* alpha_max is that of the weighted columns */
        for (int64_t i = 0; i < d.alphas; i++) {
            assert_true(fabs(a->objective[i] - b->objective[i]) <= 1e-10 * b->objective[i]);
            for (int64_t j = 0; j < d.p; j++) {
                double expected = (double)(small_coefficient(b, i, j) * factor[j]);
                assert_true(fabs(small_coefficient(a, i, j) - expected) <=
                            1e-5 * (1 + fabs(expected)));
                if (ri_adaptive_weight(&adaptive, 0, j) == 0)
                    assert_true(small_coefficient(a, i, j) == 0);
            }
        }
        assert_true(a->start[d.alphas] > a->start[d.alphas - 1]);
        free(factor);
        ri_adaptive_free(&adaptive);
        small_run_free(&first);
        small_run_free(&run);
        small_run_free(&plain);
        small_free(s);
        small_free(t);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_those_of_the_first_fit),
        cmocka_unit_test(it_is_a_lasso_on_rescaled_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
