/* SPDX-License-Identifier: BSD-3-Clause
 * A small problem as the fit of its fold 1 sees it, with a pool for its columns. Include cmocka.h
 * before. */
#ifndef RI_SUPPORT_FOLD_VIEW_H
#define RI_SUPPORT_FOLD_VIEW_H

#include "cv/plan.h"
#include "design/pass.h"
#include "support/small_problem.h"

typedef struct fold_view {
    small_problem *s;
    ri_plan *plan;
    ri_view view; /* moments of all features are known */
    ri_pool pool; /* open, nothing held */
} fold_view;

/* 0, 1, ... as a list of all features; to be freed. */
static inline int64_t *fold_view_features(const fold_view *f) {
    int64_t p = f->s->problem.x.p, *all = small_room((size_t)p, sizeof *all);
    for (int64_t j = 0; j < p; j++)
        all[j] = j;
    return all;
}

/* Takes over `s`. */
static inline fold_view fold_view_new(small_problem *s) {
    fold_view f = {.s = s};
    ri_error err;
    double bytes = 0;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &f.plan, &err), RI_OK);
    uint8_t *role = small_room((size_t)s->problem.x.n, 1);
    ri_plan_roles(&s->problem, 1, role);
    assert_int_equal(ri_view_new(&f.plan->columns, role, s->weight, &f.view, &err), RI_OK);
    free(role);
    int64_t *all = fold_view_features(&f);
    assert_int_equal(ri_pass_moments(&f.view, 1, all, s->problem.x.p, &bytes, &err), RI_OK);
    free(all);
    assert_int_equal(ri_pool_open(&f.pool, &f.plan->columns, &err), RI_OK);
    return f;
}

static inline void fold_view_hold_all(fold_view *f) {
    ri_error err;
    double bytes = 0;
    int64_t *all = fold_view_features(f);
    assert_int_equal(ri_pool_hold_list(&f->pool, all, f->s->problem.x.p, 1, &bytes, &err), RI_OK);
    free(all);
}

static inline void fold_view_free(fold_view *f) {
    ri_pool_free(&f->pool);
    ri_view_free(&f->view);
    ri_plan_free(f->plan);
    small_free(f->s);
}

#endif
