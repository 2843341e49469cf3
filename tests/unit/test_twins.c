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
#include "solve/candidates.h"
#include "support/fold_view.h"

enum { P = 40, WINDOWS = 60 };

typedef struct example {
    fold_view fit; /* all columns held */
    double *y;
} example;

static example make(const small_design *design) {
    example e = {.fit = fold_view_new(small_new(design))};
    fold_view_hold_all(&e.fit);
    e.y = small_room((size_t)e.fit.view.train, sizeof *e.y);
    return e;
}

static void unmake(example *e) {
    fold_view_free(&e->fit);
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
        if (twin[j] || e->fit.view.scale[j] == 0 || u < 0.5)
            continue;
        int64_t kind = kind_of(&e->fit.s->design, j);
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
            .view = &e->fit.view, .y = e->y, .null_loss = 1, .twin = twin, .distinct = distinct};
        ri_error err;
        assert_int_equal(
            ri_candidates_fill(&c, &of, gathered ? NULL : &e->fit.pool, feature, count, &err),
            RI_OK);
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
