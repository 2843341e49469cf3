/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a file that is not a sound result is refused with a sentence and never crashes
 * the reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/result_scene.h"

static void check_refused(const char *file, const char *words) {
    ri_record *record = (ri_record *)&record;
    ri_error err = {0};
    assert_int_equal(ri_result_read(file, &record, &err), RI_BAD_INPUT);
    assert_null(record);
    assert_int_equal(err.status, RI_BAD_INPUT);
    if (!strstr(err.text, words) || !strstr(err.text, file))
        fail_msg("'%s' does not say '%s'", err.text, words);
}

static void foreign_files_are_refused(void **state) {
    scene *s = *state;
    check_refused(s->file, "No such file");
    FILE *text = fopen(s->file, "w");
    fputs("a,b\n1,2\n", text);
    fclose(text);
    check_refused(s->file, "is not an HDF5 file");
    hid_t file = H5Fcreate(s->file, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Fclose(file);
    check_refused(s->file, "is not a riata result");
    file = H5Fopen(s->file, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t space = H5Screate(H5S_SCALAR);
    H5Aclose(H5Acreate2(file, "riata_format", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT));
    H5Fclose(file);
    check_refused(s->file, "is a riata dataset, not a result");
    file = H5Fopen(s->file, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t attribute =
        H5Acreate2(file, "riata_result_format", H5T_NATIVE_INT, space, H5P_DEFAULT, H5P_DEFAULT);
    int format = 7;
    H5Awrite(attribute, H5T_NATIVE_INT, &format);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Fclose(file);
    check_refused(s->file, "has result format 7");
}

/* Writes the record, lets `damage` change the file, and reads it. */
static void check_damage(scene *s, void (*damage)(hid_t file), const char *words) {
    ri_record *record = sample_record(&full);
    write_record(record, s->file);
    ri_record_free(record);
    hid_t file = H5Fopen(s->file, H5F_ACC_RDWR, H5P_DEFAULT);
    damage(file);
    H5Fclose(file);
    check_refused(s->file, words);
}

static void lose_alpha(hid_t file) {
    H5Ldelete(file, "/result/paths/1/alpha", H5P_DEFAULT);
}

static void lose_a_fold(hid_t file) {
    H5Ldelete(file, "/result/paths/0/fits/fold_3", H5P_DEFAULT);
}

static void lose_run(hid_t file) {
    H5Ldelete(file, "/run", H5P_DEFAULT);
}

static void lose_response(hid_t file) {
    H5Adelete_by_name(file, "/result", "response", H5P_DEFAULT);
}

static void set_number(hid_t file, const char *group, const char *name, int64_t value) {
    hid_t at = H5Gopen2(file, group, H5P_DEFAULT), attribute = H5Aopen(at, name, H5P_DEFAULT);
    assert_true(H5Awrite(attribute, H5T_NATIVE_INT64, &value) >= 0);
    H5Aclose(attribute);
    H5Gclose(at);
}

static void claim_many_paths(hid_t file) {
    set_number(file, "/result", "paths", 2000000000);
}

static void claim_many_folds(hid_t file) {
    set_number(file, "/result", "folds", 2147483646);
}

static void claim_no_repeats(hid_t file) {
    set_number(file, "/result", "repeats", 0);
}

static void claim_many_repeats(hid_t file) {
    set_number(file, "/result", "repeats", 2147483646);
}

static void claim_many_features(hid_t file) {
    set_number(file, "/result", "p", INT64_MAX / 100);
}

static void claim_many_alphas(hid_t file) {
    set_number(file, "/result/paths/0", "alphas", 2000000000);
}

static void choose_beyond_the_grid(hid_t file) {
    set_number(file, "/result", "index_selected", 30);
}

static void set_value(hid_t file, const char *name, size_t index, int64_t value) {
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(set);
    int64_t *values = calloc((size_t)H5Sget_simple_extent_npoints(space) + 1, sizeof *values);
    H5Dread(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    values[index] = value;
    H5Dwrite(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    free(values);
    H5Sclose(space);
    H5Dclose(set);
}

static void point_beyond_the_features(hid_t file) {
    set_value(file, "/result/paths/0/fits/fold_1/feature", 4, 25);
}

static void start_backwards(hid_t file) {
    set_value(file, "/result/paths/0/fits/refit/start", 3, -1);
}

static void put_a_row_in_no_fold(hid_t file) {
    set_value(file, "/result/fold", 10, 5);
}

static void point_truth_beyond(hid_t file) {
    set_value(file, "/result/truth_feature", 0, -2);
}

/* A dataset that claims far more numbers than a file of this size can hold. */
static void point_a_proxy_beyond(hid_t file) {
    set_value(file, "/result/proxies/proxy", 0, 25);
}

static void select_for_proxies_out_of_order(hid_t file) {
    set_value(file, "/result/proxies/feature", 1, 0);
}

static void start_proxies_backwards(hid_t file) {
    set_value(file, "/result/proxies/start", 2, -1);
}

static void claim_many_selected(hid_t file) {
    set_number(file, "/result/proxies", "selected", INT64_MAX / 2);
}

static void claim_a_giant_array(hid_t file) {
    hsize_t length = 2000000000, chunk = 1024;
    hid_t space = H5Screate_simple(1, &length, NULL), creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(creation, 1, &chunk);
    H5Ldelete(file, "/result/paths/0/alpha", H5P_DEFAULT);
    H5Dclose(H5Dcreate2(file, "/result/paths/0/alpha", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                        creation, H5P_DEFAULT));
    H5Pclose(creation);
    H5Sclose(space);
    set_number(file, "/result/paths/0", "alphas", (int64_t)length);
}

static void damaged_files_are_refused(void **state) {
    scene *s = *state;
    check_damage(s, lose_alpha, "/result/paths/1/alpha: missing");
    check_damage(s, lose_a_fold, "should have 6 members");
    check_damage(s, lose_run, "/run: this group is missing");
    check_damage(s, lose_response, "/result/response: this attribute");
    check_damage(s, claim_many_paths, "should have 2000000000 members");
    check_damage(s, claim_many_folds, "the file is damaged");
    check_damage(s, claim_no_repeats, "repeats: 0 is not within 1");
    check_damage(s, claim_many_repeats, "repeats: 2147483646 is not within 1");
    check_damage(s, claim_many_features, "the file is damaged");
    check_damage(s, claim_many_alphas, "/result/paths/0/alpha");
    check_damage(s, claim_a_giant_array, "/result/paths/0/alpha");
    check_damage(s, choose_beyond_the_grid, "30 is not within 0 .. 29");
    check_damage(s, point_beyond_the_features, "/result/paths/0/fits/fold_1/feature: 25 is not");
    check_damage(s, start_backwards, "/result/paths/0/fits/refit/start: -1 is not");
    check_damage(s, put_a_row_in_no_fold, "/result/fold: 5 is not within 0 .. 4");
    check_damage(s, point_a_proxy_beyond, "/result/proxies/feature: 25 is not");
    check_damage(s, select_for_proxies_out_of_order, "/result/proxies/feature: 0 is not");
    check_damage(s, start_proxies_backwards, "/result/proxies/start: -1 is not");
    check_damage(s, claim_many_selected, "/result/proxies/selected");
    check_damage(s, point_truth_beyond, "/result/truth_feature: -2 is not");
}

/* At every byte. */
static void a_file_cut_short_is_refused(void **state) {
    scene *s = *state;
    struct stat info;
    ri_record *record = sample_record(&bare);
    write_record(record, s->file);
    assert_int_equal(stat(s->file, &info), 0);
    for (off_t length = info.st_size - 1; length >= 0; length--) {
        assert_int_equal(truncate(s->file, length), 0);
        check_refused(s->file, "");
    }
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(foreign_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_files_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_cut_short_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
