/* SPDX-License-Identifier: BSD-3-Clause
 * Law of equal columns: of the candidates of window after window, whatever these are and whatever
 * is known of earlier ones, those stay that are the first of their kind; the others are marked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "cv/plan.h"
#include "design/pass.h"
#include "solve/candidates.h"
#include "support/small_problem.h"

enum { P = 40, WINDOWS = 60 };

typedef struct example {
    small_problem *s;
    ri_plan *plan;
    ri_view view;
    ri_pool pool;
    double *y;
} example;

static example make(const small_design *design) {
    example e = {.s = small_new(design)};
    ri_error err;
    int64_t all[P];
    double bytes = 0;
    assert_int_equal(ri_plan_new(&e.s->problem, NULL, 1, &e.plan, &err), RI_OK);
    uint8_t *role = small_room((size_t)design->n, 1);
    ri_plan_roles(&e.s->problem, 1, role);
    assert_int_equal(ri_view_new(&e.plan->columns, role, e.s->weight, &e.view, &err), RI_OK);
    free(role);
    for (int64_t j = 0; j < P; j++)
        all[j] = j;
    assert_int_equal(ri_pass_moments(&e.view, 1, all, P, &bytes, &err), RI_OK);
    assert_int_equal(ri_pool_open(&e.pool, &e.plan->columns, &err), RI_OK);
    assert_int_equal(ri_pool_hold_list(&e.pool, all, P, 1, &bytes, &err), RI_OK);
    e.y = small_room((size_t)e.view.train, sizeof *e.y);
    return e;
}

static void unmake(example *e) {
    ri_pool_free(&e->pool);
    ri_view_free(&e->view);
    ri_plan_free(e->plan);
    small_free(e->s);
    free(e->y);
}

/* By their making: columns 5 and 7 equal column 2, and column 6 may mirror column 3. */
static int64_t kind_of(const small_design *design, int64_t j) {
    return j == 5 || j == 7 ? 2 : j == 6 && (design->oddities & ODD_MIRROR) ? 3 : j;
}

/* Some of the features that are not marked, and which of them are to stay. */
static int64_t draw_window(const example *e, uint64_t window, const uint8_t *twin, int64_t *feature,
                           bool *stays) {
    int64_t count = 0;
    bool met[P] = {false};
    for (int64_t j = 0; j < P; j++) {
        double u = ri_random_uniform(31, 7, window * P + (uint64_t)j);
        if (twin[j] || e->view.scale[j] == 0 || u < 0.5)
            continue;
        int64_t kind = kind_of(&e->s->design, j);
        stays[count] = !met[kind];
        met[kind] = true;
        feature[count++] = j;
    }
    return count;
}

static void check_windows(example *e, bool gathered, ri_distinct *distinct) {
    ri_candidates c = {0};
    uint8_t twin[P] = {0};
    for (uint64_t window = 0; window < WINDOWS; window++) {
        int64_t feature[P], kept = 0;
        bool stays[P];
        if (window % 20 == 0) /* columns that are known, and no twin yet */
            memset(twin, 0, sizeof twin);
        int64_t count = draw_window(e, window, twin, feature, stays);
        ri_regression of = {
            .view = &e->view, .y = e->y, .null_loss = 1, .twin = twin, .distinct = distinct};
        ri_error err;
        assert_int_equal(
            ri_candidates_fill(&c, &of, gathered ? NULL : &e->pool, feature, count, &err), RI_OK);
        for (int64_t i = 0; i < count; i++) {
            assert_int_equal(twin[feature[i]], !stays[i]);
            if (stays[i])
                assert_int_equal(c.feature[kept++], feature[i]);
        }
        assert_int_equal(c.size, kept);
        if (distinct)
            assert_int_equal(distinct->count, kept);
    }
    ri_candidates_free(&c);
}

static void first_of_equal_columns_stays(void **unused) {
    (void)unused;
    for (int storage = 0; storage < RI_DENSE_COUNT; storage++) {
        small_design design = small_defaults();
        design.p = P;
        design.storage = (ri_storage)storage;
        design.missing = storage % 2 ? 0.05 : 0;
        bool whole = storage == RI_I8 || storage == RI_PACKED2; /* else 2 - x is rounded */
        design.oddities = ODD_TWINS | (whole ? ODD_MIRROR : 0);
        example e = make(&design);
        for (int gathered = 0; gathered < 2; gathered++) {
            ri_distinct distinct = {0};
            check_windows(&e, gathered, NULL);
            check_windows(&e, gathered, &distinct);
            ri_distinct_free(&distinct);
        }
        unmake(&e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_of_equal_columns_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
