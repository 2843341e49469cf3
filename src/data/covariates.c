/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/covariates.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/wording.h"

void ri_covariates_free(ri_covariates *covariates) {
    ri_names_free(&covariates->name);
    ri_names_free(&covariates->source);
    ri_names_free(&covariates->level);
    ri_names_free(&covariates->reference);
    free(covariates->value);
    *covariates = (ri_covariates){0};
}

bool ri_covariates_complete(const ri_covariates *covariates, int64_t n, int64_t i) {
    for (int64_t c = 0; c < covariates->count; c++)
        if (isnan(covariates->value[c * n + i]))
            return false;
    return true;
}

/* One more covariate; its values are for the caller to fill. */
static ri_status add_one(ri_covariates *c, const char *source, const char *level,
                         const char *reference, int64_t n, ri_error *err) {
    size_t need = (size_t)(c->count + 1) * (size_t)n, room = strlen(source) + strlen(level) + 2;
    char *name = ri_alloc(room, 1);
    if (!name || !ri_grow(&c->value, &c->capacity, need, sizeof *c->value)) {
        free(name);
        return ri_fail_memory(err, "the covariates", need * sizeof *c->value);
    }
    snprintf(name, room, "%s%s%s", source, level[0] ? "=" : "", level);
    ri_status status = ri_names_add(&c->name, name, strlen(name), err);
    free(name);
    RI_TRY(status);
    RI_TRY(ri_names_add(&c->source, source, strlen(source), err));
    RI_TRY(ri_names_add(&c->level, level, strlen(level), err));
    RI_TRY(ri_names_add(&c->reference, reference, strlen(reference), err));
    c->count++;
    return RI_OK;
}

/* True where every text that is not missing is a number. */
static bool all_numbers(const char *const *text, int64_t n) {
    double value;
    for (int64_t i = 0; i < n; i++)
        if (!ri_is_missing_text(text[i]) && !ri_parse_number(text[i], &value))
            return false;
    return true;
}

static ri_status code_numbers(const char *source, const char *const *text, int64_t n, double *value,
                              ri_error *err) {
    for (int64_t i = 0; i < n; i++) {
        value[i] = NAN;
        if (ri_is_missing_text(text[i]))
            continue;
        if (!ri_parse_number(text[i], &value[i]) || isinf(value[i]))
            return ri_fail(err, RI_BAD_INPUT,
                           "covariate '%s': '%s' of sample %lld is not a finite number; write NA "
                           "where it is missing",
                           ri_excerpt_of(source).text, ri_excerpt_of(text[i]).text,
                           (long long)i + 1);
    }
    return RI_OK;
}

static void code_level(const char *level, const char *const *text, int64_t n, double *value) {
    for (int64_t i = 0; i < n; i++)
        value[i] = ri_is_missing_text(text[i]) ? (double)NAN : strcmp(text[i], level) == 0;
}

typedef struct tally {
    const char *text;
    int64_t samples;
} tally;

static int compare_levels(const void *a, const void *b) {
    return strcmp(((const tally *)a)->text, ((const tally *)b)->text);
}

/* The distinct texts in alphabetical order. `levels` has room for n; returns their number. */
static int64_t list_levels(const char *const *text, int64_t n, tally *levels) {
    int64_t known = 0, distinct = 0;
    for (int64_t i = 0; i < n; i++)
        if (!ri_is_missing_text(text[i]))
            levels[known++] = (tally){text[i], 1};
    qsort(levels, (size_t)known, sizeof *levels, compare_levels);
    for (int64_t k = 0; k < known; k++) {
        if (distinct > 0 && compare_levels(&levels[distinct - 1], &levels[k]) == 0)
            levels[distinct - 1].samples++;
        else
            levels[distinct++] = levels[k];
    }
    return distinct;
}

static ri_status add_levels(ri_covariates *covariates, const char *source, const char *const *text,
                            int64_t n, const tally *levels, int64_t count, ri_error *err) {
    int64_t reference = 0, known = 0;
    for (int64_t k = 0; k < count; k++) {
        known += levels[k].samples;
        reference = levels[k].samples > levels[reference].samples ? k : reference;
    }
    if (2 * count > known && count > 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "covariate '%s': %lld levels for %lld samples, such as '%s'; is it an "
                       "identifier? Leave it out, or use numbers",
                       ri_excerpt_of(source).text, (long long)count, (long long)known,
                       ri_excerpt_of(levels[0].text).text);
    for (int64_t k = 0; k < count; k++) {
        if (k == reference)
            continue;
        RI_TRY(add_one(covariates, source, levels[k].text, levels[reference].text, n, err));
        code_level(levels[k].text, text, n, covariates->value + (covariates->count - 1) * n);
    }
    return RI_OK;
}

ri_status ri_covariates_add(ri_covariates *covariates, const char *source, const char *const *text,
                            int64_t n, bool categorical, ri_error *err) {
    tally *levels = ri_alloc((size_t)n, sizeof *levels);
    if (!levels)
        return ri_fail_memory(err, "the levels of a covariate", (size_t)n * sizeof *levels);
    ri_status status;
    int64_t distinct = list_levels(text, n, levels);
    if (distinct == 0) {
        status = ri_fail(err, RI_BAD_INPUT, "covariate '%s' is missing for every sample",
                         ri_excerpt_of(source).text);
    } else if (categorical || !all_numbers(text, n)) {
        status = add_levels(covariates, source, text, n, levels, distinct, err);
    } else {
        status = add_one(covariates, source, "", "", n, err);
        if (status == RI_OK)
            status =
                code_numbers(source, text, n, covariates->value + (covariates->count - 1) * n, err);
    }
    free(levels);
    return status;
}

ri_status ri_covariates_code(const ri_covariates *model, const char *source,
                             const char *const *text, int64_t n, double *value, int64_t *unknown,
                             ri_error *err) {
    int64_t first = -1;
    for (int64_t c = 0; c < model->count; c++) {
        if (strcmp(ri_names_get(&model->source, c), source) != 0)
            continue;
        const char *level = ri_names_get(&model->level, c);
        first = first < 0 ? c : first;
        if (level[0] == '\0')
            return code_numbers(source, text, n, value + c * n, err);
        code_level(level, text, n, value + c * n);
    }
    for (int64_t i = 0; first >= 0 && i < n; i++) {
        bool known = ri_is_missing_text(text[i]) ||
                     strcmp(text[i], ri_names_get(&model->reference, first)) == 0;
        for (int64_t c = 0; c < model->count; c++)
            known |= strcmp(ri_names_get(&model->source, c), source) == 0 &&
                     strcmp(ri_names_get(&model->level, c), text[i]) == 0;
        *unknown += !known;
        for (int64_t c = 0; !known && c < model->count; c++)
            if (strcmp(ri_names_get(&model->source, c), source) == 0)
                value[c * n + i] = NAN;
    }
    return RI_OK;
}
