/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: tables and JSON hold the numbers of the record exactly, in the promised columns, fields and
 * order, with null or nan where there is none; the tables do not change with run facts; pictures
 * are drawn or their scripts left, the same bytes every time; no line of the summary is longer than
 * 100 columns, whatever the names; writing all files leaves nothing else behind. */
#include <dirent.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cv/criteria.h"
#include "result/result.h"
#include "support/sample_record.h"

enum { COLUMNS = 40 };

typedef struct scene {
    char *directory, *path;
    char prefix[4200], file[4300];
} scene;

static int set_up(void **state) {
    scene *s = calloc(1, sizeof *s);
    s->directory = sample_directory();
    s->path = strdup(getenv("PATH"));
    snprintf(s->prefix, sizeof s->prefix, "%s/deep/name", s->directory);
    *state = s;
    return 0;
}

/* Number of files in the directory of the prefix; removes them where asked. */
static int count_files(const scene *s, bool clean) {
    char name[4500];
    int count = 0;
    snprintf(name, sizeof name, "%s/deep", s->directory);
    DIR *directory = opendir(name);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        snprintf(name, sizeof name, "%s/deep/%s", s->directory, entry->d_name);
        if (clean)
            unlink(name);
    }
    if (directory)
        closedir(directory);
    snprintf(name, sizeof name, "%s/deep", s->directory);
    if (clean)
        rmdir(name);
    return count;
}

static int tear_down(void **state) {
    scene *s = *state;
    setenv("PATH", s->path, 1);
    count_files(s, true);
    int left = rmdir(s->directory);
    free(s->directory);
    free(s->path);
    free(s);
    return left;
}

static const sample_shape full = {.folds = 5,
                                  .paths = 2,
                                  .alphas = 30,
                                  .n_all = 60,
                                  .missing = 3,
                                  .p = 25,
                                  .strong = 4,
                                  .genotype = true,
                                  .truth = true};
static const sample_shape plain = {
    .folds = 4, .paths = 1, .alphas = 10, .n_all = 20, .p = 8, .strong = 3};
static const sample_shape foldless = {
    .folds = 0, .paths = 1, .alphas = 6, .n_all = 20, .p = 8, .strong = 3};

static const char *name_file(scene *s, const char *ending) {
    snprintf(s->file, sizeof s->file, "%s%s", s->prefix, ending);
    return s->file;
}

static int write_all(scene *s, const ri_record *record) {
    int drawn = -1;
    ri_error err = {0};
    if (ri_result_write_all(record, s->prefix, NULL, &drawn, &err) != RI_OK)
        fail_msg("%s", err.text);
    return drawn;
}

static char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing", path);
    char *text = calloc(1, 1 << 22);
    assert_true(fread(text, 1, (1 << 22) - 1, file) < (1 << 22) - 1);
    fclose(file);
    return text;
}

static void check_start(const char *text, const char *start) {
    assert_int_equal(strncmp(text, start, strlen(start)), 0);
}

/* Cuts a line at its tabs; returns the next line, or NULL. */
static char *split_line(char *line, char **cell, int *cells) {
    char *end = strchr(line, '\n');
    if (!end)
        return NULL;
    *end = '\0';
    *cells = 0;
    for (char *tab = line; tab; (*cells)++) {
        assert_true(*cells < COLUMNS);
        cell[*cells] = tab;
        tab = strchr(tab, '\t');
        if (tab)
            *tab++ = '\0';
    }
    return end + 1;
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

static json_t *load_json(scene *s) {
    json_error_t where;
    json_t *root = json_load_file(name_file(s, ".json"), JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("%s", where.text);
    return root;
}

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

static void rename_features(ri_record *record, const char *name) {
    int64_t count = record->feature.count;
    ri_names_free(&record->feature);
    for (int64_t j = 0; j < count; j++)
        assert_int_equal(ri_names_add(&record->feature, name, strlen(name), NULL), RI_OK);
}

static const char hostile[] =
    "it's `id` $(id) \"x\" <b>&amp; \\ {/Symbol a}_b^c @m\t\n\x01\xff\xc3z";

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
    check_text(root, "response", "it's `id` $(id) \"x\" <b>&amp; \\ {/Symbol a}_b^c @m   ??z");
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

static char *print_summary(const ri_record *record) {
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    ri_summary_print(record, file);
    fclose(file);
    size_t columns = 0;
    for (const char *at = text; *at; at++) {
        columns = *at == '\n' ? 0 : columns + ((*at & 0xc0) != 0x80);
        if (columns > 100)
            fail_msg("a line is too long: %s", text);
    }
    return text;
}

static void check_says(const ri_record *record, const char *words) {
    char *text = print_summary(record);
    /* Words may be broken over lines: compare with every run of spaces as one. */
    char *to = text;
    for (const char *from = text; *from; from++) {
        char next = *from == '\n' ? ' ' : *from;
        if (next != ' ' || to == text || to[-1] != ' ')
            *to++ = next;
    }
    *to = '\0';
    if (!strstr(text, words))
        fail_msg("'%s' is not said in: %s", words, text);
    free(text);
}

static void the_summary_says_what_matters(void **state) {
    (void)state;
    ri_record *record = sample_record(&full);
    record->settings.select = RI_SELECT_MIN;
    check_says(record, "57 samples, 25 features (genotypes)");
    check_says(record, "3 samples without a response");
    check_says(record, "12 missing values in X");
    check_says(record, "Folds 5, shuffled by sample name, seed 17");
    check_says(record, "the lowest cross-validated error (min)");
    check_says(record, "4 of 4 true features are among the");
    check_says(record, "each copy of the counted allele (A1)");
    check_says(record, "more A: higher yield");
    check_says(record, "more C: lower yield");
    check_says(record, "all 360 fits are certified");
    check_says(record, "2 features equal or mirror an earlier one and stay at 0");
    check_says(record, "2 ranks x 4 threads");
    record->path[0].fit[3].certified[2] = 0;
    record->path[0].fit[3].gap[2] = 4e-5;
    check_says(record, "NOT CERTIFIED 1 of 360 fits missed the relative duality gap of 1e-06: "
                       "fold 3, l1_ratio 1,");
    check_says(record, "(index 2): gap 4e-05, 40 x the tolerance");
    record->path[0].index_min = record->index_selected = 29;
    check_says(record, "the minimum is at the smallest alpha, the border of the grid");
    record->path[0].index_min = record->path[0].index_1se = record->index_selected = 0;
    check_says(record, "the minimum is at the largest alpha, the border of the grid");
    check_says(record, "both rules, min and 1se, choose this alpha");
    ri_record_free(record);
}

static void no_line_of_the_summary_is_too_long(void **state) {
    (void)state;
    static const sample_shape shape[] = {
        {.folds = 5, .paths = 3, .alphas = 9, .n_all = 60, .missing = 3, .p = 25, .strong = 4},
        {.folds = 0, .paths = 2, .alphas = 1, .n_all = 6, .p = 3, .strong = 3, .genotype = true},
        {.folds = 6, .paths = 1, .alphas = 2, .n_all = 6, .p = 3, .zero = true, .truth = false}};
    char name[2000];
    memset(name, 'w', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        ri_record *record = sample_record(&shape[i]);
        rename_features(record, i ? name : hostile);
        memcpy(record->response, name, sizeof record->response - 1);
        memcpy(record->dataset, name, sizeof record->dataset - 1);
        memcpy(record->run.host, name, sizeof record->run.host - 1);
        memset(record->path[0].fit[0].certified, 0, (size_t)record->path[0].alphas);
        free(print_summary(record));
        ri_record_free(record);
    }
}

/* In-sample R2 from the objective: on the made-up record the loss is objective less penalty. */
static void a_path_without_folds_names_its_r2(void **state) {
    (void)state;
    ri_record *record = sample_record(&foldless);
    const ri_fit *fit = &record->path[0].fit[0];
    int64_t a = record->index_selected;
    long double loss = fit->objective[a];
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++)
        loss -= (long double)record->path[0].alpha[a] *
                fabsl((long double)fit->coefficient[e] * record->feature_sd[fit->feature[e]]);
    char words[64];
    snprintf(words, sizeof words, "R2 %.4Lf on the training samples", 1 - loss / 20.5L);
    check_says(record, words);
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
        cmocka_unit_test_setup_teardown(the_curve_table_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_feature_table_is_sorted_and_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(equal_strengths_keep_file_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_json_is_exact, set_up, tear_down),
        cmocka_unit_test_setup_teardown(missed_points_are_listed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_and_pictures_know_no_run_facts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_is_left_behind, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_gnuplot_the_scripts_are_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_broken_gnuplot_counts_as_none, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_names_do_no_harm, set_up, tear_down),
        cmocka_unit_test(the_summary_says_what_matters),
        cmocka_unit_test(no_line_of_the_summary_is_too_long),
        cmocka_unit_test(a_path_without_folds_names_its_r2),
        cmocka_unit_test_setup_teardown(odd_grids_are_drawn, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
