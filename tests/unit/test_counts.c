/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of products by counts: the bits of packed genotypes say what they are less 1, every table
 * multiplies signs alike, and the products of columns of a fit are those with the columns written
 * out in long double, for any number of columns and rows, of missing calls and of held-out samples;
 * in every storage, packed or not, the same bytes. Columns that are no genotypes are left alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "design/counts.h"
#include "kernel/kernel.h"
#include "support/fold_view.h"

enum { ROWS = 2100, LONG = 4500, P = 90, EXTRAS = 12, NO_GENOTYPE = P - 4, ODD_ROW = P - 5 };

static int64_t word_of(int64_t row) {
    return row / 64;
}

static int bit_at(const uint64_t *bits, int64_t row) {
    int64_t in_word = row % 64;
    return (int)(bits[word_of(row)] >> (in_word < 32 ? 2 * in_word : 2 * (in_word - 32) + 1) & 1);
}

static void signs_are_genotypes_less_one(void **unused) {
    (void)unused;
    uint8_t column[ROWS / 4];
    for (uint64_t i = 0; i < sizeof column; i++)
        column[i] = (uint8_t)ri_random_bits(5, 1, i);
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int t = 0; t < tables; t++)
        for (int64_t from = 0; from <= 128; from += 64)
            for (int64_t rows = 0; from + rows <= ROWS; rows += rows < 130 ? 1 : 193) {
                uint64_t some[ROWS / 64 + 2], less[ROWS / 64 + 2], called[ROWS / 64 + 2];
                int64_t words = (rows + 63) / 64;
                some[words] = less[words] = called[words] = 77;
                table[t]->genotype_signs(column, from, rows, some, less, called);
                assert_true(some[words] == 77 && less[words] == 77 && called[words] == 77);
                for (int64_t i = 0; i < 64 * words; i++) {
                    double v = i < rows ? ri_element(RI_PACKED2, column, from + i) : NAN;
                    assert_int_equal(bit_at(called, i), !isnan(v));
                    assert_int_equal(bit_at(some, i), !isnan(v) && v != 1);
                    assert_int_equal(bit_at(less, i), v == 0);
                }
            }
}

/* Of a pair of bits. */
static int sign_at(const ri_signs *signs, int64_t column, int64_t bit) {
    const uint64_t *at = signs->some + column * signs->apart + bit / 64;
    int some = (int)(*at >> bit % 64 & 1), less = (int)(at[signs->less] >> bit % 64 & 1);
    return some ? 1 - 2 * less : 0;
}

/* Bits that are random, or, for sums as large as they get, all set: products of 1, or of -1. */
static void fill_signs(uint64_t *bits, int64_t words, int64_t less, int64_t apart, int kind,
                       uint32_t key) {
    for (int64_t i = 0; i < words; i++) {
        bool positive = i % apart >= less && (kind == 1 || key == 0);
        bits[i] = kind == 0 ? ri_random_bits(6, key, (uint64_t)i) : positive ? 0 : ~(uint64_t)0;
    }
}

static void every_table_multiplies_signs(void **unused) {
    (void)unused;
    enum { COLUMNS = 5, VECTORS = 7, WORDS = 71, LESS = WORDS + 1, APART = 2 * WORDS + 3 };
    static uint64_t bits[2][VECTORS * APART];
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    for (int kind = 0; kind < 3; kind++) {
        for (uint32_t k = 0; k < 2; k++)
            fill_signs(bits[k], VECTORS * APART, LESS, APART, kind, k);
        for (int t = 0; t < tables; t++)
            for (int64_t words = 1; words <= WORDS; words += words < 9 ? 1 : 31)
                for (int64_t vectors = 0; vectors <= VECTORS; vectors++) {
                    ri_signs a = {bits[0], LESS, APART, COLUMNS},
                             b = {bits[1], LESS, APART, vectors};
                    int64_t c[COLUMNS * VECTORS + 1];
                    for (int64_t e = 0; e <= COLUMNS * VECTORS; e++)
                        c[e] = e;
                    table[t]->sign_products(&a, &b, words, c, COLUMNS);
                    for (int64_t e = 0; e <= COLUMNS * VECTORS; e++) {
                        int64_t want = e, i = e % COLUMNS, k = e / COLUMNS;
                        for (int64_t bit = 0; k < vectors && bit < 64 * words; bit++)
                            want += sign_at(&a, i, bit) * sign_at(&b, k, bit);
                        assert_true(c[e] == want);
                    }
                }
    }
}

typedef struct example {
    fold_view fit;         /* all columns held */
    ri_csc_column *sparse; /* where X is so stored, its columns, */
    int32_t *row;          /* the rows of their entries, */
    double *value;         /* and the entries */
} example;

/* Entries that are not 0. */
static void store_sparsely(small_problem *s, example *e) {
    ri_matrix *x = &s->problem.x;
    int64_t n = x->n, features = ri_matrix_features(x), used = 0;
    e->sparse = small_room((size_t)features, sizeof *e->sparse);
    e->row = small_room((size_t)(features * n), sizeof *e->row);
    e->value = small_room((size_t)(features * n), sizeof *e->value);
    for (int64_t j = 0; j < features; j++) {
        e->sparse[j] = (ri_csc_column){0, e->row + used, e->value + used, RI_F64};
        for (int64_t i = 0; i < n; i++)
            if (s->x[j * n + i] != 0) {
                e->row[used] = (int32_t)i;
                e->value[used++] = s->x[j * n + i];
                e->sparse[j].entries++;
            }
    }
    x->storage = RI_CSC;
    x->stride = sizeof *e->sparse;
    x->values = e->sparse;
}

/* The genotypes of a design in any storage. The last columns are extra ones, of which some are no
 * genotypes, and one is odd only in a row that no fit knows. */
static void store(small_problem *s, ri_storage storage, example *e) {
    int64_t n = s->design.n, known = 0;
    for (int64_t i = 0; i < n; i++)
        if (isnan(s->y[i]))
            s->x[ODD_ROW * n + i] = 7.5;
        else
            known = i;
    for (int64_t j = NO_GENOTYPE; j < P; j++)
        s->x[j * n + known] = 0.5;
    free(s->stored);
    s->design.p = P - EXTRAS;
    s->design.storage = storage == RI_CSC ? RI_F64 : storage;
    small_store(s);
    s->problem.x.p = P;
    s->problem.x.extras = EXTRAS;
    s->problem.x.extra = s->x + (P - EXTRAS) * n;
    if (storage == RI_CSC)
        store_sparsely(s, e);
}

static example make(const small_design *design, ri_storage storage, bool packs) {
    example e = {0};
    small_problem *s = small_new(design);
    store(s, storage, &e);
    e.fit = fold_view_new(s);
    e.fit.pool.packs = packs;
    fold_view_hold_all(&e.fit);
    return e;
}

static void unmake(example *e) {
    fold_view_free(&e->fit);
    free(e->sparse);
    free(e->row);
    free(e->value);
}

/* Column j as the fit sees it, over the training rows, from the values alone. */
static void write_plainly(const example *e, int64_t j, long double *z) {
    int64_t n = e->fit.view.columns->x.n, called = 0;
    const double *x = e->fit.s->x + j * n;
    long double sum = 0, square = 0;
    for (int64_t t = 0; t < e->fit.view.train; t++) {
        double v = x[e->fit.view.row[t]];
        sum += isnan(v) ? 0 : v;
        called += !isnan(v);
    }
    for (int64_t t = 0; t < e->fit.view.train; t++) {
        double v = x[e->fit.view.row[t]];
        z[t] = isnan(v) ? 0 : v - sum / called;
        square += z[t] * z[t];
    }
    for (int64_t t = 0; t < e->fit.view.train && square > 0 && e->fit.plan->columns.standardized;
         t++)
        z[t] /= sqrtl(square / e->fit.view.train);
}

static const double UNTOUCHED = 12345;

static void check_product(const example *e, const long double *z, int64_t j, int64_t k,
                          double got) {
    int64_t train = e->fit.view.train;
    long double want = 0;
    for (int64_t t = 0; t < train; t++)
        want += z[j * train + t] * z[k * train + t];
    if (j >= NO_GENOTYPE || k >= NO_GENOTYPE)
        want = UNTOUCHED;
    if (!(fabsl(got - want) <= 1e-13L * train))
        fail_msg("%.17g instead of %.17Lg; %s", got, want, small_text(&e->fit.s->design));
}

static void check_products(const example *e, const ri_held *active, const ri_held *enter,
                           const double *out) {
    int64_t train = e->fit.view.train;
    long double *z = malloc((size_t)(P * train) * sizeof *z);
    assert_non_null(z);
    for (int64_t j = 0; j < P; j++)
        write_plainly(e, j, z + j * train);
    for (int64_t k = 0; k < enter->count; k++)
        for (int64_t i = 0; i < active->count; i++)
            check_product(e, z, active->feature[i], enter->feature[k], out[i + k * P]);
    free(z);
}

/* `count` columns with `entering` ones from the `first` on: packed ones are right, and left in
 * `before`; others are what is there. */
static void compare(example *e, int64_t count, int64_t first, int64_t entering, double *before) {
    int64_t list[P];
    for (int64_t j = 0; j < P; j++)
        list[j] = j * 7 % P;
    ri_held active = {&e->fit.view, &e->fit.pool, list, count};
    ri_held enter = {&e->fit.view, &e->fit.pool, list + first, entering};
    double *out = malloc((size_t)(entering * P + 1) * sizeof *out);
    assert_non_null(out);
    for (int64_t i = 0; i < entering * P; i++)
        out[i] = UNTOUCHED;
    ri_counts counts = {0};
    ri_error err;
    assert_true(ri_counts_apply(&e->fit.view));
    assert_int_equal(ri_count_products(&counts, &active, &enter, out, P, &err), RI_OK);
    if (e->fit.s->problem.x.storage == RI_PACKED2 && e->fit.pool.packs) {
        memcpy(before, out, (size_t)(entering * P) * sizeof *out);
        check_products(e, &active, &enter, out);
    } else if (memcmp(before, out, (size_t)(entering * P) * sizeof *out) != 0)
        fail_msg("not what packed genotypes give; %s", small_text(&e->fit.s->design));
    ri_counts_free(&counts);
    free(out);
}

static small_design genotypes(int64_t n, double missing) {
    small_design design = small_defaults();
    design.n = n;
    design.p = P;
    design.storage = RI_PACKED2;
    design.missing = missing;
    design.missing_y = 0.1;
    return design;
}

static void compare_storages(const small_design *design) {
    static const ri_storage STORAGE[] = {RI_PACKED2, RI_F64, RI_F32, RI_I8, RI_DOSAGE, RI_CSC};
    double *before = malloc(4 * P * P * sizeof *before);
    assert_non_null(before);
    for (int k = 0; k < 12; k++) {
        example e = make(design, STORAGE[k / 2], k % 2 == 0);
        compare(&e, 70, 20, 70, before);
        compare(&e, 20, 0, 17, before + P * P);
        compare(&e, 1, 3, 1, before + 2 * P * P);
        compare(&e, 0, 3, 2, before + 3 * P * P);
        unmake(&e);
    }
    free(before);
}

static void products_are_those_with_columns_written_out(void **unused) {
    (void)unused;
    const int64_t rows[] = {33, 64, 129, 515, LONG};
    for (int k = 0; k < 5; k++)
        for (int missing = 0; missing < 3; missing++) {
            small_design design = genotypes(rows[k], missing == 0   ? 0
                                                     : missing == 1 ? 0.1
                                                                    : 0.0007);
            design.raw = k == 2;
            compare_storages(&design);
        }
}

static void other_fits_are_left_alone(void **unused) {
    (void)unused;
    for (int variant = 0; variant < 3; variant++) {
        small_design design = genotypes(43, 0);
        design.weights = variant == 1 ? UNEVEN_AND_ZERO : EVEN;
        design.no_intercept = variant == 2;
        example e = make(&design, RI_PACKED2, true);
        assert_int_equal(ri_counts_apply(&e.fit.view), variant == 0);
        unmake(&e);
    }
}

/* The kinds of columns by their values in rows that fits know. */
static void genotypes_are_told_by_their_values(void **unused) {
    (void)unused;
    small_design design = genotypes(60, 0.1);
    example e = make(&design, RI_I8, true);
    for (int64_t j = 0; j < P; j++)
        assert_int_equal(e.fit.plan->columns.integer[j], j < NO_GENOTYPE ? RI_GENOTYPES : 0);
    unmake(&e);
    design.storage = RI_I8; /* of many values */
    design.p = 30;
    small_problem *s = small_new(&design);
    ri_plan *plan;
    ri_error err;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &plan, &err), RI_OK);
    assert_int_equal(plan->columns.integer[0], RI_WHOLE_NUMBERS);
    ri_plan_free(plan);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_are_genotypes_less_one),
        cmocka_unit_test(every_table_multiplies_signs),
        cmocka_unit_test(products_are_those_with_columns_written_out),
        cmocka_unit_test(other_fits_are_left_alone),
        cmocka_unit_test(genotypes_are_told_by_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
