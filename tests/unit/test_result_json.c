/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: the JSON holds the numbers of the record exactly, in the promised fields,
 * with null where there is none; points that missed the tolerance are listed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/criteria.h"
#include "support/export_scene.h"

static void check_real(const json_t *root, const char *key, double expected) {
    const json_t *value = json_object_get(root, key);
    if (!value)
        fail_msg("%s is missing", key);
    if (!isfinite(expected))
        assert_true(json_is_null(value));
    else if (json_number_value(value) != expected)
        fail_msg("%s is %.17g, not %.17g", key, json_number_value(value), expected);
}

static void check_integer(const json_t *root, const char *key, int64_t expected) {
    const json_t *value = json_object_get(root, key);
    if (!json_is_integer(value) || json_integer_value(value) != expected)
        fail_msg("%s is not the integer %lld", key, (long long)expected);
}

static void check_text(const json_t *root, const char *key, const char *expected) {
    const char *value = json_string_value(json_object_get(root, key));
    if (!value || strcmp(value, expected) != 0)
        fail_msg("%s is not '%s'", key, expected);
}

static void check_array(const json_t *root, const char *key, const double *expected,
                        int64_t count) {
    const json_t *array = json_object_get(root, key);
    if (!expected) {
        assert_true(json_is_null(array));
        return;
    }
    assert_int_equal(json_array_size(array), count);
    for (int64_t a = 0; a < count; a++) {
        const json_t *value = json_array_get(array, (size_t)a);
        if (isfinite(expected[a]))
            assert_true(json_is_real(value) && json_real_value(value) == expected[a]);
        else
            assert_true(json_is_null(value));
    }
}

static void check_path(const json_t *object, const ri_record *record, const ri_path *path) {
    double null = 0;
    for (int32_t k = 0; k < record->folds; k++)
        null += path->fit[k].null_mse / record->folds;
    check_real(object, "l1_ratio", path->l1_ratio);
    check_array(object, "alphas", path->alpha, path->alphas);
    check_array(object, "cv_mean", path->mean, path->alphas);
    check_array(object, "cv_mean_weighted", path->mean_weighted, path->alphas);
    check_array(object, "cv_se", path->se, path->alphas);
    check_array(object, "cv_mae", path->mae_mean, path->alphas);
    check_array(object, "cv_mae_se", path->mae_se, path->alphas);
    check_array(object, "objective", path->fit[record->folds].objective, path->alphas);
    const json_t *nnz = json_object_get(object, "nnz");
    assert_int_equal(json_array_size(nnz), path->alphas);
    for (int64_t a = 0; a < path->alphas; a++)
        assert_int_equal(json_integer_value(json_array_get(nnz, (size_t)a)),
                         path->fit[record->folds].start[a + 1] - path->fit[record->folds].start[a]);
    if (record->folds == 0) {
        const char *const nulls[] = {"index_min", "alpha_min", "r2_min",  "index_1se",
                                     "alpha_1se", "r2_1se",    "null_mse"};
        for (int i = 0; i < 7; i++)
            assert_true(json_is_null(json_object_get(object, nulls[i])));
        return;
    }
    check_integer(object, "index_min", path->index_min);
    check_real(object, "alpha_min", path->alpha[path->index_min]);
    check_integer(object, "index_1se", path->index_1se);
    check_real(object, "alpha_1se", path->alpha[path->index_1se]);
    double r2 = json_real_value(json_object_get(object, "r2_min"));
    assert_true(fabs(json_real_value(json_object_get(object, "null_mse")) - null) < 1e-12 * null);
    assert_true(fabs(r2 - (1 - path->mean[path->index_min] / null)) < 1e-12);
}

static void check_json(scene *s, const ri_record *record) {
    json_t *root = load_json(s);
    const ri_path *path = &record->path[record->selected_path];
    check_path(root, record, path);
    assert_int_equal(json_array_size(json_object_get(root, "paths")), record->paths);
    for (int64_t r = 0; r < record->paths; r++) {
        check_path(json_array_get(json_object_get(root, "paths"), (size_t)r), record,
                   &record->path[r]);
        assert_true(json_number_value(json_array_get(json_object_get(root, "l1_ratios"),
                                                     (size_t)r)) == record->path[r].l1_ratio);
    }
    check_text(root, "riata_version", RIATA_VERSION);
    check_text(root, "command", record->command);
    check_text(root, "dataset", "data/sample.h5");
    check_text(root, "response", "yield");
    check_text(root, "fold_scheme", record->settings.fold_scheme);
    check_text(root, "select", "min");
    check_text(root, "host", "node1");
    check_text(root, "simd", "avx2");
    check_text(root, "started", "2026-11-02T10:00:00Z");
    check_integer(root, "n", record->n);
    check_integer(root, "n_all", record->n_all);
    check_integer(root, "p", record->p);
    check_integer(root, "folds", record->folds);
    check_integer(root, "missing_responses", record->n_all - record->n);
    check_integer(root, "missing_values", record->missing_values);
    check_integer(root, "seed", 17);
    check_integer(root, "ranks", 2);
    check_integer(root, "threads", 4);
    check_integer(root, "index_selected", record->index_selected);
    check_real(root, "alpha_selected", path->alpha[record->index_selected]);
    check_integer(root, "twin_features", 2);
    check_real(root, "tol", 1e-6);
    check_real(root, "seconds", 1.25);
    check_real(root, "seconds_reading", 0.1);
    check_real(root, "passes_over_x", 19.5);
    check_real(root, "peak_rss_mb", 120);
    check_real(root, "max_relative_gap", 1e-9 * (double)(path->alphas + record->folds));
    assert_true(json_is_true(json_object_get(root, "intercept")));
    assert_true(json_is_true(json_object_get(root, "standardize")));
    assert_true(json_is_false(json_object_get(root, "positive")));
    json_decref(root);
}

static void the_json_is_exact(void **state) {
    const sample_shape *shape[] = {&full, &plain, &foldless};
    for (int i = 0; i < 3; i++) {
        ri_record *record = sample_record(shape[i]);
        if (i == 0)
            record->path[0].mae_mean[2] = NAN;
        if (i == 1)
            record->path[0].se[0] = INFINITY;
        record->selected_path = i == 0 ? 1 : 0;
        write_all(*state, record);
        check_json(*state, record);
        json_t *root = load_json(*state);
        check_text(root, "status", "certified");
        assert_true(json_is_true(json_object_get(root, "certified")));
        assert_int_equal(json_array_size(json_object_get(root, "uncertified")), 0);
        json_decref(root);
        ri_record_free(record);
    }
}

static void missed_points_are_listed(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&full);
    record->path[1].fit[2].certified[4] = 0;
    record->path[1].fit[2].gap[4] = 3e-5;
    record->path[0].fit[5].certified[7] = 0;
    record->path[0].fit[5].gap[7] = NAN;
    write_all(s, record);
    json_t *root = load_json(s), *list = json_object_get(root, "uncertified");
    check_text(root, "status", "not certified");
    assert_true(json_is_false(json_object_get(root, "certified")));
    check_integer(root, "uncertified_count", 2);
    assert_int_equal(json_array_size(list), 2);
    check_text(json_array_get(list, 0), "fold", "refit");
    check_real(json_array_get(list, 0), "gap", NAN);
    check_integer(json_array_get(list, 1), "fold", 2);
    check_integer(json_array_get(list, 1), "alpha_index", 4);
    check_real(json_array_get(list, 1), "gap", 3e-5);
    check_real(json_array_get(list, 1), "l1_ratio", record->path[1].l1_ratio);
    json_decref(root);
    for (int32_t k = 0; k < 5; k++)
        memset(record->path[0].fit[k].certified, 0, 30);
    write_all(s, record);
    root = load_json(s);
    check_integer(root, "uncertified_count", 152);
    assert_int_equal(json_array_size(json_object_get(root, "uncertified")), 100);
    json_decref(root);
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_json_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missed_points_are_listed, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
