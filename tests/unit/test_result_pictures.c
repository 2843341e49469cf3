/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: pictures are drawn whatever the grid, or their scripts left where gnuplot is
 * not there or breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "support/export_scene.h"

static void without_gnuplot_the_scripts_are_left(void **state) {
    scene *s = *state;
    const sample_shape *shape[] = {&full, &plain, &foldless};
    for (int i = 0; i < 3; i++) {
        ri_record *record = sample_record(shape[i]);
        setenv("PATH", s->path, 1);
        write_all(s, record);
        setenv("PATH", "/nowhere", 1);
        assert_int_equal(write_all(s, record), 0);
        assert_int_equal(count_files(s, false), record->genotype ? 8 : 6);
        assert_int_not_equal(access(name_file(s, ".curve.svg"), F_OK), 0); /* not a stale one */
        char *text = read_text(name_file(s, ".curve.gp"));
        assert_non_null(strstr(text, "set terminal svg"));
        assert_non_null(strstr(text, "$path0 << EOD"));
        free(text);
        text = read_text(name_file(s, ".path.gp"));
        assert_non_null(strstr(text, shape[i]->genotype ? "'rs100'" : "'gene_100'"));
        free(text);
        ri_record_free(record);
    }
}

/* A gnuplot that fails, or stops halfway, counts as none. */
static void a_broken_gnuplot_counts_as_none(void **state) {
    scene *s = *state;
    static const char *const script[] = {"#!/bin/sh\necho '<svg></svg>'\nexit 1\n",
                                         "#!/bin/sh\necho '<svg>'\nexit 0\n"};
    ri_record *record = sample_record(&plain);
    char program[4300];
    snprintf(program, sizeof program, "%s/gnuplot", s->directory);
    for (int i = 0; i < 2; i++) {
        FILE *file = fopen(program, "w");
        fputs(script[i], file);
        fclose(file);
        chmod(program, 0755);
        setenv("PATH", s->directory, 1);
        assert_int_equal(write_all(s, record), 0);
        assert_int_equal(count_files(s, false), 6);
        unlink(program);
    }
    ri_record_free(record);
}

/* Grids that a logarithmic axis does not like still give a picture. */
static void odd_grids_are_drawn(void **state) {
    scene *s = *state;
    if (system("command -v gnuplot > /dev/null") != 0)
        skip();
    static const double grid[][3] = {
        {1, 0.5, 0}, {1e90, 1, 1e-300}, {1, 0.9999999, 0.9999998}, {3, 2.9, 2.8}};
    for (int g = 0; g < 4; g++) {
        sample_shape shape = plain;
        shape.alphas = 3;
        ri_record *record = sample_record(&shape);
        memcpy(record->path[0].alpha, grid[g], sizeof grid[g]);
        assert_int_equal(write_all(s, record), 1);
        ri_record_free(record);
    }
    static const sample_shape odd[] = {
        {.folds = 2, .paths = 1, .alphas = 1, .n_all = 4, .p = 2, .zero = true},
        {.folds = 0, .paths = 1, .alphas = 1, .n_all = 4, .p = 2, .strong = 1},
        {.folds = 3, .paths = 12, .alphas = 3, .n_all = 9, .p = 600, .strong = 2},
        {.folds = 30, .paths = 1, .alphas = 2, .n_all = 30, .p = 2, .strong = 1}};
    for (int i = 0; i < 4; i++) {
        ri_record *record = sample_record(&odd[i]);
        assert_int_equal(write_all(s, record), 1);
        ri_record_free(record);
    }
    sample_shape shape = plain;
    shape.alphas = 1;
    ri_record *record = sample_record(&shape);
    record->path[0].alpha[0] = 0;
    assert_int_equal(write_all(s, record), 1);
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_gnuplot_the_scripts_are_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_gnuplot_counts_as_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(odd_grids_are_drawn, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
