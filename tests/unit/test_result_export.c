/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: tables and pictures do not change with run facts: the same bytes every time;
 * writing all files leaves nothing else behind; no name does harm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/export_scene.h"

static void check_same_file(scene *s, const char *ending, const char *before) {
    char *after = read_text(name_file(s, ending));
    assert_string_equal(before, after);
    free(after);
}

static void tables_and_pictures_know_no_run_facts(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&full);
    int drawn = write_all(s, record);
    const char *ending[] = {".curve.tsv", ".features.tsv", drawn ? ".curve.svg" : ".curve.gp",
                            drawn ? ".path.svg" : ".path.gp"};
    char *before[4];
    for (int i = 0; i < 4; i++)
        before[i] = read_text(name_file(s, ending[i]));
    record->run = (ri_run_facts){.seconds = 99, .ranks = 64, .host = "elsewhere", .simd = "plain"};
    write_all(s, record);
    for (int i = 0; i < 4; i++) {
        check_same_file(s, ending[i], before[i]);
        free(before[i]);
    }
    ri_record_free(record);
}

static void nothing_else_is_left_behind(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&full);
    write_all(s, record);
    assert_int_equal(count_files(s, false), 8);
    write_all(s, record);
    assert_int_equal(count_files(s, false), 8);
    ri_record_free(record);
}

static void hostile_names_do_no_harm(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&plain);
    rename_features(record, hostile);
    snprintf(record->response, sizeof record->response, "%s", hostile);
    snprintf(record->dataset, sizeof record->dataset, "%s", hostile);
    int drawn = write_all(s, record);
    if (system("command -v gnuplot > /dev/null") == 0)
        assert_int_equal(drawn, 1);
    json_t *root = load_json(s);
    assert_string_equal(json_string_value(json_object_get(root, "response")),
                        "it's `id` $(id) \"x\" <b>&amp; \\ {/Symbol a}_b^c @m   ??z");
    json_decref(root);
    char *cell[COLUMNS], *text = read_text(name_file(s, ".features.tsv"));
    int cells, lines = 0;
    for (char *line = text; line && *line; lines++) {
        line = split_line(line, cell, &cells);
        assert_int_equal(cells, 6);
    }
    assert_true(lines > 1);
    free(text);
    text = drawn ? read_text(name_file(s, ".path.svg")) : NULL;
    if (text) {
        assert_non_null(strstr(text, "it&apos;s `id`") || strstr(text, "it's `id`") ? text : NULL);
        assert_null(strstr(text, "<b>"));
        assert_null(strstr(text, "uid="));
    }
    free(text);
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tables_and_pictures_know_no_run_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_is_left_behind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_names_do_no_harm, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
