/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the support that is expected: it is what an elastic net of random data has, found here by
 * coordinate descent; a lasso has no more features than samples; a smaller part of the l1 term and
 * a response of larger deviation bring more. And what a run is expected to take grows with it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/random.h"
#include "cv/expected.h"
#include "cv/memory.h"

static double normal(uint32_t stream, uint64_t at) {
    double u = ri_random_uniform(7, stream, 2 * at), v = ri_random_uniform(7, stream, 2 * at + 1);
    return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

static void standardise(double *x, int64_t n) {
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (int64_t i = 0; i < n; i++)
        square += (x[i] - mean) * (x[i] - mean) / (double)n;
    for (int64_t i = 0; i < n; i++)
        x[i] = (x[i] - mean) / sqrt(square);
}

typedef struct mix {
    int64_t n, p;
    double l1_ratio, part, deviation;
} mix;

/* Features that coordinate descent leaves, where one feature makes seven sixteenths of the
 * variance. */
static int64_t count_features(const mix *m) {
    enum { SWEEPS = 600 };
    const int64_t n = m->n, p = m->p;
    double *x = malloc((size_t)(n * p) * sizeof *x), *r = malloc((size_t)n * sizeof *r);
    double *b = calloc((size_t)p, sizeof *b), alpha = m->part * ri_expected_correlation;
    assert_true(x && r && b);
    for (int64_t e = 0; e < n * p; e++)
        x[e] = normal(1, (uint64_t)e);
    for (int64_t j = 0; j < p; j++)
        standardise(x + j * n, n);
    for (int64_t i = 0; i < n; i++)
        r[i] = 0.75 * normal(2, (uint64_t)i) + sqrt(7.0 / 16) * x[i];
    standardise(r, n);
    for (int64_t i = 0; i < n; i++)
        r[i] *= m->deviation;
    /* alpha_max r = correlation x deviation */
    double l1 = alpha * m->deviation, l2 = l1 * (1 - m->l1_ratio) / m->l1_ratio;
    for (int sweep = 0; sweep < SWEEPS; sweep++)
        for (int64_t j = 0; j < p; j++) {
            double u = b[j], old = b[j];
            for (int64_t i = 0; i < n; i++)
                u += x[j * n + i] * r[i] / (double)n;
            b[j] = copysign(fmax(fabs(u) - l1, 0), u) / (1 + l2);
            for (int64_t i = 0; b[j] != old && i < n; i++)
                r[i] -= x[j * n + i] * (b[j] - old);
        }
    int64_t count = 0;
    for (int64_t j = 0; j < p; j++)
        count += b[j] != 0;
    free(x);
    free(r);
    free(b);
    return count;
}

static ri_problem problem_of(const mix *m) {
    return (ri_problem){.x = {.storage = RI_I8, .n = m->n, .p = m->p, .stride = (size_t)m->n},
                        .folds = 5,
                        .settings = {.tol = 1e-6, .intercept = true, .standardize = true},
                        .l1_ratios = 1,
                        .l1_ratio = &m->l1_ratio,
                        .alphas = 100,
                        .eps = m->part,
                        .deviation = m->deviation,
                        .blocks = 1};
}

static void support_is_what_descent_finds(void **unused) {
    (void)unused;
    static const mix all[] = {
        {100, 600, 1, 0.1, 1},   {100, 600, 0.5, 0.1, 1},  {100, 600, 0.5, 0.1, 5},
        {100, 600, 0.3, 0.1, 5}, {100, 600, 0.9, 0.05, 5}, {200, 100, 1, 0.05, 1},
        {200, 100, 0.3, 0.1, 3}, {80, 800, 0.2, 0.2, 4},
    };
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        ri_problem problem = problem_of(&all[k]);
        double said = ri_expected_support(&problem, all[k].l1_ratio, all[k].part);
        double found = (double)count_features(&all[k]);
        if (fabs(said - found) > 0.15 * found)
            fail_msg("%d x %d, l1_ratio %g, deviation %g: %g said, %g found", (int)all[k].n,
                     (int)all[k].p, all[k].l1_ratio, all[k].deviation, said, found);
    }
}

static void support_grows_with_the_ridge_term(void **unused) {
    (void)unused;
    mix m = {300, 20000, 1, 0.01, 6};
    ri_problem problem = problem_of(&m);
    double last = ri_expected_support(&problem, 1, m.part);
    assert_true(last > 0.5 * 300 && last <= 300);
    for (double r = 0.9; r > 0.05; r -= 0.2) {
        double more = ri_expected_support(&problem, r, m.part);
        assert_true(more > last && more < 20000);
        last = more;
    }
    problem.deviation = 12;
    assert_true(ri_expected_support(&problem, 0.5, m.part) > 400);
    problem.deviation = 0; /* not known: 1 */
    double one = ri_expected_support(&problem, 0.5, m.part);
    problem.deviation = 1;
    assert_true(ri_expected_support(&problem, 0.5, m.part) == one);
    assert_true(ri_expected_support(&problem, 1, 1) < 1);
    assert_true(ri_expected_support(&problem, 1, 0) == 20000); /* nothing is kept out */
    assert_true(ri_expected_support(&problem, 0, m.part) == 20000);
}

static void memory_grows_with_the_support(void **unused) {
    (void)unused;
    const ri_team team = {.ranks = 1, .ranks_on_node = 1, .threads = 1};
    const double both[] = {1, 0.1};
    mix lasso = {600, 15000, 1, 0.01, 6}, net = lasso;
    net.l1_ratio = 0.1;
    ri_problem one = problem_of(&lasso), other = problem_of(&net), two = one;
    two.l1_ratios = 2;
    two.l1_ratio = both;
    double least = ri_memory_support(&one), most = ri_memory_support(&other);
    assert_true(most > 2 * least);
    assert_true(fabs(ri_memory_support(&two) - (least + most) / 2) <= 1e-9 * most);
    assert_true(ri_memory_estimate(&other, &team) > 1.1 * ri_memory_estimate(&one, &team));
    assert_true(ri_memory_estimate(&two, &team) > ri_memory_estimate(&other, &team));
    for (int which = RI_MEMORY_EXPECTED; which <= RI_MEMORY_MOST; which++) {
        ri_memory small = ri_memory_of(&one, &team, (ri_memory_case)which);
        ri_memory large = ri_memory_of(&other, &team, (ri_memory_case)which);
        assert_true(large.a_thread > small.a_thread);
        assert_true(large.least_columns > small.least_columns);
    }
}

static void deviation_is_that_of_known_values(void **unused) {
    (void)unused;
    const double y[] = {1, NAN, 2, 3, NAN, 6}, same[] = {4, 4, NAN};
    assert_true(fabs(ri_expected_deviation(y, 6) - sqrt(3.5)) < 1e-12);
    assert_true(ri_expected_deviation(same, 3) == 0);
    assert_true(ri_expected_deviation(same, 0) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(support_is_what_descent_finds),
        cmocka_unit_test(support_grows_with_the_ridge_term),
        cmocka_unit_test(memory_grows_with_the_support),
        cmocka_unit_test(deviation_is_that_of_known_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
