/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the writer: a file says the same whether X came by features or by samples, in whatever
 * blocks; equal inputs give equal bytes; nothing is left behind by a writer that gives up. X and
 * names are read back through HDF5 alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/writer.h"
#include "support/read_back.h"
#include "support/scratch.h"

enum { N = 37, P = 29 };

static double value_at(int64_t i, int64_t j) {
    return (i * 7 + j * 3) % 11 == 0 ? (double)NAN : (double)(i * 1000 + j) / 8;
}

static void finish(ri_writer *writer) {
    ri_error err;
    ri_names name = {0};
    double y[N];
    for (int i = 0; i < N; i++) {
        char text[16];
        int length = snprintf(text, sizeof text, "s%d", i);
        y[i] = i;
        assert_int_equal(ri_names_add(&name, text, (size_t)length, &err), RI_OK);
    }
    assert_int_equal(ri_writer_samples(writer, &name, &err), RI_OK);
    assert_int_equal(ri_writer_response(writer, "dose/kg", y, true, &err), RI_OK);
    assert_int_equal(ri_writer_group(writer, "family", &name, &err), RI_OK);
    assert_int_equal(ri_writer_close(writer, true, &err), RI_OK);
    ri_names_free(&name);
}

static scratch_path write_rows(const char *name, ri_storage storage, int64_t block) {
    scratch_path path = scratch_file(name);
    ri_error err;
    ri_writer *writer;
    static double rows[N * P];
    assert_int_equal(ri_writer_open(path.text, N, P, storage, false, &writer, &err), RI_OK);
    for (int64_t from = 0; from < N; from += block) {
        int64_t count = block < N - from ? block : N - from;
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < P; j++)
                rows[i * P + j] = value_at(from + i, j);
        assert_int_equal(ri_writer_rows(writer, from, count, rows, &err), RI_OK);
    }
    finish(writer);
    return path;
}

/* With `gap` elements between features. */
static scratch_path write_columns(const char *name, ri_storage storage, int64_t block, int gap) {
    scratch_path path = scratch_file(name);
    ri_error err;
    ri_writer *writer;
    static double f64[P * (N + 8)];
    static float f32[P * (N + 8)];
    assert_int_equal(ri_writer_open(path.text, N, P, storage, false, &writer, &err), RI_OK);
    for (int64_t from = 0; from < P; from += block) {
        int64_t count = block < P - from ? block : P - from;
        for (int64_t j = 0; j < count; j++)
            for (int64_t i = 0; i < N; i++) {
                f64[j * (N + gap) + i] = value_at(i, from + j);
                f32[j * (N + gap) + i] = (float)value_at(i, from + j);
            }
        size_t size = storage == RI_F64 ? 8 : 4;
        const void *values = storage == RI_F64 ? (void *)f64 : (void *)f32;
        assert_int_equal(
            ri_writer_columns(writer, from, count, values, (size_t)(N + gap) * size, &err), RI_OK);
    }
    finish(writer);
    return path;
}

static void assert_same_file(scratch_path a, scratch_path b) {
    size_t length[2];
    char *bytes[2] = {scratch_read(a.text, &length[0]), scratch_read(b.text, &length[1])};
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], length[0]);
    free(bytes[0]);
    free(bytes[1]);
}

static void test_rows_and_columns_agree(void **state) {
    (void)state;
    for (int s = RI_F64; s <= RI_F32; s++) {
        ri_storage storage = (ri_storage)s;
        scratch_path whole = write_columns("whole.h5", storage, P, 0);
        assert_same_file(whole, write_columns("gap.h5", storage, P, 5));
        int64_t count;
        double *values = read_back(whole.text, "/X", &count);
        assert_int_equal(count, N * P);
        for (int64_t j = 0; j < P; j++)
            for (int64_t i = 0; i < N; i++) {
                double want = value_at(i, j), got = values[j * N + i];
                assert_true(isnan(want) ? isnan(got) : got == want);
            }
        const int64_t blocks[] = {1, 5, N};
        for (int k = 0; k < 3; k++) {
            assert_same_file(whole, write_rows("rows.h5", storage, blocks[k]));
            assert_same_file(whole, write_columns("columns.h5", storage, blocks[k], 0));
        }
        free(values);
    }
}

static void test_equal_bytes_at_any_time(void **state) {
    (void)state;
    scratch_path first = write_rows("first.h5", RI_F64, N);
    usleep(1100000); /* time stamps in HDF5 have seconds */
    assert_same_file(first, write_rows("second.h5", RI_F64, N));
}

static void test_names_are_kept(void **state) {
    (void)state;
    scratch_path path = write_rows("names.h5", RI_F64, N);
    char *name = read_back_name(path.text, "/samples/id", 17);
    assert_string_equal(name, "s17");
    free(name);
    int64_t count;
    double *y = read_back(path.text, "/y/dose_kg", &count); /* '/' cannot be in a link */
    assert_int_equal(count, N);
    assert_true(y[5] == 5);
    free(y);
    assert_true(read_back_attribute(path.text, "/", "riata_format") == 1);
}

static void test_giving_up_leaves_nothing(void **state) {
    (void)state;
    ri_error err;
    ri_writer *writer;
    scratch_path path = scratch_file("absent.h5");
    assert_int_equal(ri_writer_open(path.text, N, P, RI_I8, true, &writer, &err), RI_OK);
    assert_int_equal(ri_writer_close(writer, false, &err), RI_OK);
    assert_false(scratch_exists("absent.h5"));
    DIR *folder = opendir(scratch_folder);
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
        assert_null(strstr(entry->d_name, "absent"));
    closedir(folder);
    assert_int_equal(ri_writer_close(NULL, true, &err), RI_OK);
}

static void test_refusals(void **state) {
    (void)state;
    ri_error err;
    ri_writer *writer;
    scratch_path path = scratch_file("refused.h5");
    double y[N] = {0}, rows[P] = {0};
    assert_int_equal(ri_writer_open(path.text, 0, P, RI_F64, false, &writer, &err), RI_BAD_INPUT);
    assert_null(writer);
    assert_int_equal(ri_writer_open(path.text, N, INT64_MAX / 8, RI_F64, false, &writer, &err),
                     RI_BAD_INPUT);
    assert_int_equal(ri_writer_open(scratch_folder, N, P, RI_F64, false, &writer, &err),
                     RI_BAD_INPUT);
    assert_int_equal(ri_writer_open(path.text, N, P, RI_F32, false, &writer, &err), RI_OK);
    assert_int_equal(ri_writer_response(writer, "a_b", y, false, &err), RI_OK);
    assert_int_equal(ri_writer_response(writer, "a/b", y, false, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "already has 'a/b'"));
    rows[4] = 1e300;
    assert_int_equal(ri_writer_rows(writer, 2, 1, rows, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "feature 5, sample 3 is 1e+300"));
    assert_int_equal(ri_writer_close(writer, false, &err), RI_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_and_columns_agree),
        cmocka_unit_test(test_equal_bytes_at_any_time),
        cmocka_unit_test(test_names_are_kept),
        cmocka_unit_test(test_giving_up_leaves_nothing),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
