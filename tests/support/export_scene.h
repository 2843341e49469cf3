/* SPDX-License-Identifier: BSD-3-Clause
 * A folder that all files of a record are written to, and readers of them. Include cmocka.h before.
 */
#ifndef RI_SUPPORT_EXPORT_SCENE_H
#define RI_SUPPORT_EXPORT_SCENE_H

#include <dirent.h>
#include <jansson.h>
#include <unistd.h>

#include "result/result.h"
#include "support/sample_record.h"

enum { COLUMNS = 40 };

typedef struct scene {
    char *directory, *path;
    char prefix[4200], file[4300];
} scene;

static inline int set_up(void **state) {
    scene *s = calloc(1, sizeof *s);
    s->directory = sample_directory();
    s->path = strdup(getenv("PATH"));
    snprintf(s->prefix, sizeof s->prefix, "%s/deep/name", s->directory);
    *state = s;
    return 0;
}

/* Number of files in the directory of the prefix; removes them where asked. */
static inline int count_files(const scene *s, bool clean) {
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

static inline int tear_down(void **state) {
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

static inline const char *name_file(scene *s, const char *ending) {
    snprintf(s->file, sizeof s->file, "%s%s", s->prefix, ending);
    return s->file;
}

static inline int write_all(scene *s, const ri_record *record) {
    int drawn = -1;
    ri_error err = {0};
    if (ri_result_write_all(record, s->prefix, NULL, &drawn, &err) != RI_OK)
        fail_msg("%s", err.text);
    return drawn;
}

static inline char *read_text(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s is missing", path);
    char *text = calloc(1, 1 << 22);
    assert_true(fread(text, 1, (1 << 22) - 1, file) < (1 << 22) - 1);
    fclose(file);
    return text;
}

/* Cuts a line at its tabs; returns the next line, or NULL. */
static inline char *split_line(char *line, char **cell, int *cells) {
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

static inline json_t *load_json(scene *s) {
    json_error_t where;
    json_t *root = json_load_file(name_file(s, ".json"), JSON_REJECT_DUPLICATES, &where);
    if (!root)
        fail_msg("%s", where.text);
    return root;
}

static const char hostile[] =
    "it's `id` $(id) \"x\" <b>&amp; \\ {/Symbol a}_b^c @m\t\n\x01\xff\xc3z";

static inline void rename_features(ri_record *record, const char *name) {
    int64_t count = record->feature.count;
    ri_names_free(&record->feature);
    for (int64_t j = 0; j < count; j++)
        assert_int_equal(ri_names_add(&record->feature, name, strlen(name), NULL), RI_OK);
}

#endif
