/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of products by counts: the bits of packed genotypes say their dosage, every table counts the
 * same, and the products of columns of a fit are those with the columns written out in long double,
 * for any number of columns and rows, of missing calls and of held-out samples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "cv/plan.h"
#include "design/counts.h"
#include "design/pass.h"
#include "kernel/kernel.h"
#include "support/small_problem.h"

enum { ROWS = 2100, P = 90 };

static int bits_at(const uint64_t *bits, int64_t row) {
    return (int)(bits[row / 32] >> (2 * (row % 32)) & 3);
}

static void bits_are_dosages(void **unused) {
    (void)unused;
    uint8_t column[ROWS / 4];
    for (uint64_t i = 0; i < sizeof column; i++)
        column[i] = (uint8_t)ri_random_bits(5, 1, i);
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int t = 0; t < tables; t++)
        for (int64_t from = 0; from <= 64; from += 32)
            for (int64_t rows = 0; from + rows <= ROWS; rows += rows < 70 ? 1 : 193) {
                uint64_t dosage[ROWS / 32 + 2], called[ROWS / 32 + 2];
                int64_t words = (rows + 31) / 32;
                dosage[words] = called[words] = 77;
                table[t]->genotype_bits(column, from, rows, dosage, called);
                assert_true(dosage[words] == 77 && called[words] == 77);
                for (int64_t i = 0; i < 32 * words; i++) {
                    double v = i < rows ? ri_element(RI_PACKED2, column, from + i) : NAN;
                    assert_int_equal(bits_at(called, i), isnan(v) ? 0 : 3);
                    assert_int_equal(bits_at(dosage, i), isnan(v) || v == 0 ? 0 : v == 1 ? 1 : 3);
                }
            }
}

static void every_table_counts_common_bits(void **unused) {
    (void)unused;
    enum { COLUMNS = 5, VECTORS = 7, WORDS = 20, LDB = WORDS + 3 };
    uint64_t a[COLUMNS * WORDS], b[VECTORS * LDB];
    for (uint64_t i = 0; i < sizeof a / sizeof *a; i++)
        a[i] = ri_random_bits(6, 1, i);
    for (uint64_t i = 0; i < sizeof b / sizeof *b; i++)
        b[i] = ri_random_bits(6, 2, i);
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int t = 0; t < tables; t++)
        for (int64_t words = 1; words <= WORDS; words++)
            for (int64_t vectors = 0; vectors <= VECTORS; vectors++) {
                int64_t c[COLUMNS * VECTORS + 1];
                for (int64_t e = 0; e <= COLUMNS * VECTORS; e++)
                    c[e] = e;
                table[t]->common_bits(a, COLUMNS, b, LDB, vectors, words, c);
                for (int64_t e = 0; e <= COLUMNS * VECTORS; e++) {
                    int64_t want = e, i = e % COLUMNS, k = e / COLUMNS;
                    for (int64_t bit = 0; k < vectors && bit < 64 * words; bit++)
                        want += (int64_t)(a[i * words + bit / 64] >> bit % 64 &
                                          b[k * LDB + bit / 64] >> bit % 64 & 1);
                    assert_true(c[e] == want);
                }
            }
}

typedef struct example {
    small_problem *s;
    ri_plan *plan;
    ri_view view;
    ri_pool pool;
} example;

static example make(const small_design *design) {
    example e = {.s = small_new(design)};
    ri_error err;
    assert_int_equal(ri_plan_new(&e.s->problem, NULL, 1, &e.plan, &err), RI_OK);
    uint8_t *role = malloc((size_t)design->n);
    assert_non_null(role);
    ri_plan_roles(&e.s->problem, 1, role);
    assert_int_equal(ri_view_new(&e.plan->columns, role, e.s->weight, &e.view, &err), RI_OK);
    free(role);
    int64_t all[P];
    double bytes = 0;
    for (int64_t j = 0; j < P; j++)
        all[j] = j;
    assert_int_equal(ri_pass_moments(&e.view, 1, all, P, &bytes, &err), RI_OK);
    assert_int_equal(ri_pool_open(&e.pool, &e.plan->columns, &err), RI_OK);
    assert_int_equal(ri_pool_hold_list(&e.pool, all, P, 1, &bytes, &err), RI_OK);
    return e;
}

static void unmake(example *e) {
    ri_pool_free(&e->pool);
    ri_view_free(&e->view);
    ri_plan_free(e->plan);
    small_free(e->s);
}

/* Standardised column j over the training rows from the values alone; its variance. */
static long double write_plainly(const example *e, int64_t j, long double *z) {
    int64_t n = e->view.columns->x.n, called = 0;
    const double *x = e->s->x + j * n;
    long double sum = 0, square = 0;
    for (int64_t t = 0; t < e->view.train; t++) {
        double v = x[e->view.row[t]];
        sum += isnan(v) ? 0 : v;
        called += !isnan(v);
    }
    for (int64_t t = 0; t < e->view.train; t++) {
        double v = x[e->view.row[t]];
        z[t] = isnan(v) ? 0 : v - sum / called;
        square += z[t] * z[t];
    }
    for (int64_t t = 0; t < e->view.train && square > 0; t++)
        z[t] /= sqrtl(square / e->view.train);
    return square;
}

static void compare(example *e, int64_t count, int64_t first, int64_t entering) {
    int64_t list[P], train = e->view.train;
    for (int64_t j = 0; j < P; j++)
        list[j] = j * 7 % P;
    ri_held active = {&e->view, &e->pool, list, count};
    ri_held enter = {&e->view, &e->pool, list + first, entering};
    double *out = malloc((size_t)(entering * P + 1) * sizeof *out);
    long double *z = malloc((size_t)(2 * train + 1) * sizeof *z);
    assert_non_null(out);
    assert_non_null(z);
    ri_counts counts = {0};
    ri_error err;
    assert_true(ri_counts_apply(&active) && ri_counts_apply(&enter));
    assert_int_equal(ri_count_products(&counts, &active, &enter, out, P, &err), RI_OK);
    for (int64_t k = 0; k < entering; k++) {
        long double own = write_plainly(e, enter.feature[k], z);
        for (int64_t i = 0; i < count; i++) {
            long double want = 0, other = write_plainly(e, list[i], z + train);
            for (int64_t t = 0; t < train; t++)
                want += z[t] * z[train + t];
            if (own == 0 || other == 0)
                want = 0;
            if (!(fabsl(out[i + k * P] - want) <= 1e-13L * train))
                fail_msg("%.17g instead of %.17Lg; %s", out[i + k * P], want,
                         small_text(&e->s->design));
        }
    }
    ri_counts_free(&counts);
    free(out);
    free(z);
}

static small_design genotypes(int64_t n, double missing) {
    small_design design = small_defaults();
    design.n = n;
    design.p = P;
    design.storage = RI_PACKED2;
    design.missing = missing;
    return design;
}

static void products_are_those_with_columns_written_out(void **unused) {
    (void)unused;
    const int64_t rows[] = {33, 64, 129, ROWS};
    for (int k = 0; k < 4; k++)
        for (int missing = 0; missing < 2; missing++) {
            small_design design = genotypes(rows[k], missing ? 0.1 : 0);
            example e = make(&design);
            compare(&e, 70, 70, 20);
            compare(&e, 20, 0, 17);
            compare(&e, 1, 3, 1);
            compare(&e, 0, 3, 2);
            unmake(&e);
        }
}

static void other_columns_are_left_alone(void **unused) {
    (void)unused;
    const int64_t feature = 3;
    for (int variant = 0; variant < 4; variant++) {
        small_design design = genotypes(43, 0);
        design.weights = variant == 1 ? UNEVEN_AND_ZERO : EVEN;
        design.no_intercept = variant == 2;
        design.storage = variant == 3 ? RI_I8 : RI_PACKED2;
        example e = make(&design);
        ri_held held = {&e.view, &e.pool, &feature, 1};
        assert_int_equal(ri_counts_apply(&held), variant == 0);
        unmake(&e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bits_are_dosages),
        cmocka_unit_test(every_table_counts_common_bits),
        cmocka_unit_test(products_are_those_with_columns_written_out),
        cmocka_unit_test(other_columns_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
