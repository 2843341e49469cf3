/* SPDX-License-Identifier: BSD-3-Clause
 * Law of foreign files: the same matrix comes out, with samples as rows, whatever program's type,
 * byte order, chunks, compression and order of dimensions hold it; and the response decides which
 * dimension is which. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "data/dataset.h"
#include "support/foreign_file.h"
#include "support/scratch.h"

enum { N = 45, P = 70 };

typedef struct kind {
    const char *name;
    hid_t stored;
    ri_storage storage; /* wanted in memory */
    double low, step;   /* values of X: low + step * (0 .. 99) */
} kind;

static double value_at(const kind *type, int64_t i, int64_t j) {
    return type->low + type->step * (double)((i * 31 + j * 17) % 100);
}

static void put_response(scratch_path path, hid_t stored, int rank, hsize_t first, hsize_t second) {
    static double y[N];
    for (int i = 0; i < N; i++)
        y[i] = 2 * i + 1;
    foreign_put(path, (foreign_set){.path = "/data/y",
                                    .rank = rank,
                                    .dims = {first, second},
                                    .stored = stored,
                                    .memory = H5T_NATIVE_DOUBLE,
                                    .values = y});
}

static void put_matrix(scratch_path path, const kind *type, bool samples_first, hsize_t chunk0,
                       hsize_t chunk1, int deflate) {
    static double x[N * P];
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < P; j++)
            x[samples_first ? i * P + j : j * N + i] = value_at(type, i, j);
    foreign_put(path, (foreign_set){.path = "/data/X",
                                    .rank = 2,
                                    .dims = {samples_first ? N : P, samples_first ? P : N},
                                    .stored = type->stored,
                                    .memory = H5T_NATIVE_DOUBLE,
                                    .values = x,
                                    .chunk = {chunk0, chunk1},
                                    .deflate = deflate});
}

static ri_open_options data_paths(void) {
    return (ri_open_options){.x_path = "data/X", .y_path = "/data/y"};
}

static ri_dataset *open_dataset(scratch_path path, ri_open_options options) {
    ri_dataset *dataset;
    ri_error err = {0};
    if (ri_dataset_open(path.text, &options, &dataset, &err) != RI_OK)
        fail_msg("%s", err.text);
    return dataset;
}

static void check_matrix(const ri_dataset *d, const kind *type, int64_t from, int64_t count) {
    size_t stride = (ri_storage_bytes(d->storage, N) + 63) / 64 * 64;
    char *x = malloc((size_t)count * stride);
    assert_int_equal(ri_dataset_read(d, from, count, x, stride, NULL, NULL), RI_OK);
    for (int64_t j = 0; j < count; j++)
        for (int64_t i = 0; i < N; i++)
            assert_true(ri_element(d->storage, x + (size_t)j * stride, i) ==
                        value_at(type, i, from + j));
    free(x);
}

static void check_dataset(scratch_path path, const kind *type, bool samples_first) {
    ri_dataset *d = open_dataset(path, data_paths());
    assert_int_equal(d->n, N);
    assert_int_equal(d->p, P);
    assert_int_equal(d->storage, type->storage);
    assert_int_equal(d->samples_first, samples_first);
    assert_false(d->own_layout || d->sample_named || d->feature_named);
    assert_string_equal(ri_names_get(&d->sample, N - 1), "45");
    assert_string_equal(ri_names_get(&d->feature, P - 1), "70");
    for (int i = 0; i < N; i++)
        assert_true(d->y[i] == 2 * i + 1);
    check_matrix(d, type, 0, P);
    check_matrix(d, type, 11, 37);
    check_matrix(d, type, P - 1, 1);
    ri_dataset_close(d);
}

static void test_every_type_and_order(void **state) {
    (void)state;
    const kind kinds[] = {
        {"f64", H5T_IEEE_F64LE, RI_F64, -3.1, 0.7},
        {"f64be", H5T_IEEE_F64BE, RI_F64, -3.1, 0.7},
        {"f32", H5T_IEEE_F32LE, RI_F32, -4, 0.25},
        {"f32be", H5T_IEEE_F32BE, RI_F32, -4, 0.25},
        {"i8", H5T_STD_I8LE, RI_F32, -128, 1}, /* -128 is a value here */
        {"u8", H5T_STD_U8LE, RI_F32, 156, 1},
        {"i16be", H5T_STD_I16BE, RI_F32, -32768, 600},
        {"u16", H5T_STD_U16LE, RI_F32, 0, 661},
        {"i32", H5T_STD_I32LE, RI_F64, INT32_MIN, 40000001},
        {"u32be", H5T_STD_U32BE, RI_F64, 1, 43000001},
        {"i64", H5T_STD_I64LE, RI_F64, -9007199254740992.0, 1000001},
        {"u64", H5T_STD_U64LE, RI_F64, 0, 90071992547409.0},
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int samples_first = 0; samples_first < 2; samples_first++) {
            scratch_path path = foreign_new("type.h5");
            put_matrix(path, &kinds[k], samples_first, 0, 0, 0);
            put_response(path, H5T_STD_I16BE, 1, N, 0);
            check_dataset(path, &kinds[k], samples_first);
        }
}

static void test_chunks_and_compression(void **state) {
    (void)state;
    const kind f64 = {"f64", H5T_IEEE_F64LE, RI_F64, -3.1, 0.7};
    const hsize_t chunks[][2] = {{1, 1}, {7, 9}, {N, N}, {64, 4}, {3, 64}};
    for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++)
        for (int samples_first = 0; samples_first < 2; samples_first++)
            for (int deflate = 0; deflate < 7; deflate += 6) {
                hsize_t edge[2] = {samples_first ? N : P, samples_first ? P : N};
                hsize_t first = chunks[k][0] < edge[0] ? chunks[k][0] : edge[0];
                hsize_t second = chunks[k][1] < edge[1] ? chunks[k][1] : edge[1];
                scratch_path path = foreign_new("chunk.h5");
                put_matrix(path, &f64, samples_first, first, second, deflate);
                put_response(path, H5T_IEEE_F64LE, 1, N, 0);
                check_dataset(path, &f64, samples_first);
                ri_dataset *d = open_dataset(path, data_paths());
                assert_int_equal(d->chunk_samples, samples_first ? first : second);
                assert_int_equal(d->chunk_features, samples_first ? second : first);
                assert_int_equal(d->compressed, deflate > 0);
                ri_dataset_close(d);
            }
}

/* MATLAB has no vectors: y is a matrix of one row or column. */
static void test_response_as_matrix(void **state) {
    (void)state;
    const kind f64 = {"f64", H5T_IEEE_F64LE, RI_F64, -3.1, 0.7};
    for (int as_row = 0; as_row < 2; as_row++) {
        scratch_path path = foreign_new("matlab.h5");
        put_matrix(path, &f64, false, 10, 45, 3);
        put_response(path, H5T_IEEE_F64LE, 2, as_row ? 1 : N, as_row ? N : 1);
        check_dataset(path, &f64, false);
    }
}

/* More rows than one block of the transposition. */
static void test_many_blocks(void **state) {
    (void)state;
    enum { ROWS = 600000, COLUMNS = 5 };
    float *x = malloc(sizeof *x * ROWS * COLUMNS);
    double *y = calloc(ROWS, sizeof *y);
    for (int64_t i = 0; i < ROWS; i++)
        for (int64_t j = 0; j < COLUMNS; j++)
            x[i * COLUMNS + j] = (float)(i * 8 + j);
    for (hsize_t chunk = 0; chunk <= 100000; chunk += 100000) {
        scratch_path path = foreign_new("long.h5");
        foreign_put(
            path,
            (foreign_set){
                "/data/X", 2, {ROWS, COLUMNS}, H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, x, {chunk, 2}, 0});
        foreign_put(path, (foreign_set){
                              "/data/y", 1, {ROWS}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, y, {0}, 0});
        ri_dataset *d = open_dataset(path, data_paths());
        float *column = malloc(sizeof *column * ROWS * COLUMNS);
        assert_int_equal(ri_dataset_read(d, 0, COLUMNS, column, sizeof *column * ROWS, NULL, NULL),
                         RI_OK);
        for (int64_t i = 0; i < ROWS; i++)
            for (int64_t j = 0; j < COLUMNS; j++)
                assert_true(column[j * ROWS + i] == (float)(i * 8 + j));
        free(column);
        ri_dataset_close(d);
    }
    free(x);
    free(y);
}

static void test_layout_is_said_or_seen(void **state) {
    (void)state;
    const double x[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, y[3] = {1, 2, 3};
    scratch_path path = foreign_new("square.h5");
    foreign_put(path,
                (foreign_set){"/data/X", 2, {3, 3}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, x, {0}, 0});
    foreign_put(path,
                (foreign_set){"/data/y", 1, {3}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, y, {0}, 0});
    double column[3];
    for (int k = 0; k < 2; k++) {
        ri_open_options options = data_paths();
        options.layout = k ? RI_LAYOUT_SAMPLES_FIRST : RI_LAYOUT_FEATURES_FIRST;
        ri_dataset *d = open_dataset(path, options);
        assert_int_equal(ri_dataset_read(d, 1, 1, column, sizeof column, NULL, NULL), RI_OK);
        assert_true(column[2] == (k ? 8 : 6));
        ri_dataset_close(d);
    }
    ri_open_options lone = {
        .x_path = "/data/X", .response_optional = true, .layout = RI_LAYOUT_SAMPLES_FIRST};
    ri_dataset *d = open_dataset(path, lone);
    assert_null(d->y);
    ri_dataset_close(d);
}

/* R's missing integer is a value unless R says that it is not. */
static void test_missing_integers_of_r(void **state) {
    (void)state;
    const int32_t x[6] = {1, INT32_MIN, 3, 4, 5, 6}, y[2] = {INT32_MIN, 1};
    for (int marked = 0; marked < 2; marked++) {
        scratch_path path = foreign_new("r.h5");
        foreign_put(
            path, (foreign_set){"/data/X", 2, {3, 2}, H5T_STD_I32LE, H5T_NATIVE_INT32, x, {0}, 0});
        foreign_put(path,
                    (foreign_set){"/data/y", 1, {2}, H5T_STD_I32LE, H5T_NATIVE_INT32, y, {0}, 0});
        if (marked) {
            foreign_integer(path, "/data/X", "rhdf5-NA.OK", 1);
            foreign_integer(path, "/data/y", "rhdf5-NA.OK", 1);
        }
        ri_dataset *d = open_dataset(path, data_paths());
        double column[6];
        int64_t missing;
        assert_int_equal(ri_dataset_read(d, 0, 3, column, 16, &missing, NULL), RI_OK);
        assert_int_equal(missing, marked);
        assert_true(marked ? isnan(column[1]) : column[1] == INT32_MIN);
        assert_true(marked ? isnan(d->y[0]) : d->y[0] == INT32_MIN);
        ri_dataset_close(d);
    }
}

/* 8-bit genotypes stay small where they are said to be genotypes. */
static void test_genotypes_stay_small(void **state) {
    (void)state;
    const int8_t x[6] = {0, 1, 2, -128, 1, 0};
    const double y[2] = {0, 1};
    scratch_path path = foreign_new("genotype.h5");
    foreign_put(path,
                (foreign_set){"/data/X", 2, {2, 3}, H5T_STD_I8LE, H5T_NATIVE_INT8, x, {0}, 0});
    foreign_put(path,
                (foreign_set){"/data/y", 1, {2}, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, y, {0}, 0});
    foreign_integer(path, "/data/X", "genotype", 1);
    ri_dataset *d = open_dataset(path, data_paths());
    int8_t column[6];
    int64_t missing;
    assert_int_equal(d->storage, RI_I8);
    assert_int_equal(ri_dataset_read(d, 0, 3, column, 2, &missing, NULL), RI_OK);
    assert_int_equal(missing, 1);
    assert_memory_equal(column, ((const int8_t[]){0, -128, 1, 1, 2, 0}), 6);
    ri_dataset_close(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_and_order),
        cmocka_unit_test(test_chunks_and_compression),
        cmocka_unit_test(test_response_as_matrix),
        cmocka_unit_test(test_many_blocks),
        cmocka_unit_test(test_layout_is_said_or_seen),
        cmocka_unit_test(test_missing_integers_of_r),
        cmocka_unit_test(test_genotypes_stay_small),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
