/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

double ri_path_gap(const ri_record *record, const ri_path *path, int64_t alpha) {
    double worst = 0;
    for (int32_t k = 0; k <= record->folds; k++) {
        double gap = path->fit[k].gap[alpha];
        if (isnan(gap))
            return gap;
        worst = fmax(worst, gap);
    }
    return worst;
}

char *ri_record_folds_text(const ri_record *record, char text[RI_FOLDS_TEXT]) {
    int32_t repeats = ri_settings_repeats(&record->settings);
    int used = repeats > 1 ? snprintf(text, RI_FOLDS_TEXT, "%d x ", (int)repeats) : 0;
    snprintf(text + used, RI_FOLDS_TEXT - (size_t)used, "%d", (int)(record->folds / repeats));
    return text;
}

double ri_path_null_mse(const ri_record *record, const ri_path *path) {
    double sum = 0;
    for (int32_t k = 0; k < record->folds; k++)
        sum += path->fit[k].null_mse;
    return record->folds > 0 ? sum / record->folds : NAN;
}

const char *ri_record_error(const ri_record *record) {
    return ri_metric_short(record->settings.metric);
}

const char *ri_record_share(const ri_record *record) {
    return record->settings.family == RI_GAUSSIAN ? "R2" : "D2";
}

/* Mean of the folds' errors by a metric at an alpha, or of their null models (alpha < 0). */
static double mean_error(const ri_record *record, const ri_path *path, ri_metric metric,
                         int64_t alpha) {
    double sum = 0;
    int32_t used = 0;
    for (int32_t k = 0; k < record->folds; k++) {
        const ri_fit *fit = &path->fit[k];
        double error =
            alpha < 0 ? ri_fit_null_error(fit, metric) : ri_fit_errors(fit, metric)[alpha];
        sum += isnan(error) ? 0 : error;
        used += !isnan(error);
    }
    return used > 0 ? sum / used : NAN;
}

double ri_path_null_error(const ri_record *record, const ri_path *path) {
    return record->settings.metric == RI_MSE
               ? ri_path_null_mse(record, path)
               : mean_error(record, path, record->settings.metric, -1);
}

double ri_path_r2(const ri_record *record, const ri_path *path, int64_t alpha) {
    if (!path->mean)
        return NAN;
    ri_metric base = record->settings.family == RI_GAUSSIAN ? RI_MSE : RI_DEVIANCE;
    double null =
        base == RI_MSE ? ri_path_null_mse(record, path) : mean_error(record, path, base, -1);
    double error =
        record->settings.metric == base ? path->mean[alpha] : mean_error(record, path, base, alpha);
    return null > 0 ? 1 - error / null : NAN;
}

static int compare_effects(const void *left, const void *right) {
    const ri_effect *a = left, *b = right;
    double strength = fabs(b->standardized) - fabs(a->standardized);
    if (strength != 0 && !isnan(strength))
        return strength > 0 ? 1 : -1;
    return a->feature < b->feature ? -1 : 1;
}

ri_status ri_path_effects(const ri_record *record, const ri_path *path, int64_t alpha,
                          ri_effect **out, int64_t *count, ri_error *err) {
    const ri_fit *fit = ri_path_refit(record, path);
    size_t entries = (size_t)(fit->start[alpha + 1] - fit->start[alpha]);
    *count = 0;
    *out = ri_alloc(entries, sizeof **out);
    if (!*out)
        return ri_fail_memory(err, "the list of features", entries * sizeof **out);
    for (int64_t e = fit->start[alpha]; e < fit->start[alpha + 1]; e++) {
        int64_t j = fit->feature[e];
        double coefficient = fit->coefficient[e];
        if (coefficient != 0)
            (*out)[(*count)++] = (ri_effect){j, coefficient, coefficient * record->feature_sd[j]};
    }
    qsort(*out, (size_t)*count, sizeof **out, compare_effects);
    return RI_OK;
}

char *ri_path_label(const ri_path *path, char *text) {
    int used = snprintf(text, RI_LABEL_TEXT, "l1_ratio %.4g", path->l1_ratio);
    if (path->relaxed > 0)
        used +=
            snprintf(text + used, RI_LABEL_TEXT - (size_t)used, ", gamma %.4g", 1 - path->relaxed);
    if (path->adaptive.fits > 0)
        snprintf(text + used, RI_LABEL_TEXT - (size_t)used, ", first alpha %.4g",
                 path->adaptive.alpha);
    return text;
}

bool ri_record_adaptive(const ri_record *record) {
    return record->path[0].adaptive.fits > 0;
}

bool ri_record_relaxed(const ri_record *record) {
    for (int64_t r = 0; r < record->paths; r++)
        if (record->path[r].relaxed > 0)
            return true;
    return false;
}

double *ri_record_truth(const ri_record *record) {
    if (record->truths == 0)
        return NULL;
    double *truth = ri_calloc((size_t)record->p, sizeof *truth);
    for (int64_t t = 0; truth && t < record->truths; t++)
        truth[record->truth_feature[t]] = record->truth_coefficient[t];
    return truth;
}

/* Bytes of the UTF-8 character at `text`; 0 where there is none (RFC 3629). */
static size_t character_length(const unsigned char *text) {
    static const struct {
        unsigned char first, last, second_least, second_most, length;
    } form[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t f = 0; f < sizeof form / sizeof *form; f++) {
        if (text[0] < form[f].first || text[0] > form[f].last)
            continue;
        if (form[f].length > 1 && (text[1] < form[f].second_least || text[1] > form[f].second_most))
            return 0;
        for (size_t i = 2; i < form[f].length; i++)
            if ((text[i] & 0xc0) != 0x80)
                return 0;
        return form[f].length;
    }
    return 0;
}

char *ri_text_clean(const char *text) {
    char *copy = strdup(text);
    for (unsigned char *at = (unsigned char *)copy; at && *at;) {
        size_t length = character_length(at);
        if (length == 0)
            *at = '?';
        else if (*at < 0x20 || *at == 0x7f)
            *at = ' ';
        at += length ? length : 1;
    }
    return copy;
}

/* Start of character number `skip` of clean text. */
static const char *skip_characters(const char *text, size_t skip) {
    for (; skip > 0 && *text; skip--)
        text += character_length((const unsigned char *)text);
    return text;
}

char *ri_text_shorten(const char *text, size_t columns, char *out) {
    char *clean = ri_text_clean(text);
    size_t characters = 0;
    for (const char *at = clean; at && *at; at = skip_characters(at, 1))
        characters++;
    if (!clean) {
        snprintf(out, RI_SHORT_TEXT, "?");
    } else if (characters <= columns) {
        snprintf(out, RI_SHORT_TEXT, "%s", clean);
    } else {
        size_t tail = (columns - 2) / 2, head = columns - 2 - tail;
        int head_bytes = (int)(skip_characters(clean, head) - clean);
        snprintf(out, RI_SHORT_TEXT, "%.*s..%s", head_bytes, clean,
                 skip_characters(clean, characters - tail));
    }
    free(clean);
    return out;
}
