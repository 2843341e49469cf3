/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/levels.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/source.h"
#include "data/wording.h"

/* Place of a text among `count` sorted ones: where it is, or where it belongs. */
static int place_of(const char *const *sorted, int count, const char *text) {
    int at = 0;
    while (at < count && strcmp(sorted[at], text) < 0)
        at++;
    return at;
}

ri_status ri_levels_find(const char *place, const ri_names *text, double *y, ri_names *level,
                         ri_error *err) {
    const char *sorted[RI_MOST_LEVELS + 1];
    int count = 0;
    for (int64_t i = 0; i < text->count; i++) {
        const char *word = ri_names_get(text, i);
        int at = place_of(sorted, count, word);
        if (ri_is_missing_text(word) || (at < count && strcmp(sorted[at], word) == 0))
            continue;
        if (count == RI_MOST_LEVELS)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: is text of more than %d kinds ('%s', '%s', ...); a response is "
                           "numbers, or the names of classes",
                           place, RI_MOST_LEVELS, ri_excerpt_of(sorted[0]).text,
                           ri_excerpt_of(sorted[1]).text);
        memmove(sorted + at + 1, sorted + at, (size_t)(count - at) * sizeof *sorted);
        sorted[at] = word;
        count++;
    }
    for (int64_t i = 0; i < text->count; i++) {
        const char *word = ri_names_get(text, i);
        y[i] = ri_is_missing_text(word) ? (double)NAN : (double)place_of(sorted, count, word);
    }
    for (int k = 0; k < count; k++)
        RI_TRY(ri_names_add(level, sorted[k], strlen(sorted[k]), err));
    return RI_OK;
}

static ri_status read_texts(const ri_source *source, const char *path, int64_t length,
                            int64_t *count, double **y, ri_names *level, ri_error *err) {
    ri_names text = {0};
    ri_status status = RI_OK;
    char place[512];
    snprintf(place, sizeof place, "%.300s:%.200s", source->name, path);
    RI_GO(ri_source_names(source, path, *count < 0 ? length : *count, "samples", &text, err));
    *count = text.count;
    *y = ri_alloc((size_t)text.count, sizeof **y);
    if (!*y) {
        status = ri_fail_memory(err, "the response", 8ULL * (size_t)text.count);
        goto done;
    }
    RI_GO(ri_levels_find(place, &text, *y, level, err));
done:
    ri_names_free(&text);
    if (status != RI_OK) {
        free(*y);
        *y = NULL;
    }
    return status;
}

ri_status ri_levels_read(const ri_source *source, const char *path, int64_t *count, double **y,
                         ri_names *level, ri_error *err) {
    ri_source_set set;
    *y = NULL;
    RI_TRY(ri_source_dataset(source, path, &set, err));
    bool text = set.class == H5T_STRING;
    int64_t length = (int64_t)set.dims[0];
    ri_source_set_close(&set);
    return text ? read_texts(source, path, length, count, y, level, err)
                : ri_source_doubles(source, path, count, "samples", y, err);
}

ri_status ri_levels_text(const double *y, int64_t n, const ri_names *level, ri_names *text,
                         ri_error *err) {
    for (int64_t i = 0; i < n; i++) {
        const char *word = isnan(y[i]) ? "" : ri_names_get(level, (int64_t)y[i]);
        RI_TRY(ri_names_add(text, word, strlen(word), err));
    }
    return RI_OK;
}

const char *ri_class_label(const ri_dataset *dataset, double y, char number[RI_NUMBER_TEXT]) {
    return dataset->level.count > 0 ? ri_names_get(&dataset->level, (int64_t)y)
                                    : ri_format_number(y, number);
}

/* Up to three different values, rising; returns their number, 3 standing for more. */
static int distinct_values(const double *y, int64_t n, double value[3]) {
    int count = 0;
    for (int64_t i = 0; i < n; i++) {
        int at = 0;
        if (isnan(y[i]))
            continue;
        while (at < count && value[at] < y[i])
            at++;
        if ((at < count && value[at] == y[i]) || count == 3)
            continue;
        memmove(value + at + 1, value + at, (size_t)(count - at) * sizeof *value);
        value[at] = y[i];
        count++;
    }
    return count;
}

static bool same_class(const char *label, const char *asked) {
    double a, b;
    return strcmp(label, asked) == 0 ||
           (ri_parse_number(label, &a) && ri_parse_number(asked, &b) && a == b);
}

ri_status ri_classes_find(const ri_dataset *dataset, const double *y, const char *positive,
                          ri_names *classes, ri_error *err) {
    char number[3][RI_NUMBER_TEXT];
    const char *label[3] = {"", "", ""}, *name = dataset->response ? dataset->response : "y";
    double value[3];
    int count = distinct_values(y, dataset->n, value);
    for (int k = 0; k < count; k++)
        label[k] = ri_class_label(dataset, value[k], number[k]);
    if (count < 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: all samples with the response '%s' are of class '%s'; --family "
                       "binomial tells two classes apart",
                       dataset->path, name, ri_excerpt_of(label[0]).text);
    if (count > 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: response '%s' has more than two values ('%s', '%s', '%s', ...); "
                       "--family binomial needs two classes: leave samples out with --remove, or "
                       "recode it",
                       dataset->path, name, ri_excerpt_of(label[0]).text,
                       ri_excerpt_of(label[1]).text, ri_excerpt_of(label[2]).text);
    int one = positive && same_class(label[0], positive) ? 0 : 1;
    if (positive && one == 1 && !same_class(label[1], positive))
        return ri_fail(err, RI_BAD_INPUT,
                       "--positive-class: '%s' is no class of response '%s', which are '%s' and "
                       "'%s'",
                       ri_excerpt_of(positive).text, name, ri_excerpt_of(label[0]).text,
                       ri_excerpt_of(label[1]).text);
    RI_TRY(ri_names_add(classes, label[!one], strlen(label[!one]), err));
    return ri_names_add(classes, label[one], strlen(label[one]), err);
}

/* Row of the first response that is none of the classes, or -1. */
static int64_t find_foreign(const ri_dataset *dataset, const ri_names *classes, const double *y) {
    char number[RI_NUMBER_TEXT];
    for (int64_t i = 0; i < dataset->n; i++) {
        if (isnan(y[i]))
            continue;
        const char *label = ri_class_label(dataset, y[i], number);
        if (strcmp(label, ri_names_get(classes, 0)) != 0 &&
            strcmp(label, ri_names_get(classes, 1)) != 0)
            return i;
    }
    return -1;
}

void ri_classes_foreign(const ri_dataset *dataset, const ri_names *classes, char *text,
                        size_t room) {
    char number[RI_NUMBER_TEXT];
    int64_t i = find_foreign(dataset, classes, dataset->y);
    snprintf(text, room, "%s", i < 0 ? "" : ri_class_label(dataset, dataset->y[i], number));
}

ri_status ri_classes_code(const ri_dataset *dataset, const ri_names *classes, double *y,
                          ri_error *err) {
    char number[RI_NUMBER_TEXT];
    int64_t foreign = find_foreign(dataset, classes, y);
    if (foreign >= 0)
        return ri_fail(
            err, RI_BAD_INPUT,
            "%s: sample '%s' is of class '%s'; the classes of this result are '%s' and '%s'",
            dataset->path, ri_excerpt_of(ri_names_get(&dataset->sample, foreign)).text,
            ri_excerpt_of(ri_class_label(dataset, y[foreign], number)).text,
            ri_excerpt_of(ri_names_get(classes, 0)).text,
            ri_excerpt_of(ri_names_get(classes, 1)).text);
    for (int64_t i = 0; i < dataset->n; i++)
        if (!isnan(y[i]))
            y[i] = strcmp(ri_class_label(dataset, y[i], number), ri_names_get(classes, 1)) == 0;
    return RI_OK;
}
