/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of classes and counts: every point meets the optimality conditions and its duality gap, both
 * recomputed from raw data in long double; the gap recorded is never less than the distance to the
 * optimum, found by brute force; from alpha_max up the answer is the null model; classes that can
 * be told apart for certain lead to no infinity; and the bytes of a unit do not depend on threads
 * or on which units run together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/check_run.h"
#include "support/exact_loss.h"

enum { DESIGNS = 24 };

static small_design some_design(int c) {
    const double l1_ratio[] = {1, 0.5, 1, 0.2};
    small_design d = small_defaults();
    d.family = c % 3 == 2 ? RI_POISSON : RI_BINOMIAL;
    d.seed = 400 + (uint64_t)c;
    d.n = 60;
    d.p = 25;
    d.alphas = 8;
    d.eps = 0.05;
    d.storage = (ri_storage)(c % RI_DENSE_COUNT);
    d.l1_ratio = l1_ratio[c % 4];
    d.missing = c % 2 ? 0.05 : 0;
    d.missing_y = c % 3 ? 0.1 : 0;
    d.weights = (small_weights)(c % 3);
    d.factors = (small_factors)(c % 4 == 3 ? SOME_FREE : c % 3);
    d.positive = c % 5 == 4;
    d.no_intercept = c % 7 == 6;
    d.raw = c % 6 == 5 && d.storage != RI_I8;
    d.solver = c % 8 == 7 ? RI_SOLVER_SHOOTING : RI_SOLVER_AUTO;
    d.blocks = c % 9 == 8 ? 3 : 1;
    return d;
}

/* True where the point holds. */
static bool check_loss_point(const exact_fit *f, const ri_fit *fit, double alpha, int64_t a) {
    double *b = dense_coefficients(fit, a, f->p);
    exact_state s = exact_take(f, b, fit->intercept[a]);
    long double worst = f->of->design.no_intercept ? 0 : exact_violation(&s, alpha, -1);
    for (int64_t j = 0; j < f->p; j++)
        if (f->scale[j] != 0)
            worst = fmaxl(worst, exact_violation(&s, alpha, j));
    long double objective = exact_objective(&s, alpha), gap = exact_gap(&s, alpha);
    double unit = fit->null_loss;
    bool good = fit->certified[a] && fit->gap[a] <= f->of->design.tol;
    good = good && fabs((double)objective - fit->objective[a]) <= 1e-11 * unit;
    good = good && (double)worst <= 1e-4 * alpha;
    good = good && !((double)gap / unit > fit->gap[a] + 1e-11); /* NaN: no such dual point */
    if (!good)
        print_error("%s: fold %d alpha %d (%g): gap %g, recorded %g; objective %.15g, recorded "
                    "%.15g; violation %g\n",
                    small_text(&f->of->design), fit->fold, (int)a, alpha, (double)gap / unit,
                    fit->gap[a], (double)objective, fit->objective[a], (double)worst);
    exact_end(&s);
    free(b);
    return good;
}

static void test_certificate(void **state) {
    (void)state;
    int bad = 0;
    for (int c = 0; c < DESIGNS && bad < MOST_COMPLAINTS; c++) {
        small_design d = some_design(c);
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_path *path = &run.record->path[0];
        for (int32_t k = 0; k <= run.record->folds; k++) {
            exact_fit *f = exact_new(s, path->fit[k].fold);
            for (int64_t a = 0; a < path->alphas; a++)
                bad += !check_loss_point(f, &path->fit[k], path->alpha[a], a);
            exact_free(f);
        }
        small_run_free(&run);
        small_free(s);
    }
    assert_int_equal(bad, 0);
}

/* At a loose tolerance too: objective - optimum <= gap. */
static void test_gap_bounds_distance(void **state) {
    (void)state;
    for (int c = 0; c < 6; c++) {
        small_design d = some_design(c);
        d.n = 40;
        d.p = 12;
        d.alphas = 4;
        d.eps = 0.1;
        d.tol = c % 2 ? 1e-9 : 1e-2;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_path *path = &run.record->path[0];
        const ri_fit *fit = &path->fit[0];
        exact_fit *f = exact_new(s, fit->fold);
        for (int64_t a = 0; a < path->alphas; a++) {
            exact_state optimum = exact_solve(f, path->alpha[a], 3000);
            double least = (double)exact_objective(&optimum, path->alpha[a]);
            double distance = (fit->objective[a] - least) / fit->null_loss;
            if (!(distance >= -1e-11 && distance <= fit->gap[a] + 1e-11))
                fail_msg("%s: alpha %d: %g from the optimum, the gap is %g", small_text(&d), (int)a,
                         distance, fit->gap[a]);
            exact_end(&optimum);
        }
        exact_free(f);
        small_run_free(&run);
        small_free(s);
    }
}

static void test_null_model(void **state) {
    (void)state;
    for (int c = 0; c < 6; c++) {
        small_design d = some_design(c);
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        double top = run.record->path[0].alpha[0], alpha[2] = {2 * top, top * 1.0001};
        small_run_free(&run);
        s->problem.alpha_list = alpha;
        s->problem.alphas = s->design.alphas = 2;
        s->problem.blocks = 1;
        run = small_solve(s, 1, false);
        const ri_fit *refit = &run.record->path[0].fit[d.folds];
        for (int64_t k = 0; k < refit->start[2]; k++)
            assert_true(s->factor && s->factor[refit->feature[k]] == 0);
        for (int a = 0; a < 2; a++) {
            assert_true(fabs(refit->objective[a] - refit->null_loss) <= 1e-10 * refit->null_loss);
            assert_true(refit->gap[a] <= 1e-10);
        }
        small_run_free(&run);
        small_free(s);
    }
}

static void test_separable(void **state) {
    (void)state;
    for (int c = 0; c < 4; c++) {
        small_design d = small_defaults();
        d.family = RI_BINOMIAL;
        d.separable = true;
        d.seed = 900 + (uint64_t)c;
        d.l1_ratio = c % 2 ? 0.5 : 1;
        d.eps = 1e-5;
        d.alphas = 40;
        d.solver = c == 3 ? RI_SOLVER_NEWTON : RI_SOLVER_AUTO;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_path *path = &run.record->path[0];
        assert_true(ri_record_certified(run.record));
        for (int64_t a = 0; a < path->alphas; a++) {
            assert_true(isfinite(path->mean[a]) && isfinite(path->fit[d.folds].intercept[a]));
            assert_true(path->more_mean[RI_CLASS_ERROR][a] <= 1);
        }
        small_run_free(&run);
        small_free(s);
    }
}

static void test_invariance(void **state) {
    (void)state;
    for (int c = 0; c < 8; c++) {
        small_design d = some_design(c);
        small_problem *s = small_new(&d);
        small_run one = small_solve(s, 1, false), other = small_solve(s, 3, false);
        small_run alone = small_solve(s, 2, true);
        for (int64_t u = 0; u < one.units; u++) {
            small_run *run[3] = {&one, &other, &alone};
            void *bytes[3];
            size_t length[3];
            for (int k = 0; k < 3; k++) {
                run[k]->unit[u].bytes_read = run[k]->unit[u].seconds = 0;
                assert_int_equal(ri_unit_pack(&run[k]->unit[u], &bytes[k], &length[k], NULL),
                                 RI_OK);
                assert_int_equal(length[k], length[0]);
                assert_memory_equal(bytes[k], bytes[0], length[0]);
            }
            for (int k = 0; k < 3; k++)
                free(bytes[k]);
        }
        small_run_free(&one);
        small_run_free(&other);
        small_run_free(&alone);
        small_free(s);
    }
}

/* What has no finite answer is refused in words. */
static void expect_refusal(small_problem *s, const char *part) {
    ri_plan *plan = NULL;
    ri_error err = {0};
    ri_status status = ri_plan_new(&s->problem, NULL, 1, &plan, &err);
    assert_int_equal(status, RI_BAD_INPUT);
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
    small_free(s);
}

static void test_no_finite_answer(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.family = RI_BINOMIAL;
    d.separable = true;
    d.factors = ALL_ONE;
    small_problem *s = small_new(&d);
    s->factor = small_room((size_t)d.p, sizeof(double));
    for (int64_t j = 1; j < d.p; j++)
        s->factor[j] = 1; /* the column that tells the classes apart is unpenalised */
    s->problem.penalty_factor = s->factor;
    expect_refusal(s, "for certain");
    s = small_new(&d);
    s->weight = small_room((size_t)d.n, sizeof(double));
    for (int64_t i = 0; i < d.n; i++)
        s->weight[i] = s->y[i]; /* no weight on one class */
    s->problem.weight = s->weight;
    expect_refusal(s, "the response 1 only");
    d.p = 1001;
    d.l1_ratio = 0;
    expect_refusal(small_new(&d), "--l1-ratio 0 with --family binomial");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate), cmocka_unit_test(test_gap_bounds_distance),
        cmocka_unit_test(test_null_model),  cmocka_unit_test(test_separable),
        cmocka_unit_test(test_invariance),  cmocka_unit_test(test_no_finite_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
