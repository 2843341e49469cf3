/* SPDX-License-Identifier: BSD-3-Clause
 * Stability selection: frequencies are counts over the fits of the half-samples, the region is the
 * largest one that the error bound allows, and the bounds are those of the papers, one of them
 * found again by brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/small_run.h"

enum { PAIRS = 7 };

static small_design halves(uint64_t seed) {
    small_design d = small_defaults();
    d.n = 41;
    d.folds = 2 * PAIRS;
    d.seed = seed;
    d.oddities = ODD_ALL;
    return d;
}

/* Random halves in place of the folds that the problem came with. */
static void deal_halves(small_problem *s) {
    int64_t n = s->design.n;
    int32_t *fold = small_room((size_t)n * PAIRS, sizeof *fold);
    for (int32_t r = 0; r < PAIRS; r++)
        for (int64_t i = 0; i < n; i++) {
            double above = 0;
            for (int64_t k = 0; k < n; k++)
                above += small_uniform(&s->design, 50 + (uint32_t)r, k) <
                         small_uniform(&s->design, 50 + (uint32_t)r, i);
            fold[r * n + i] = 2 * r + (int32_t)above % 2;
        }
    free(s->fold);
    s->problem.fold = s->fold = fold;
    s->problem.settings.repeats = PAIRS;
}

/* Half-samples whose model has feature j at alphas first .. last. */
static int picks(const ri_record *record, int64_t j, int64_t first, int64_t last) {
    int count = 0;
    for (int32_t k = 0; k < record->folds; k++) {
        bool has = false;
        for (int64_t a = first; a <= last; a++)
            has |= small_coefficient(&record->path[0].fit[k], a, j) != 0;
        count += has;
    }
    return count;
}

static double frequency_at(const ri_stability *s, int64_t a, int64_t j) {
    for (int64_t e = s->start[a]; e < s->start[a + 1]; e++)
        if (s->feature[e] == j)
            return s->frequency[e];
    return 0;
}

static void check_stability(const ri_record *record, double threshold, double pfer) {
    const ri_stability *s = &record->stability;
    int64_t selected = 0, features = 0;
    double bound[64], halves_of = record->folds;
    for (int64_t j = 0; j < record->p; j++)
        features += !record->penalty_factor || record->penalty_factor[j] > 0;
    for (int64_t a = 0; a < s->alphas; a++) {
        double q = 0;
        for (int64_t j = 0; j < record->p; j++)
            if (!record->penalty_factor || record->penalty_factor[j] > 0) {
                q += picks(record, j, 0, a) / halves_of;
                assert_true(frequency_at(s, a, j) == picks(record, j, a, a) / halves_of);
            }
        bound[a] = q * q / (2 * threshold - 1) / (double)features;
        if (a == s->region - 1)
            assert_true(fabs(s->picked - q) < 1e-12);
    }
    assert_int_equal(s->features, features);
    assert_true(fabs(s->bound - bound[s->region - 1]) < 1e-12);
    assert_true(s->region == 1 || bound[s->region - 1] <= pfer);
    assert_true(s->region == s->alphas || bound[s->region] > pfer);
    for (int64_t j = 0; j < record->p; j++) {
        double most = 0;
        int within = picks(record, j, 0, s->region - 1);
        if (record->penalty_factor && record->penalty_factor[j] == 0)
            within = 0;
        for (int64_t a = 0; a < s->region; a++)
            most = fmax(most, frequency_at(s, a, j));
        assert_true(s->most[j] == most);
        assert_true(s->within[j] == within / halves_of);
        assert_int_equal(ri_stability_holds(s, j), within >= threshold * halves_of);
        selected += within >= threshold * halves_of;
    }
    assert_int_equal(s->selected, selected);
}

static void frequencies_and_region_are_those_of_the_fits(void **state) {
    (void)state;
    const double threshold[] = {0.55, 9 / 14.0, 0.75, 1}, pfer[] = {0.01, 0.5, 3, 1e9};
    for (uint64_t seed = 1; seed <= 2; seed++) {
        small_design d = halves(seed);
        d.factors = seed == 2 ? SOME_FREE : ALL_ONE;
        small_problem *s = small_new(&d);
        deal_halves(s);
        small_run run = small_solve(s, 1, false);
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++) {
                assert_int_equal(ri_stability_new(run.record, threshold[i], pfer[k], NULL), RI_OK);
                check_stability(run.record, threshold[i], pfer[k]);
            }
        small_run_free(&run);
        small_free(s);
    }
}

/* Largest P(X >= t) of a distribution on 0, 1/B .. 1 with one mode at 0 and mean eta: a mixture of
 * 0 and a uniform distribution on 0 .. k/B, for the best k. */
static double largest_tail(double eta, int least, int pairs) {
    double best = 0;
    for (int k = least; k <= pairs; k++) {
        double share = eta / (k / (2.0 * pairs));
        best = fmax(best, share * (k - least + 1) / (k + 1.0));
    }
    return best;
}

static void the_bound_of_one_mode_is_the_largest_tail(void **state) {
    (void)state;
    for (int pairs = 5; pairs <= 100; pairs += 19)
        for (int least = 2; least <= pairs; least++) { /* tau = 1/2 + least / (2 B) */
            double tau = 0.5 + least / (2.0 * pairs), p = 1000;
            for (double q = 1; q < 200; q *= 3) {
                double theta = q / p, expected = p * largest_tail(theta * theta, least, pairs);
                double got = ri_stability_unimodal(q, p, tau, pairs);
                if (isnan(got))
                    assert_true(tau <= 0.5 + theta * theta);
                else
                    assert_true(fabs(got - expected) < 1e-9 * expected);
                /* a threshold between two frequencies is the upper one */
                double between = ri_stability_unimodal(q, p, tau - 0.4 / (2.0 * pairs), pairs);
                assert_true(isnan(got) || between == got);
            }
        }
    assert_true(isnan(ri_stability_unimodal(600, 1000, 0.9, 50))); /* theta above 1 / sqrt 3 */
    assert_true(ri_stability_bound(10, 400, 0.75) == 0.5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequencies_and_region_are_those_of_the_fits),
        cmocka_unit_test(the_bound_of_one_mode_is_the_largest_tail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
