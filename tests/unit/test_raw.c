/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of reading X without HDF5: the values are those that were written, for every order of
 * dimensions, shape of chunks and number of threads; what is not understood is left to HDF5; and a
 * damaged chunk is named, never returned. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cached.h"
#include "data/dataset_file.h"
#include "support/foreign_file.h"

enum { N = 45, P = 70 };

static scratch_path make_file(foreign_set set, bool samples_first) {
    return foreign_dataset("raw.h5", N, P, samples_first, set);
}

static ri_dataset *open_file(scratch_path path, int threads) {
    ri_open_options options = {.x_path = "/data/X", .y_path = "/data/y"};
    ri_dataset *dataset;
    ri_error err = {0};
    if (ri_dataset_open(path.text, &options, &dataset, &err) != RI_OK)
        fail_msg("%s", err.text);
    dataset->readers = threads;
    return dataset;
}

static void check_values(const ri_dataset *d, int64_t from, int64_t count) {
    const size_t stride = 64 * sizeof(double);
    char *x = calloc((size_t)count, stride);
    assert_non_null(x);
    ri_error err = {0};
    if (ri_dataset_fetch(d, from, count, x, stride, &err) != RI_OK)
        fail_msg("%s", err.text);
    for (int64_t j = 0; j < count; j++)
        for (int64_t i = 0; i < N; i++)
            assert_true(ri_element(d->storage, x + (size_t)j * stride, i) ==
                        foreign_value(i, from + j, P));
    free(x);
}

static void check_file(scratch_path path, bool parallel) {
    for (int threads = 0; threads < 4; threads += 3) {
        ri_dataset *d = open_file(path, threads);
        check_values(d, 0, P);
        check_values(d, 13, 31);
        check_values(d, P - 1, 1);
        assert_int_equal(ri_dataset_parallel(d), parallel);
        const ri_raw *raw = &d->file->raw; /* plain: whole features as they are in memory */
        bool whole =
            raw->chunks[0] == 0 || (!raw->shuffled && !raw->deflated && raw->chunk[1] == N);
        assert_int_equal(ri_dataset_plain(d), parallel && !d->samples_first && whole);
        if (ri_dataset_plain(d)) /* all of it was read, if its file system says so */
            assert_int_equal(ri_dataset_cached(d), ri_file_cached(raw->file, 0));
        ri_dataset_close(d);
    }
}

static void values_are_those_written(void **unused) {
    (void)unused;
    const hsize_t chunks[][2] = {{1, 1}, {7, 9}, {45, 45}, {64, 4}, {3, 64}, {1, 45}};
    for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++)
        for (int kind = 0; kind < 16; kind++) {
            bool first = kind & 1;
            hsize_t edge[2] = {first ? N : P, first ? P : N};
            foreign_set set = {.stored = kind & 8 ? H5T_IEEE_F32LE : H5T_IEEE_F64LE,
                               .deflate = (kind & 2 ? FOREIGN_SHUFFLE : 0) | (kind & 4)};
            for (int d = 0; d < 2; d++)
                set.chunk[d] = chunks[k][d] < edge[d] ? chunks[k][d] : edge[d];
            check_file(make_file(set, first), true);
        }
    check_file(make_file((foreign_set){.stored = H5T_IEEE_F64LE}, false), true);
}

static void the_rest_is_left_to_hdf5(void **unused) {
    (void)unused;
    check_file(make_file((foreign_set){.stored = H5T_IEEE_F64LE}, true), false);
    check_file(make_file((foreign_set){.stored = H5T_IEEE_F64BE, .chunk = {7, 9}}, false), false);
    check_file(make_file((foreign_set){.stored = H5T_IEEE_F32LE,
                                       .chunk = {7, 9},
                                       .deflate = 1 | FOREIGN_CHECKSUM},
                         false),
               false);
}

/* Changes a byte of the file. */
static void flip(scratch_path path, uint64_t at) {
    FILE *file = fopen(path.text, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, (long)at, SEEK_SET), 0);
    assert_int_equal(fputc(byte ^ 0x10, file), byte ^ 0x10);
    assert_int_equal(fclose(file), 0);
}

static void damaged_chunk_is_named(void **unused) {
    (void)unused;
    foreign_set set = {.stored = H5T_IEEE_F64LE, .chunk = {7, 9}, .deflate = 6 | FOREIGN_SHUFFLE};
    static double x[P * 64];
    for (int k = 0; k < 30; k++) {
        scratch_path path = make_file(set, false);
        ri_dataset *d = open_file(path, 2);
        assert_true(ri_dataset_parallel(d));
        const ri_raw_chunk *chunk = &d->file->raw.list[17]; /* of 10 x 5: features 22-28, 19-27 */
        flip(path, chunk->at + chunk->bytes * (uint64_t)k / 30);
        ri_error err = {0};
        assert_int_equal(ri_dataset_fetch(d, 0, P, x, 64 * sizeof *x, &err), RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "/data/X cannot be read: the chunk that starts at "
                                         "feature 22, sample 19, is damaged"));
        check_values(d, 28, P - 28); /* the others are there */
        ri_dataset_close(d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_those_written),
        cmocka_unit_test(the_rest_is_left_to_hdf5),
        cmocka_unit_test(damaged_chunk_is_named),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
