/* SPDX-License-Identifier: BSD-3-Clause
 * Law: the certificate holds for problems drawn at random from all combinations of what the solver
 * takes: sizes, folds, storages, missing values, weights, penalties, odd columns, engines, blocks.
 * Some draws are here because they once broke it: unpenalised twins, supports as large as the rank,
 * alpha = 0 with dependent columns, columns that depend on others but for rounding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/check_run.h"

static double draw(int64_t index, uint32_t stream) {
    return ri_random_uniform(77, stream, (uint64_t)index);
}

static void draw_data(small_design *d, int64_t index) {
    d->seed = 5000 + (uint64_t)index;
    d->n = 20 + (int64_t)(45 * draw(index, 1));
    d->p = 12 + (int64_t)(110 * draw(index, 2));
    double folds = draw(index, 3);
    d->folds = folds < 0.1 ? (int32_t)(0.8 * (double)d->n) : 2 + (int32_t)(4 * folds);
    d->storage = (ri_storage)(int)(RI_DENSE_COUNT * draw(index, 4));
    d->missing = draw(index, 5) < 0.5 ? 0 : 0.1 * draw(index, 6);
    d->missing_y = draw(index, 7) < 0.7 ? 0 : 0.12;
    d->oddities = (int)(16 * draw(index, 8));
    if (draw(index, 9) < 0.1 && d->storage == RI_F64)
        d->oddities = (d->oddities & ~ODD_CONSTANT) | ODD_FAR;
    if (draw(index, 10) < 0.1)
        d->oddities |= ODD_FLAT;
    if (d->folds > 5 && ((d->oddities & ODD_FLAT) || d->missing_y > 0))
        d->folds = 5;
}

static void draw_problem(small_design *d, int64_t index) {
    const double l1_ratio[] = {1, 1, 0.5, 0.1, 0.01, 0};
    d->weights = (small_weights)(int)(3 * draw(index, 11));
    if (d->folds > 5 && d->weights == UNEVEN_AND_ZERO)
        d->weights = UNEVEN;
    d->factors = (small_factors)(int)(4 * draw(index, 12));
    d->no_intercept = draw(index, 13) < 0.25;
    if (d->no_intercept)
        d->oddities &= ~ODD_FAR;
    d->raw = draw(index, 14) < 0.25;
    d->positive = draw(index, 15) < 0.25;
    d->l1_ratio = l1_ratio[(int)(6 * draw(index, 16))];
    double engine = draw(index, 17);
    d->solver = engine < 0.15  ? RI_SOLVER_SHOOTING
                : engine < 0.6 ? RI_SOLVER_NEWTON
                               : RI_SOLVER_AUTO;
    bool shooting = d->solver == RI_SOLVER_SHOOTING;
    d->tol = shooting ? 1e-6 : draw(index, 18) < 0.8 ? 1e-9 : 1e-4;
    d->eps = shooting || draw(index, 19) < 0.5 ? 1e-2 : 1e-3;
    d->to_zero = !shooting && draw(index, 20) < 0.1;
    if (d->to_zero &&
        d->storage == RI_F32) /* least squares on columns dependent but for rounding */
        d->tol = 1e-7;
    d->blocks = 1 + (int32_t)(3 * draw(index, 21));
}

static int check_draw(int64_t index) {
    small_design d = small_defaults();
    draw_data(&d, index);
    draw_problem(&d, index);
    return check_design(&d);
}

static void test_random_problems(void **state) {
    (void)state;
    int bad = 0;
    for (int64_t index = 12; index < 20; index++)
        bad += check_draw(index);
    assert_int_equal(bad, 0);
}

static void test_draws_that_once_failed(void **state) {
    (void)state;
    const int64_t once[] = {100, 108, 134,  145,  153,  304,  317,  416,  535,  608,  610,
                            634, 962, 1010, 1346, 1350, 1474, 2135, 2348, 2640, 2662, 2877};
    int bad = 0;
    for (size_t k = 0; k < sizeof once / sizeof *once; k++)
        bad += check_draw(once[k]);
    assert_int_equal(bad, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_problems),
        cmocka_unit_test(test_draws_that_once_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
