/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of verification: a result of the solver passes, for every storage, penalty and kind of fit;
 * and any one number changed - a coefficient, an intercept, an objective, a fold error, the curve,
 * a choice, a prediction, a fold, a claim of certainty - makes it fail, in the field that says so.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/writer.h"
#include "result/verify.h"
#include "support/scratch.h"
#include "support/small_run.h"

typedef struct verified {
    small_problem *problem;
    small_run run;
    ri_dataset *dataset;
} verified;

static ri_names number_names(const char *stem, int64_t count) {
    ri_names names = {0};
    for (int64_t i = 0; i < count; i++) {
        char text[32];
        int length = snprintf(text, sizeof text, "%s%d", stem, (int)i);
        assert_int_equal(ri_names_add(&names, text, (size_t)length, NULL), RI_OK);
    }
    return names;
}

static void write_problem(const small_problem *s, const char *path) {
    const small_design *d = &s->design;
    ri_writer *writer;
    ri_names sample = number_names("s", d->n), feature = number_names("f", d->p);
    assert_int_equal(ri_writer_open(path, d->n, d->p, d->storage, false, &writer, NULL), RI_OK);
    assert_int_equal(ri_writer_columns(writer, 0, d->p, s->stored, s->problem.x.stride, NULL),
                     RI_OK);
    assert_int_equal(ri_writer_samples(writer, &sample, NULL), RI_OK);
    assert_int_equal(ri_writer_features(writer, &feature, NULL, NULL, NULL, NULL, NULL), RI_OK);
    assert_int_equal(ri_writer_response(writer, "y", s->y, true, NULL), RI_OK);
    assert_int_equal(ri_writer_close(writer, true, NULL), RI_OK);
    ri_names_free(&sample);
    ri_names_free(&feature);
}

static verified open_verified(const small_design *design) {
    verified v = {.problem = small_new(design)};
    scratch_path path = scratch_file("verify.h5");
    write_problem(v.problem, path.text);
    v.run = small_solve(v.problem, 1, false);
    assert_int_equal(ri_dataset_open(path.text, &(ri_open_options){0}, &v.dataset, NULL), RI_OK);
    assert_int_equal(ri_dataset_fingerprint(v.dataset, &v.run.record->fingerprint, NULL), RI_OK);
    return v;
}

static void close_verified(verified *v) {
    ri_dataset_close(v->dataset);
    small_run_free(&v->run);
    small_free(v->problem);
}

static ri_verdict verify(const verified *v, int threads) {
    ri_verdict verdict;
    ri_error err = {0};
    ri_verify_options options = {.threads = threads};
    if (ri_verify(v->run.record, v->dataset, &options, &verdict, &err) != RI_OK)
        fail_msg("%s: %s", small_text(&v->problem->design), err.text);
    return verdict;
}

static void expect_pass(const small_design *d) {
    verified v = open_verified(d);
    ri_verdict verdict = verify(&v, 2);
    if (!verdict.passed || verdict.points != d->alphas * (d->folds + 1) ||
        verdict.worst_gap > d->tol + 1e-12)
        fail_msg("%s: %d of %d points failed, worst gap %g, differences %g %g %g, %d leaks, "
                 "choices %s",
                 small_text(d), (int)verdict.failed, (int)verdict.points, verdict.worst_gap,
                 verdict.objective_difference, verdict.curve_difference,
                 verdict.prediction_difference, (int)verdict.leaks,
                 verdict.choice_agrees ? "agree" : "differ");
    close_verified(&v);
}

static void test_solver_passes(void **state) {
    (void)state;
    const double l1_ratio[] = {1, 0.5, 0.1, 0};
    for (int c = 0; c < 40; c++) {
        small_design d = small_defaults();
        d.seed = 40 + (uint64_t)c;
        d.storage = (ri_storage)(c % RI_DENSE_COUNT);
        d.missing = c % 2 ? 0.05 : 0;
        d.missing_y = c % 3 ? 0 : 0.1;
        d.weights = (small_weights)(c / 2 % 3);
        d.factors = (small_factors)(c / 3 % 4);
        d.no_intercept = c % 7 == 3;
        d.raw = c % 5 == 4;
        d.positive = c % 4 == 1;
        d.l1_ratio = l1_ratio[c / 10];
        d.oddities = c % 4 == 2 ? ODD_ALL : 0;
        d.folds = c % 6 == 5 ? 0 : 3;
        expect_pass(&d);
    }
}

static void test_hard_cases_pass(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.oddities = ODD_FAR;
    expect_pass(&d);
    d.oddities = ODD_FLAT;
    expect_pass(&d);
    d.oddities = ODD_ALL;
    d.n = d.folds = 20;
    d.weights = UNEVEN_AND_ZERO;
    expect_pass(&d);
    d = small_defaults();
    d.to_zero = true;
    d.p = 12;
    expect_pass(&d);
    d.tol = 1e-3;
    d.solver = RI_SOLVER_SHOOTING;
    d.to_zero = false;
    expect_pass(&d);
}

/* One number changed, and the field of the verdict that must say so. */
enum { FAILED = 1, OBJECTIVE = 2, CURVE = 4, PREDICTION = 8, LEAK = 16, CHOICE = 32 };
typedef struct forgery {
    void (*forge)(ri_record *record);
    int must;
} forgery;

enum { AT = 9 }; /* an alpha with some coefficients */

static ri_fit *some_fit(ri_record *record) {
    return &record->path[0].fit[1];
}

static void forge_coefficient(ri_record *record) {
    some_fit(record)->coefficient[some_fit(record)->start[AT]] *= 1.001;
}
static void forge_small_coefficient(ri_record *record) {
    record->path[0].fit[3].coefficient[record->path[0].fit[3].start[AT]] *= 1.00003;
}
static void forge_feature(ri_record *record) {
    ri_fit *fit = some_fit(record);
    int64_t last = fit->start[AT + 1] - 1;
    fit->feature[last] =
        fit->feature[last] == record->p - 1 ? fit->feature[last] - 1 : record->p - 1;
}
static void forge_intercept(ri_record *record) {
    some_fit(record)->intercept[AT] += 1e-3;
}
static void forge_objective(ri_record *record) {
    some_fit(record)->objective[AT] *= 1 + 1e-6;
}
static void forge_null_loss(ri_record *record) {
    some_fit(record)->null_loss *= 1 + 1e-6;
}
static void forge_claim(ri_record *record) { /* a point that is far from solved, honestly... */
    ri_fit *fit = some_fit(record);
    fit->certified[AT] = 0;
    fit->gap[AT] = 1e-9;
    fit->coefficient[fit->start[AT]] *= 1.1; /* ... and then not */
}
static void forge_train(ri_record *record) {
    some_fit(record)->train++;
}
static void forge_fold_error(ri_record *record) {
    some_fit(record)->mse[AT] *= 1 + 1e-5;
}
static void forge_absolute_error(ri_record *record) {
    some_fit(record)->mae[AT] *= 1 + 1e-5;
}
static void forge_mean(ri_record *record) {
    record->path[0].mean[0] *= 1 + 1e-5;
}
static void forge_weighted_mean(ri_record *record) {
    record->path[0].mean_weighted[AT] *= 1 + 1e-5;
}
static void forge_se(ri_record *record) {
    record->path[0].se[0] *= 1.001;
}
static void forge_mae_mean(ri_record *record) {
    record->path[0].mae_mean[AT] *= 1 + 1e-5;
}
static void forge_mae_se(ri_record *record) {
    record->path[0].mae_se[AT] *= 1.001;
}
static void forge_min(ri_record *record) {
    record->path[0].index_min--;
}
static void forge_1se(ri_record *record) {
    record->path[0].index_1se++;
}
static void forge_selected(ri_record *record) {
    record->index_selected--;
}
static void forge_frequency(ri_record *record) {
    record->frequency[3] += 1.0 / record->folds;
}
static void forge_prediction(ri_record *record) {
    record->path[0].prediction[AT * record->n_all + 5] += 1e-6;
}
static void forge_lost_prediction(ri_record *record) {
    record->path[0].prediction[AT * record->n_all + 5] = NAN;
}
static void
forge_fold(ri_record *record) { /* sample 4 was trained on by the fit that now predicts it */
    record->fold[4] = (record->fold[4] + 1) % record->folds;
}

static const forgery FORGERY[] = {
    {forge_coefficient, FAILED | OBJECTIVE | PREDICTION | LEAK | CURVE},
    {forge_small_coefficient, FAILED},
    {forge_feature, FAILED | OBJECTIVE | PREDICTION | LEAK},
    {forge_intercept, FAILED | PREDICTION | LEAK},
    {forge_objective, OBJECTIVE},
    {forge_null_loss, OBJECTIVE},
    {forge_claim, FAILED},
    {forge_train, LEAK},
    {forge_fold_error, CURVE},
    {forge_absolute_error, CURVE},
    {forge_mean, CURVE},
    {forge_weighted_mean, CURVE},
    {forge_se, CURVE},
    {forge_mae_mean, CURVE},
    {forge_mae_se, CURVE},
    {forge_min, CHOICE},
    {forge_1se, CHOICE},
    {forge_selected, CHOICE},
    {forge_frequency, CHOICE},
    {forge_prediction, PREDICTION | LEAK},
    {forge_lost_prediction, PREDICTION | LEAK},
    {forge_fold, FAILED | LEAK | CURVE},
};

static int fields_of(const ri_verdict *v) {
    return (v->failed > 0 ? FAILED : 0) | (v->objective_difference > 1e-8 ? OBJECTIVE : 0) |
           (v->curve_difference > 1e-8 ? CURVE : 0) |
           (v->prediction_difference > 1e-8 ? PREDICTION : 0) | (v->leaks > 0 ? LEAK : 0) |
           (v->choice_agrees ? 0 : CHOICE);
}

static void test_forgeries_fail(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.weights = UNEVEN;
    for (size_t c = 0; c < sizeof FORGERY / sizeof *FORGERY; c++) {
        verified v = open_verified(&d);
        FORGERY[c].forge(v.run.record);
        ri_verdict verdict = verify(&v, 1);
        if (verdict.passed || (fields_of(&verdict) & FORGERY[c].must) != FORGERY[c].must)
            fail_msg("forgery %d: %s, fields %d of %d; worst gap %g, differences %g %g %g", (int)c,
                     verdict.passed ? "passed" : "failed", fields_of(&verdict), FORGERY[c].must,
                     verdict.worst_gap, verdict.objective_difference, verdict.curve_difference,
                     verdict.prediction_difference);
        close_verified(&v);
    }
}

/* An honest record of an unsolved point passes; one on a constant column cannot. */
static void test_uncertified_points(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.oddities = ODD_CONSTANT;
    verified v = open_verified(&d);
    ri_verdict before = verify(&v, 1);
    ri_record *record = v.run.record;
    record->settings.tol = 1e-20;
    for (int32_t k = 0; k <= record->folds; k++)
        for (int64_t a = 0; a < d.alphas; a++)
            record->path[0].fit[k].certified[a] = 0;
    assert_true(before.passed && verify(&v, 1).passed);
    ri_fit *fit = &record->path[0].fit[record->folds];
    fit->feature[fit->start[AT]] = 0;
    ri_verdict verdict = verify(&v, 1);
    assert_true(isinf(verdict.worst_gap) && !verdict.passed);
    assert_int_equal(verdict.worst_fold, RI_REFIT);
    assert_int_equal(verdict.worst_alpha, AT);
    close_verified(&v);
}

static void test_threads_change_nothing(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.storage = RI_PACKED2;
    d.missing = 0.1;
    d.p = 150;
    d.l1_ratio = 0;
    verified v = open_verified(&d);
    ri_verdict one = verify(&v, 1), three = verify(&v, 3);
    assert_true(one.worst_gap == three.worst_gap);
    assert_true(one.objective_difference == three.objective_difference);
    assert_true(one.curve_difference == three.curve_difference);
    assert_true(one.prediction_difference == three.prediction_difference);
    close_verified(&v);
}

static void test_another_dataset_is_refused(void **state) {
    (void)state;
    small_design d = small_defaults();
    verified v = open_verified(&d);
    ri_verdict verdict;
    ri_error err = {0};
    ri_verify_options options = {0};
    v.run.record->fingerprint++;
    assert_int_equal(ri_verify(v.run.record, v.dataset, &options, &verdict, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "fingerprint"));
    v.run.record->p++;
    assert_int_equal(ri_verify(v.run.record, v.dataset, &options, &verdict, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "31"));
    v.run.record->p--;
    close_verified(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solver_passes),
        cmocka_unit_test(test_hard_cases_pass),
        cmocka_unit_test(test_forgeries_fail),
        cmocka_unit_test(test_uncertified_points),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_another_dataset_is_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
