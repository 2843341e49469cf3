/* SPDX-License-Identifier: BSD-3-Clause
 * Law of a pass in parts: wherever the columns are cut, every asker gets the moments and the
 * entries that a pass over all of X gives it, to the last bit, first and later; the parts keep the
 * gradients that such a pass leaves; also where several ask at a time, one for its first pass and
 * one for a later one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "design/part.h"

enum { N = 53, P = 300, ASKERS = 2, PARTS = 3, WINDOW = 4, FIT = 2 };
static const int64_t cut[PARTS + 1] = {0, 64, 64, P}; /* one of them has nothing */

typedef struct asker {
    ri_view view;
    double residual[WINDOW * N], known[N];
    float gradient[P];
    ri_request request;
} asker;

typedef struct example {
    double x[N * P], shift[P], factor[P], weight[N];
    uint8_t missing[P], integer[P];
    ri_columns columns;
    asker whole[ASKERS], split[ASKERS]; /* the same questions */
    ri_shard shard;
    ri_part part[PARTS];
} example;

static double normal(uint32_t stream, int64_t i) {
    return ri_random_normal(7, 300 + stream, (uint64_t)i);
}

static void make_asker(const example *e, int a, asker *out) {
    uint8_t role[N];
    ri_error err;
    for (int64_t i = 0; i < N; i++)
        role[i] = i % 5 == a ? 2 : 1;
    assert_int_equal(ri_view_new(&e->columns, role, a == 0 ? e->weight : NULL, &out->view, &err),
                     RI_OK);
    for (int64_t i = 0; i < N; i++) {
        double w = out->view.weight[i];
        out->known[i] = w * normal(10 + (uint32_t)a, i);
        for (int64_t t = 0; t < WINDOW; t++)
            out->residual[t * N + i] =
                w * (normal(10 + (uint32_t)a, i) + 0.2 * (double)t * normal(20, i));
    }
}

static example *make(void) {
    example *e = calloc(1, sizeof *e);
    ri_error err;
    assert_non_null(e);
    for (int64_t j = 0; j < P; j++) {
        e->factor[j] = j % 50 == 3 ? 0 : j % 7 == 0 ? 0.5 : 1;
        for (int64_t i = 0; i < N; i++)
            e->x[j * N + i] = j == 70 ? 4 : 5 + (double)(j % 13 + 1) * normal(0, j * N + i);
        e->missing[j] = j % 3 == 1;
        if (e->missing[j])
            e->x[j * N + j % N] = NAN;
    }
    for (int64_t i = 0; i < N; i++)
        e->weight[i] = i % 9 == 4 ? 0 : 0.5 + (double)(i % 4);
    e->columns = (ri_columns){
        .x = {.storage = RI_F64, .n = N, .p = P, .stride = N * sizeof(double), .values = e->x},
        .shift = e->shift,
        .missing = e->missing,
        .integer = e->integer,
        .penalty_factor = e->factor,
        .centered = true,
        .standardized = true};
    e->shard = (ri_shard){.to = P, .values = (const char *)e->x, .stride = N * sizeof(double)};
    for (int r = 0; r < PARTS; r++)
        assert_int_equal(
            ri_part_open(&e->part[r], &e->columns, &e->shard, cut[r], cut[r + 1], ASKERS, &err),
            RI_OK);
    for (int a = 0; a < ASKERS; a++) {
        make_asker(e, a, &e->whole[a]);
        make_asker(e, a, &e->split[a]);
    }
    return e;
}

static void forget_answers(asker *of) {
    for (int64_t t = 0; t < of->request.count; t++)
        free(of->request.answer[t].entry);
    of->request = (ri_request){0};
}

static void unmake(example *e) {
    for (int a = 0; a < ASKERS; a++) {
        ri_view_free(&e->whole[a].view);
        ri_view_free(&e->split[a].view);
    }
    for (int r = 0; r < PARTS; r++)
        ri_part_free(&e->part[r]);
    free(e);
}

/* First: one residual, all gradients wanted. Later: a window after a known residual. */
static void fill_request(asker *of, bool first) {
    of->request = (ri_request){.view = &of->view,
                               .count = first ? 1 : WINDOW,
                               .residual = first ? of->known : of->residual,
                               .known = first ? NULL : of->known,
                               .gradient = of->gradient,
                               .fit = FIT};
    for (int64_t t = 0; t < of->request.count; t++)
        of->request.answer[t].floor = first ? 0.05 : 0.3;
}

static void run_whole(const example *e, asker *of, bool first) {
    double bytes = 0;
    ri_error err;
    assert_int_equal(first ? ri_pass_first(&e->columns, &of->view, &of->request, 1, 2, &bytes, &err)
                           : ri_pass_run(&e->columns, &of->request, 1, 2, &bytes, &err),
                     RI_OK);
}

static void run_split(example *e, const bool *asks, const bool *first) {
    double bytes = 0;
    ri_error err;
    ri_bytes asked[ASKERS] = {{0}};
    for (int a = 0; a < ASKERS; a++) {
        ri_part own = {.mine = &e->split[a].view};
        if (asks[a])
            assert_int_equal(ri_part_ask(&own, first[a] ? &e->split[a].view : NULL,
                                         &e->split[a].request, 1, &asked[a], &err),
                             RI_OK);
    }
    for (int r = PARTS - 1; r >= 0; r--) { /* answers are taken in any order */
        ri_bytes answer[ASKERS] = {{0}};
        assert_int_equal(ri_part_answer(&e->part[r], asked, 2, &bytes, answer, &err), RI_OK);
        for (int a = 0; a < ASKERS; a++) {
            if (asks[a])
                assert_int_equal(ri_part_take(&answer[a], cut[r], cut[r + 1],
                                              first[a] ? &e->split[a].view : NULL,
                                              &e->split[a].request, 1, &err),
                                 RI_OK);
            ri_bytes_free(&answer[a]);
        }
    }
    for (int a = 0; a < ASKERS; a++) {
        ri_bytes_free(&asked[a]);
        if (asks[a])
            ri_part_settle(&e->split[a].request, 1);
    }
}

/* What the parts keep of asker `a` is what a pass over all of X left. */
static void assert_kept(const example *e, int a, bool first) {
    for (int r = 0; r < PARTS; r++) {
        const ri_part_views *of = &e->part[r].of[a];
        const size_t own = (size_t)(cut[r + 1] - cut[r]) * sizeof(float);
        assert_memory_equal(first ? of->null : of->gradient[FIT], e->whole[a].gradient + cut[r],
                            own);
    }
}

static void assert_same(const asker *a, const asker *b) {
    int64_t kept = 0;
    assert_memory_equal(a->view.mean, b->view.mean, P * sizeof(double));
    assert_memory_equal(a->view.scale, b->view.scale, P * sizeof(double));
    assert_int_equal(a->request.multiplied, b->request.multiplied);
    for (int64_t t = 0; t < a->request.count; t++) {
        const ri_answer *left = &a->request.answer[t], *right = &b->request.answer[t];
        assert_int_equal(left->count, right->count);
        assert_memory_equal(left->entry, right->entry, (size_t)left->count * sizeof *left->entry);
        kept += left->count;
    }
    assert_true(kept > 0); /* else nothing was compared */
}

/* A pass of the askers that ask, in parts and as a whole. */
static void check(example *e, const bool *asks, const bool *first) {
    for (int a = 0; a < ASKERS; a++) {
        if (!asks[a])
            continue;
        fill_request(&e->whole[a], first[a]);
        fill_request(&e->split[a], first[a]);
        run_whole(e, &e->whole[a], first[a]);
    }
    run_split(e, asks, first);
    for (int a = 0; a < ASKERS; a++) {
        if (asks[a]) {
            assert_same(&e->whole[a], &e->split[a]);
            assert_kept(e, a, first[a]);
        }
        forget_answers(&e->whole[a]);
        forget_answers(&e->split[a]);
    }
}

static void test_all_ask_at_a_time(void **state) {
    (void)state;
    example *e = make();
    const bool all[ASKERS] = {true, true}, none[ASKERS] = {false, false};
    check(e, all, all);
    check(e, all, none);
    unmake(e);
}

static void test_one_is_further_than_the_other(void **state) {
    (void)state;
    example *e = make();
    const bool all[ASKERS] = {true, true}, one[ASKERS] = {true, false},
               other[ASKERS] = {false, true};
    const bool none[ASKERS] = {false, false};
    check(e, one, one);
    check(e, all, other);
    check(e, other, none);
    check(e, one, one); /* a batch of fits is done, and another begins */
    check(e, all, none);
    unmake(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_ask_at_a_time),
        cmocka_unit_test(test_one_is_further_than_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
