/* SPDX-License-Identifier: BSD-3-Clause
 * Law of walks that went by second moments, let go of their factors, and have a solution that X
 * does not confirm: those after it are dropped, and the walk goes on by passes to certified answers
 * that are those of a walk that all of X confirmed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/plan.h"
#include "solve/walk_confirm.h"
#include "support/small_run.h"

typedef struct fixture {
    small_problem *s;
    ri_plan *plan;
    ri_gram *gram;
    ri_view view;
    ri_pool pool;
    ri_workspace workspace;
    ri_walk walk;
    bool *lead;
    double bytes;
} fixture;

static void good(ri_status status, const ri_error *err) {
    if (status != RI_OK)
        fail_msg("%s", err->text);
}

static void open(fixture *f, const small_design *d) {
    ri_error err = {0};
    *f = (fixture){.s = small_new(d)};
    good(ri_plan_new(&f->s->problem, NULL, 1, &f->plan, &err), &err);
    const size_t n = (size_t)d->n;
    uint8_t *role = small_room(n, 1);
    int32_t *group = small_room(n, sizeof *group);
    f->lead = small_room((size_t)d->alphas, sizeof *f->lead);
    memset(role, 1, n);
    const ri_gram_work work = {.threads = 1};
    good(ri_gram_new(&f->plan->columns, NULL, group, 1, &work, &f->bytes, &f->gram, &err), &err);
    good(ri_view_new(&f->plan->columns, role, NULL, &f->view, &err), &err);
    good(ri_pool_open(&f->pool, &f->plan->columns, &err), &err);
    const ri_walk_options options = {.l1_ratio = 1,
                                     .tol = d->tol,
                                     .alpha = f->plan->alpha[0],
                                     .alphas = d->alphas,
                                     .lead = f->lead};
    good(ri_walk_start(&f->walk, &f->view, f->s->problem.y, &options, &f->workspace, &err), &err);
    free(role);
    free(group);
}

static void shut(fixture *f) {
    ri_walk_free(&f->walk);
    ri_workspace_free(&f->workspace);
    ri_pool_free(&f->pool);
    ri_view_free(&f->view);
    ri_gram_free(f->gram);
    ri_plan_free(f->plan);
    free(f->lead);
    small_free(f->s);
}

/* One pass for what the walk has in hand. */
static void pass(fixture *f, bool first) {
    ri_error err = {0};
    ri_request request;
    ri_walk_request(&f->walk, &request);
    const ri_columns *columns = &f->plan->columns;
    if (first)
        request.answer[0].floor = -INFINITY;
    good(first ? ri_pass_first(columns, &f->view, &request, 1, 1, &f->bytes, &err)
               : ri_pass_run(columns, &request, 1, 1, &f->bytes, &err),
         &err);
    good(ri_walk_accept(&f->walk, &request, &err), &err);
    for (int64_t t = 0; t < request.count; t++)
        free(request.answer[t].entry);
}

/* By moments to the end, but for certificates; returns the alphas that wait for one. */
static int64_t go_by_moments(fixture *f) {
    ri_error err = {0};
    pass(f, true);
    good(ri_walk_by_moments(&f->walk, f->gram, -1, &f->workspace, &err), &err);
    assert_null(f->walk.support.factor.l);
    return f->walk.waiting;
}

/* Window by window from X; the solution at alpha `wrong` is spoilt before. */
static void confirm(fixture *f, int64_t wrong) {
    ri_error err = {0};
    while (ri_walk_recall(&f->walk)) {
        ri_walk *walk = &f->walk;
        if (walk->next <= wrong && wrong < walk->next + walk->window) {
            ri_solution *s = &walk->pending[wrong - walk->next];
            assert_true(s->count > 0);
            s->b[s->count / 2] *= 1.01;
        }
        good(ri_walks_residuals(&walk, 1, 1, &f->bytes, &err), &err);
        pass(f, false);
    }
}

static void go_by_passes(fixture *f) {
    ri_error err = {0};
    while (!ri_walk_done(&f->walk)) {
        good(ri_walk_choose(&f->walk, &err), &err);
        good(ri_pool_hold_list(&f->pool, f->walk.candidate, f->walk.candidates, 1, &f->bytes, &err),
             &err);
        good(ri_walk_solve(&f->walk, &f->pool, f->walk.window, &f->workspace, &err), &err);
        pass(f, false);
    }
}

static void what_x_does_not_confirm_passes_solve(void **unused) {
    (void)unused;
    small_design d = small_tall();
    fixture whole, spoilt;
    open(&whole, &d);
    const int64_t waiting = go_by_moments(&whole);
    assert_true(waiting > 3); /* nothing here is tested else */
    const int64_t wrong = d.alphas - waiting / 2;
    confirm(&whole, -1);
    assert_true(ri_walk_done(&whole.walk));
    open(&spoilt, &d);
    assert_int_equal(go_by_moments(&spoilt), waiting);
    confirm(&spoilt, wrong);
    assert_int_equal(spoilt.walk.next, wrong);
    assert_int_equal(spoilt.walk.waiting, 0);
    go_by_passes(&spoilt);
    for (int64_t a = 0; a < d.alphas; a++) {
        const ri_solution *want = &whole.walk.done[a], *have = &spoilt.walk.done[a];
        assert_true(have->gap <= d.tol);
        assert_int_equal(have->count, want->count);
        for (int64_t k = 0; k < want->count; k++) {
            assert_int_equal(have->feature[k], want->feature[k]);
            assert_true(fabs(have->b[k] - want->b[k]) <= 1e-6 * fabs(want->b[k]) + 1e-7);
        }
    }
    shut(&whole);
    shut(&spoilt);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_x_does_not_confirm_passes_solve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
