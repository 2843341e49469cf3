/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of early stopping: the rule cuts a curve at the first alpha that is `patience` behind the
 * lowest and two errors of the difference above it, and never otherwise; looking early, late or bit
 * by bit comes to the same count; and a run that stops early gives the alphas that it keeps as the
 * full run gives them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/small_run.h"

enum { RULE_ALPHAS = 10 };

static bool rule(const double *error, int64_t alphas, int64_t patience, int64_t *needed) {
    double work[RULE_ALPHAS + 2];
    ri_stop stop = {
        .paths = 1, .folds = 2, .alphas = RULE_ALPHAS, .patience = patience, .repeats = 1};
    return ri_stop_rule(&stop, error, alphas, work, needed);
}

/* Two folds, one of them far harder: what counts is the error of their difference, 0.31. */
static void rule_cuts_where_it_says(void **unused) {
    (void)unused;
    const double mean[RULE_ALPHAS] = {9, 7, 5, 4, 4.5, 5.2, 4.6, 5.5, 6, 7};
    double error[2 * RULE_ALPHAS];
    for (int64_t a = 0; a < RULE_ALPHAS; a++) {
        double apart = a == 3 ? 0 : 0.31;
        error[a] = mean[a] - apart;
        error[RULE_ALPHAS + a] = mean[a] + apart + 100;
    }
    int64_t needed;
    assert_true(rule(error, 10, 1, &needed));
    assert_int_equal(needed, 6); /* 5.2 > 4 + 2 x 0.31, two behind */
    assert_true(rule(error, 10, 3, &needed));
    assert_int_equal(needed, 8);             /* 4.6 is three behind, but not above by enough */
    assert_true(rule(error, 6, 2, &needed)); /* at its very end */
    assert_int_equal(needed, 6);
    assert_false(rule(error, 10, 7, &needed));
    assert_int_equal(needed, 10);
    assert_false(rule(error, 5, 1, &needed));
    assert_int_equal(needed, 5);
}

static void looking_when_does_not_matter(void **unused) {
    (void)unused;
    enum { FOLDS = 4, ALPHAS = 30 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        double work[ALPHAS + FOLDS], error[FOLDS * ALPHAS];
        for (int64_t k = 0; k < FOLDS; k++)
            for (int64_t a = 0; a < ALPHAS; a++)
                error[k * ALPHAS + a] = 3 + 0.02 * (double)((a - 12) * (a - 12)) +
                                        ri_random_uniform(seed, 9, (uint64_t)(k * ALPHAS + a));
        if (seed % 2)
            error[2 * ALPHAS + 5] = NAN;
        int64_t want;
        ri_stop *stop;
        ri_error err;
        assert_int_equal(ri_stop_new(1, FOLDS, ALPHAS, 3, &stop, &err), RI_OK);
        ri_stop_rule(stop, error, ALPHAS, work, &want);
        assert_in_range(want, 13, ALPHAS - 1);
        for (int64_t k = 0; k < FOLDS; k++)
            for (int64_t a = 0; a < ALPHAS; a++) {
                ri_stop_post(stop, 0, k, a, error[k * ALPHAS + a]);
                if ((a + (int64_t)seed) % 3 == 0)
                    ri_stop_look(stop);
                assert_true(stop->needed[0] == ALPHAS || stop->needed[0] == want);
            }
        ri_stop_look(stop);
        assert_int_equal(stop->needed[0], want);
        ri_stop *other;
        assert_int_equal(ri_stop_new(1, FOLDS, ALPHAS, 3, &other, &err), RI_OK);
        assert_true(ri_stop_merge(other, stop->error));
        assert_false(ri_stop_merge(other, stop->error));
        ri_stop_look(other);
        assert_int_equal(other->needed[0], want);
        ri_stop_free(stop);
        ri_stop_free(other);
    }
}

/* Units one by one know nothing of each other's errors, all together they stop: the same record. */
static void short_run_is_the_beginning_of_the_full_one(void **unused) {
    (void)unused;
    small_design design = small_defaults();
    design.n = 50;
    design.p = 120;
    design.folds = 6;
    design.alphas = 40;
    small_problem *s = small_new(&design);
    small_run full = small_solve(s, 2, false);
    s->problem.settings.early_stop = true;
    s->problem.settings.patience = 4;
    small_run together = small_solve(s, 2, true), alone = small_solve(s, 1, true);
    const ri_path *all = &full.record->path[0], *cut = &together.record->path[0];
    assert_true(cut->stopped_early);
    assert_in_range(cut->alphas, 5, 39);
    assert_int_equal(alone.record->path[0].alphas, cut->alphas);
    assert_int_equal(cut->index_min, all->index_min);
    for (int64_t a = 0; a < cut->alphas; a++)
        assert_true(cut->mean[a] == all->mean[a]);
    for (int32_t k = 0; k <= design.folds; k++)
        for (int64_t a = 0; a < cut->alphas; a++) {
            assert_true(cut->fit[k].objective[a] == all->fit[k].objective[a]);
            assert_true(cut->fit[k].start[a + 1] == all->fit[k].start[a + 1]);
            assert_true(cut->fit[k].gap[a] == alone.record->path[0].fit[k].gap[a]);
        }
    small_run_free(&full);
    small_run_free(&together);
    small_run_free(&alone);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule_cuts_where_it_says),
        cmocka_unit_test(looking_when_does_not_matter),
        cmocka_unit_test(short_run_is_the_beginning_of_the_full_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
