/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of products with stored columns: they are those with the standardised columns written out,
 * whatever the storage, weights and missing values; a column keeps its values while the pool that
 * holds it lets others go, and X is read once for each copy; long columns are not copied. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "design/project.h"
#include "support/fold_view.h"

enum { N = 43, LONG_N = 300, P = 150, MANY = 40, VECTORS = 5 };

static void hold(fold_view *e, const int64_t *feature, int64_t count, double *bytes) {
    ri_error err;
    for (int64_t i = 0; i < count; i++)
        e->pool.wanted[feature[i]] = 1;
    assert_int_equal(ri_pool_hold(&e->pool, 2, bytes, &err), RI_OK);
}

/* Column j on all rows from the values themselves, in long double. */
static void write_plainly(const fold_view *e, int64_t j, long double *z) {
    const int64_t n = e->s->problem.x.n;
    const double *x = e->s->x + j * n;
    const ri_columns *columns = &e->plan->columns;
    long double sum = 0, weight = 0, square = 0;
    for (int64_t t = 0; t < e->view.train; t++) {
        int32_t i = e->view.row[t];
        long double w = e->view.weight[i], d = isnan(x[i]) ? 0 : x[i] - columns->shift[j];
        sum += w * d;
        weight += isnan(x[i]) ? 0 : w;
    }
    long double mean = weight > 0 ? sum / weight : 0;
    for (int64_t t = 0; t < e->view.train; t++) {
        int32_t i = e->view.row[t];
        long double d = isnan(x[i]) ? 0 : x[i] - columns->shift[j] - mean;
        square += e->view.weight[i] * d * d;
    }
    long double sd = sqrtl(square / e->view.train);
    for (int64_t i = 0; i < n; i++) {
        long double d = isnan(x[i]) ? mean : x[i] - columns->shift[j];
        z[i] = (columns->centered ? d - mean : d) / (columns->standardized ? sd : 1);
    }
}

static void close_to(const fold_view *e, const char *what, double got, long double want) {
    if (!(fabsl(got - want) <= 1e-10L * (1 + fabsl(want))))
        fail_msg("%s: %.17g instead of %.17Lg; %s", what, got, want, small_text(&e->s->design));
}

static void compare(fold_view *e, const int64_t *feature, int64_t count) {
    ri_held held = {&e->view, &e->pool, feature, count};
    double vector[VECTORS * LONG_N] = {0}, out[VECTORS * P], sum[LONG_N], step[P], given[P];
    double column[LONG_N];
    long double z[MANY * LONG_N];
    const int64_t n = e->s->problem.x.n;
    for (int64_t v = 0; v < VECTORS; v++)
        for (int64_t i = 0; i < n; i++)
            vector[v * n + i] = e->view.weight[i] * small_normal(&e->s->design, 20, v * n + i);
    for (int64_t i = 0; i < count; i++) {
        write_plainly(e, feature[i], z + i * n);
        given[i] = step[i] = small_normal(&e->s->design, 21, i);
        ri_write_out(&held, i, column);
        for (int64_t r = 0; r < n; r++)
            close_to(e, "column", column[r], z[i * n + r]);
    }
    ri_project(&held, vector, n, VECTORS, out, count);
    for (int64_t v = 0; v < VECTORS; v++)
        for (int64_t i = 0; i < count; i++) {
            long double want = 0;
            for (int64_t r = 0; r < n; r++)
                want += z[i * n + r] * vector[v * n + r];
            close_to(e, "product", out[i + v * count], want);
        }
    int32_t row[LONG_N];
    double alone[P];
    ri_project_where_stored(&e->view, feature, count, vector, row, alone);
    assert_memory_equal(alone, out, (size_t)count * sizeof *out);
    for (int64_t r = 0; r < n; r++)
        sum[r] = (double)r;
    ri_superpose(&held, step, sum);
    for (int64_t r = 0; r < n; r++) {
        long double want = r;
        for (int64_t i = 0; i < count; i++)
            want += given[i] * z[i * n + r];
        close_to(e, "sum", sum[r], want);
    }
}

static void products_are_those_with_columns_written_out(void **unused) {
    (void)unused;
    for (int storage = 0; storage < RI_DENSE_COUNT; storage++)
        for (int variant = 0; variant < 16; variant++) {
            small_design design = small_defaults();
            design.n = N;
            design.p = P;
            design.storage = (ri_storage)storage;
            design.missing = variant & 1 ? 0.1 : 0;
            design.weights = variant & 2 ? UNEVEN_AND_ZERO : EVEN;
            design.no_intercept = variant & 4;
            design.raw = variant & 8;
            design.missing_y = 0.1;
            fold_view e = fold_view_new(small_new(&design));
            double bytes = 0;
            const int64_t some[] = {3, 29, 2, 0, 7, 8, 9, 10, 11, 12, 13, 28, 21, 5, 1, 14, 15};
            const int64_t count = sizeof some / sizeof some[0];
            hold(&e, some, count, &bytes);
            compare(&e, some, count);
            compare(&e, some, 1);
            compare(&e, some, 0);
            fold_view_free(&e);
        }
}

static void columns_come_and_go(void **unused) {
    (void)unused;
    small_design design = small_defaults();
    design.n = N;
    design.p = P;
    design.storage = RI_I8;
    design.missing = 0.1;
    fold_view e = fold_view_new(small_new(&design));
    double bytes = 0;
    for (int64_t from = 0; from < 20; from++) {
        int64_t some[MANY];
        for (int64_t i = 0; i < MANY; i++)
            some[i] = (from * 17 + i) % P;
        hold(&e, some, MANY, &bytes);
        compare(&e, some, MANY);
    }
    assert_true(e.pool.slots == RI_POOL_BLOCK);
    const int64_t held = 11;
    double before = bytes;
    hold(&e, &held, 1, &bytes);
    hold(&e, &held, 1, &bytes);
    assert_true(bytes - before <= N);
    compare(&e, &held, 1);
    fold_view_free(&e);
}

static void long_columns_stay_where_they_are(void **unused) {
    (void)unused;
    const int64_t some[] = {3, 29, 2, 0, 7, 148}, count = sizeof some / sizeof some[0];
    for (int64_t n = N; n <= LONG_N; n += LONG_N - N) {
        small_design design = small_defaults();
        design.n = n;
        design.p = P;
        design.missing = 0.1;
        fold_view e = fold_view_new(small_new(&design));
        const ri_matrix *x = &e.plan->columns.x;
        double bytes = 0;
        hold(&e, some, count, &bytes);
        compare(&e, some, count);
        for (int64_t i = 0; i < count; i++)
            assert_int_equal(ri_pool_at(&e.pool, some[i])->column == ri_matrix_column(x, some[i]),
                             n == LONG_N);
        assert_int_equal(ri_pool_copy_bytes(x, false) == 0, n == LONG_N);
        assert_true(ri_pool_copy_bytes(x, true) >= 8 * (size_t)n);
        fold_view_free(&e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_those_with_columns_written_out),
        cmocka_unit_test(columns_come_and_go),
        cmocka_unit_test(long_columns_stay_where_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
