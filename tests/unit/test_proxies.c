/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of proxies: they are the features whose correlation with a selected one, worked out from the
 * raw data in long double, reaches the threshold, and no others, whatever storage, weights and
 * missing values; variance inflation is 1 / (1 - R^2) of a regression by elimination, infinite
 * where columns depend on each other; groups are what chains of proxies join; the number of threads
 * changes nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/proxies.h"
#include "support/small_run.h"

static long double weight_of(const small_problem *s, int64_t i) {
    return isnan(s->y[i]) ? 0 : s->weight ? s->weight[i] : 1.0L;
}

/* Column j over all rows, missing at the mean, less the mean: all weighted. */
static void centre(const small_problem *s, int64_t j, long double *z) {
    int64_t n = s->design.n;
    long double sum = 0, all = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(s->x[j * n + i])) {
            sum += weight_of(s, i) * s->x[j * n + i];
            all += weight_of(s, i);
        }
    for (int64_t i = 0; i < n; i++)
        z[i] = isnan(s->x[j * n + i]) ? 0 : s->x[j * n + i] - (all > 0 ? sum / all : 0);
}

static long double product(const small_problem *s, const long double *a, const long double *b) {
    long double sum = 0;
    for (int64_t i = 0; i < s->design.n; i++)
        sum += weight_of(s, i) * a[i] * b[i];
    return sum;
}

/* Correlations of all features, [p * p]; NaN with one that does not vary. */
static long double *correlations(const small_problem *s) {
    int64_t n = s->design.n, p = s->design.p;
    long double *z = small_room((size_t)(n * p), sizeof *z);
    long double *r = small_room((size_t)(p * p), sizeof *r);
    for (int64_t j = 0; j < p; j++)
        centre(s, j, z + j * n);
    for (int64_t a = 0; a < p; a++)
        for (int64_t b = 0; b < p; b++) {
            long double aa = product(s, z + a * n, z + a * n),
                        bb = product(s, z + b * n, z + b * n);
            r[a * p + b] = aa > 1e-25L && bb > 1e-25L
                               ? product(s, z + a * n, z + b * n) / sqrtl(aa) / sqrtl(bb)
                               : (long double)NAN;
        }
    free(z);
    return r;
}

/* 1 - R^2 of feature k of the list on the others, by elimination with the largest pivots first. */
static long double unexplained(const long double *r, int64_t p, const ri_proxies *x, int64_t k) {
    int64_t m = x->count;
    long double *g = small_room((size_t)(m * m), sizeof *g), rest;
    for (int64_t a = 0; a < m; a++)
        for (int64_t b = 0; b < m; b++)
            g[a * m + b] = r[x->feature[a] * p + x->feature[b]];
    bool *used = small_room((size_t)m, sizeof *used);
    used[k] = true;
    for (int64_t step = 1; step < m; step++) {
        int64_t best = -1;
        for (int64_t a = 0; a < m; a++)
            if (!used[a] && (best < 0 || g[a * m + a] > g[best * m + best]))
                best = a;
        used[best] = true;
        if (!(g[best * m + best] > 1e-13L))
            break;
        for (int64_t a = 0; a < m; a++) {
            long double factor = g[a * m + best] / g[best * m + best];
            for (int64_t b = 0; b < m && (!used[a] || a == k); b++)
                g[a * m + b] -= factor * g[best * m + b];
        }
    }
    rest = g[k * m + k];
    free(used);
    free(g);
    return rest;
}

static void check_inflation(const small_problem *s, const ri_proxies *x, const long double *r) {
    for (int64_t k = 0; k < x->count; k++) {
        long double rest = unexplained(r, s->design.p, x, k);
        bool depends = rest < 1e-10L;
        double vif = (double)(1 / rest);
        if (depends ? !(x->vif[k] > 1e9) : !(fabs(x->vif[k] - vif) <= 1e-6 * vif * fmin(vif, 1e5)))
            fail_msg("%s: feature %d: variance inflation %g is %g", small_text(&s->design),
                     (int)x->feature[k], x->vif[k], vif);
    }
}

static void check_proxies(const small_problem *s, const ri_proxies *x, const long double *r) {
    int64_t p = s->design.p;
    for (int64_t k = 0; k < x->count; k++) {
        int64_t a = x->feature[k];
        assert_true(x->looked[k] == 1);
        for (int64_t b = 0; b < p; b++) {
            double exact = (double)r[a * p + b], found = NAN;
            for (int64_t e = x->start[k]; e < x->start[k + 1]; e++)
                if (x->proxy[e] == b)
                    found = x->r[e];
            bool due = a != b && fabs(exact) >= x->threshold;
            bool near = fabs(fabs(exact) - x->threshold) < 1e-9;
            if (isnan(found) ? due && !near : (!due && !near) || fabs(found - exact) > 1e-9)
                fail_msg("%s: features %d and %d: correlation %.12g, found %.12g",
                         small_text(&s->design), (int)a, (int)b, exact, found);
        }
    }
}

/* The same features in a group as a walk along proxies reaches. */
static void check_groups(const small_problem *s, const ri_proxies *x) {
    int64_t p = s->design.p, groups;
    int64_t *group = small_room((size_t)x->count, sizeof *group);
    assert_int_equal(ri_proxies_group(x, p, group, &groups, NULL), RI_OK);
    for (int64_t k = 0; k < x->count; k++) {
        bool *reached = small_room((size_t)p, sizeof *reached);
        reached[x->feature[k]] = true;
        for (bool grew = true; grew;) {
            grew = false;
            for (int64_t i = 0; i < x->count; i++)
                for (int64_t e = x->start[i]; e < x->start[i + 1]; e++)
                    if (reached[x->feature[i]] != reached[x->proxy[e]])
                        grew = reached[x->feature[i]] = reached[x->proxy[e]] = true;
        }
        for (int64_t i = 0; i < x->count; i++)
            assert_true((group[i] == group[k]) == reached[x->feature[i]]);
        assert_true(group[k] >= 0 && group[k] < groups);
        free(reached);
    }
    free(group);
}

static void expect_laws(const small_design *d, double threshold) {
    small_problem *s = small_new(d);
    small_run run = small_solve(s, 1, false);
    double bytes = 0;
    long double *r = correlations(s);
    ri_record *record = run.record;
    for (int64_t i = 0; i < d->p * d->n; i++)
        record->missing_values += isnan(s->x[i]) != 0;
    assert_int_equal(ri_record_find_proxies(record, &s->problem, threshold, 2, &bytes, NULL),
                     RI_OK);
    check_proxies(s, &record->proxies, r);
    check_inflation(s, &record->proxies, r);
    check_groups(s, &record->proxies);
    free(r);
    small_run_free(&run);
    small_free(s);
}

static void test_definitions(void **state) {
    (void)state;
    for (int c = 0; c < 60; c++) {
        small_design d = small_defaults();
        d.seed = 300 + (uint64_t)c;
        d.n = c % 3 ? 40 : 25;
        d.storage = (ri_storage)(c % RI_DENSE_COUNT);
        d.missing = c % 2 ? 0.05 : 0;
        d.missing_y = c % 3 == 1 ? 0.1 : 0;
        d.weights = (small_weights)(c / 2 % 3);
        d.factors = (small_factors)(c / 3 % 4);
        d.no_intercept = c % 7 == 3;
        d.raw = c % 5 == 4;
        d.l1_ratio = c % 4 == 3 ? 0.3 : 1;
        d.oddities = c % 4 == 2 ? ODD_ALL : 0;
        d.folds = 0;
        expect_laws(&d, c % 2 ? 0.5 : 0.65);
    }
}

static void test_hard_cases(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.oddities = ODD_FAR;
    expect_laws(&d, 0.5);
    d.oddities = ODD_ALL;
    d.l1_ratio = 0; /* all features are selected, among them dependent ones */
    expect_laws(&d, 0.9);
    d.n = 20; /* more of them than samples */
    expect_laws(&d, 1);
    d = small_defaults();
    d.p = 12;
    d.to_zero = true;
    expect_laws(&d, 0.5);
}

/* Nothing is looked for at 0, and nothing is found where nothing is selected. */
static void test_nothing(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.alphas = 1;
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 1, false);
    double bytes = 0;
    assert_int_equal(ri_record_find_proxies(run.record, &s->problem, 0, 1, &bytes, NULL), RI_OK);
    assert_null(run.record->proxies.start);
    assert_int_equal(ri_record_find_proxies(run.record, &s->problem, 0.9, 1, &bytes, NULL), RI_OK);
    assert_int_equal(run.record->proxies.count, 0);
    assert_non_null(run.record->proxies.proxy);
    assert_true(bytes == 0);
    small_run_free(&run);
    small_free(s);
}

static void test_threads_and_one_pass(void **state) {
    (void)state;
    small_design d = small_defaults();
    d.p = 400;
    d.l1_ratio = 0; /* all selected: only the strongest are looked at */
    small_problem *s = small_new(&d);
    small_run one = small_solve(s, 1, false), three = small_solve(s, 1, false);
    double bytes = 0;
    assert_int_equal(ri_record_find_proxies(one.record, &s->problem, 0.5, 1, &bytes, NULL), RI_OK);
    assert_true(bytes == ri_matrix_bytes(&s->problem.x));
    assert_int_equal(ri_record_find_proxies(three.record, &s->problem, 0.5, 3, &bytes, NULL),
                     RI_OK);
    const ri_proxies *a = &one.record->proxies, *b = &three.record->proxies;
    size_t count = (size_t)a->count, entries = (size_t)a->start[a->count];
    assert_int_equal(a->count, 400);
    assert_int_equal(ri_proxies_totals(a).looked, RI_PROXIES_LOOKED);
    assert_true(entries > 0);
    assert_memory_equal(a->start, b->start, (count + 1) * sizeof *a->start);
    assert_memory_equal(a->proxy, b->proxy, entries * sizeof *a->proxy);
    assert_memory_equal(a->r, b->r, entries * sizeof *a->r);
    assert_memory_equal(a->vif, b->vif, count * sizeof *a->vif);
    small_run_free(&one);
    small_run_free(&three);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_hard_cases),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_threads_and_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
