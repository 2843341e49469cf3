/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of riata's own layout: what the writer was given is what the dataset gives back, for every
 * storage, range and stride; missing values are counted; infinite ones are named; the fingerprint
 * depends on values and names, not on how they are stored. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/dataset.h"
#include "data/writer.h"
#include "support/encode.h"
#include "support/foreign_file.h"
#include "support/scratch.h"

enum { N = 23, P = 40 };

/* 0, 1, 2 or missing: what every storage can say. */
static double genotype_at(int64_t i, int64_t j) {
    int64_t code = (i * i + 3 * j + i * j) % 7;
    return code > 2 ? (code == 3 ? (double)NAN : (double)(code % 3)) : (double)code;
}

static void put_annotations(ri_writer *writer) {
    ri_names sample = {0}, feature = {0}, allele = {0}, family = {0};
    double y[N], weight[N], other[N];
    int64_t pos[P];
    for (int64_t i = 0; i < N; i++) {
        add_numbered(&sample, "s\xc3\xa9", i + 1);
        add_numbered(&family, i % 5 == 0 ? "" : "f", (i * 3) % 5);
        y[i] = i == 4 ? (double)NAN : (double)i / 3;
        other[i] = -y[i];
        weight[i] = 1 + (double)(i % 2);
    }
    for (int64_t j = 0; j < P; j++) {
        add_numbered(&feature, "rs", j + 1);
        assert_int_equal(ri_names_add(&allele, j % 2 ? "A" : "", (size_t)(j % 2), NULL), RI_OK);
        pos[j] = j << 33;
    }
    int64_t true_feature[2] = {3, 39};
    double true_coefficient[2] = {0.5, -2};
    const ri_truth truth = {2, true_feature, true_coefficient, 1.5, 0.25};
    assert_int_equal(ri_writer_samples(writer, &sample, NULL), RI_OK);
    assert_int_equal(ri_writer_features(writer, &feature, &allele, &allele, NULL, pos, NULL),
                     RI_OK);
    assert_int_equal(ri_writer_response(writer, "bmi", other, false, NULL), RI_OK);
    assert_int_equal(ri_writer_response(writer, "height", y, true, NULL), RI_OK);
    assert_int_equal(ri_writer_group(writer, "family", &family, NULL), RI_OK);
    assert_int_equal(ri_writer_weights(writer, weight, NULL), RI_OK);
    assert_int_equal(ri_writer_truth(writer, &truth, NULL), RI_OK);
    ri_names_free(&sample);
    ri_names_free(&feature);
    ri_names_free(&allele);
    ri_names_free(&family);
}

static scratch_path write_dataset(const char *name, ri_storage storage) {
    scratch_path path = scratch_file(name);
    ri_writer *writer;
    size_t bytes = ri_storage_bytes(storage, N);
    char *x = calloc(P, bytes);
    for (int64_t j = 0; j < P; j++)
        for (int64_t i = 0; i < N; i++)
            encode_genotype(storage, x + (size_t)j * bytes, i, genotype_at(i, j));
    assert_int_equal(ri_writer_open(path.text, N, P, storage, true, &writer, NULL), RI_OK);
    assert_int_equal(ri_writer_columns(writer, 0, P, x, bytes, NULL), RI_OK);
    put_annotations(writer);
    assert_int_equal(ri_writer_close(writer, true, NULL), RI_OK);
    free(x);
    return path;
}

static ri_dataset *open_dataset(scratch_path path, ri_open_options options) {
    ri_dataset *dataset;
    ri_error err = {0};
    ri_status status = ri_dataset_open(path.text, &options, &dataset, &err);
    if (status != RI_OK)
        fail_msg("%s", err.text);
    return dataset;
}

static void check_columns(const ri_dataset *dataset, int64_t from, int64_t count, size_t stride) {
    char *x = malloc((size_t)count * stride);
    int64_t missing, want_missing = 0;
    memset(x, 0x5a, (size_t)count * stride);
    assert_int_equal(ri_dataset_read(dataset, from, count, x, stride, &missing, NULL), RI_OK);
    for (int64_t j = 0; j < count; j++) {
        const char *column = x + (size_t)j * stride;
        for (int64_t i = 0; i < N; i++) {
            double want = genotype_at(i, from + j), got = ri_element(dataset->storage, column, i);
            assert_true(isnan(want) ? isnan(got) : got == want);
            want_missing += isnan(want);
        }
        for (size_t k = ri_storage_bytes(dataset->storage, N); k < stride; k++)
            assert_int_equal(column[k], 0x5a);
    }
    assert_int_equal(missing, want_missing);
    free(x);
}

static void test_every_storage_comes_back(void **state) {
    (void)state;
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        ri_storage storage = (ri_storage)s;
        ri_dataset *dataset = open_dataset(write_dataset("x.h5", storage), (ri_open_options){0});
        size_t bytes = ri_storage_bytes(storage, N);
        assert_int_equal(dataset->storage, storage);
        assert_int_equal(dataset->n, N);
        assert_int_equal(dataset->p, P);
        assert_true(dataset->genotype && dataset->own_layout && !dataset->samples_first);
        assert_int_equal(dataset->file_bytes, P * bytes);
        check_columns(dataset, 0, P, bytes);
        check_columns(dataset, 7, 13, (bytes + 63) / 64 * 64);
        check_columns(dataset, P - 1, 1, bytes);
        assert_int_equal(ri_dataset_read(dataset, 3, 0, NULL, bytes, NULL, NULL), RI_OK);
        ri_dataset_close(dataset);
    }
}

static void test_annotations_come_back(void **state) {
    (void)state;
    ri_dataset *d = open_dataset(write_dataset("x.h5", RI_I8), (ri_open_options){0});
    assert_true(d->sample_named && d->feature_named);
    assert_string_equal(ri_names_get(&d->sample, 22), "s\xc3\xa9"
                                                      "23");
    assert_string_equal(ri_names_get(&d->feature, 39), "rs40");
    assert_string_equal(ri_names_get(&d->a1, 2), "");
    assert_string_equal(ri_names_get(&d->chrom, 3), "A");
    assert_int_equal(d->a2.count, 0);
    assert_true(d->pos[39] == (int64_t)39 << 33);
    assert_string_equal(d->response, "height"); /* the default, though not the first */
    assert_int_equal(d->response_names.count, 2);
    assert_true(isnan(d->y[4]) && d->y[22] == 22.0 / 3);
    assert_true(d->weight[3] == 2 && d->fold == NULL);
    assert_int_equal(d->truth.count, 2);
    assert_true(d->truth.feature[1] == 39 && d->truth.coefficient[0] == 0.5);
    assert_true(d->truth.intercept == 1.5 && d->truth.noise_sd == 0.25);
    ri_dataset_close(d);
}

static void test_responses_are_chosen(void **state) {
    (void)state;
    scratch_path path = write_dataset("x.h5", RI_I8);
    ri_dataset *d = open_dataset(path, (ri_open_options){.response = "bmi"});
    assert_true(d->y[3] == -1 && strcmp(d->response, "bmi") == 0);
    ri_dataset_close(d);
    d = open_dataset(path, (ri_open_options){.y_path = "weights"});
    assert_true(d->y[3] == 2 && strcmp(d->response, "/weights") == 0);
    ri_dataset_close(d);
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    foreign_check(H5Adelete(file, "default_response"));
    H5Fclose(file);
    d = open_dataset(path, (ri_open_options){0});
    assert_string_equal(d->response, "bmi"); /* the first */
    ri_dataset_close(d);
    foreign_delete(path, "/y");
    d = open_dataset(path, (ri_open_options){.response_optional = true});
    assert_true(!d->y && !d->response);
    ri_dataset_close(d);
}

static void test_groups_are_numbered(void **state) {
    (void)state;
    ri_dataset *d = open_dataset(write_dataset("x.h5", RI_I8), (ri_open_options){0});
    int32_t *group;
    int64_t groups;
    ri_error err;
    assert_int_equal(ri_dataset_group(d, "family", &group, &groups, NULL), RI_OK);
    /* labels "0", "f3", "f1", "f4", "f2", then again */
    assert_int_equal(groups, 5);
    for (int i = 0; i < N; i++)
        assert_int_equal(group[i], i % 5);
    free(group);
    assert_int_equal(ri_dataset_group(d, "batch", &group, &groups, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "has no group column 'batch'; it has family"));
    assert_null(group);
    ri_dataset_close(d);
}

static uint64_t fingerprint_of(scratch_path path, ri_open_options options) {
    ri_dataset *d = open_dataset(path, options);
    uint64_t fingerprint;
    assert_int_equal(ri_dataset_fingerprint(d, &fingerprint, NULL), RI_OK);
    ri_dataset_close(d);
    return fingerprint;
}

static void test_fingerprint_is_of_values(void **state) {
    (void)state;
    scratch_path path = write_dataset("x.h5", RI_F64);
    uint64_t first = fingerprint_of(path, (ri_open_options){0});
    for (int s = 0; s < RI_DENSE_COUNT; s++)
        assert_true(fingerprint_of(write_dataset("y.h5", (ri_storage)s), (ri_open_options){0}) ==
                    first);
    assert_true(fingerprint_of(path, (ri_open_options){.response = "bmi"}) != first);
    const double one = 17;
    hid_t file = H5Fopen(path.text, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t x = H5Dopen2(file, "/X", H5P_DEFAULT), space = H5Dget_space(x),
          scalar = H5Screate(H5S_SCALAR);
    foreign_check(H5Sselect_elements(space, H5S_SELECT_SET, 1, (const hsize_t[]){P - 1, N - 1}));
    foreign_check(H5Dwrite(x, H5T_NATIVE_DOUBLE, scalar, space, H5P_DEFAULT, &one));
    H5Sclose(scalar);
    H5Sclose(space);
    H5Dclose(x);
    H5Fclose(file);
    assert_true(fingerprint_of(path, (ri_open_options){0}) != first);
}

static void test_infinite_and_missing_are_named(void **state) {
    (void)state;
    for (int s = RI_F64; s <= RI_F32; s++) {
        scratch_path path = scratch_file("special.h5");
        ri_writer *writer;
        ri_error err;
        double rows[6] = {1, 2, 3, 4, (double)NAN, -(double)INFINITY}, y[2] = {1, 2};
        char x[6 * 8], want[800];
        ri_names name = {0};
        add_numbered(&name, "s", 1);
        add_numbered(&name, "s", 2);
        size_t bytes = ri_storage_bytes((ri_storage)s, 2);
        assert_int_equal(ri_writer_open(path.text, 2, 3, (ri_storage)s, false, &writer, NULL),
                         RI_OK);
        assert_int_equal(ri_writer_rows(writer, 0, 2, rows, NULL), RI_OK);
        assert_int_equal(ri_writer_samples(writer, &name, NULL), RI_OK);
        assert_int_equal(ri_writer_response(writer, "y", y, false, NULL), RI_OK);
        assert_int_equal(ri_writer_close(writer, true, NULL), RI_OK);
        ri_names_free(&name);
        ri_dataset *d = open_dataset(path, (ri_open_options){0});
        assert_int_equal(ri_dataset_read(d, 0, 3, x, bytes, NULL, &err), RI_BAD_INPUT);
        snprintf(want, sizeof want,
                 "%s:/X: feature 3, sample 2 ('s2') is infinite; remove or correct it", path.text);
        assert_string_equal(err.text, want);
        assert_int_equal(ri_dataset_read(d, 1, 1, x, bytes, NULL, NULL), RI_OK);
        assert_int_equal(ri_dataset_missing_error(d, 1, 1, x, bytes, &err), RI_BAD_INPUT);
        snprintf(
            want, sizeof want,
            "%s:/X: feature 2, sample 2 ('s2') is missing (NaN); use --missing mean, or remove "
            "the feature or sample",
            path.text);
        assert_string_equal(err.text, want);
        assert_int_equal(ri_dataset_read(d, 0, 1, x, bytes, NULL, NULL), RI_OK);
        assert_int_equal(ri_dataset_missing_error(d, 0, 1, x, bytes, NULL), RI_OK);
        ri_dataset_close(d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_storage_comes_back),
        cmocka_unit_test(test_annotations_come_back),
        cmocka_unit_test(test_responses_are_chosen),
        cmocka_unit_test(test_groups_are_numbered),
        cmocka_unit_test(test_fingerprint_is_of_values),
        cmocka_unit_test(test_infinite_and_missing_are_named),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
