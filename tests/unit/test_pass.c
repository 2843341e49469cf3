/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of a pass over X: the residuals of a window get the entries that each would get alone,
 * whether they are multiplied by all columns or only by those that may matter; and the bound that
 * tells which may matter holds for every column. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "design/between.h"
#include "design/pass.h"

enum { N = 61, P = 500, WINDOW = 5 };

typedef struct example {
    double *x, *shift, *factor, *weight;
    uint8_t *missing, *integer;
    uint8_t role[N];
    ri_columns columns;
    ri_view view;
    double residual[WINDOW * N], known[N];
    float gradient[P];
} example;

static double normal(uint32_t stream, int64_t i) {
    return ri_random_normal(7, 200 + stream, (uint64_t)i);
}

static void *room(size_t count, size_t size) {
    void *block = calloc(count, size);
    assert_non_null(block);
    return block;
}

/* Residuals that move along a line, but for a rest of length `rest`. */
static void make_residuals(example *e, double rest) {
    for (int64_t i = 0; i < N; i++) {
        bool train = e->role[i] == 1;
        double w = e->view.weight[i];
        e->known[i] = train ? w * normal(1, i) : 0;
        for (int64_t t = 0; t < WINDOW; t++) {
            double part = (double)(t + 1) / WINDOW;
            double v = (1 - 0.3 * part) * normal(1, i) + 0.2 * part * normal(2, i) +
                       rest * normal(3 + (uint32_t)t, i);
            e->residual[t * N + i] = train ? w * v : 0;
        }
    }
}

static example *make(bool weighted, bool holes) {
    example *e = room(1, sizeof *e);
    e->x = room(N * P, sizeof(double));
    e->shift = room(P, sizeof(double));
    e->factor = room(P, sizeof(double));
    e->weight = room(N, sizeof(double));
    e->missing = room(P, 1);
    e->integer = room(P, 1);
    for (int64_t j = 0; j < P; j++) {
        e->factor[j] = j % 50 == 3 ? 0 : j % 7 == 0 ? 0.5 : j % 11 == 0 ? 3 : 1;
        for (int64_t i = 0; i < N; i++)
            e->x[j * N + i] = j == 10 ? 4 : 5 + (double)(j % 13) * normal(0, j * N + i);
        if (holes && j % 3 == 1)
            e->x[j * N + j % N] = NAN;
        e->missing[j] = holes && j % 3 == 1;
    }
    for (int64_t i = 0; i < N; i++) {
        e->role[i] = i % 10 == 0 ? 2 : 1;
        e->weight[i] = i % 9 == 4 ? 0 : 0.5 + (double)(i % 4);
    }
    e->columns = (ri_columns){
        .x = {.storage = RI_F64, .n = N, .p = P, .stride = N * sizeof(double), .values = e->x},
        .shift = e->shift,
        .missing = e->missing,
        .integer = e->integer,
        .penalty_factor = e->factor,
        .centered = true,
        .standardized = true};
    ri_error err;
    assert_int_equal(ri_view_new(&e->columns, e->role, weighted ? e->weight : NULL, &e->view, &err),
                     RI_OK);
    return e;
}

static void unmake(example *e) {
    ri_view_free(&e->view);
    free(e->x);
    free(e->shift);
    free(e->factor);
    free(e->weight);
    free(e->missing);
    free(e->integer);
    free(e);
}

/* First pass: moments, and the gradient of `known`. */
static void look_first(example *e) {
    double bytes = 0;
    ri_error err;
    ri_request first = {.view = &e->view,
                        .count = 1,
                        .residual = e->known,
                        .gradient = e->gradient,
                        .answer = {{.floor = 1e9}}};
    assert_int_equal(ri_pass_first(&e->columns, &e->view, &first, 1, 2, &bytes, &err), RI_OK);
    free(first.answer[0].entry);
}

static void window_equals_single_residuals(bool weighted, bool holes, bool positive, double rest) {
    example *e = make(weighted, holes);
    make_residuals(e, rest);
    look_first(e);
    double bytes = 0;
    ri_error err;
    ri_request window = {.view = &e->view,
                         .count = WINDOW,
                         .residual = e->residual,
                         .known = e->known,
                         .gradient = e->gradient,
                         .positive = positive};
    int64_t kept = 0;
    for (int t = 0; t < WINDOW; t++)
        window.answer[t].floor = 0.25;
    assert_int_equal(ri_pass_run(&e->columns, &window, 1, 3, &bytes, &err), RI_OK);
    for (int t = 0; t < WINDOW; t++) {
        float gradient[P] = {0};
        ri_request alone = {.view = &e->view,
                            .count = 1,
                            .residual = e->residual + t * N,
                            .gradient = gradient,
                            .positive = positive,
                            .answer = {{.floor = 0.25}}};
        assert_int_equal(ri_pass_run(&e->columns, &alone, 1, 1, &bytes, &err), RI_OK);
        const ri_answer *have = &window.answer[t], *want = &alone.answer[0];
        assert_int_equal(have->count, want->count);
        if (want->count)
            assert_memory_equal(have->entry, want->entry,
                                (size_t)want->count * sizeof *want->entry);
        kept += want->count;
        if (t == WINDOW - 1)
            assert_memory_equal(e->gradient, gradient, sizeof gradient);
        free(want->entry);
        free(have->entry);
    }
    assert_in_range(kept, 20, WINDOW * P / 2); /* floors that tell nothing test nothing */
    unmake(e);
}

static void windows_get_what_single_residuals_get(void **unused) {
    (void)unused;
    for (int k = 0; k < 8; k++)
        for (int r = 0; r < 3; r++)
            window_equals_single_residuals(k & 1, k & 2, k & 4, (double[]){0, 0.02, 0.5}[r]);
}

static void bound_holds_for_every_column(void **unused) {
    (void)unused;
    for (int weighted = 0; weighted < 2; weighted++) {
        example *e = make(weighted, false);
        make_residuals(e, 0.1);
        look_first(e);
        const double *last = e->residual + (WINDOW - 1) * N;
        for (int t = 0; t < WINDOW; t++) {
            const double *v = e->residual + t * N;
            ri_between at = ri_between_find(&e->view, v, e->known, last);
            double largest = 0;
            for (int64_t j = 0; j < P; j++) {
                if (e->view.scale[j] == 0)
                    continue;
                double off = 0;
                for (int64_t i = 0; i < N; i++) {
                    double z = (e->x[j * N + i] - e->view.mean[j]) * e->view.scale[j];
                    off += z * (v[i] - at.known * e->known[i] - at.last * last[i]);
                }
                off = fabs(off) / (double)e->view.train;
                assert_true(off <= at.rest);
                largest = fmax(largest, off);
            }
            assert_true(t == WINDOW - 1 || largest > 0.1 * at.rest);
        }
        unmake(e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_get_what_single_residuals_get),
        cmocka_unit_test(bound_holds_for_every_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
