/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of a sparse X: entries and dense columns read from it are what was written, also of a
 * selection of samples and features; every way in which its parts can contradict one another is
 * said; a file cut off anywhere is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/dataset.h"
#include "data/narrow.h"
#include "data/writer.h"
#include "support/foreign_file.h"
#include "support/scratch.h"

enum { N = 4, P = 3 };
/* Feature after feature: 0 5 0 NaN; nothing; -1 0 0.5 2 */
static const double DENSE[P * N] = {0, 5, 0, NAN, 0, 0, 0, 0, -1, 0, 0.5, 2};

static scratch_path write_file(const char *name, double one) {
    scratch_path path = scratch_file(name);
    ri_writer *writer;
    ri_error err = {0};
    const float value[] = {5, NAN, -1, (float)one, 2};
    const int32_t row[] = {1, 3, 0, 2, 3};
    ri_names sample = {0}, feature = {0};
    for (int i = 0; i < N; i++)
        assert_int_equal(ri_names_add(&sample, &"abcd"[i], 1, &err), RI_OK);
    for (int j = 0; j < P; j++)
        assert_int_equal(ri_names_add(&feature, &"xyz"[j], 1, &err), RI_OK);
    assert_int_equal(ri_writer_open_sparse(path.text, N, P, 5, RI_F32, &writer, &err), RI_OK);
    assert_int_equal(ri_writer_samples(writer, &sample, &err), RI_OK);
    assert_int_equal(ri_writer_features(writer, &feature, NULL, NULL, NULL, NULL, &err), RI_OK);
    assert_int_equal(ri_writer_response(writer, "y", (double[]){1, 2, 3, 4}, true, &err), RI_OK);
    assert_int_equal(ri_writer_entries(writer, 2, (int64_t[]){2, 0}, row, value, &err), RI_OK);
    assert_int_equal(ri_writer_entries(writer, 1, (int64_t[]){3}, row + 2, value + 2, &err), RI_OK);
    assert_int_equal(ri_writer_close(writer, true, &err), RI_OK);
    ri_names_free(&sample);
    ri_names_free(&feature);
    return path;
}

static bool same(double a, double b) {
    return a == b || (isnan(a) && isnan(b));
}

/* What the dataset shows, dense and as entries, is DENSE at these rows and columns. */
static void check(const ri_dataset *dataset, const int *rows, const int *columns) {
    float dense[P * N], value[P * N];
    int32_t row[P * N];
    int64_t missing[2], kept[P];
    ri_error err = {0};
    int64_t n = dataset->n, p = dataset->p;
    assert_int_equal(
        ri_dataset_read(dataset, 0, p, dense, (size_t)n * sizeof *dense, &missing[0], &err), RI_OK);
    assert_int_equal(ri_dataset_read_entries(dataset, 0, p, kept, row, value, &missing[1], &err),
                     RI_OK);
    assert_int_equal(missing[0], missing[1]);
    for (int64_t j = 0; j < p; j++) {
        int64_t k = ri_dataset_entries(dataset, 0, j), end = k + kept[j];
        for (int64_t i = 0; i < n; i++) {
            double expected = DENSE[columns[j] * N + rows[i]];
            assert_true(same((double)dense[j * n + i], expected));
            bool stored = k < end && row[k] == i;
            assert_true(same(stored ? (double)value[k] : 0.0, expected));
            k += stored;
        }
        assert_int_equal(k, end);
    }
}

static void test_values(void **state) {
    (void)state;
    ri_dataset *dataset;
    ri_error err = {0};
    scratch_path path = write_file("sparse.h5", 0.5);
    assert_int_equal(ri_dataset_open(path.text, NULL, &dataset, &err), RI_OK);
    assert_true(dataset->sparse);
    assert_int_equal(dataset->storage, RI_F32);
    check(dataset, (int[]){0, 1, 2, 3}, (int[]){0, 1, 2});
    const bool keep_rows[N] = {true, false, true, true}, keep_columns[P] = {true, false, true};
    assert_int_equal(ri_dataset_narrow_samples(dataset, keep_rows, &err), RI_OK);
    check(dataset, (int[]){0, 2, 3}, (int[]){0, 1, 2});
    assert_int_equal(ri_dataset_narrow_features(dataset, keep_columns, &err), RI_OK);
    check(dataset, (int[]){0, 2, 3}, (int[]){0, 2});
    ri_dataset_close(dataset);
}

static void test_infinite(void **state) {
    (void)state;
    ri_dataset *dataset;
    ri_error err = {0};
    float value[P * N];
    int32_t row[P * N];
    int64_t missing, kept[P];
    scratch_path path = write_file("infinite.h5", INFINITY);
    assert_int_equal(ri_dataset_open(path.text, NULL, &dataset, &err), RI_OK);
    assert_int_equal(ri_dataset_read_entries(dataset, 0, P, kept, row, value, &missing, &err),
                     RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "feature 3 ('z'), sample 3 ('c') is infinite"));
    ri_dataset_close(dataset);
}

/* Opens and reads all; the sentence of what fails. */
static const char *sentence_of(const char *path) {
    static ri_error err;
    ri_dataset *dataset;
    err = (ri_error){0};
    ri_status status = ri_dataset_open(path, NULL, &dataset, &err);
    if (status == RI_OK) {
        float *x = calloc((size_t)(dataset->n * dataset->p) + 1, sizeof *x);
        status =
            ri_dataset_read(dataset, 0, dataset->p, x, (size_t)dataset->n * sizeof *x, NULL, &err);
        free(x);
    }
    ri_dataset_close(dataset);
    return status == RI_OK ? "" : err.text;
}

static void test_sentences(void **state) {
    (void)state;
    static const struct {
        const char *replaced;
        int count;
        double values[6];
        const char *part;
    } bad[] = {
        {"/X/indptr", 4, {0, 2, 1, 5}, "from 2 to 1 at feature 2"},
        {"/X/indptr", 4, {1, 2, 2, 5}, "begin with 0"},
        {"/X/indptr", 4, {0, 0, 0, 5}, "from 0 to 5 at feature 3"},
        {"/X/indptr", 4, {0, 2, 2, 4}, "indptr ends with 4"},
        {"/X/indptr", 1, {0}, "1 values"},
        {"/X/indices", 5, {1, 4, 0, 2, 3}, "entry 2, of feature 1, is 4"},
        {"/X/indices", 5, {1, 3, 0, -2, 3}, "entry 4, of feature 3, is -2"},
        {"/X/indices", 5, {1, 3, 0, 3, 2}, "entry 5, of feature 3, is 2"},
        {"/X/indices", 5, {3, 3, 0, 2, 3}, "entry 2, of feature 1, is 3"},
        {"/X/indices", 4, {1, 3, 0, 2}, "5 values and 4 indices"},
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        scratch_path path = write_file("bad.h5", 0.5);
        foreign_delete(path, bad[k].replaced);
        foreign_put(path, (foreign_set){bad[k].replaced,
                                        1,
                                        {(hsize_t)bad[k].count},
                                        H5T_STD_I64LE,
                                        H5T_NATIVE_DOUBLE,
                                        bad[k].values,
                                        {0},
                                        0});
        const char *text = sentence_of(path.text);
        if (!strstr(text, bad[k].part))
            fail_msg("'%s' does not say '%s'", text, bad[k].part);
    }
    scratch_path path = write_file("bad.h5", 0.5);
    foreign_integer(path, "/X", "n_samples", 0);
    assert_non_null(strstr(sentence_of(path.text), "n_samples is 0"));
    foreign_integer(path, "/X", "n_samples", 5);
    assert_non_null(strstr(sentence_of(path.text), "has 4 values, but /X has 5 samples"));
    foreign_delete(path, "/X/values");
    assert_non_null(strstr(sentence_of(path.text), "/X/values"));
}

static void test_truncation(void **state) {
    (void)state;
    size_t length;
    scratch_path path = write_file("cut.h5", 0.5);
    free(scratch_read(path.text, &length));
    while (length-- > 0) {
        assert_int_equal(truncate(path.text, (off_t)length), 0);
        if (sentence_of(path.text)[0] == '\0')
            fail_msg("cut to %zu bytes, it was read", length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_infinite),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_truncation),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
