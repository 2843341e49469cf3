/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the fitted values of a path without folds: at every alpha, intercept and products of the
 * values themselves, missing ones at their mean, in every storage type, beyond one block of rows
 * and of columns. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/small_problem.h"
#include "support/small_run.h"

/* Of the values that are there, over all rows. */
static long double mean_of(const small_problem *s, int64_t j) {
    const double *x = s->x + j * s->design.n;
    long double sum = 0, count = 0;
    for (int64_t i = 0; i < s->design.n; i++)
        if (!isnan(x[i])) {
            sum += x[i];
            count++;
        }
    return sum / count;
}

static void check_alpha(const small_problem *s, const ri_path *path, int64_t a) {
    const ri_fit *fit = &path->fit[0];
    int64_t n = s->design.n;
    long double *sum = small_room((size_t)n, sizeof *sum), size = 1;
    for (int64_t i = 0; i < n; i++)
        sum[i] = fit->intercept[a];
    for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++) {
        const double *x = s->x + fit->feature[k] * n;
        long double mean = mean_of(s, fit->feature[k]);
        size += fabsl((long double)fit->coefficient[k]) * 100;
        for (int64_t i = 0; i < n; i++)
            sum[i] += fit->coefficient[k] * (isnan(x[i]) ? mean : (long double)x[i]);
    }
    for (int64_t i = 0; i < n; i++)
        assert_true(fabsl(path->prediction[a * n + i] - sum[i]) <= 1e-12L * size);
    free(sum);
}

static void fitted_values_are_products(void **unused) {
    (void)unused;
    for (int storage = 0; storage < RI_DENSE_COUNT; storage++) {
        small_design d = small_defaults();
        d.n = storage == RI_F64 ? 1300 : 90;
        d.p = storage == RI_F64 ? 80 : 150;
        d.folds = 0;
        d.eps = 1e-3;
        d.storage = (ri_storage)storage;
        d.missing = storage % 2 ? 0.03 : 0;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 2, false);
        const ri_path *path = &run.record->path[0];
        assert_true(path->fit[0].start[d.alphas] > d.alphas);
        for (int64_t a = 0; a < d.alphas; a++)
            check_alpha(s, path, a);
        small_run_free(&run);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fitted_values_are_products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
