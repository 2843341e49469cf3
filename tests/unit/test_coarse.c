/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of rounded residuals: the bound on what they take a gradient off holds for every column;
 * packed genotypes get the entries that the same numbers get as doubles, to the bit; and where
 * columns are stretched, a window gets those that its residuals get alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/random.h"
#include "design/coarse.h"
#include "design/pass.h"
#include "kernel/kernel.h"

enum { N = 301, P = 600, WINDOW = 5, BYTES = (N + 3) / 4 };

typedef struct example {
    uint8_t packed[P * BYTES], missing[P], integer[P], role[N];
    double value[P * N], shift[P], weight[N], known[N], residual[WINDOW * N];
    float gradient[2][P];
    ri_columns columns[2]; /* packed, doubles */
    ri_view view[2];
} example;

static double normal(uint32_t stream, int64_t i) {
    return ri_random_normal(11, stream, (uint64_t)i);
}

static void make_column(example *e, int64_t j, bool holes) {
    static const double VALUE[4] = {2, NAN, 1, 0};
    for (int64_t i = 0; i < N; i++) {
        uint64_t bits = ri_random_bits(12, (uint32_t)j, (uint64_t)i);
        unsigned code = bits % 100 < (uint64_t)(3 + j % 40) ? (bits >> 20) % 3 == 0 ? 0 : 2 : 3;
        if (holes && j % 3 == 1 && bits % 37 == 0)
            code = 1;
        e->missing[j] |= code == 1;
        e->packed[j * BYTES + i / 4] |= (uint8_t)(code << (2 * (i % 4)));
        e->value[j * N + i] = VALUE[code];
    }
    e->integer[j] = RI_GENOTYPES;
    e->shift[j] = 0.03 * (double)(j % 40);
}

static void make_residual(const example *e, uint32_t stream, double part, double *out) {
    for (int64_t i = 0; i < N; i++) {
        double v = (1 - part) * normal(1, i) + part * normal(2, i) + 0.02 * normal(stream, i);
        out[i] = e->role[i] == 1 ? e->view[0].weight[i] * v : 0;
    }
}

static example *make(bool weighted, bool holes) {
    example *e = ri_calloc(1, sizeof *e);
    assert_non_null(e);
    for (int64_t j = 0; j < P; j++)
        make_column(e, j, holes);
    for (int64_t i = 0; i < N; i++) {
        e->role[i] = i % 10 == 3 ? 2 : 1;
        e->weight[i] = i % 9 == 4 ? 0 : 0.5 + (double)(i % 4);
    }
    const ri_matrix x[2] = {
        {.storage = RI_PACKED2, .n = N, .p = P, .stride = BYTES, .values = e->packed},
        {.storage = RI_F64, .n = N, .p = P, .stride = N * sizeof(double), .values = e->value}};
    for (int k = 0; k < 2; k++) {
        ri_error err;
        e->columns[k] = (ri_columns){.x = x[k],
                                     .shift = e->shift,
                                     .missing = e->missing,
                                     .integer = e->integer,
                                     .centered = true,
                                     .standardized = true};
        assert_int_equal(
            ri_view_new(&e->columns[k], e->role, weighted ? e->weight : NULL, &e->view[k], &err),
            RI_OK);
    }
    make_residual(e, 3, 0, e->known);
    for (uint32_t t = 0; t < WINDOW; t++)
        make_residual(e, 4 + t, 0.1 * (t + 1), e->residual + t * N);
    return e;
}

static void unmake(example *e) {
    for (int k = 0; k < 2; k++)
        ri_view_free(&e->view[k]);
    free(e);
}

/* Moments, and the gradient of `known`. */
static void look_first(example *e, int k) {
    double bytes = 0;
    ri_error err;
    ri_request first = {.view = &e->view[k],
                        .count = 1,
                        .residual = e->known,
                        .gradient = e->gradient[k],
                        .answer = {{.floor = 1e9}}};
    assert_int_equal(ri_pass_first(&e->columns[k], &e->view[k], &first, 1, 2, &bytes, &err), RI_OK);
    free(first.answer[0].entry);
}

static ri_request look(example *e, int k, const double *residual, int64_t count, double floor) {
    double bytes = 0;
    ri_error err;
    ri_request own = {.view = &e->view[k],
                      .count = count,
                      .residual = residual,
                      .known = count > 1 ? e->known : NULL,
                      .gradient = e->gradient[k]};
    for (int64_t t = 0; t < count; t++)
        own.answer[t].floor = floor;
    assert_int_equal(ri_pass_run(&e->columns[k], &own, 1, 2, &bytes, &err), RI_OK);
    return own;
}

static int64_t expect_equal(ri_answer *have, ri_answer *want) {
    assert_int_equal(have->count, want->count);
    if (want->count > 0)
        assert_memory_equal(have->entry, want->entry, (size_t)want->count * sizeof *want->entry);
    free(have->entry);
    free(want->entry);
    return want->count;
}

static void entries_are_those_of_doubles(bool weighted, bool holes) {
    example *e = make(weighted, holes);
    assert_true(ri_coarse_apply(&e->columns[0]));
    assert_false(ri_coarse_apply(&e->columns[1]));
    int64_t kept = 0;
    for (int k = 0; k < 2; k++)
        look_first(e, k);
    for (int again = 0; again < 2; again++) { /* the second knows a gradient that is off */
        ri_request own[2];
        for (int k = 0; k < 2; k++)
            own[k] = look(e, k, e->residual, WINDOW, 0.1);
        for (int64_t t = 0; t < WINDOW; t++)
            kept += expect_equal(&own[0].answer[t], &own[1].answer[t]);
        memcpy(e->known, e->residual + (WINDOW - 1) * N, sizeof e->known);
    }
    assert_in_range(kept, 50, WINDOW * P);
    unmake(e);
}

static void test_entries_are_those_of_doubles(void **state) {
    (void)state;
    for (int k = 0; k < 4; k++)
        entries_are_those_of_doubles(k & 1, k & 2);
}

static void bound_holds(bool weighted, bool high) {
    example *e = make(weighted, true);
    double rounded[N];
    int8_t *digit = ri_calloc((size_t)ri_digit_bytes(N), 1);
    assert_non_null(digit);
    look_first(e, 1);
    const ri_coarse of = ri_coarse_round(&e->view[0], e->known, high, rounded, digit);
    double most = 0;
    for (int64_t i = 0; i < N; i++) {
        const int8_t *at = digit + ri_digit_place(i);
        assert_true(rounded[i] == of.unit * (256 * at[0] + at[64]));
        assert_true(!high || at[64] == 0);
        most = fmax(most, fabs(e->known[i]));
    }
    assert_true(most > 0 && of.off > 0 && of.off < (high ? 256 : 1) * 1e-4 * most);
    for (int64_t j = 0; j < P; j++) {
        long double off = 0;
        for (int64_t i = 0; i < N; i++) {
            double x = e->value[j * N + i], mean = e->view[1].mean[j] + e->shift[j];
            if (e->role[i] == 1 && !isnan(x))
                off += (long double)(x - mean) * (e->known[i] - rounded[i]);
        }
        off *= e->view[1].scale[j] / (double)e->view[1].train;
        assert_true(fabsl(off) <= of.off);
    }
    free(digit);
    unmake(e);
}

static void test_bound_holds(void **state) {
    (void)state;
    for (int k = 0; k < 4; k++)
        bound_holds(k & 1, k & 2);
}

static void test_nothing_is_rounded_to_nothing(void **state) {
    (void)state;
    example *e = make(false, false);
    memset(e->known, 0, sizeof e->known);
    assert_true(ri_coarse_round(&e->view[0], e->known, false, NULL, NULL).off == 0);
    e->known[1] = 1e-320; /* too small to divide by */
    const ri_coarse of = ri_coarse_round(&e->view[0], e->known, false, NULL, NULL);
    assert_true(of.off >= 0 && of.off < 1e-300);
    unmake(e);
}

static void test_stretched_columns(void **state) {
    (void)state;
    for (int k = 0; k < 2; k++) {
        example *e = make(false, false);
        e->view[k].stretch = ri_alloc(P, sizeof(double));
        assert_non_null(e->view[k].stretch);
        for (int64_t j = 0; j < P; j++)
            e->view[k].stretch[j] = 50 + (double)(j % 17);
        look_first(e, k);
        ri_request window = look(e, k, e->residual, WINDOW, 5);
        int64_t kept = 0;
        for (int64_t t = 0; t < WINDOW; t++) {
            ri_request alone = look(e, k, e->residual + t * N, 1, 5);
            kept += expect_equal(&window.answer[t], &alone.answer[0]);
        }
        assert_in_range(kept, 50, WINDOW * P);
        unmake(e);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries_are_those_of_doubles),
        cmocka_unit_test(test_bound_holds),
        cmocka_unit_test(test_nothing_is_rounded_to_nothing),
        cmocka_unit_test(test_stretched_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
