/* SPDX-License-Identifier: BSD-3-Clause
 * The first pass over a feed: every value is looked at once. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/feed_block.h"
#include "data/wording.h"

/* Empty features are rare: a matrix of more than MANY_LINES features or samples, and more than
 * LINES_AN_ENTRY of them for each value, is a damaged file. */
enum { MANY_LINES = 1 << 20, MANY_AHEAD = 1 << 25, LINES_AN_ENTRY = 64 };

/* What is known of each feature so far. */
typedef struct feed_scan {
    ri_feed *feed;
    ri_feed_survey *survey;
    bool allow_missing;
    double *lowest, *highest; /* [features] over values that are not missing */
    size_t lowest_capacity, highest_capacity, count_capacity;
    int64_t features; /* seen so far */
} feed_scan;

ri_status ri_feed_begin(ri_feed *feed, const char *path, size_t size, ri_error *err) {
    feed->context = calloc(1, size);
    feed->place = strdup(path);
    if (feed->context && feed->place)
        return RI_OK;
    free(feed->context);
    feed->context = NULL;
    feed->close = NULL;
    return ri_fail_memory(err, "a matrix", size);
}

void ri_feed_close(ri_feed *feed) {
    if (feed->close)
        feed->close(feed);
    ri_names_free(&feed->sample);
    ri_names_free(&feed->feature);
    free(feed->place);
    *feed = (ri_feed){0};
}

char *ri_feed_say(const ri_feed *feed, int64_t sample, int64_t feature, char *text) {
    char names[2][RI_EXCERPT_TEXT + 8] = {"", ""};
    if (sample < feed->sample.count)
        snprintf(names[0], sizeof names[0], " ('%s')",
                 ri_excerpt_of(ri_names_get(&feed->sample, sample)).text);
    if (feature < feed->feature.count)
        snprintf(names[1], sizeof names[1], " ('%s')",
                 ri_excerpt_of(ri_names_get(&feed->feature, feature)).text);
    snprintf(text, RI_PLACE_TEXT, "sample %lld%s, feature %lld%s", (long long)sample + 1, names[0],
             (long long)feature + 1, names[1]);
    return text;
}

ri_status ri_feed_block_new(const ri_feed *feed, ri_feed_block *out, ri_error *err) {
    *out = (ri_feed_block){0};
    size_t values = RI_FEED_ENTRY_BLOCK;
    if (feed->order == RI_FEED_ENTRIES) {
        out->entry_sample = ri_alloc(RI_FEED_ENTRY_BLOCK, sizeof *out->entry_sample);
        out->entry_feature = ri_alloc(RI_FEED_ENTRY_BLOCK, sizeof *out->entry_feature);
    } else {
        int64_t lines = feed->order == RI_FEED_SAMPLES ? feed->n : feed->p;
        size_t length = (size_t)(feed->order == RI_FEED_SAMPLES ? feed->p : feed->n);
        out->capacity = 1 + (int64_t)(RI_FEED_BLOCK_BYTES / (length * sizeof(double) + 1));
        if (lines >= 0 && out->capacity > lines)
            out->capacity = lines;
        if (__builtin_mul_overflow((size_t)out->capacity, length, &values))
            return ri_fail_memory(err, "a block of X", ~0ULL);
    }
    out->value = ri_alloc(values, sizeof *out->value);
    if (!out->value ||
        (feed->order == RI_FEED_ENTRIES && !(out->entry_sample && out->entry_feature))) {
        ri_feed_block_free(out);
        return ri_fail_memory(err, "a block of X", (unsigned long long)values * sizeof(double));
    }
    return RI_OK;
}

void ri_feed_block_free(ri_feed_block *block) {
    free(block->value);
    free(block->entry_sample);
    free(block->entry_feature);
    *block = (ri_feed_block){0};
}

static ri_status know_features(feed_scan *scan, int64_t features, ri_error *err) {
    if (features <= scan->features)
        return RI_OK;
    size_t needed = (size_t)features;
    ri_feed_survey *survey = scan->survey;
    if (features > MANY_AHEAD && features / LINES_AN_ENTRY > survey->entries + 65536)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: feature %lld is far beyond all others; the file may be damaged",
                       scan->feed->place, (long long)features);
    if (!ri_grow(&scan->lowest, &scan->lowest_capacity, needed, sizeof(double)) ||
        !ri_grow(&scan->highest, &scan->highest_capacity, needed, sizeof(double)) ||
        !ri_grow(&survey->count, &scan->count_capacity, needed, sizeof *survey->count))
        return ri_fail_memory(err, "the range of each feature", needed * 24);
    for (; scan->features < features; scan->features++) {
        scan->lowest[scan->features] = INFINITY;
        scan->highest[scan->features] = -INFINITY;
        survey->count[scan->features] = 0;
    }
    return RI_OK;
}

/* NaN and Inf. */
static ri_status take_unusual(feed_scan *scan, double value, int64_t i, int64_t j, ri_error *err) {
    char text[RI_PLACE_TEXT];
    if (isinf(value))
        return ri_fail(err, RI_BAD_INPUT, "%s: %s is infinite; correct it or remove the sample",
                       scan->feed->place, ri_feed_say(scan->feed, i, j, text));
    if (!scan->allow_missing)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s is missing (NaN); --missing mean accepts it and takes the mean of "
                       "each fit's training rows, or remove the sample",
                       scan->feed->place, ri_feed_say(scan->feed, i, j, text));
    scan->survey->missing++;
    return RI_OK;
}

static ri_status take_value(feed_scan *scan, double value, int64_t i, int64_t j, ri_error *err) {
    if (!(fabs(value) <= DBL_MAX))
        return take_unusual(scan, value, i, j, err);
    ri_feed_survey *survey = scan->survey;
    survey->fits_i8 &= fabs(value) <= 127.0 && value == rint(value);
    survey->fits_f32 &= fabs(value) <= (double)FLT_MAX && (double)(float)value == value;
    survey->entries += value != 0.0;
    scan->lowest[j] = fmin(scan->lowest[j], value);
    scan->highest[j] = fmax(scan->highest[j], value);
    return RI_OK;
}

static ri_status take_block(feed_scan *scan, const ri_feed_block *block, int64_t done,
                            ri_error *err) {
    const ri_feed *feed = scan->feed;
    if (feed->order == RI_FEED_ENTRIES) {
        for (int64_t k = 0; k < block->count; k++) {
            int64_t j = block->entry_feature[k];
            RI_TRY(know_features(scan, j + 1, err));
            scan->survey->count[j]++;
            RI_TRY(take_value(scan, block->value[k], block->entry_sample[k], j, err));
        }
        return RI_OK;
    }
    bool samples = feed->order == RI_FEED_SAMPLES;
    int64_t length = samples ? feed->p : feed->n;
    RI_TRY(know_features(scan, samples ? feed->p : done + block->count, err));
    for (int64_t a = 0; a < block->count; a++)
        for (int64_t b = 0; b < length; b++)
            RI_TRY(take_value(scan, block->value[a * length + b], samples ? done + a : b,
                              samples ? b : done + a, err));
    return RI_OK;
}

/* Features of one value in all samples, or of none. */
static void count_constant(const feed_scan *scan) {
    const ri_feed *feed = scan->feed;
    for (int64_t j = 0; j < feed->p; j++) {
        double lowest = scan->lowest[j], highest = scan->highest[j];
        if (feed->order == RI_FEED_ENTRIES && scan->survey->count[j] < feed->n) {
            lowest = fmin(lowest, 0.0);
            highest = fmax(highest, 0.0);
        }
        scan->survey->constant += !(lowest < highest);
    }
}

ri_status ri_feed_scan(ri_feed *feed, bool allow_missing, ri_feed_survey *out, ri_error *err) {
    ri_status status;
    feed_scan scan = {.feed = feed, .survey = out, .allow_missing = allow_missing};
    ri_feed_block block = {0};
    int64_t done = 0;
    *out = (ri_feed_survey){.fits_i8 = true, .fits_f32 = true};
    RI_GO(feed->restart(feed, 0, INT64_MAX, err));
    RI_GO(ri_feed_block_new(feed, &block, err));
    do {
        RI_GO(feed->next(feed, &block, err));
        RI_GO(take_block(&scan, &block, done, err));
        done += block.count;
    } while (block.count > 0);
    if (feed->n < 1 || feed->p < 1) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: has %lld samples and %lld features", feed->place,
                         (long long)feed->n, (long long)feed->p);
        goto done;
    }
    int64_t longest = feed->n > feed->p ? feed->n : feed->p;
    if (feed->order == RI_FEED_ENTRIES && longest > MANY_LINES &&
        longest / LINES_AN_ENTRY > out->entries) {
        status =
            ri_fail(err, RI_BAD_INPUT,
                    "%s: is said to be %lld samples x %lld features, but has %lld values that "
                    "are not 0; the file may be damaged",
                    feed->place, (long long)feed->n, (long long)feed->p, (long long)out->entries);
        goto done;
    }
    RI_GO(know_features(&scan, feed->p, err));
    count_constant(&scan);
done:
    free(scan.lowest);
    free(scan.highest);
    ri_feed_block_free(&block);
    if (status != RI_OK)
        ri_feed_survey_free(out);
    return status;
}

void ri_feed_survey_free(ri_feed_survey *survey) {
    free(survey->count);
    *survey = (ri_feed_survey){0};
}
