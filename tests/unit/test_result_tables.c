/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: tables hold the numbers of the record exactly, in the promised columns
 * and order, with nan where there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/criteria.h"
#include "support/export_scene.h"

static void check_start(const char *text, const char *start) {
    assert_int_equal(strncmp(text, start, strlen(start)), 0);
}

static void check_number(const char *cell, double expected) {
    double value = strtod(cell, NULL);
    if (isnan(expected))
        assert_string_equal(cell, "nan");
    else
        assert_memory_equal(&value, &expected, sizeof value);
}

static void check_curve_line(char **cell, const ri_record *record, const ri_path *path, int64_t a) {
    const ri_fit *refit = &path->fit[record->folds];
    int64_t support = 0;
    double gap = refit->gap[a];
    for (int64_t e = refit->start[a]; e < refit->start[a + 1]; e++)
        support += !record->penalty_factor || record->penalty_factor[refit->feature[e]] > 0;
    for (int32_t k = 0; k < record->folds; k++) {
        gap = fmax(gap, path->fit[k].gap[a]);
        check_number(cell[14 + k], path->fit[k].mse[a]);
    }
    check_number(cell[0], path->l1_ratio);
    check_number(cell[1], path->alpha[a]);
    check_number(cell[2], path->mean ? path->mean[a] : (double)NAN);
    check_number(cell[3], path->mean ? path->mean_weighted[a] : (double)NAN);
    check_number(cell[4], path->mean ? path->se[a] : (double)NAN);
    check_number(cell[5], path->mean ? path->mae_mean[a] : (double)NAN);
    check_number(cell[6], path->mean ? path->mae_se[a] : (double)NAN);
    check_number(cell[7], (double)support);
    check_number(cell[8], refit->objective[a]);
    check_number(cell[9], gap);
    check_number(cell[10], ri_path_training_error(record, path, a));
    check_number(cell[12], ri_path_bic(record, path, a, 0));
    check_number(cell[13], ri_path_bic(record, path, a, record->settings.ebic_gamma));
}

static void check_curve(scene *s, const ri_record *record) {
    char *cell[COLUMNS], *text = read_text(name_file(s, ".curve.tsv"));
    int cells;
    check_start(text, "l1_ratio\talpha\tmean\tmean_weighted\tse\tmae\tmae_se\tnnz\tobjective\tgap\t"
                      "training_mse\tshrinkage\tbic\tebic");
    char *line = split_line(text, cell, &cells);
    assert_int_equal(cells, 14 + record->folds);
    if (record->folds)
        assert_string_equal(cell[14], "fold_0");
    for (int64_t r = 0; r < record->paths; r++)
        for (int64_t a = 0; a < record->path[r].alphas; a++) {
            line = split_line(line, cell, &cells);
            assert_int_equal(cells, 14 + record->folds);
            check_curve_line(cell, record, &record->path[r], a);
        }
    assert_string_equal(line, "");
    free(text);
}

static void the_curve_table_is_exact(void **state) {
    const sample_shape *shape[] = {&full, &plain, &foldless};
    for (int i = 0; i < 3; i++) {
        ri_record *record = sample_record(shape[i]);
        record->path[0].fit[0].objective[1] = NAN;
        if (i == 1)
            record->penalty_factor = sample_numbers(record->p, 1, 0, 50);
        if (i == 1)
            record->penalty_factor[0] = 0; /* unpenalised: not counted */
        write_all(*state, record);
        check_curve(*state, record);
        ri_record_free(record);
    }
}

static void the_feature_table_is_sorted_and_exact(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&full);
    const ri_fit *refit = &record->path[0].fit[record->folds];
    int64_t a = record->index_selected;
    int64_t entries = refit->start[a + 1] - refit->start[a];
    assert_true(entries > 3);
    refit->coefficient[refit->start[a]] = 0; /* stored, but not a feature of the model */
    write_all(s, record);
    char *cell[COLUMNS], *text = read_text(name_file(s, ".features.tsv"));
    int cells;
    check_start(
        text, "feature\tcoefficient\tstandardized_coefficient\tsign\trank\tfold_frequency\tchrom\t"
              "pos\tcounted_allele\tother_allele\tallele_frequency\ttruth\n");
    char *line = split_line(text, cell, &cells);
    double before = INFINITY;
    for (int64_t rank = 1; rank < entries; rank++) {
        line = split_line(line, cell, &cells);
        assert_non_null(line);
        assert_int_equal(cells, 12);
        int64_t j = atoll(cell[0] + 2) - 100, e = refit->start[a];
        while (refit->feature[e] != j)
            e++;
        assert_true(e < refit->start[a + 1]);
        check_number(cell[1], refit->coefficient[e]);
        check_number(cell[2], refit->coefficient[e] * record->feature_sd[j]);
        assert_string_equal(cell[3], refit->coefficient[e] > 0 ? "+" : "-");
        assert_int_equal(atoll(cell[4]), rank);
        check_number(cell[5], record->frequency[j]);
        assert_int_equal(atoll(cell[6]), j / 10 + 1);
        assert_int_equal(atoll(cell[7]), record->pos[j]);
        assert_string_equal(cell[8], j % 2 ? "C" : "A");
        assert_string_equal(cell[9], j % 2 ? "T" : "GA");
        check_number(cell[10], record->feature_mean[j] / 2);
        check_number(cell[11], j < full.strong ? record->truth_coefficient[j] : 0);
        assert_true(fabs(strtod(cell[2], NULL)) <= before);
        before = fabs(strtod(cell[2], NULL));
    }
    assert_string_equal(line, "");
    free(text);
    ri_record_free(record);
}

static void equal_strengths_keep_file_order(void **state) {
    scene *s = *state;
    ri_record *record = sample_record(&plain);
    ri_fit *refit = &record->path[0].fit[record->folds];
    int64_t a = record->index_selected, first = refit->start[a];
    for (int64_t e = first; e < refit->start[a + 1]; e++)
        refit->coefficient[e] = e % 2 ? 1 : -1;
    for (int64_t j = 0; j < record->p; j++)
        record->feature_sd[j] = 2;
    write_all(s, record);
    char *cell[COLUMNS], *text = read_text(name_file(s, ".features.tsv"));
    int cells;
    char *line = split_line(text, cell, &cells);
    assert_int_equal(cells, 6);
    for (int64_t e = first; e < refit->start[a + 1]; e++) {
        line = split_line(line, cell, &cells);
        assert_string_equal(cell[0], ri_names_get(&record->feature, refit->feature[e]));
    }
    free(text);
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_curve_table_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_feature_table_is_sorted_and_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_strengths_keep_file_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
