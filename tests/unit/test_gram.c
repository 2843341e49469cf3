/* SPDX-License-Identifier: BSD-3-Clause
 * Law of second moments: the matrix of a fit is z'z / n of its standardised columns, recomputed
 * here in long double, within the bound that comes with it - for every storage, with weights, with
 * and without an intercept, whichever group is held out, whether groups' moments were kept or are
 * formed again, and also for columns that hardly vary but for the rows held out. Threads change no
 * bit. Whoever waits sees how far they are and can end it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "design/gram.h"
#include "design/pass.h"

typedef struct fixture {
    int64_t n, p;
    int32_t groups;
    bool weighted, centered, narrow, outlier;
    double *value; /* [p * n] */
    float *stored;
    double *shift, *weight;
    uint8_t *flags; /* [p] zeros */
    int32_t *group;
    ri_columns columns;
    ri_view view;
} fixture;

static void *room(int64_t count, size_t size) {
    void *block = calloc((size_t)count + 1, size);
    assert_non_null(block);
    return block;
}

/* Values with means of 3; group 0 of column 2 is far away, where `outlier` asks for it. */
static void make_values(fixture *f) {
    for (int64_t j = 0; j < f->p; j++)
        for (int64_t i = 0; i < f->n; i++) {
            double v = 3 + ri_random_normal(5, 1, (uint64_t)(j * f->n + i));
            v += j > 0 ? 0.5 * f->value[(j - 1) * f->n + i] : 0;
            if (f->outlier && j == 2 && f->group[i] == 0)
                v = 1e7 * (double)(i + 1);
            f->stored[j * f->n + i] = (float)v;
            f->value[j * f->n + i] = f->narrow ? (double)(float)v : v;
        }
}

static void make(fixture *f) {
    f->value = room(f->p * f->n, sizeof *f->value);
    f->stored = room(f->p * f->n, sizeof *f->stored);
    f->shift = room(f->p, sizeof *f->shift);
    f->flags = room(f->p, 1);
    f->weight = room(f->n, sizeof *f->weight);
    f->group = room(f->n, sizeof *f->group);
    for (int64_t i = 0; i < f->n; i++) {
        f->group[i] = i % 7 == 6 ? -1 : (int32_t)((i + i / 7) % f->groups);
        f->weight[i] = f->weighted ? (double)(i % 4) : 1;
    }
    make_values(f);
    for (int64_t j = 0; f->centered && j < f->p; j++)
        f->shift[j] = 3.1;
    f->columns =
        (ri_columns){.x = {.storage = f->narrow ? RI_F32 : RI_F64,
                           .n = f->n,
                           .p = f->p,
                           .stride = (size_t)f->n * (f->narrow ? sizeof(float) : sizeof(double)),
                           .values = f->narrow ? (void *)f->stored : (void *)f->value},
                     .shift = f->shift,
                     .missing = f->flags,
                     .integer = f->flags,
                     .centered = f->centered,
                     .standardized = true};
}

static void take_view(fixture *f, int32_t held) {
    uint8_t *role = room(f->n, 1);
    double bytes = 0;
    for (int64_t i = 0; i < f->n; i++)
        role[i] = f->group[i] < 0 ? 0 : f->group[i] == held ? 2 : 1;
    assert_int_equal(ri_view_new(&f->columns, role, f->weighted ? f->weight : NULL, &f->view, NULL),
                     RI_OK);
    for (int64_t j = 0; j < f->p; j++)
        assert_int_equal(ri_pass_moments(&f->view, 1, &j, 1, &bytes, NULL), RI_OK);
    free(role);
}

static void drop(fixture *f) {
    free(f->value);
    free(f->stored);
    free(f->shift);
    free(f->flags);
    free(f->weight);
    free(f->group);
}

/* The standardised column j as the view has it, in long double. */
static void standardize(const fixture *f, int64_t j, long double *z) {
    const ri_view *view = &f->view;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        long double d = (long double)f->value[j * f->n + i] - f->shift[j];
        z[t] = (d - (f->centered ? view->mean[j] : 0)) * view->scale[j] *
               sqrtl((long double)view->weight[i]);
    }
}

static void check_matrix(const fixture *f, const int64_t *feature, int64_t count, const double *g,
                         int64_t stride, double bound) {
    int64_t train = f->view.train;
    long double *z = room(count * train, sizeof *z);
    for (int64_t k = 0; k < count; k++)
        standardize(f, feature[k], z + k * train);
    for (int64_t b = 0; b < count; b++)
        for (int64_t a = 0; a < count; a++) {
            long double sum = 0, own_a = 0, own_b = 0;
            for (int64_t t = 0; t < train; t++) {
                sum += z[a * train + t] * z[b * train + t];
                own_a += z[a * train + t] * z[a * train + t];
                own_b += z[b * train + t] * z[b * train + t];
            }
            long double error = fabsl(g[a + b * stride] - sum / train);
            assert_true(error <= bound * sqrtl(own_a * own_b) / train);
            assert_true(g[a + b * stride] == g[b + a * stride]);
        }
    free(z);
}

/* Every third feature of a fit that holds out `held`. */
static void check_fit(fixture *f, const ri_gram *gram, const ri_gram *other, int32_t held) {
    int64_t count = 0, stride = f->p + 3, *feature = room(f->p, sizeof *feature);
    for (int64_t j = 0; j < f->p; j += j < 4 ? 1 : 3)
        feature[count++] = j;
    double *g = room(stride * stride, sizeof *g), *again = room(stride * stride, sizeof *g);
    double bytes = 0;
    ri_gram_error error;
    take_view(f, held);
    assert_int_equal(
        ri_gram_standardize(gram, &f->view, held, feature, count, g, stride, &error, &bytes, NULL),
        RI_OK);
    assert_int_equal(ri_gram_standardize(other, &f->view, held, feature, count, again, stride,
                                         &error, &bytes, NULL),
                     RI_OK);
    assert_memory_equal(g, again, (size_t)(stride * stride) * sizeof *g);
    assert_true(error.matrix > 0 && error.matrix < 1e-9);
    check_matrix(f, feature, count, g, stride, error.matrix);
    ri_view_free(&f->view);
    free(feature);
    free(g);
    free(again);
}

static void check(fixture f) {
    make(&f);
    ri_gram *gram, *other;
    double bytes = 0;
    const double *weight = f.weighted ? f.weight : NULL;
    const ri_gram_work one = {.threads = 1}, three = {.threads = 3};
    assert_int_equal(ri_gram_new(&f.columns, weight, f.group, f.groups, &one, &bytes, &gram, NULL),
                     RI_OK);
    assert_int_equal(
        ri_gram_new(&f.columns, weight, f.group, f.groups, &three, &bytes, &other, NULL), RI_OK);
    assert_true(bytes > 0);
    for (int32_t held = -1; held < (f.groups < 4 ? f.groups : 3); held++)
        if (!(f.outlier && held != 0))
            check_fit(&f, gram, other, held);
    ri_gram_free(gram);
    ri_gram_free(other);
    drop(&f);
}

static void matrix_is_that_of_the_columns(void **unused) {
    (void)unused;
    for (int kind = 0; kind < 8; kind++)
        check((fixture){.n = 150 + 11 * kind,
                        .p = 70,
                        .groups = 3,
                        .weighted = kind & 1,
                        .centered = !(kind & 2),
                        .narrow = kind & 4});
    check((fixture){.n = 1000, .p = 9, .groups = 2, .centered = true}); /* several chunks */
    check((fixture){.n = 72000, .p = 20, .groups = 2});                 /* several blocks */
    check((fixture){.n = 40, .p = 131, .groups = 5, .centered = true}); /* more columns than rows */
}

static void groups_formed_again_change_nothing(void **unused) {
    (void)unused;
    assert_true(ri_gram_bytes(64, 9000) < 9000.0 * 64 * 64 * 8); /* too many to be kept */
    assert_true(ri_gram_bytes(64, 10) > 10.0 * 64 * 64 * 8);
    check((fixture){.n = 18000, .p = 20, .groups = 9000, .centered = true});
}

static void columns_that_cancel_are_multiplied(void **unused) {
    (void)unused;
    check((fixture){.n = 120, .p = 20, .groups = 3, .centered = true, .outlier = true});
    check((fixture){
        .n = 120, .p = 20, .groups = 3, .weighted = true, .centered = true, .outlier = true});
}

typedef struct watcher {
    int calls, most;
    double part;
} watcher;

static bool look(void *context, double part) {
    watcher *w = context;
    assert_true(part >= w->part && part > 0 && part <= 1);
    w->part = part;
    return ++w->calls >= w->most;
}

static void forming_is_seen_and_can_be_ended(void **unused) {
    (void)unused;
    fixture f = {.n = 2000, .p = 200, .groups = 3, .centered = true};
    make(&f);
    for (int threads = 1; threads <= 3; threads += 2) {
        watcher patient = {.most = 1 << 30}, hasty = {.most = 1};
        const ri_gram_work whole = {threads, look, &patient}, begun = {threads, look, &hasty};
        ri_gram *gram;
        ri_error err = {0};
        double bytes = 0;
        assert_int_equal(
            ri_gram_new(&f.columns, NULL, f.group, f.groups, &whole, &bytes, &gram, &err), RI_OK);
        ri_gram_free(gram);
        ri_status status =
            ri_gram_new(&f.columns, NULL, f.group, f.groups, &begun, &bytes, &gram, &err);
        /* of several threads the main one may come too late to every tile */
        if (threads == 1)
            assert_true(patient.calls >= 20 && patient.part == 1 && hasty.calls == 1);
        if (hasty.calls > 0) {
            assert_int_equal(status, RI_INTERRUPTED);
            assert_null(gram);
        }
        ri_gram_free(gram);
    }
    drop(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forming_is_seen_and_can_be_ended),
        cmocka_unit_test(matrix_is_that_of_the_columns),
        cmocka_unit_test(groups_formed_again_change_nothing),
        cmocka_unit_test(columns_that_cancel_are_multiplied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
