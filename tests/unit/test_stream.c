/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of a streamed X: a pass shows every column once, in order, whatever a block holds; columns
 * read by number are those of the file; what a fit answers does not depend on where X is, down to
 * the last byte; and what cannot be read ends the run with its sentence, from any place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/plan.h"
#include "data/direct.h"
#include "support/small_run.h"
#include "support/streamed.h"

enum { N = 17, P = 101 };

static ri_matrix some_matrix(float *value) {
    for (int64_t k = 0; k < N * P; k++)
        value[k] = (float)k;
    return (ri_matrix){
        .storage = RI_F32, .n = N, .p = P, .stride = N * sizeof *value, .values = value};
}

typedef struct seen {
    const ri_stream *stream;
    const ri_matrix *x;
    int64_t next, blocks;
    int64_t fail_at; /* block; -1: none */
} seen;

static ri_status look(void *context, int64_t from, int64_t to, ri_error *err) {
    seen *s = context;
    assert_int_equal(from, s->next);
    assert_true(to > from);
    for (int64_t j = from; j < to; j++)
        assert_memory_equal(s->stream->column[j], ri_matrix_column(s->x, j), s->x->stride);
    s->next = to;
    return s->blocks++ == s->fail_at ? ri_fail(err, RI_SYSTEM, "the user fails") : RI_OK;
}

static void every_column_passes_once_in_order(void **unused) {
    (void)unused;
    float value[N * P];
    ri_matrix x = some_matrix(value);
    const int64_t columns[] = {1, 2, 8, 9, 64, P, P + 7};
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
        streamed s = streamed_open(&x, columns[c], -1);
        for (int64_t from = 0; from <= P; from += 25) {
            seen all = {.stream = s.stream, .x = &x, .next = from, .fail_at = -1};
            double bytes = 0;
            ri_error err;
            assert_int_equal(ri_stream_scan(s.stream, from, P, look, &all, &bytes, &err), RI_OK);
            assert_int_equal(all.next, P);
            assert_true(bytes == (double)((P - from) * N * (int64_t)sizeof(float)));
            for (int64_t j = 0; j < P; j++)
                assert_null(s.stream->column[j]);
        }
        streamed_close(&s);
    }
}

typedef struct pieces {
    const ri_stream *stream;
    const ri_matrix *x;
    int64_t most;
    int times[P]; /* each column was shown */
} pieces;

static void look_at_piece(void *context, int64_t from, int64_t to, int thread) {
    pieces *s = context;
    assert_true(to > from && to - from <= s->most && thread >= 0 && thread < 3);
    for (int64_t j = from; j < to; j++) {
        assert_memory_equal(s->stream->column[j], ri_matrix_column(s->x, j), s->x->stride);
        s->times[j]++;
    }
}

static void every_thread_reads_columns_of_its_own(void **unused) {
    (void)unused;
    float value[N * P];
    ri_matrix x = some_matrix(value);
    for (int threads = 1; threads <= 3; threads++)
        for (int64_t most = 1; most <= 64; most *= 4) {
            streamed s = streamed_open(&x, 30, -1);
            pieces all = {.stream = s.stream, .x = &x, .most = most};
            double bytes = 0;
            ri_error err;
            assert_false(ri_direct_possible(s.stream, threads));
            s.dataset->file->backing = &streamed_plainly;
            assert_true(ri_direct_possible(s.stream, threads));
            assert_false(ri_direct_possible(s.stream, 30)); /* 3 columns for each */
            assert_int_equal(
                ri_direct_scan(s.stream, most, threads, look_at_piece, &all, &bytes, &err), RI_OK);
            assert_true(bytes == (double)(P * N * (int64_t)sizeof(float)));
            for (int64_t j = 0; j < P; j++) {
                assert_int_equal(all.times[j], 1);
                assert_null(s.stream->column[j]);
            }
            streamed_close(&s);
        }
}

static void columns_by_number_are_those_of_the_file(void **unused) {
    (void)unused;
    float value[N * P], room[4][N];
    ri_matrix x = some_matrix(value);
    streamed s = streamed_open(&x, 8, -1);
    const int64_t feature[] = {0, 7, 8, 100};
    void *out[] = {room[0], room[1], room[2], room[3]};
    double bytes = 0;
    ri_error err;
    assert_int_equal(ri_stream_read(s.stream, feature, 4, out, &bytes, &err), RI_OK);
    for (int k = 0; k < 4; k++)
        assert_memory_equal(room[k], ri_matrix_column(&x, feature[k]), x.stride);
    assert_true(bytes == 4.0 * (double)x.stride);
    streamed_close(&s);
}

static void failures_of_file_and_user_have_their_sentences(void **unused) {
    (void)unused;
    float value[N * P];
    ri_matrix x = some_matrix(value);
    for (int64_t bad = 0; bad < P; bad += 20) {
        streamed s = streamed_open(&x, 8, bad);
        seen all = {.stream = s.stream, .x = &x, .fail_at = -1};
        double bytes = 0;
        ri_error err;
        assert_int_equal(ri_stream_scan(s.stream, 0, P, look, &all, &bytes, &err), RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "is damaged"));
        assert_true(all.next <= bad);
        s.dataset->file->backing = &streamed_plainly;
        pieces own = {.stream = s.stream, .x = &x, .most = 8};
        assert_int_equal(ri_direct_scan(s.stream, 8, 2, look_at_piece, &own, &bytes, &err),
                         RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "is damaged"));
        streamed_close(&s);
    }
    streamed s = streamed_open(&x, 8, -1);
    seen all = {.stream = s.stream, .x = &x, .fail_at = 2};
    double bytes = 0;
    ri_error err;
    assert_int_equal(ri_stream_scan(s.stream, 0, P, look, &all, &bytes, &err), RI_SYSTEM);
    assert_string_equal(err.text, "the user fails");
    assert_int_equal(all.blocks, 3);
    streamed_close(&s);
}

/* --- fits ------------------------------------------------------------------------------------ */

static small_design some_design(int c) {
    small_design d = small_defaults();
    d.seed = 500 + (uint64_t)c;
    d.storage = (ri_storage)(c % RI_DENSE_COUNT);
    d.l1_ratio = (const double[]){1, 0.5, 1}[c % 3];
    d.missing = c % 2 ? 0.05 : 0;
    d.missing_y = c % 3 == 1 ? 0.1 : 0;
    d.weights = (small_weights)(c % 3);
    d.factors = (small_factors)(c % 4);
    d.oddities = c % 4 ? ODD_ALL : 0;
    if (c == 5 || c == 11)
        d.oddities |= ODD_FAR;
    d.solver = c % 4 == 3 ? RI_SOLVER_SHOOTING : RI_SOLVER_NEWTON;
    d.tol = d.solver == RI_SOLVER_SHOOTING ? 1e-5 : 1e-9;
    d.no_intercept = c % 7 == 6;
    d.positive = c % 5 == 2;
    d.blocks = 1 + c % 2;
    d.folds = c == 9 ? 0 : 3;
    d.p = 75;
    if (d.storage > RI_F32)
        d.oddities &= ~ODD_FAR;
    return d;
}

static void units_are_equal(const small_run *a, const small_run *b, const small_design *d) {
    assert_int_equal(a->units, b->units);
    for (int64_t u = 0; u < a->units; u++) {
        void *left, *right;
        size_t length, other;
        a->unit[u].bytes_read = b->unit[u].bytes_read = 0;
        a->unit[u].seconds = b->unit[u].seconds = 0;
        assert_int_equal(ri_unit_pack(&a->unit[u], &left, &length, NULL), RI_OK);
        assert_int_equal(ri_unit_pack(&b->unit[u], &right, &other, NULL), RI_OK);
        if (length != other || memcmp(left, right, length) != 0)
            fail_msg("%s: unit %d differs", small_text(d), (int)u);
        free(left);
        free(right);
    }
    const ri_path *left = &a->record->path[0], *right = &b->record->path[0];
    assert_int_equal(left->alphas, right->alphas);
    assert_memory_equal(left->prediction, right->prediction,
                        (size_t)(left->alphas * d->n) * sizeof(double));
}

static void answers_do_not_depend_on_where_x_is(void **unused) {
    (void)unused;
    for (int c = 0; c < 15; c++) {
        small_design d = some_design(c);
        small_problem *s = small_new(&d);
        small_run want = small_solve(s, 1, false);
        ri_matrix x = s->problem.x;
        for (int64_t columns = 7; columns <= 35; columns *= 5) {
            streamed file = streamed_open(&x, columns, -1);
            if (c % 2 == columns % 5 / 2 % 2) /* threads read for themselves */
                file.dataset->file->backing = &streamed_plainly;
            s->problem.x.values = NULL;
            s->problem.x.stream = file.stream;
            s->problem.columns_in_hand = columns == 35 ? 9 : 0; /* walks take turns */
            small_run have = small_solve(s, columns == 7 ? 1 : 2, columns == 7);
            units_are_equal(&have, &want, &d);
            small_run_free(&have);
            streamed_close(&file);
            s->problem.x = x;
        }
        s->problem.columns_in_hand = 1; /* the same in memory, one walk at a time */
        small_run have = small_solve(s, 2, false);
        units_are_equal(&have, &want, &d);
        small_run_free(&have);
        small_run_free(&want);
        small_free(s);
    }
}

/* Twins, columns that cancel, unpenalised ones and weights ask for columns of their own. */
static void second_moments_do_not_depend_on_where_x_is(void **unused) {
    (void)unused;
    for (int c = 0; c < 7; c++) {
        small_design d = some_design(c);
        d.solver = RI_SOLVER_AUTO;
        d.missing = 0;
        d.tol = 1e-6;
        d.n = 120;
        d.p = 40;
        if (d.storage <= RI_F32 && c % 2 == 0)
            d.oddities |= ODD_FAR;
        small_problem *s = small_new(&d);
        small_run want = small_solve(s, 1, false);
        assert_true(ri_plan_by_moments(want.plan));
        ri_matrix x = s->problem.x;
        for (int way = 0; way < 3; way++) {
            streamed file = streamed_open(&x, 10, -1);
            if (way > 0)
                file.dataset->file->backing = &streamed_plainly;
            file.dataset->compressed = way == 2; /* features of a chunk are read together */
            file.dataset->chunk_features = way == 2 ? 11 : 0;
            s->problem.x.values = NULL;
            s->problem.x.stream = file.stream;
            small_run have = small_solve(s, way == 1 ? 1 : 2, way == 1);
            units_are_equal(&have, &want, &d);
            small_run_free(&have);
            streamed_close(&file);
            s->problem.x = x;
        }
        small_run_free(&want);
        small_free(s);
    }
}

static void damage_ends_a_run(void **unused) {
    (void)unused;
    small_design d = some_design(0);
    small_problem *s = small_new(&d);
    ri_matrix x = s->problem.x;
    streamed file = streamed_open(&x, 8, 60);
    s->problem.x.stream = file.stream;
    ri_plan *plan;
    ri_error err;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 2, &plan, &err), RI_BAD_INPUT);
    assert_string_equal(err.text, "feature 60 is damaged");
    streamed_close(&file);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_passes_once_in_order),
        cmocka_unit_test(every_thread_reads_columns_of_its_own),
        cmocka_unit_test(columns_by_number_are_those_of_the_file),
        cmocka_unit_test(failures_of_file_and_user_have_their_sentences),
        cmocka_unit_test(answers_do_not_depend_on_where_x_is),
        cmocka_unit_test(second_moments_do_not_depend_on_where_x_is),
        cmocka_unit_test(damage_ends_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
