/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the factor: after any sequence of appended and deleted rows, L L' is the Gram matrix of
 * the columns that are in, z is L^-1 of their right-hand side, and dependent columns stay out. With
 * entries of floats too, as exactly as these are. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "solve/factor.h"

enum { ROWS = 40, COLUMNS = 30 };

typedef struct state {
    double x[COLUMNS][ROWS];
    ri_factor factor;
    int in[COLUMNS], count; /* columns in the factor, in order */
} state;

static double gram(const state *s, int a, int b) {
    long double sum = 0;
    for (int i = 0; i < ROWS; i++)
        sum += (long double)s->x[a][i] * s->x[b][i];
    return (double)sum;
}

static double right_side(int column) {
    return 1 + 0.25 * column;
}

static void make_columns(state *s, uint64_t seed) {
    memset(s, 0, sizeof *s);
    for (int j = 0; j < COLUMNS; j++)
        for (int i = 0; i < ROWS; i++)
            s->x[j][i] = ri_random_normal(seed, 9, (uint64_t)(j * ROWS + i));
}

/* Appends columns and returns how many were accepted. */
static int append(state *s, const int *column, int count) {
    double cross[COLUMNS * COLUMNS], own[COLUMNS * COLUMNS];
    bool accepted[COLUMNS];
    ri_error err;
    for (int k = 0; k < count; k++) {
        for (int i = 0; i < s->count; i++)
            cross[i + k * s->count] = gram(s, s->in[i], column[k]);
        for (int i = 0; i < count; i++)
            own[i + k * count] = gram(s, column[i], column[k]);
    }
    assert_int_equal(ri_factor_append(&s->factor, cross, own, count, 1e-13, accepted, &err), RI_OK);
    int before = s->count;
    for (int k = 0; k < count; k++)
        if (accepted[k])
            s->in[s->count++] = column[k];
    assert_int_equal(s->factor.size, s->count);
    return s->count - before;
}

static void set_right_side(state *s) {
    for (int i = 0; i < s->count; i++)
        s->factor.z[i] = right_side(s->in[i]);
    ri_factor_forward(&s->factor, s->factor.z);
}

static void drop_every(state *s, int step) {
    bool drop[COLUMNS];
    ri_error err;
    for (int i = 0; i < s->count; i++)
        drop[i] = i % step == 0;
    assert_int_equal(ri_factor_delete(&s->factor, drop, &err), RI_OK);
    int kept = 0;
    for (int i = 0; i < s->count; i++)
        if (!drop[i])
            s->in[kept++] = s->in[i];
    s->count = kept;
    assert_int_equal(s->factor.size, s->count);
}

static void check_product(const state *s) {
    const ri_factor *f = &s->factor;
    for (int a = 0; a < s->count; a++)
        for (int b = 0; b <= a; b++) {
            long double sum = 0;
            for (int c = 0; c <= b; c++)
                sum += (long double)ri_factor_entry(f, a, c) * ri_factor_entry(f, b, c);
            assert_true(fabsl(sum - gram(s, s->in[a], s->in[b])) < (f->single ? 1e-4 : 1e-11));
        }
}

/* z turned along by deletions solves the system of what is left. */
static void check_solution(const state *s) {
    double x[COLUMNS];
    memcpy(x, s->factor.z, (size_t)s->count * sizeof *x);
    ri_factor_backward(&s->factor, x);
    for (int a = 0; a < s->count; a++) {
        long double sum = 0;
        for (int b = 0; b < s->count; b++)
            sum += (long double)gram(s, s->in[a], s->in[b]) * x[b];
        assert_true(fabsl(sum - right_side(s->in[a])) < (s->factor.single ? 1e-4 : 1e-9));
    }
}

static void factor_follows_appends_and_deletions(void **unused) {
    (void)unused;
    for (uint64_t seed = 1; seed <= 20; seed++)
        for (int step = 1; step <= 5; step++) {
            state s;
            make_columns(&s, seed);
            ri_factor_restart(&s.factor, seed % 2 == 0);
            const int first[] = {3, 17, 5, 8, 0, 21, 12, 29, 2, 14, 6}, second[] = {1, 4, 9};
            assert_int_equal(append(&s, first, 11), 11);
            check_product(&s);
            set_right_side(&s);
            check_solution(&s);
            drop_every(&s, step);
            check_product(&s);
            check_solution(&s);
            assert_int_equal(append(&s, second, 3), 3);
            check_product(&s);
            ri_factor_free(&s.factor);
        }
}

static void dependent_columns_stay_out(void **unused) {
    (void)unused;
    state s;
    make_columns(&s, 4);
    for (int i = 0; i < ROWS; i++) {
        s.x[2][i] = s.x[0][i] - 3 * s.x[1][i];
        s.x[3][i] = s.x[4][i];
    }
    const int one[] = {0, 1}, two[] = {2, 3, 4, 5};
    assert_int_equal(append(&s, one, 2), 2);
    assert_int_equal(append(&s, two, 4), 2); /* 2 depends on old rows, 4 on the new row 3 */
    assert_int_equal(s.in[2], 3);
    assert_int_equal(s.in[3], 5);
    check_product(&s);
    ri_factor_free(&s.factor);
}

static void transposed_product_is_that_of_the_factor(void **unused) {
    (void)unused;
    state s;
    make_columns(&s, 7);
    const int all[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    append(&s, all, 10);
    double x[10], y[10] = {0};
    for (int i = 0; i < 10; i++)
        x[i] = i - 4.5;
    ri_factor_transposed(&s.factor, x, y);
    for (int c = 0; c < 10; c++) {
        long double sum = 0;
        for (int i = c; i < 10; i++)
            sum += (long double)ri_factor_entry(&s.factor, i, c) * x[i];
        assert_true(fabsl(sum - y[c]) < 1e-12);
    }
    ri_factor_free(&s.factor);
}

/* A factor that was of floats and holds rows becomes an empty one of doubles, and the other way. */
static void width_changes_as_it_starts_anew(void **unused) {
    (void)unused;
    state s;
    make_columns(&s, 8);
    const int some[] = {4, 7, 1, 22, 9};
    for (int times = 0; times < 4; times++) {
        ri_factor_restart(&s.factor, times % 2 == 0);
        assert_int_equal(ri_factor_width(&s.factor),
                         times % 2 == 0 ? sizeof(float) : sizeof(double));
        assert_int_equal(s.factor.size, 0);
        s.count = 0;
        assert_int_equal(append(&s, some, 5), 5);
        check_product(&s);
        set_right_side(&s);
        check_solution(&s);
    }
    ri_factor_free(&s.factor);
}

/* Room for more rows is made in place, whatever the factor holds: L and z are what they were. */
static void room_is_made_around_what_is_held(void **unused) {
    (void)unused;
    for (int64_t held = 0; held <= 20; held += 5)
        for (int64_t room = 1; room <= 400; room += 33) {
            state s;
            ri_error err;
            make_columns(&s, 5);
            ri_factor_restart(&s.factor, held == 10);
            const int all[] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,
                               10, 11, 12, 13, 14, 15, 16, 17, 18, 19};
            if (held > 0)
                append(&s, all, (int)held);
            set_right_side(&s);
            assert_int_equal(ri_factor_reserve(&s.factor, room, &err), RI_OK);
            assert_true(s.factor.room >= room && s.factor.room < room + 2 * RI_FACTOR_PANEL);
            check_product(&s);
            check_solution(&s);
            ri_factor_free(&s.factor);
        }
}

/* A factor that outgrows many panels, a few rows at a time, against the plain recursion. */
static void rows_stay_as_the_factor_outgrows_its_room(void **unused) {
    (void)unused;
    enum { ORDER = 200, STEP = 3 };
    ri_factor factor = {0};
    ri_error err;
    bool accepted[STEP];
    double *cross = malloc(STEP * ORDER * sizeof *cross), own[STEP * STEP];
    assert_non_null(cross);
    for (int m = 0; m < ORDER; m += STEP) { /* Gram matrix min(i, j) + 1: every entry of L is 1 */
        for (int k = 0; k < STEP; k++) {
            for (int i = 0; i < m; i++)
                cross[i + k * m] = i + 1;
            for (int i = 0; i < STEP; i++)
                own[i + k * STEP] = m + 1 + (i < k ? i : k);
        }
        assert_int_equal(ri_factor_append(&factor, cross, own, STEP, 1e-13, accepted, &err), RI_OK);
        for (int64_t c = 0; c < factor.size; c++)
            for (int64_t i = c; i < factor.size; i++)
                assert_true(ri_factor_entry(&factor, i, c) == 1);
    }
    assert_true(factor.size >= ORDER);
    free(cross);
    ri_factor_free(&factor);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factor_follows_appends_and_deletions),
        cmocka_unit_test(dependent_columns_stay_out),
        cmocka_unit_test(transposed_product_is_that_of_the_factor),
        cmocka_unit_test(width_changes_as_it_starts_anew),
        cmocka_unit_test(room_is_made_around_what_is_held),
        cmocka_unit_test(rows_stay_as_the_factor_outgrows_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
