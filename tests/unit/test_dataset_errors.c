/* SPDX-License-Identifier: BSD-3-Clause
 * Law of wrong files: each ends in RI_BAD_INPUT and a sentence that names what is wrong, with *out
 * NULL; and no shortening or flipped byte of a file does worse. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "data/dataset.h"
#include "data/writer.h"
#include "support/foreign_file.h"
#include "support/scratch.h"

enum { N = 4, P = 6 };

/* HDF5 1.10 forgets an object header whose checksum is wrong. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5";
}

static const double numbers[64] = {1, 2, 3, 4, 5, 6, 7, 8};

static void expect(scratch_path path, ri_open_options options, const char *part) {
    ri_dataset *dataset = (ri_dataset *)&path;
    ri_error err = {0};
    assert_int_equal(ri_dataset_open(path.text, &options, &dataset, &err), RI_BAD_INPUT);
    assert_null(dataset);
    assert_int_equal(err.status, RI_BAD_INPUT);
    assert_non_null(strstr(err.text, path.text));
    if (!strstr(err.text, part))
        fail_msg("'%s' does not say '%s'", err.text, part);
}

static void expect_own(scratch_path path, const char *part) {
    expect(path, (ri_open_options){0}, part);
}

static ri_names make_names(int64_t count) {
    ri_names names = {0};
    for (int64_t i = 0; i < count; i++) {
        char text[24];
        int length = snprintf(text, sizeof text, "name%lld", (long long)i);
        assert_int_equal(ri_names_add(&names, text, (size_t)length, NULL), RI_OK);
    }
    return names;
}

static scratch_path write_own(ri_storage storage) {
    scratch_path path = scratch_file("own.h5");
    ri_writer *writer;
    static const char x[P * N * 8];
    ri_names sample = make_names(N), feature = make_names(P);
    const ri_truth truth = {1, (int64_t[]){2}, (double[]){1.5}, 0, 1};
    assert_int_equal(ri_writer_open(path.text, N, P, storage, false, &writer, NULL), RI_OK);
    assert_int_equal(ri_writer_columns(writer, 0, P, x, ri_storage_bytes(storage, N), NULL), RI_OK);
    assert_int_equal(ri_writer_samples(writer, &sample, NULL), RI_OK);
    assert_int_equal(ri_writer_features(writer, &feature, NULL, NULL, NULL, NULL, NULL), RI_OK);
    assert_int_equal(ri_writer_response(writer, "y", numbers, true, NULL), RI_OK);
    assert_int_equal(ri_writer_group(writer, "batch", &sample, NULL), RI_OK);
    assert_int_equal(ri_writer_weights(writer, numbers, NULL), RI_OK);
    assert_int_equal(ri_writer_truth(writer, &truth, NULL), RI_OK);
    assert_int_equal(ri_writer_close(writer, true, NULL), RI_OK);
    ri_names_free(&sample);
    ri_names_free(&feature);
    return path;
}

/* Puts a contiguous dataset in place of another. */
static void replace(scratch_path path, const char *what, hid_t stored, hid_t memory, int rank,
                    hsize_t first, hsize_t second, const void *values) {
    foreign_delete(path, what);
    foreign_put(path, (foreign_set){.path = what,
                                    .rank = rank,
                                    .dims = {first, second, 1},
                                    .stored = stored,
                                    .memory = memory,
                                    .values = values});
}

static void replace_numbers(scratch_path path, const char *what, int rank, hsize_t first,
                            hsize_t second) {
    replace(path, what, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, rank, first, second, numbers);
}

static void replace_text(scratch_path path, const char *what, hsize_t count) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 3);
    H5Tset_strpad(type, H5T_STR_SPACEPAD);
    replace(path, what, type, type, 1, count, 1, "ab b  ab cd efgh ijk lmn opq");
    H5Tclose(type);
}

static void test_not_a_dataset(void **state) {
    (void)state;
    expect_own(scratch_file("nowhere.h5"), "cannot be opened: No such file or directory");
    expect_own(scratch_text("text.h5", "id,y\n1,2\n"), "is not an HDF5 file");
    expect_own(scratch_text("empty.h5", ""), "is not an HDF5 file");
    expect_own(scratch_text("signature.h5", "\211HDF\r\n\032\n"), "may be truncated or damaged");
    scratch_path folder;
    snprintf(folder.text, sizeof folder.text, "%s", scratch_folder);
    expect_own(folder, "is not a file");
}

static void test_what_is_not_there_is_named(void **state) {
    (void)state;
    scratch_path path = foreign_new("foreign.h5");
    expect_own(path, "was not written by riata; name X and the response with --x and --y; it has "
                     "no dataset");
    foreign_put(
        path, (foreign_set){"/a/X", 2, {P, N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    foreign_put(path,
                (foreign_set){"/y", 1, {N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    expect_own(path, "it has /a/X (6 x 4), /y (4)");
    expect(path, (ri_open_options){.x_path = "/b/X"}, "has no dataset /b/X; it has /a/X");
    expect(path, (ri_open_options){.x_path = "/a"}, "/a: is not a dataset; the file has /a/X");
    expect(path, (ri_open_options){.x_path = "/y"}, ":/y: has 1 dimension and 4 values");
    expect(path, (ri_open_options){.x_path = "a/X"}, "name a dataset with --y");
    expect(path, (ri_open_options){.x_path = "a/X", .y_path = "z"}, "has no dataset /z");
    expect(path, (ri_open_options){.x_path = "a/X", .y_path = "a/X"},
           ":/a/X: is a matrix of 6 x 4; a vector is needed");
    path = write_own(RI_F64);
    expect(path, (ri_open_options){.response = "z"}, "has no response 'z'; it has y");
    foreign_text(path, "/", "default_response", "w");
    expect_own(path, "has no response 'w'; it has y");
    foreign_delete(path, "/y");
    expect_own(path, "has no response in /y");
    foreign_delete(path, "/X");
    expect_own(path, "has no dataset /X; it has /features/id (6), ");
    foreign_integer(path, "/", "riata_format", 2);
    expect_own(path, "riata_format 2; this version of riata reads format 1");
    foreign_text(path, "/", "riata_format", "one");
    expect_own(path, "attribute riata_format is not an integer");
}

static void test_many_responses_are_cut(void **state) {
    (void)state;
    scratch_path path = write_own(RI_F64);
    for (int k = 0; k < 12; k++) {
        char name[16];
        snprintf(name, sizeof name, "/y/r%02d", k);
        foreign_put(
            path, (foreign_set){name, 1, {N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    }
    expect(path, (ri_open_options){.response = "z"}, "r08, r09, ...");
}

static void test_lengths_and_types(void **state) {
    (void)state;
    const struct {
        const char *what;
        int rank;
        hsize_t first, second;
        const char *part;
    } lengths[] = {
        {"/y/y", 1, 5, 1, "the response y has 5 values, but /X has 4 samples"},
        {"/y/y", 2, 2, 2, ":/y/y: is a matrix of 2 x 2"},
        {"/y/y", 3, 4, 1, ":/y/y: has 3 dimensions"},
        {"/y/y", 0, 1, 1, ":/y/y: has 0 dimensions"},
        {"/X", 1, 24, 1, ":/X: has 1 dimension"},
        {"/X", 3, 6, 4, ":/X: has 3 dimensions"},
        {"/X", 2, 6, 0, "a matrix of samples and features is needed"},
        {"/X", 2, 6, 5, "the response y has 4 values, but /X has 5 samples"},
        {"/X", 2, 5, 4, ":/features/id: has 6 values where X has 5 features"},
        {"/weights", 1, 3, 1, ":/weights: has 3 values where X has 4 samples"},
        {"/weights", 2, 1, 4, NULL},
        {"/samples/id", 1, 4, 1, ":/samples/id: holds no text"},
        {"/truth/features", 1, 1, 1, ":/truth/features: holds floats; integers are needed"},
        {"/truth/coefficients", 1, 3, 1, ":/truth: has 1 features but 3 coefficients"},
    };
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        scratch_path path = write_own(RI_F64);
        replace_numbers(path, lengths[k].what, lengths[k].rank, lengths[k].first,
                        lengths[k].second);
        if (lengths[k].part)
            expect_own(path, lengths[k].part);
    }
    scratch_path path = write_own(RI_F64);
    replace_text(path, "/y/y", N + 1);
    expect_own(path, "has 5 values");
    replace(path, "/y/y", H5T_IEEE_F64LE, 0, 1, N, 1, NULL);
    expect_own(path, ":/y/y: holds no data; it was never written");
    path = write_own(RI_F64);
    hid_t complex = H5Tcreate(H5T_COMPOUND, 16);
    H5Tinsert(complex, "r", 0, H5T_NATIVE_DOUBLE);
    H5Tinsert(complex, "i", 8, H5T_NATIVE_DOUBLE);
    replace(path, "/X", complex, complex, 2, P, N, numbers);
    H5Tclose(complex);
    expect_own(path, ":/X: holds records (or complex numbers)");
}

static void test_names_and_values(void **state) {
    (void)state;
    scratch_path path = write_own(RI_F64);
    replace_text(path, "/samples/id", N);
    expect_own(path, ":/samples/id: sample ID 'ab' occurs in rows 1 and 3; IDs must be unique");
    path = write_own(RI_F64);
    double y[N] = {1, (double)NAN, (double)INFINITY, 2};
    replace(path, "/y/y", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, N, 1, y);
    expect_own(path, ":/y/y: the response of sample 3 is infinite");
    path = write_own(RI_F64);
    replace(path, "/weights", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, N, 1, y);
    expect_own(path, ":/weights: the weight of sample 2 ('name1') is nan");
    replace(path, "/weights", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, 1, N, 1, numbers + 20);
    expect_own(path, ":/weights: all weights are zero");
    path = write_own(RI_F64);
    const int64_t wild[N] = {P, 1, 1, INT64_MAX};
    replace(path, "/truth/features", H5T_STD_I64LE, H5T_NATIVE_INT64, 1, 1, 1, wild);
    expect_own(path, ":/truth: entry 1 says feature 6");
    path = write_own(RI_F64);
    foreign_put(path,
                (foreign_set){"/folds", 1, {N}, H5T_STD_I64LE, H5T_NATIVE_INT64, wild, {0}, 0});
    expect_own(path, ":/folds: sample 4 has fold 9223372036854775807");
}

static void test_encodings(void **state) {
    (void)state;
    const int64_t wrong[] = {-1, 0, 3 * N, INT64_MAX};
    for (size_t k = 0; k < sizeof wrong / sizeof *wrong; k++) {
        scratch_path path = write_own(RI_PACKED2);
        foreign_integer(path, "/X", "n_samples", wrong[k]);
        expect_own(path, ":/X: attribute n_samples is ");
    }
    scratch_path path = write_own(RI_F64);
    foreign_text(path, "/X", "encoding", "packed2");
    expect_own(path, "encoding packed2 needs unsigned 8-bit integers");
    foreign_text(path, "/X", "encoding", "zip");
    expect_own(path, "attribute encoding is 'zip'");
    foreign_integer(path, "/X", "encoding", 1);
    expect_own(path, "attribute encoding is not text");
}

static void test_orientation(void **state) {
    (void)state;
    scratch_path path = foreign_new("shape.h5");
    foreign_put(path,
                (foreign_set){"/X", 2, {P, N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    foreign_put(path,
                (foreign_set){"/S", 2, {N, N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    foreign_put(path,
                (foreign_set){"/y", 1, {N}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    foreign_put(path,
                (foreign_set){"/z", 1, {5}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, numbers, {0}, 0});
    expect(path, (ri_open_options){.x_path = "/S", .y_path = "/y"},
           ":/S: is square (4 x 4), so that either may be the samples; give --layout "
           "features-first or --layout samples-first");
    expect(path, (ri_open_options){.x_path = "/X", .y_path = "/z"},
           ":/X: is 6 x 4, but the response /z has 5 values");
    expect(path, (ri_open_options){.x_path = "/X", .response_optional = true},
           ":/X: is 6 x 4, and without a response either may be the samples; give --layout");
    expect(path,
           (ri_open_options){.x_path = "/X", .y_path = "/y", .layout = RI_LAYOUT_SAMPLES_FIRST},
           "the response /y has 4 values, but /X has 6 samples; is --layout right?");
}

/* Files that claim more than they hold. */
static void test_absurd_sizes(void **state) {
    (void)state;
    const hsize_t dims[][2] = {{1ull << 33, 4}, {1ull << 20, 1ull << 20}, {1ull << 31, 1ull << 31}};
    for (size_t k = 0; k < sizeof dims / sizeof *dims; k++) {
        scratch_path path = foreign_new("absurd.h5");
        hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
        hid_t space = H5Screate_simple(2, dims[k], NULL), list = H5Pcreate(H5P_DATASET_CREATE);
        H5Pset_chunk(list, 2, (const hsize_t[]){4, 4});
        hid_t x = H5Dcreate2(file, "/X", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
        const hsize_t one[2] = {1, 1}, from[2] = {0, 0};
        hid_t scalar = H5Screate_simple(2, one, NULL);
        foreign_check(H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, one, NULL));
        foreign_check(H5Dwrite(x, H5T_NATIVE_DOUBLE, scalar, space, H5P_DEFAULT, numbers));
        H5Sclose(scalar);
        H5Dclose(x);
        H5Pclose(list);
        H5Sclose(space);
        H5Fclose(file);
        expect(path, (ri_open_options){.x_path = "/X", .response_optional = true},
               "may be truncated or damaged");
    }
}

/* Opens and reads everything; any status will do, so long as a failure has its sentence. */
static ri_status survive(scratch_path path) {
    ri_dataset *dataset;
    ri_error err = {0};
    ri_status status = ri_dataset_open(path.text, NULL, &dataset, &err);
    assert_true((status == RI_OK) == (dataset != NULL));
    if (status == RI_OK) {
        size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
        char *x = malloc((size_t)dataset->p * bytes);
        status = ri_dataset_read(dataset, 0, dataset->p, x, bytes, NULL, &err);
        free(x);
    }
    assert_true(status == RI_OK || err.text[0] != '\0');
    ri_dataset_close(dataset);
    return status;
}

static void test_truncation(void **state) {
    (void)state;
    size_t length;
    char *bytes = scratch_read(write_own(RI_F64).text, &length);
    for (size_t cut = 0; cut < length; cut++)
        assert_int_equal(survive(scratch_write("cut.h5", bytes, cut)), RI_BAD_INPUT);
    assert_int_equal(survive(scratch_write("cut.h5", bytes, length)), RI_OK);
    free(bytes);
}

static void test_changed_bytes(void **state) {
    (void)state;
    size_t length;
    char *bytes = scratch_read(write_own(RI_I8).text, &length);
    for (uint64_t round = 0; round < 1500; round++) {
        uint64_t bits = ri_random_bits(11, 1, round);
        size_t at = (size_t)(bits % length);
        char kept = bytes[at];
        bytes[at] = (char)(round % 3 == 0 ? 0xff : kept ^ (char)(1 << (bits >> 60) % 8));
        survive(scratch_write("changed.h5", bytes, length));
        bytes[at] = kept;
    }
    free(bytes);
}

int main(void) {
    ri_dataset_skip_exit_cleanup();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_a_dataset),
        cmocka_unit_test(test_what_is_not_there_is_named),
        cmocka_unit_test(test_many_responses_are_cut),
        cmocka_unit_test(test_lengths_and_types),
        cmocka_unit_test(test_names_and_values),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_orientation),
        cmocka_unit_test(test_absurd_sizes),
        cmocka_unit_test(test_truncation),
        cmocka_unit_test(test_changed_bytes),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
