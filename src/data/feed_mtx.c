/* SPDX-License-Identifier: BSD-3-Clause
 * MatrixMarket as a feed: coordinate (real, integer, pattern) or array (real, integer), general.
 * Beside a matrix of Cell Ranger lie features.tsv (or genes.tsv) and barcodes.tsv, and its rows are
 * features. Format: https://math.nist.gov/MatrixMarket/formats.html */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/name_file.h"
#include "data/text_stream.h"
#include "data/wording.h"

typedef struct mtx_feed {
    ri_text_stream *stream;
    const char *path; /* the place of the feed */
    bool array, pattern;
    int64_t rows, columns, entries; /* of the file */
    int64_t done;                   /* entries, or values of an array, read */
} mtx_feed;

static ri_status fail_line(const mtx_feed *self, int64_t line, const char *text, const char *why,
                           ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": '%s' %s", self->path, line,
                   ri_excerpt_of(text).text, why);
}

static ri_status parse_banner(mtx_feed *self, const char *line, ri_error *err) {
    char banner[5][24];
    if (sscanf(line, "%23s %23s %23s %23s %23s", banner[0], banner[1], banner[2], banner[3],
               banner[4]) != 5 ||
        strcasecmp(banner[0], "%%MatrixMarket") != 0 || strcasecmp(banner[1], "matrix") != 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is no MatrixMarket file: its first line must be '%%%%MatrixMarket "
                       "matrix coordinate real general' or the like",
                       self->path);
    self->array = strcasecmp(banner[2], "array") == 0;
    self->pattern = strcasecmp(banner[3], "pattern") == 0;
    if (!self->array && strcasecmp(banner[2], "coordinate") != 0)
        return fail_line(self, 1, banner[2], "is no known format; coordinate or array", err);
    if (strcasecmp(banner[3], "real") != 0 && strcasecmp(banner[3], "integer") != 0 &&
        strcasecmp(banner[3], "double") != 0 && !(self->pattern && !self->array))
        return fail_line(self, 1, banner[3], "cannot be read; real, integer or pattern", err);
    if (strcasecmp(banner[4], "general") != 0)
        return fail_line(self, 1, banner[4],
                         "is for square matrices; samples and features need general", err);
    return RI_OK;
}

/* The next line that is neither empty nor a comment; NULL at the end. */
static ri_status next_line(mtx_feed *self, char **line, int64_t *number, ri_error *err) {
    char *at;
    do {
        RI_TRY(ri_text_stream_next(self->stream, line, number, err));
        at = *line;
    } while (at && (*at == '%' || !ri_skip_blanks(&at)));
    return RI_OK;
}

/* A value takes two bytes at least, and gzip packs no more than 1032 of them into one. */
static ri_status check_entries(const mtx_feed *self, ri_error *err) {
    struct stat info;
    if (stat(self->path, &info) == 0 && self->entries / 1100 <= info.st_size)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: is said to have %" PRId64 " values, more than a file of its length can "
                   "hold; it may be truncated or damaged",
                   self->path, self->entries);
}

static ri_status read_head(mtx_feed *self, ri_error *err) {
    char *line;
    int64_t number;
    RI_TRY(ri_text_stream_next(self->stream, &line, &number, err));
    RI_TRY(parse_banner(self, line ? line : "", err));
    RI_TRY(next_line(self, &line, &number, err));
    char *at = line;
    self->entries = 0;
    if (!line || !ri_take_integer(&at, 0, &self->rows) ||
        !ri_take_integer(&at, 0, &self->columns) ||
        (!self->array && !ri_take_integer(&at, 0, &self->entries)) || ri_skip_blanks(&at))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has no line of sizes ('rows columns%s') behind its first one",
                       self->path, self->array ? "" : " entries");
    if (self->rows < 1 || self->rows > INT32_MAX || self->columns < 1 ||
        self->columns > INT32_MAX || self->entries < 0)
        return fail_line(self, number, line, "is no size of a matrix that can be read", err);
    if (self->array)
        self->entries = self->rows * self->columns;
    self->done = 0;
    return check_entries(self, err);
}

static ri_status restart(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)from, (void)to;
    mtx_feed *self = feed->context;
    RI_TRY(ri_text_stream_rewind(self->stream, err));
    return read_head(self, err);
}

/* A line of values, which `*line` is NULL behind the last one of. */
static ri_status next_values(mtx_feed *self, char **line, int64_t *number, ri_error *err) {
    RI_TRY(next_line(self, line, number, err));
    if (*line && self->done == self->entries)
        return fail_line(self, *number, *line, "is more than the sizes on top say", err);
    if (!*line && self->done < self->entries)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has %" PRId64 " values where its sizes say %" PRId64
                       "; it may be truncated",
                       self->path, self->done, self->entries);
    if (*line && !ri_text_stream_ended(self->stream))
        return fail_line(self, *number, *line,
                         "has no line end, so that the file may be cut off in it; add one", err);
    return RI_OK;
}

static ri_status parse_entry(const ri_feed *feed, char *line, int64_t number, int64_t index[2],
                             double *value, ri_error *err) {
    const mtx_feed *self = feed->context;
    char *at = line;
    *value = 1.0;
    if (!ri_take_integer(&at, 0, &index[0]) || !ri_take_integer(&at, 0, &index[1]) ||
        (!self->pattern && !ri_take_number(&at, 0, value)) || ri_skip_blanks(&at))
        return fail_line(self, number, line,
                         self->pattern ? "is not 'row column'" : "is not 'row column value'", err);
    if (index[0] < 1 || index[0] > self->rows || index[1] < 1 || index[1] > self->columns)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": row %" PRId64 ", column %" PRId64
                       " is outside of the matrix of %" PRId64 " x %" PRId64,
                       self->path, number, index[0], index[1], self->rows, self->columns);
    return RI_OK;
}

static ri_status next_entries(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    mtx_feed *self = feed->context;
    char *line;
    int64_t number;
    block->count = 0;
    while (block->count < RI_FEED_ENTRY_BLOCK) {
        int64_t index[2], k = block->count;
        RI_TRY(next_values(self, &line, &number, err));
        if (!line)
            return RI_OK;
        RI_TRY(parse_entry(feed, line, number, index, &block->value[k], err));
        block->entry_sample[k] = (int32_t)(index[feed->features_first] - 1);
        block->entry_feature[k] = (int32_t)(index[!feed->features_first] - 1);
        block->count++;
        self->done++;
    }
    return RI_OK;
}

/* Columns of an array, one value a line. */
static ri_status next_columns(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    mtx_feed *self = feed->context;
    char *line;
    int64_t number, filled = 0;
    int64_t left = (self->entries - self->done) / self->rows;
    block->count = left < block->capacity ? left : block->capacity;
    for (; filled < block->count * self->rows; filled++, self->done++) {
        RI_TRY(next_values(self, &line, &number, err));
        char *at = line;
        if (!ri_take_number(&at, 0, &block->value[filled]) || ri_skip_blanks(&at))
            return fail_line(self, number, line, "is not one number", err);
    }
    return block->count > 0 ? RI_OK : next_values(self, &line, &number, err);
}

static void close_feed(ri_feed *feed) {
    mtx_feed *self = feed->context;
    ri_text_stream_close(self->stream);
    free(self);
}

/* Names of Cell Ranger beside the matrix, if both files are there. */
static ri_status find_names(ri_feed *feed, const ri_matrix_options *options, ri_error *err) {
    static const char *const features[] = {"features.tsv", "features.tsv.gz", "genes.tsv",
                                           "genes.tsv.gz"};
    static const char *const barcodes[] = {"barcodes.tsv", "barcodes.tsv.gz"};
    char *feature = NULL, *barcode = NULL;
    ri_status status = RI_OK;
    if (options->sample_names || options->feature_names)
        return RI_OK;
    for (size_t k = 0; k < 4 && !feature; k++)
        RI_GO(ri_name_file_beside(feed->place, features[k], &feature, err));
    for (size_t k = 0; k < 2 && !barcode; k++)
        RI_GO(ri_name_file_beside(feed->place, barcodes[k], &barcode, err));
    if (feature && barcode) {
        feed->features_first = true;
        RI_GO(ri_name_file_read(feature, options->gene_names ? 1 : 0, &feed->feature, err));
        RI_GO(ri_name_file_read(barcode, 0, &feed->sample, err));
    }
done:
    free(feature);
    free(barcode);
    return status;
}

ri_status ri_feed_mtx(const char *path, const ri_matrix_options *options, ri_feed *out,
                      ri_error *err) {
    *out = (ri_feed){.restart = restart, .close = close_feed};
    RI_TRY(ri_feed_begin(out, path, sizeof(mtx_feed), err));
    mtx_feed *self = out->context;
    self->path = out->place;
    RI_TRY(ri_text_stream_open(path, &self->stream, err));
    RI_TRY(read_head(self, err));
    out->features_first = options->transpose;
    RI_TRY(find_names(out, options, err));
    out->n = out->features_first ? self->columns : self->rows;
    out->p = out->features_first ? self->rows : self->columns;
    out->order = !self->array          ? RI_FEED_ENTRIES
                 : out->features_first ? RI_FEED_SAMPLES
                                       : RI_FEED_FEATURES;
    out->next = self->array ? next_columns : next_entries;
    return RI_OK;
}
