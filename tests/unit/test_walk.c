/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the walk: an alpha's answer does not depend on which other alphas are asked for; a
 * tolerance below rounding ends with gaps at rounding, marked as not certified; a run that is asked
 * to stop does; a null model that is exact leaves nothing to certify. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/small_run.h"

static double alpha_max(const small_problem *s) {
    ri_plan *plan;
    ri_error err;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &plan, &err), RI_OK);
    const ri_unit *unit;
    int64_t units = ri_plan_units(plan, &unit);
    ri_unit_result *result = small_room((size_t)units, sizeof *result);
    ri_record *record;
    assert_int_equal(ri_units_run(plan, unit, units, 1, NULL, NULL, result, &err), RI_OK);
    assert_int_equal(ri_assemble(plan, result, &record, &err), RI_OK);
    double top = record->path[0].alpha[0];
    for (int64_t u = 0; u < units; u++)
        ri_unit_result_free(&result[u]);
    free(result);
    ri_record_free(record);
    ri_plan_free(plan);
    return top;
}

static void far_alphas_are_reached_like_near_ones(void **unused) {
    (void)unused;
    const ri_solver solvers[] = {RI_SOLVER_AUTO, RI_SOLVER_SHOOTING};
    for (int k = 0; k < 2; k++) {
        small_design design = small_defaults();
        design.n = 60;
        design.p = 200;
        design.tol = k == 0 ? 1e-9 : 1e-7;
        design.solver = solvers[k];
        design.alphas = 41;
        small_problem *s = small_new(&design);
        double top = alpha_max(s);
        small_run fine = small_solve(s, 2, false);
        const double coarse[] = {top, top * pow(1e-2, 0.5), top * 1e-2};
        s->problem.alpha_list = coarse;
        s->problem.alphas = 3;
        small_run few = small_solve(s, 2, false);
        for (int32_t f = 0; f <= design.folds; f++)
            for (int64_t a = 0; a < 3; a++) {
                const ri_fit *near = &fine.record->path[0].fit[f],
                             *far = &few.record->path[0].fit[f];
                assert_true(far->certified[a]);
                double off = fabs(near->objective[20 * a] - far->objective[a]);
                assert_true(off <= 2 * design.tol * far->null_loss + 1e-13);
            }
        small_run_free(&fine);
        small_run_free(&few);
        small_free(s);
    }
}

static void impossible_tolerance_ends_at_rounding(void **unused) {
    (void)unused;
    const ri_solver solvers[] = {RI_SOLVER_SHOOTING, RI_SOLVER_NEWTON};
    for (int k = 0; k < 2; k++) {
        small_design design = small_defaults();
        design.tol = 1e-18;
        design.alphas = 25;
        design.eps = 1e-3;
        design.p = 25;
        design.solver = solvers[k];
        small_problem *s = small_new(&design);
        small_run run = small_solve(s, 1, false);
        assert_false(ri_record_certified(run.record));
        assert_true(ri_record_worst_gap(run.record) < 1e-11);
        small_run_free(&run);
        small_free(s);
    }
}

static int stop_at_once(void *calls, const ri_progress *progress) {
    assert_true(progress->points_done <= progress->points_total);
    ++*(int *)calls;
    return 1;
}

static void stop_is_obeyed(void **unused) {
    (void)unused;
    small_design design = small_defaults();
    small_problem *s = small_new(&design);
    ri_plan *plan;
    ri_error err;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 2, &plan, &err), RI_OK);
    const ri_unit *unit;
    int64_t units = ri_plan_units(plan, &unit);
    ri_unit_result *result = small_room((size_t)units, sizeof *result);
    int calls = 0;
    assert_int_equal(ri_units_run(plan, unit, units, 2, stop_at_once, &calls, result, &err),
                     RI_INTERRUPTED);
    assert_int_equal(calls, 1);
    for (int64_t u = 0; u < units; u++)
        assert_null(result[u].prediction);
    free(result);
    ri_plan_free(plan);
    small_free(s);
}

/* Unpenalised columns that span the training rows fit them exactly: what is left is rounding, and
 * no measure for a gap. */
static void exact_null_model_is_certified(void **unused) {
    (void)unused;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        small_design design = small_defaults();
        design.n = 24;
        design.p = 60;
        design.seed = seed;
        design.weights = seed % 2 ? EVEN : UNEVEN_AND_ZERO;
        design.factors = SOME_FREE;
        small_problem *s = small_new(&design);
        for (int64_t j = 0; j < design.p; j++)
            s->factor[j] = j % 3 == 0 ? 0 : 1;
        small_run run = small_solve(s, 1, false);
        const ri_record *record = run.record;
        for (int32_t f = 0; f < design.folds; f++)
            assert_true(record->path[0].fit[f].null_loss == 0);
        assert_true(ri_record_certified(record));
        small_run_free(&run);
        small_free(s);
    }
}

/* Alphas that differ by rounding alone need none between them, and room for each of their own. */
static void nearly_equal_alphas_are_all_solved(void **unused) {
    (void)unused;
    small_design design = small_defaults();
    small_problem *s = small_new(&design);
    double top = alpha_max(s), alpha[17];
    for (int64_t a = 0; a < 17; a++)
        alpha[a] = 0.5 * top * (1 - 1e-13 * (double)a);
    s->problem.alpha_list = alpha;
    s->problem.alphas = 17;
    small_run run = small_solve(s, 1, false);
    assert_true(ri_record_certified(run.record));
    for (int64_t a = 0; a < 17; a++)
        assert_true(run.record->path[0].alpha[a] == alpha[a]);
    small_run_free(&run);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(far_alphas_are_reached_like_near_ones),
        cmocka_unit_test(impossible_tolerance_ends_at_rounding),
        cmocka_unit_test(stop_is_obeyed),
        cmocka_unit_test(exact_null_model_is_certified),
        cmocka_unit_test(nearly_equal_alphas_are_all_solved),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
