/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: entries arrive at their place whatever their order and the file's orientation; X is stored
 * in the narrowest type that holds every value exactly; every way in which a matrix file can be
 * wrong is said with its place, and leaves no file; a file cut off anywhere is either refused or
 * was complete. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/import.h"
#include "support/check_numbers.h"
#include "support/check_says.h"
#include "support/read_back.h"
#include "support/scratch.h"

static ri_matrix_options defaults(ri_matrix_format format) {
    return (ri_matrix_options){
        .format = format, .index_base = 1, .features = -1, .storage = RI_STORAGE_COUNT};
}

static ri_import_report import_ok(const char *path, const ri_matrix_options *options) {
    ri_import_report report;
    ri_error err = {0};
    if (ri_import_matrix(path, options, scratch_file("out.h5").text, &report, &err) != RI_OK)
        fail_msg("%s", err.text);
    return report;
}

static void check_fails(const char *path, const ri_matrix_options *options,
                        const char *const *parts) {
    ri_import_report report;
    ri_error err = {0};
    scratch_path output = scratch_file("none.h5");
    assert_int_equal(ri_import_matrix(path, options, output.text, &report, &err), RI_BAD_INPUT);
    check_says(err.text, parts);
    assert_false(scratch_exists("none.h5"));
    assert_null(strchr(err.text, '\n'));
}

#define MTX "%%MatrixMarket matrix coordinate real general\n"
#define ARRAY "%%MatrixMarket matrix array real general\n"

static void test_mtx(void **state) {
    (void)state;
    ri_matrix_options options = defaults(RI_MATRIX_MTX);
    /* 3 samples, 2 features; entries in no order, a comment, blank lines and CRLF */
    scratch_path path =
        scratch_text("m.mtx", MTX "% comment\n\n3 2 4\r\n3 2 7\n1 1 1.5\r\n\n2 2 -2\n3 1 1e3\n");
    ri_import_report report = import_ok(path.text, &options);
    assert_int_equal(report.samples, 3);
    assert_int_equal(report.nonzero, 4);
    assert_int_equal(report.storage, RI_F32);
    check_numbers("out.h5", "/X", (double[]){1.5, 0, 1000, 0, -2, 7}, 6);
    check_name("out.h5", "/features/id", 1, "2");
    options.transpose = true;
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){1.5, 0, 0, -2, 1000, 7}, 6);

    options.transpose = false;
    path = scratch_text("a.mtx", ARRAY "2 2\n1\n2\n3\n0.1\n");
    report = import_ok(path.text, &options);
    assert_int_equal(report.storage, RI_F64);
    check_numbers("out.h5", "/X", (double[]){1, 2, 3, 0.1}, 4);
    options.transpose = true;
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){1, 3, 2, 0.1}, 4);
    path = scratch_text("p.mtx", "%%matrixmarket MATRIX Coordinate Pattern General\n2 2 1\n2 2\n");
    report = import_ok(path.text, &options);
    assert_int_equal(report.storage, RI_I8);
    assert_int_equal(report.constant_features, 1);
    check_numbers("out.h5", "/X", (double[]){0, 0, 0, 1}, 4);
}

static void test_svm(void **state) {
    (void)state;
    ri_matrix_options options = defaults(RI_MATRIX_SVM);
    scratch_path path =
        scratch_text("d.svm", "# head\n+1 2:0.5 4:-3 # tail\n\n-1\n0.25\t1:127 2:1 \n");
    ri_import_report report = import_ok(path.text, &options);
    assert_int_equal(report.samples, 3);
    assert_int_equal(report.features, 4);
    assert_string_equal(report.response, "y");
    check_numbers("out.h5", "/X", (double[]){0, 0, 127, 0.5, 0, 1, 0, 0, 0, -3, 0, 0}, 12);
    check_numbers("out.h5", "/y/y", (double[]){1, -1, 0.25}, 3);
    check_name("out.h5", "/features/id", 3, "4");
    options.index_base = 0;
    options.features = 6;
    options.response = "label";
    report = import_ok(path.text, &options);
    assert_int_equal(report.features, 6);
    assert_int_equal(report.constant_features, 3);
    check_name("out.h5", "/features/id", 0, "0");
    check_numbers("out.h5", "/y/label", (double[]){1, -1, 0.25}, 3);
}

static void test_missing_values(void **state) {
    (void)state;
    ri_matrix_options options = defaults(RI_MATRIX_MTX);
    scratch_path path = scratch_text("m.mtx", MTX "2 2 2\n1 1 nan\n2 2 5\n");
    check_fails(path.text, &options,
                (const char *[]){"sample 1, feature 1", "--missing mean", NULL});
    options.allow_missing = true;
    ri_import_report report = import_ok(path.text, &options);
    assert_int_equal(report.missing_values, 1);
    assert_int_equal(report.storage, RI_I8);
    check_numbers("out.h5", "/X", (double[]){-128, 0, 0, 5}, 4);
    options.storage = RI_F32;
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){NAN, 0, 0, 5}, 4);
}

static void test_storage(void **state) {
    (void)state;
    static const struct {
        const char *value;
        ri_storage storage;
    } known[] = {{"127", RI_I8},       {"-127", RI_I8},   {"-128", RI_F32},
                 {"128", RI_F32},      {"0.5", RI_F32},   {"0.1", RI_F64},
                 {"16777217", RI_F64}, {"1e300", RI_F64}, {"1e-46", RI_F64}};
    ri_matrix_options options = defaults(RI_MATRIX_MTX);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        char text[128];
        snprintf(text, sizeof text, "%s2 1 1\n2 1 %s\n", MTX, known[k].value);
        scratch_path path = scratch_text("m.mtx", text);
        assert_int_equal(import_ok(path.text, &options).storage, known[k].storage);
        check_numbers("out.h5", "/X", (double[]){0, strtod(known[k].value, NULL)}, 2);
    }
}

typedef struct wrong_text {
    ri_matrix_format format;
    const char *text;
    const char *parts[5];
} wrong_text;

static const wrong_text wrong[] = {
    {RI_MATRIX_MTX, "", {"bad", "no MatrixMarket file"}},
    {RI_MATRIX_MTX, "1 1 1\n1 1 1\n", {"no MatrixMarket file"}},
    {RI_MATRIX_MTX, "%%MatrixMarket matrix coordinate complex general\n1 1 0\n", {"'complex'"}},
    {RI_MATRIX_MTX, "%%MatrixMarket matrix coordinate real symmetric\n1 1 0\n", {"'symmetric'"}},
    {RI_MATRIX_MTX, "%%MatrixMarket matrix array pattern general\n1 1\n", {"'pattern'"}},
    {RI_MATRIX_MTX, MTX, {"line of sizes"}},
    {RI_MATRIX_MTX, MTX "2 2\n1 1 1\n", {"line of sizes"}},
    {RI_MATRIX_MTX, MTX "0 2 0\n", {"line 2", "no size"}},
    {RI_MATRIX_MTX, MTX "2 99999999999 0\n", {"line 2", "no size"}},
    {RI_MATRIX_MTX, MTX "2 2 999999999999\n1 1 1\n", {"999999999999 values", "truncated"}},
    {RI_MATRIX_MTX, MTX "2 2 2\n1 1 1\n", {"has 1 values", "say 2", "truncated"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 1\n2 2 1\n", {"line 4", "more than the sizes"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 1", {"line 3", "no line end"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n3 1 1\n", {"line 3", "row 3, column 1", "2 x 2"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 0 1\n", {"line 3", "row 1, column 0"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1\n", {"line 3", "'1 1'", "row column value"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 x\n", {"line 3", "'1 1 x'"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 0x1p3\n", {"line 3"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 1 1\n", {"line 3"}},
    {RI_MATRIX_MTX, MTX "2 2 1\n1 1 inf\n", {"sample 1, feature 1", "infinite"}},
    {RI_MATRIX_MTX, MTX "2 2 2\n2 1 1\n2 1 4\n", {"sample 2", "feature 1", "two entries"}},
    {RI_MATRIX_MTX, MTX "2000000 2000000 1\n1 1 1\n", {"2000000 samples", "damaged"}},
    {RI_MATRIX_MTX, ARRAY "2 2\n1\n2\n3\n", {"has 3 values", "say 4"}},
    {RI_MATRIX_MTX, ARRAY "1 2\n1 2\n3\n", {"line 3", "one number"}},
    {RI_MATRIX_MTX, "BZh91AY&SY", {"bzip2", "gzip"}},
    {RI_MATRIX_SVM, "", {"0 samples"}},
    {RI_MATRIX_SVM, "1 1:1", {"line 1", "no line end"}},
    {RI_MATRIX_SVM, "1 1:1\nx 1:1\n", {"line 2", "'x 1:1'", "label"}},
    {RI_MATRIX_SVM, "1,2 1:1\n", {"line 1", "label"}},
    {RI_MATRIX_SVM, "1 0:1\n", {"line 1", "index 0", "--index-base 0"}},
    {RI_MATRIX_SVM, "1 2:1 1:3\n", {"line 1", "index 1", "follows a larger"}},
    {RI_MATRIX_SVM, "1 1:1\n1 2:1 2:3\n", {"line 2", "index 2 occurs twice"}},
    {RI_MATRIX_SVM, "1 -1:1\n", {"line 1", "no index"}},
    {RI_MATRIX_SVM, "1 3000000000:1\n", {"line 1", "no index"}},
    {RI_MATRIX_SVM, "1 900000000:1\n", {"feature 900000000", "damaged"}},
    {RI_MATRIX_SVM, "1 1 2\n", {"line 1", "index:value"}},
    {RI_MATRIX_SVM, "1 1: 2\n", {"line 1", "index:value"}},
    {RI_MATRIX_SVM, "1 1:2:3\n", {"line 1", "index:value"}},
    {RI_MATRIX_SVM, "1 1:inf\n", {"sample 1, feature 1", "infinite"}},
    {RI_MATRIX_SVM, "1 1:nan\n", {"sample 1, feature 1", "--missing mean"}},
    {RI_MATRIX_SVM, "inf 1:1\n", {"line 1", "infinite label"}},
    {RI_MATRIX_SVM, "1 qid:3 1:1\n", {"line 1", "ranking"}},
    {RI_MATRIX_TABLE, "gene\n", {"no header with names"}},
    {RI_MATRIX_TABLE, "gene,a,b\n", {"no rows"}},
    {RI_MATRIX_TABLE, "gene,a,b\ng1,1\n", {"line 2", "2 fields", "2 samples"}},
    {RI_MATRIX_TABLE, "gene,a,b\ng1,1,x\n", {"line 2", "sample 'b' (column 3)", "'x'"}},
    {RI_MATRIX_TABLE, "gene,a,b\ng1,1,NA\n", {"sample 2 ('b'), feature 1 ('g1')", "missing"}},
    {RI_MATRIX_TABLE, "gene,a,a\ng1,1,2\n", {"samples 1 and 2", "'a'"}},
    {RI_MATRIX_TABLE, "gene,a,\ng1,1,2\n", {"column 3", "no name"}},
    {RI_MATRIX_TABLE, "gene,a,b\n,1,2\n", {"line 2", "feature has no name"}},
    {RI_MATRIX_NPY, "", {"does not begin"}},
    {RI_MATRIX_NPY, "\x93NUMPY\1", {"does not begin"}},
    {RI_MATRIX_H5AD, "no HDF5", {"not an HDF5 file"}},
    {RI_MATRIX_10X, "no HDF5", {"not an HDF5 file"}},
};

static void test_sentences(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        ri_matrix_options options = defaults(wrong[k].format);
        options.transpose = wrong[k].format == RI_MATRIX_TABLE;
        check_fails(scratch_text("bad", wrong[k].text).text, &options, wrong[k].parts);
    }
}

/* A .npy of version 1 with this header and so many bytes of numbers. */
static scratch_path write_npy(const char *name, const char *header, const void *values,
                              size_t bytes) {
    char file[512] = "\x93NUMPY\1";
    size_t length = strlen(header);
    file[8] = (char)length;
    memcpy(file + 10, header, length);
    memcpy(file + 10 + length, values, bytes);
    return scratch_write(name, file, 10 + length + bytes);
}

static void test_npy(void **state) {
    (void)state;
    ri_matrix_options options = defaults(RI_MATRIX_NPY);
    const double f8[6] = {1, 2, 3, 4, 5, 0.1};
    const int16_t i2[4] = {-300, 2, 32767, -32768};
    const uint8_t u1[4] = {0, 1, 200, 255};
    scratch_path path = write_npy(
        "m.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", f8, sizeof f8);
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){1, 3, 5, 2, 4, 0.1}, 6);
    path = write_npy("m.npy", "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }\n", f8,
                     sizeof f8);
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", f8, 6);
    path = write_npy("m.npy", "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2)}", i2,
                     sizeof i2);
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){-300, 32767, 2, -32768}, 4);
    path = write_npy("m.npy", "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2)}", u1,
                     sizeof u1);
    options.transpose = true;
    import_ok(path.text, &options);
    check_numbers("out.h5", "/X", (double[]){0, 1, 200, 255}, 4);
}

static void test_npy_sentences(void **state) {
    (void)state;
    static const struct {
        const char *header;
        const char *parts[4];
    } bad[] = {
        {"{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2)}", {"big-endian", "<f8"}},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (1, 2)}", {"'<f2'", "astype"}},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (1, 2)}", {"'<c16'"}},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", {"no plain type"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", {"1 dimension"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 2)}", {"more than 2"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3)}", {"24 bytes", "truncated"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1)}", {"needs 8 bytes", "has 16"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 2)}", {"list of numbers"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 2)}",
         {"list of numbers"}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 4000000000)}",
         {"at most"}},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1, 2)}", {"neither True nor False"}},
        {"{'descr': '<f8'}", {"order or shape"}},
        {"", {"no plain type"}},
    };
    const double values[2] = {1, 2};
    ri_matrix_options options = defaults(RI_MATRIX_NPY);
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        check_fails(write_npy("bad.npy", bad[k].header, values, sizeof values).text, &options,
                    bad[k].parts);
    const int64_t large[2] = {1, ((int64_t)1 << 53) + 1};
    check_fails(write_npy("bad.npy", "{'descr': '<i8', 'fortran_order': False, 'shape': (1, 2)}",
                          large, sizeof large)
                    .text,
                &options, (const char *[]){"number 2", "2^53", NULL});
}

/* Cut off at every byte: refused, or what was read is what the whole file holds. */
static void check_cuts(ri_matrix_format format, const char *name, const void *whole, size_t length,
                       int64_t samples) {
    ri_matrix_options options = defaults(format);
    scratch_path path = scratch_file(name), output = scratch_file("cut.h5");
    for (size_t kept = 0; kept < length; kept++) {
        ri_import_report report;
        ri_error err = {0};
        scratch_write(name, whole, kept);
        ri_status status = ri_import_matrix(path.text, &options, output.text, &report, &err);
        assert_int_equal(scratch_exists("cut.h5"), status == RI_OK);
        if (status == RI_OK && report.samples >= samples)
            fail_msg("%s, cut to %zu bytes, was taken for whole", name, kept);
        assert_true(status == RI_OK || err.text[0] != '\0');
        remove(output.text);
    }
}

static void test_truncation(void **state) {
    (void)state;
    static const char mtx[] = MTX "3 2 3\n1 1 12\n2 2 34\n3 1 56\n";
    static const char svm[] = "1 1:12 2:34\n2 1:56\n3 2:78\n";
    check_cuts(RI_MATRIX_MTX, "cut.mtx", mtx, sizeof mtx - 1, 0);
    check_cuts(RI_MATRIX_SVM, "cut.svm", svm, sizeof svm - 1, 3);
    size_t length;
    const double values[2] = {1, 2};
    scratch_path npy = write_npy(
        "whole.npy", "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2)}", values, 16);
    char *bytes = scratch_read(npy.text, &length);
    check_cuts(RI_MATRIX_NPY, "cut.npy", bytes, length, 0);
    free(bytes);
}

static void test_names_and_vectors(void **state) {
    (void)state;
    ri_matrix_options options = defaults(RI_MATRIX_MTX);
    scratch_path path = scratch_text("m.mtx", MTX "3 2 1\n3 2 7\n");
    scratch_path samples = scratch_text("samples.txt", "a\tmore\r\nb\nc\n");
    scratch_path features = scratch_text("features.txt", "g\ng\n");
    options.sample_names = samples.text;
    options.feature_names = features.text;
    options.y = scratch_text("y.txt", "1\nNA\n3\n").text;
    ri_import_report report = import_ok(path.text, &options);
    assert_int_equal(report.renamed_features, 1);
    assert_int_equal(report.missing_responses, 1);
    check_name("out.h5", "/samples/id", 0, "a");
    check_name("out.h5", "/features/id", 1, "g#2");
    check_numbers("out.h5", "/y/y", (double[]){1, NAN, 3}, 3);

    options.sample_names = features.text;
    check_fails(
        path.text, &options,
        (const char *[]){"--sample-names names 2 samples", "there are 3", "--transpose", NULL});
    options.sample_names = scratch_text("twice.txt", "a\nb\na\n").text;
    check_fails(path.text, &options, (const char *[]){"samples 1 and 3", "'a'", NULL});
    options.sample_names = scratch_text("hole.txt", "a\n\nb\n").text;
    check_fails(path.text, &options, (const char *[]){"hole.txt, line 2", "no name", NULL});
    options.sample_names = NULL;
    options.y = scratch_text("short.txt", "1\n2\n").text;
    check_fails(path.text, &options, (const char *[]){"short.txt", "2 values", "3 samples", NULL});
    options.y = scratch_text("word.txt", "1\ntwo\n3\n").text;
    check_fails(path.text, &options, (const char *[]){"word.txt, line 2", "'two'", NULL});
}

static void test_formats_by_name(void **state) {
    (void)state;
    assert_int_equal(ri_matrix_format_of("a/b.h5ad"), RI_MATRIX_H5AD);
    assert_int_equal(ri_matrix_format_of("filtered.h5"), RI_MATRIX_10X);
    assert_int_equal(ri_matrix_format_of("matrix.MTX.gz"), RI_MATRIX_MTX);
    assert_int_equal(ri_matrix_format_of("x.npy"), RI_MATRIX_NPY);
    assert_int_equal(ri_matrix_format_of("x.libsvm"), RI_MATRIX_SVM);
    assert_int_equal(ri_matrix_format_of("x.svm.gz"), RI_MATRIX_SVM);
    assert_int_equal(ri_matrix_format_of("x.csv.gz"), RI_MATRIX_NONE);
    assert_int_equal(ri_matrix_format_of(".npy"), RI_MATRIX_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mtx),
        cmocka_unit_test(test_svm),
        cmocka_unit_test(test_missing_values),
        cmocka_unit_test(test_storage),
        cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_npy),
        cmocka_unit_test(test_npy_sentences),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_names_and_vectors),
        cmocka_unit_test(test_formats_by_name),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
