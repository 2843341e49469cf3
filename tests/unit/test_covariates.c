/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of covariates: a column of numbers is itself; a column of texts becomes a 0/1 column for
 * each level but the most frequent, so that with the reference they sum to 1; other samples are
 * coded by the levels of the first. A covariate fits as an unpenalised feature of the same values
 * does, but for the rounding of moments: certified, of the same objective, coefficients and
 * predictions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/covariates.h"
#include "support/small_run.h"

static void test_texts_become_levels(void **state) {
    (void)state;
    const char *const text[] = {"b", "a", "NA", "b", "c", "", "a", "b"};
    const double a[] = {0, 1, NAN, 0, 0, NAN, 1, 0}, c[] = {0, 0, NAN, 0, 1, NAN, 0, 0};
    ri_covariates covariates = {0};
    ri_error err = {0};
    assert_int_equal(ri_covariates_add(&covariates, "site", text, 8, false, &err), RI_OK);
    assert_int_equal(covariates.count, 2);
    assert_string_equal(ri_names_get(&covariates.name, 0), "site=a");
    assert_string_equal(ri_names_get(&covariates.name, 1), "site=c");
    for (int k = 0; k < 2; k++)
        assert_string_equal(ri_names_get(&covariates.reference, k), "b");
    for (int i = 0; i < 8; i++) {
        bool missing = isnan(a[i]);
        assert_true(missing ? isnan(covariates.value[i]) : covariates.value[i] == a[i]);
        assert_true(missing ? isnan(covariates.value[8 + i]) : covariates.value[8 + i] == c[i]);
        assert_int_equal(ri_covariates_complete(&covariates, 8, i), !missing);
    }
    const char *const other[] = {"c", "d", "b", "."};
    double value[8];
    int64_t unknown = 0;
    assert_int_equal(ri_covariates_code(&covariates, "site", other, 4, value, &unknown, &err),
                     RI_OK);
    assert_int_equal(unknown, 1);
    assert_true(value[0] == 0 && isnan(value[1]) && value[2] == 0 && isnan(value[3]));
    assert_true(value[4] == 1 && isnan(value[5]) && value[6] == 0 && isnan(value[7]));
    ri_covariates_free(&covariates);
}

static void test_numbers_stay(void **state) {
    (void)state;
    const char *const text[] = {"1.5", "-2", "1e3", "NA", "2", "2"};
    ri_covariates covariates = {0};
    assert_int_equal(ri_covariates_add(&covariates, "age", text, 6, false, NULL), RI_OK);
    assert_int_equal(covariates.count, 1);
    assert_string_equal(ri_names_get(&covariates.name, 0), "age");
    assert_string_equal(ri_names_get(&covariates.level, 0), "");
    assert_true(covariates.value[0] == 1.5 && covariates.value[2] == 1000);
    assert_true(isnan(covariates.value[3]));
    /* the same as levels, when told */
    assert_int_equal(ri_covariates_add(&covariates, "again", text, 5, true, NULL), RI_BAD_INPUT);
    const char *const codes[] = {"1", "1", "2", "2", "2", "3"};
    ri_covariates_free(&covariates);
    assert_int_equal(ri_covariates_add(&covariates, "code", codes, 6, true, NULL), RI_OK);
    assert_int_equal(covariates.count, 2);
    assert_string_equal(ri_names_get(&covariates.reference, 0), "2");
    ri_covariates_free(&covariates);
}

static void test_refused(void **state) {
    (void)state;
    const char *const none[] = {"NA", "", "."}, *const infinite[] = {"1", "inf", "2"};
    const char *const id[] = {"x1", "x2", "x3"};
    ri_covariates covariates = {0};
    ri_error err;
    assert_int_equal(ri_covariates_add(&covariates, "c", none, 3, false, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "missing for every sample"));
    assert_int_equal(ri_covariates_add(&covariates, "c", infinite, 3, false, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "not a finite number"));
    assert_int_equal(ri_covariates_add(&covariates, "c", id, 3, false, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "identifier"));
    ri_covariates_free(&covariates);
}

/* The last `extras` features of a problem of doubles, unpenalised, moved behind X. */
static void move_to_extras(small_problem *s, int64_t extras) {
    ri_matrix *x = &s->problem.x;
    x->extras = extras;
    x->extra = (const double *)x->values + (x->p - extras) * x->n;
}

/* Equal, or both NaN, but for `part` of 1 or of their size. */
static bool near(double a, double b, double part) {
    return fabs(a - b) <= part * fmax(1, fabs(a)) || (isnan(a) && isnan(b));
}

static void compare(const small_problem *s, const ri_record *one, const ri_record *two) {
    int64_t extras = s->problem.x.extras;
    assert_int_equal(one->p, two->p + extras);
    assert_int_equal(two->covariates.count, extras);
    for (int32_t k = 0; k <= one->folds; k++)
        for (int64_t a = 0; a < one->path[0].alphas; a++) {
            const ri_fit *f = &one->path[0].fit[k], *g = &two->path[0].fit[k];
            assert_true(near(f->objective[a], g->objective[a], 1e-12));
            assert_true(near(f->intercept[a], g->intercept[a], 1e-9));
            assert_true(f->certified[a] && g->certified[a]);
            for (int64_t c = 0; c < extras; c++)
                assert_true(
                    near(small_coefficient(f, a, two->p + c), g->covariate[a * extras + c], 1e-9));
        }
    for (int64_t i = 0; i < one->n_all * one->path[0].alphas; i++)
        assert_true(near(one->path[0].prediction[i], two->path[0].prediction[i], 1e-9));
}

static void test_fits_as_unpenalised_features(void **state) {
    (void)state;
    for (int c = 0; c < 12; c++) {
        small_design d = small_defaults();
        d.seed = 70 + (uint64_t)c;
        d.missing = c % 2 ? 0.05 : 0;
        d.missing_y = c % 3 ? 0 : 0.1;
        d.weights = (small_weights)(c % 3);
        d.no_intercept = c == 5;
        d.positive = c == 7;
        d.tol = 1e-13;
        d.raw = c % 4 == 3;
        d.l1_ratio = c % 5 == 4 ? 0.5 : 1;
        d.folds = c == 9 ? 0 : 3;
        d.factors = DIFFERENT;
        small_problem *s = small_new(&d);
        for (int64_t j = d.p - 3; j < d.p; j++)
            s->factor[j] = 0;
        small_run one = small_solve(s, 1, false);
        move_to_extras(s, 3);
        small_run two = small_solve(s, 2, true);
        compare(s, one.record, two.record);
        small_run_free(&one);
        small_run_free(&two);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_become_levels),
        cmocka_unit_test(test_numbers_stay),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_fits_as_unpenalised_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
