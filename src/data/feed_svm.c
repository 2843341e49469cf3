/* SPDX-License-Identifier: BSD-3-Clause
 * LIBSVM / svmlight text as a feed: "label index:value index:value ... # comment" a line, indices
 * ascending. A feature is named by its index in the file. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/text_stream.h"
#include "data/wording.h"

typedef struct svm_feed {
    ri_text_stream *stream;
    const char *path; /* the place of the feed */
    int64_t base;     /* index of the first feature */
    int64_t least;    /* features there are in any case */
    char *at;         /* rest of the line being read, or NULL */
    int64_t line;     /* its number */
    int64_t sample;   /* its sample */
    int64_t previous; /* its last index */
    int64_t largest;  /* index of all lines */
    double *label;    /* [n] from the first pass */
    size_t label_capacity;
    bool known; /* the first pass is over */
} svm_feed;

static ri_status fail_line(const svm_feed *self, const char *text, const char *why, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": '%s' %s", self->path, self->line,
                   ri_excerpt_of(text).text, why);
}

static ri_status restart(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)from, (void)to;
    svm_feed *self = feed->context;
    self->at = NULL;
    self->sample = -1;
    self->largest = self->base - 1;
    return ri_text_stream_rewind(self->stream, err);
}

static ri_status take_label(svm_feed *self, ri_error *err) {
    double value;
    char *text = self->at;
    if (!ri_take_number(&self->at, 0, &value))
        return fail_line(self, text, "does not begin with a number, the label", err);
    if (isinf(value))
        return fail_line(self, text, "has an infinite label", err);
    size_t needed = (size_t)self->sample + 1;
    if (self->sample >= INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT, "%s: has more than %d samples", self->path, INT32_MAX);
    if (!self->known) {
        if (!ri_grow(&self->label, &self->label_capacity, needed, sizeof *self->label))
            return ri_fail_memory(err, "the labels", needed * sizeof *self->label);
        self->label[self->sample] = value;
    }
    return RI_OK;
}

/* The next line that has a label, taken; `self->at` stays NULL at the end of the file. */
static ri_status next_sample(svm_feed *self, ri_error *err) {
    char *line;
    self->at = NULL;
    for (;;) {
        RI_TRY(ri_text_stream_next(self->stream, &line, &self->line, err));
        if (!line)
            return RI_OK;
        line[strcspn(line, "#")] = '\0';
        if (ri_skip_blanks(&line))
            break;
    }
    if (!ri_text_stream_ended(self->stream))
        return fail_line(self, line,
                         "has no line end, so that the file may be cut off in it; add one", err);
    self->at = line;
    self->sample++;
    self->previous = self->base - 1;
    return take_label(self, err);
}

/* "index:value" at `self->at`. */
static ri_status take_entry(svm_feed *self, int64_t *index, double *value, ri_error *err) {
    char *text = self->at;
    if (strncmp(text, "qid:", 4) == 0)
        return fail_line(self, text, "is of a ranking, which has no response of its own", err);
    bool good = ri_take_integer(&self->at, ':', index) && *self->at == ':';
    if (good) {
        self->at++;
        good = *self->at != ' ' && *self->at != '\t' && ri_take_number(&self->at, 0, value);
    }
    if (!good)
        return fail_line(self, text, "is not 'index:value'", err);
    if (*index == 0 && self->base == 1)
        return fail_line(self, text,
                         "has index 0, and indices begin with 1; --index-base 0 takes them from 0",
                         err);
    if (*index < self->base || *index - self->base >= INT32_MAX)
        return fail_line(self, text, "has no index that can be read", err);
    if (*index <= self->previous)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": index %" PRId64 " %s; indices must ascend within a "
                       "line",
                       self->path, self->line, *index,
                       *index == self->previous ? "occurs twice" : "follows a larger one");
    self->previous = *index;
    if (*index > self->largest)
        self->largest = *index;
    return RI_OK;
}

/* After the first pass: sizes and names. */
static ri_status finish(ri_feed *feed, ri_error *err) {
    svm_feed *self = feed->context;
    if (self->known)
        return RI_OK;
    self->known = true;
    feed->n = self->sample + 1;
    feed->p = self->largest - self->base + 1;
    if (self->least >= 0 && self->least < feed->p)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has features up to index %" PRId64 ", more than --features %" PRId64,
                       self->path, self->largest, self->least);
    if (self->least > feed->p)
        feed->p = self->least;
    for (int64_t j = 0; j < feed->p; j++) {
        char text[24];
        int length = snprintf(text, sizeof text, "%" PRId64, j + self->base);
        RI_TRY(ri_names_add(&feed->feature, text, (size_t)length, err));
    }
    return RI_OK;
}

static ri_status next(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    svm_feed *self = feed->context;
    block->count = 0;
    while (block->count < RI_FEED_ENTRY_BLOCK) {
        while (!self->at || !ri_skip_blanks(&self->at)) {
            RI_TRY(next_sample(self, err));
            if (!self->at)
                return block->count > 0 ? RI_OK : finish(feed, err);
        }
        int64_t index, k = block->count;
        RI_TRY(take_entry(self, &index, &block->value[k], err));
        block->entry_sample[k] = (int32_t)self->sample;
        block->entry_feature[k] = (int32_t)(index - self->base);
        block->count++;
    }
    return RI_OK;
}

static ri_status labels(ri_feed *feed, double *y, ri_error *err) {
    (void)err;
    const svm_feed *self = feed->context;
    memcpy(y, self->label, (size_t)feed->n * sizeof *y);
    return RI_OK;
}

static void close_feed(ri_feed *feed) {
    svm_feed *self = feed->context;
    ri_text_stream_close(self->stream);
    free(self->label);
    free(self);
}

ri_status ri_feed_svm(const char *path, const ri_matrix_options *options, ri_feed *out,
                      ri_error *err) {
    *out = (ri_feed){.order = RI_FEED_ENTRIES,
                     .n = -1,
                     .p = -1,
                     .restart = restart,
                     .next = next,
                     .response = labels,
                     .close = close_feed};
    RI_TRY(ri_feed_begin(out, path, sizeof(svm_feed), err));
    svm_feed *self = out->context;
    self->path = out->place;
    self->base = options->index_base;
    self->least = options->features;
    return ri_text_stream_open(path, &self->stream, err);
}
