/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: sparse matrices in HDF5 arrive whatever the order of their indices; each way in which
 * indptr, indices, shape, names or annotations can contradict one another is said; a file cut off
 * anywhere is refused. */
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
#include "support/foreign_file.h"
#include "support/read_back.h"
#include "support/scratch.h"

static const ri_matrix_options h5ad = {.format = RI_MATRIX_H5AD,
                                       .index_base = 1,
                                       .features = -1,
                                       .response = "y",
                                       .storage = RI_STORAGE_COUNT};

static void put_numbers(scratch_path path, const char *where, hsize_t count, const double *values,
                        hid_t stored) {
    foreign_put(path, (foreign_set){where, 1, {count}, stored, H5T_NATIVE_DOUBLE, values, {0}, 0});
}

static void put_texts(scratch_path path, const char *where, hsize_t count, const char *const *texts,
                      bool chunked) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    foreign_put(
        path,
        (foreign_set){where, 1, {count}, type, type, texts, {chunked ? 2 : 0}, chunked ? 5 : 0});
    H5Tclose(type);
}

/* 3 samples, 4 features, CSR with the indices of the second sample descending:
 *   5 0 0 1
 *   0 2 3 0
 *   0 0 0 7 */
static scratch_path write_good(const char *name) {
    static const char *const sample[] = {"s1", "s2", "s3"}, *const feature[] = {"a", "b", "c", "d"};
    static const char *const level[] = {"low", "high"};
    scratch_path path = foreign_new(name);
    put_numbers(path, "/X/indptr", 4, (double[]){0, 2, 4, 5}, H5T_STD_I32LE);
    put_numbers(path, "/X/indices", 5, (double[]){0, 3, 2, 1, 3}, H5T_STD_I32LE);
    put_numbers(path, "/X/data", 5, (double[]){5, 1, 3, 2, 7}, H5T_IEEE_F32LE);
    put_texts(path, "/obs/_index", 3, sample, true);
    put_texts(path, "/var/_index", 4, feature, false);
    put_numbers(path, "/obs/y", 3, (double[]){1, 2, 4}, H5T_STD_I64LE);
    put_texts(path, "/obs/level/categories", 2, level, false);
    put_numbers(path, "/obs/level/codes", 3, (double[]){1, -1, 0}, H5T_STD_I8LE);
    put_numbers(path, "/obs/year/categories", 2, (double[]){1990, 2000}, H5T_STD_I64LE);
    put_numbers(path, "/obs/year/codes", 3, (double[]){1, -1, 0}, H5T_STD_I8LE);
    return path;
}

static void test_csr(void **state) {
    (void)state;
    ri_import_report report;
    ri_error err = {0};
    ri_matrix_options options = h5ad;
    options.response = "y,year";
    options.covariates = "level";
    scratch_path path = write_good("good.h5ad");
    if (ri_import_matrix(path.text, &options, scratch_file("out.h5").text, &report, &err) != RI_OK)
        fail_msg("%s", err.text);
    check_numbers("out.h5", "/X", (double[]){5, 0, 0, 0, 2, 0, 0, 3, 0, 1, 0, 7}, 12);
    check_numbers("out.h5", "/y/y", (double[]){1, 2, 4}, 3);
    check_numbers("out.h5", "/y/year", (double[]){2000, NAN, 1990}, 3);
    check_name("out.h5", "/covariates/level", 0, "high");
    check_name("out.h5", "/covariates/level", 1, "");
    check_name("out.h5", "/samples/id", 2, "s3");
    check_name("out.h5", "/features/id", 3, "d");
    assert_string_equal(report.response, "y");
}

static void check_fails(scratch_path path, const ri_matrix_options *options,
                        const char *const *parts) {
    ri_import_report report;
    ri_error err = {0};
    scratch_path output = scratch_file("none.h5");
    assert_int_equal(ri_import_matrix(path.text, options, output.text, &report, &err),
                     RI_BAD_INPUT);
    check_says(err.text, parts);
    assert_false(scratch_exists("none.h5"));
}

static void test_sentences(void **state) {
    (void)state;
    static const struct {
        const char *replaced;
        int count;
        double values[6];
        const char *parts[4];
    } bad[] = {
        {"/X/indptr", 4, {0, 3, 2, 5}, {"indptr", "from 3 to 2", "sample 2"}},
        {"/X/indptr", 4, {1, 2, 4, 5}, {"indptr", "begin with 0"}},
        {"/X/indptr", 4, {0, 2, 4, 6}, {"ends with 6", "5 values"}},
        {"/X/indptr", 6, {0, 1, 2, 3, 4, 5}, {"indptr", "6 values"}},
        {"/X/indices", 5, {0, 4, 2, 1, 3}, {"entry 2 is 4", "4 features"}},
        {"/X/indices", 5, {0, 3, 2, -1, 3}, {"entry 4 is -1"}},
        {"/X/indices", 5, {0, 0, 2, 1, 3}, {"sample 1 ('s1'), feature 1 ('a')", "two entries"}},
        {"/X/indices", 4, {0, 3, 2, 1}, {"5 values but 4 indices"}},
        {"/X/data", 5, {5, 1, NAN, 2, 7}, {"sample 2 ('s2'), feature 3 ('c')", "--missing mean"}},
        {"/X/data", 5, {5, 1, 3, 2, -INFINITY}, {"sample 3 ('s3'), feature 4 ('d')", "infinite"}},
        {"/obs/y", 2, {1, 2}, {"/obs/y", "2 values", "3 samples"}},
        {"/obs/y", 3, {1, INFINITY, 2}, {"/obs/y", "'s2'", "infinite"}},
    };
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        scratch_path path = write_good("bad.h5ad");
        bool real = bad[k].replaced[3] == 'd' || bad[k].replaced[1] == 'o';
        foreign_delete(path, bad[k].replaced);
        put_numbers(path, bad[k].replaced, (hsize_t)bad[k].count, bad[k].values,
                    real ? H5T_IEEE_F64LE : H5T_STD_I32LE);
        check_fails(path, &h5ad, bad[k].parts);
    }
    scratch_path path = write_good("bad.h5ad");
    foreign_delete(path, "/obs/level/codes");
    put_numbers(path, "/obs/level/codes", 3, (double[]){1, 2, 0}, H5T_STD_I8LE);
    ri_matrix_options options = h5ad;
    options.covariates = "level";
    check_fails(path, &options, (const char *[]){"sample 2 has code 2", "2 categories", NULL});
    options = h5ad;
    options.response = "level";
    check_fails(path, &options, (const char *[]){"/obs/level", "code", NULL});
    foreign_delete(path, "/X/data");
    check_fails(path, &h5ad, (const char *[]){"/X/data", NULL});
    path = foreign_new("bad.h5ad");
    check_fails(path, &h5ad, (const char *[]){"/obs is no group", "AnnData", NULL});
    options = h5ad;
    options.format = RI_MATRIX_10X;
    check_fails(path, &options, (const char *[]){"feature-barcode", NULL});
}

static void test_dense_shape(void **state) {
    (void)state;
    scratch_path path = write_good("dense.h5ad");
    foreign_delete(path, "/X");
    static const double x[12] = {5, 0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 7};
    foreign_put(path, (foreign_set){"/X", 2, {4, 3}, H5T_IEEE_F32LE, H5T_NATIVE_DOUBLE, x, {0}, 0});
    check_fails(path, &h5ad, (const char *[]){"is 4 x 3", "3 samples and 4 features", NULL});
}

/* Where both could be meant, the encoding says. */
static void test_square(void **state) {
    (void)state;
    static const char *const name[] = {"a", "b"};
    ri_import_report report;
    ri_error err = {0};
    scratch_path path = foreign_new("square.h5ad");
    put_numbers(path, "/X/indptr", 3, (double[]){0, 1, 1}, H5T_STD_I32LE);
    put_numbers(path, "/X/indices", 1, (double[]){1}, H5T_STD_I32LE);
    put_numbers(path, "/X/data", 1, (double[]){9}, H5T_IEEE_F32LE);
    put_texts(path, "/obs/index", 2, name, false);
    put_texts(path, "/var/index", 2, name, false);
    ri_matrix_options options = h5ad;
    options.response = NULL;
    check_fails(path, &options, (const char *[]){"square", "encoding-type", NULL});
    static const char *const encoding[] = {"csr_matrix", "csc_matrix"};
    static const double csr[] = {0, 0, 9, 0}, csc[] = {0, 9, 0, 0};
    for (int k = 0; k < 2; k++) {
        foreign_text(path, "/X", "encoding-type", encoding[k]);
        assert_int_equal(
            ri_import_matrix(path.text, &options, scratch_file("out.h5").text, &report, &err),
            RI_OK);
        check_numbers("out.h5", "/X", k == 0 ? csr : csc, 4);
    }
}

/* Shorter and shorter by a byte. */
static void test_truncation(void **state) {
    (void)state;
    size_t length;
    scratch_path path = write_good("cut.h5ad"), output = scratch_file("cut.h5");
    free(scratch_read(path.text, &length));
    while (length-- > 0) {
        ri_import_report report;
        ri_error err = {0};
        assert_int_equal(truncate(path.text, (off_t)length), 0);
        ri_status status = ri_import_matrix(path.text, &h5ad, output.text, &report, &err);
        if (status != RI_BAD_INPUT || err.text[0] == '\0' || scratch_exists("cut.h5"))
            fail_msg("cut to %zu bytes: status %d", length, status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csr),         cmocka_unit_test(test_sentences),
        cmocka_unit_test(test_dense_shape), cmocka_unit_test(test_square),
        cmocka_unit_test(test_truncation),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
