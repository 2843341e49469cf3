/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the answers themselves: of all sign patterns the best is the one found; both engines and
 * any number of blocks agree; equal columns are one to the lasso and share under an elastic net;
 * the first alpha is the smallest with nothing in the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/check_run.h"

enum { MOST = 4 };

/* Solves the k x k system in place by elimination with pivoting; false where it is singular. */
static bool solve_small(long double a[MOST][MOST + 1], int k) {
    for (int i = 0; i < k; i++) {
        int pivot = i;
        for (int r = i + 1; r < k; r++)
            pivot = fabsl(a[r][i]) > fabsl(a[pivot][i]) ? r : pivot;
        if (fabsl(a[pivot][i]) < 1e-15L)
            return false;
        for (int c = 0; c <= k; c++) {
            long double swap = a[i][c];
            a[i][c] = a[pivot][c];
            a[pivot][c] = swap;
        }
        for (int r = 0; r < k; r++) {
            long double ratio = a[r][i] / a[i][i];
            for (int c = i; r != i && c <= k; c++)
                a[r][c] -= ratio * a[i][c];
        }
    }
    for (int i = 0; i < k; i++)
        a[i][k] /= a[i][i];
    return true;
}

/* Stationary point of one sign pattern (-1, 0, 1 each), as standardised coefficients; false where
 * its signs are not those of the pattern. */
static bool solve_pattern(const exact_fit *f, const int *sign, long double l1, long double l2,
                          long double *beta) {
    int64_t support[MOST];
    int k = 0;
    long double a[MOST][MOST + 1], n = (long double)f->n;
    for (int64_t j = 0; j < f->p; j++) {
        beta[j] = 0;
        if (sign[j] != 0)
            support[k++] = j;
    }
    long double *y = small_room((size_t)f->n, sizeof *y);
    for (int64_t t = 0; t < f->n; t++)
        y[t] = f->root[t] * f->y[t];
    if (!f->of->design.no_intercept)
        exact_project(f, y); /* the basis is the intercept alone here */
    for (int r = 0; r < k; r++) {
        const long double *z = f->z + support[r] * f->n;
        long double factor = f->of->factor ? f->of->factor[support[r]] : 1;
        for (int c = 0; c < k; c++)
            a[r][c] = exact_dot(z, f->z + support[c] * f->n, f->n) / n;
        a[r][r] += l2 * factor;
        a[r][k] = exact_dot(z, y, f->n) / n - l1 * factor * sign[support[r]];
    }
    free(y);
    if (!solve_small(a, k))
        return false;
    for (int r = 0; r < k; r++) {
        beta[support[r]] = a[r][k];
        if (a[r][k] * sign[support[r]] <= 0)
            return false;
    }
    return true;
}

/* Lowest objective over all sign patterns. */
static double brute_force(const exact_fit *f, double alpha) {
    const small_design *d = &f->of->design;
    int patterns = 1;
    double best = INFINITY;
    for (int64_t j = 0; j < d->p; j++)
        patterns *= 3;
    for (int code = 0; code < patterns; code++) {
        int sign[MOST], rest = code;
        bool allowed = true;
        for (int64_t j = 0; j < d->p; j++, rest /= 3) {
            sign[j] = rest % 3 - 1;
            allowed = allowed && !(d->positive && sign[j] < 0) && (f->scale[j] != 0 || !sign[j]);
        }
        long double beta[MOST], l1 = (long double)alpha * d->l1_ratio, l2 = alpha - l1;
        if (!allowed || !solve_pattern(f, sign, l1, l2, beta))
            continue;
        double b[MOST] = {0};
        long double b0 = 0, total = 0;
        for (int64_t t = 0; t < f->n && !d->no_intercept; t++) {
            b0 += f->w[t] * f->y[t];
            total += f->w[t];
        }
        b0 = d->no_intercept ? 0 : b0 / total;
        for (int64_t j = 0; j < d->p; j++) {
            b[j] = (double)(beta[j] * f->scale[j]);
            b0 -= d->no_intercept ? 0 : beta[j] * f->scale[j] * f->mean[j];
        }
        best = fmin(best, (double)exact_look(f, alpha, b, (double)b0).objective);
    }
    return best;
}

static void test_best_of_all_sign_patterns(void **state) {
    (void)state;
    const double l1_ratio[] = {1, 0.5, 0.05};
    for (int c = 0; c < 24; c++) {
        small_design d = small_defaults();
        d.seed = 2000 + (uint64_t)c;
        d.n = 20;
        d.p = 2 + c % 3;
        d.l1_ratio = l1_ratio[c / 8];
        d.positive = c % 4 == 1;
        d.no_intercept = c % 4 == 2;
        d.raw = c % 4 == 3;
        d.factors = c % 2 ? DIFFERENT : ALL_ONE;
        d.weights = c % 3 ? EVEN : UNEVEN_AND_ZERO;
        d.storage = c % 5 == 4 ? RI_PACKED2 : RI_F64;
        d.alphas = 8;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_path *path = &run.record->path[0];
        for (int32_t k = 0; k <= d.folds; k++) {
            exact_fit *f = exact_new(s, path->fit[k].fold);
            for (int64_t a = 0; a < d.alphas; a++) {
                double best = brute_force(f, path->alpha[a]), found = path->fit[k].objective[a];
                if (fabs(found - best) > 1e-9 * (double)f->null_loss)
                    fail_msg("%s: fold %d alpha %d: objective %.15g, the best is %.15g",
                             small_text(&d), path->fit[k].fold, (int)a, found, best);
            }
            exact_free(f);
        }
        small_run_free(&run);
        small_free(s);
    }
}

/* Objectives of two ways to solve one problem differ by no more than their gaps. */
static void check_agreement(const small_design *one, const small_design *other) {
    small_problem *s = small_new(one), *t = small_new(other);
    small_run a = small_solve(s, 1, false), b = small_solve(t, 1, false);
    for (int32_t k = 0; k <= one->folds; k++)
        for (int64_t i = 0; i < one->alphas; i++) {
            const ri_fit *f = &a.record->path[0].fit[k], *g = &b.record->path[0].fit[k];
            double gap = fmax(f->gap[i], g->gap[i]) + 1e-13;
            if (fabs(f->objective[i] - g->objective[i]) > gap * f->null_loss)
                fail_msg("%s: fold %d alpha %d: objectives %.15g and %.15g, gaps %g and %g",
                         small_text(other), f->fold, (int)i, f->objective[i], g->objective[i],
                         f->gap[i], g->gap[i]);
        }
    small_run_free(&a);
    small_run_free(&b);
    small_free(s);
    small_free(t);
}

static void test_engines_and_blocks_agree(void **state) {
    (void)state;
    const double l1_ratio[] = {1, 0.5, 0};
    for (int c = 0; c < 12; c++) {
        small_design newton = small_defaults();
        newton.seed = 2100 + (uint64_t)c;
        newton.solver = RI_SOLVER_NEWTON;
        newton.l1_ratio = l1_ratio[c % 3];
        newton.oddities = c % 2 ? ODD_ALL : 0;
        newton.positive = c % 4 == 1;
        newton.factors = (small_factors)(c % 4);
        newton.p = c % 2 ? 25 : 60;
        small_design shooting = newton, blocks = newton;
        shooting.solver = RI_SOLVER_SHOOTING;
        shooting.tol = 1e-6;
        blocks.blocks = 3;
        check_agreement(&newton, &shooting);
        check_agreement(&newton, &blocks);
    }
}

static int64_t total_rounds(const ri_record *record) {
    int64_t rounds = 0;
    for (int32_t k = 0; k <= record->folds; k++)
        for (int64_t a = 0; a < record->path[0].alphas; a++)
            rounds += record->path[0].fit[k].rounds[a];
    return rounds;
}

/* Left to riata, an elastic net of many features goes to shooting as its support grows, the lasso
 * never; both agree with Newton. */
static void test_free_engine_agrees(void **state) {
    (void)state;
    const double l1_ratio[] = {1, 0.1, 0.02};
    for (int c = 0; c < 3; c++) {
        small_design newton = small_defaults();
        newton.n = 60;
        newton.p = 900;
        newton.l1_ratio = l1_ratio[c];
        newton.weights = c % 2 ? UNEVEN : EVEN;
        newton.factors = c % 2 ? SOME_FREE : ALL_ONE;
        newton.solver = RI_SOLVER_NEWTON;
        small_design free_engine = newton;
        free_engine.solver = RI_SOLVER_AUTO;
        check_agreement(&newton, &free_engine);
        small_problem *s = small_new(&newton), *t = small_new(&free_engine);
        small_run a = small_solve(s, 1, false), b = small_solve(t, 2, false);
        if (l1_ratio[c] == 1)
            assert_int_equal(total_rounds(a.record), total_rounds(b.record));
        else
            assert_int_not_equal(total_rounds(a.record), total_rounds(b.record));
        small_run_free(&a);
        small_run_free(&b);
        small_free(s);
        small_free(t);
    }
}

/* Columns 2, 5, 7 are equal, 3 and 6 mirror each other. */
static void check_lasso_twins(const small_design *d, int64_t heir) {
    small_problem *s = small_new(d);
    if (heir == 7) {
        s->factor = small_room((size_t)d->p, sizeof(double));
        for (int64_t j = 0; j < d->p; j++)
            s->factor[j] = j == 7 ? 0.5 : 1;
        s->problem.penalty_factor = s->factor;
    }
    small_run run = small_solve(s, 1, false);
    bool used = false, mirror_used = false;
    for (int32_t k = 0; k <= d->folds; k++)
        for (int64_t a = 0; a < d->alphas; a++) {
            const ri_fit *fit = &run.record->path[0].fit[k];
            for (int64_t j = 2; j <= 7; j++) {
                double b = small_coefficient(fit, a, j);
                bool heir_here = j == heir || j == 3 || j == 4;
                used |= j == heir && b != 0;
                mirror_used |= j == 3 && b != 0;
                if (b != 0 && !heir_here)
                    fail_msg("%s: fold %d alpha %d: feature %d has %g, heir is %d", small_text(d),
                             fit->fold, (int)a, (int)j, b, (int)heir);
            }
        }
    assert_true(used && mirror_used);
    small_run_free(&run);
    small_free(s);
}

static void test_lasso_takes_the_first_of_equals(void **state) {
    (void)state;
    for (int c = 0; c < 6; c++) {
        small_design d = small_defaults();
        d.seed = 2200 + (uint64_t)c;
        d.storage = c % 2 ? RI_I8 : RI_PACKED2;
        d.oddities = ODD_TWINS | ODD_MIRROR;
        d.missing = c == 4 ? 0.05 : 0;
        d.weights = c == 5 ? UNEVEN : EVEN;
        d.eps = 1e-3;
        check_lasso_twins(&d, c / 2 == 1 ? 7 : 2);
    }
}

static void test_elastic_net_shares_among_equals(void **state) {
    (void)state;
    for (int c = 0; c < 4; c++) {
        small_design d = small_defaults();
        d.seed = 2300 + (uint64_t)c;
        d.storage = c % 2 ? RI_F64 : RI_PACKED2;
        d.oddities = ODD_TWINS | ODD_MIRROR;
        d.l1_ratio = c / 2 ? 0.5 : 0;
        d.tol = 1e-12;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_fit *fit = &run.record->path[0].fit[0];
        int64_t last = d.alphas - 1;
        double first = small_coefficient(fit, last, 2);
        assert_true(fabs(first) > 1e-3);
        assert_true(fabs(small_coefficient(fit, last, 5) - first) < 1e-6);
        assert_true(fabs(small_coefficient(fit, last, 7) - first) < 1e-6);
        double third = small_coefficient(fit, last, 3);
        assert_true(fabs(third) > 1e-3 && fabs(third + small_coefficient(fit, last, 6)) < 1e-6);
        small_run_free(&run);
        small_free(s);
    }
}

static int64_t penalized_nonzeros(const small_problem *s, const ri_fit *fit, int64_t a) {
    int64_t count = 0;
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++)
        count += !s->factor || s->factor[fit->feature[e]] > 0;
    return count;
}

static void test_first_alpha_is_the_smallest_empty_one(void **state) {
    (void)state;
    for (int c = 0; c < 16; c++) {
        small_design d = small_defaults();
        d.seed = 2400 + (uint64_t)c;
        d.l1_ratio = c & 1 ? 0.4 : 1;
        d.factors = c & 2 ? SOME_FREE : ALL_ONE;
        d.positive = c & 4;
        d.no_intercept = c & 8;
        d.weights = c % 3 ? EVEN : UNEVEN;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        const ri_path *path = &run.record->path[0];
        double top = path->alpha[0], near[2] = {top * (1 + 1e-7), top * (1 - 1e-3)};
        assert_int_equal(penalized_nonzeros(s, &path->fit[d.folds], 0), 0);
        small_run_free(&run);
        s->problem.alpha_list = near;
        s->problem.alphas = 2;
        run = small_solve(s, 1, false);
        path = &run.record->path[0];
        assert_int_equal(penalized_nonzeros(s, &path->fit[d.folds], 0), 0);
        assert_int_equal(penalized_nonzeros(s, &path->fit[d.folds], 1), 1);
        small_run_free(&run);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_best_of_all_sign_patterns),
        cmocka_unit_test(test_engines_and_blocks_agree),
        cmocka_unit_test(test_free_engine_agrees),
        cmocka_unit_test(test_lasso_takes_the_first_of_equals),
        cmocka_unit_test(test_elastic_net_shares_among_equals),
        cmocka_unit_test(test_first_alpha_is_the_smallest_empty_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
