/* SPDX-License-Identifier: BSD-3-Clause
 * A CSV or TSV of nothing but numbers as a feed, with features in rows or samples in rows: the
 * header names what is across, the first field of a row what is down. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/feed.h"
#include "data/table_reader.h"
#include "data/wording.h"

typedef struct table_feed {
    ri_table_reader *reader;
    const char *path; /* the place of the feed */
    int64_t done;     /* rows read */
    bool known;       /* the first pass is over */
} table_feed;

static const char *name_of(bool sample) {
    return sample ? "sample" : "feature";
}

/* The names across from the header. R writes no field above the rows' names: whether there is one
 * shows in the first row. */
static ri_status read_header(ri_feed *feed, ri_error *err) {
    table_feed *self = feed->context;
    ri_names *across = feed->features_first ? &feed->sample : &feed->feature;
    const ri_names *row;
    int64_t line;
    ri_names header = {0};
    ri_status status = RI_OK;
    RI_GO(ri_table_reader_next(self->reader, &row, &line, err));
    for (int64_t k = 0; row && k < row->count; k++) {
        const char *name = ri_names_get(row, k);
        RI_GO(ri_names_add(&header, name, strlen(name), err));
    }
    if (header.count < 2) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: has no header with names; its fields are separated by commas or "
                         "tabs",
                         self->path);
        goto done;
    }
    RI_GO(ri_table_reader_next(self->reader, &row, &line, err));
    if (!row) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: a header, but no rows", self->path);
        goto done;
    }
    for (int64_t k = row->count != header.count + 1; k < header.count; k++) {
        const char *name = ri_names_get(&header, k);
        if (*name == '\0') {
            status = ri_fail(err, RI_BAD_INPUT, "%s: column %" PRId64 " has no name in the header",
                             self->path, k + 1);
            goto done;
        }
        RI_GO(ri_names_add(across, name, strlen(name), err));
    }
    *(feed->features_first ? &feed->n : &feed->p) = across->count;
done:
    ri_names_free(&header);
    return status;
}

static ri_status restart(ri_feed *feed, int64_t from, int64_t to, ri_error *err) {
    (void)from, (void)to;
    table_feed *self = feed->context;
    const ri_names *row;
    int64_t line;
    ri_table_reader_close(self->reader);
    self->done = 0;
    RI_TRY(ri_table_reader_open(self->path, &self->reader, err));
    return ri_table_reader_next(self->reader, &row, &line, err); /* the header */
}

/* Field `k` of a row, from 0 behind its name. */
static ri_status parse_cell(const ri_feed *feed, const ri_names *row, int64_t k, int64_t line,
                            double *value, ri_error *err) {
    const ri_names *across = feed->features_first ? &feed->sample : &feed->feature;
    const char *text = ri_names_get(row, k + 1);
    if (ri_parse_number(text, value))
        return RI_OK;
    *value = NAN;
    if (ri_is_missing_text(text))
        return RI_OK;
    const table_feed *self = feed->context;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ", %s '%s' (column %" PRId64 "): '%s' is not a number",
                   self->path, line, name_of(feed->features_first),
                   ri_excerpt_of(ri_names_get(across, k)).text, k + 2, ri_excerpt_of(text).text);
}

static ri_status take_row(ri_feed *feed, const ri_names *row, int64_t line, double *value,
                          ri_error *err) {
    table_feed *self = feed->context;
    ri_names *down = feed->features_first ? &feed->feature : &feed->sample;
    int64_t fields = feed->features_first ? feed->n : feed->p;
    if (row->count != fields + 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": %" PRId64 " fields, but the header names %" PRId64
                       " %ss; a row is the name of the %s and a value for each",
                       self->path, line, row->count, fields, name_of(feed->features_first),
                       name_of(!feed->features_first));
    const char *name = ri_names_get(row, 0);
    if (*name == '\0')
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": the %s has no name", self->path,
                       line, name_of(!feed->features_first));
    if (!self->known)
        RI_TRY(ri_names_add(down, name, strlen(name), err));
    for (int64_t k = 0; k < fields; k++)
        RI_TRY(parse_cell(feed, row, k, line, &value[k], err));
    return RI_OK;
}

static ri_status next(ri_feed *feed, ri_feed_block *block, ri_error *err) {
    table_feed *self = feed->context;
    int64_t fields = feed->features_first ? feed->n : feed->p;
    for (block->count = 0; block->count < block->capacity; block->count++) {
        const ri_names *row;
        int64_t line;
        RI_TRY(ri_table_reader_next(self->reader, &row, &line, err));
        if (!row)
            break;
        RI_TRY(take_row(feed, row, line, block->value + block->count * fields, err));
    }
    self->done += block->count;
    if (block->count == 0 && !self->known) {
        *(feed->features_first ? &feed->p : &feed->n) = self->done;
        self->known = true;
    }
    return RI_OK;
}

static void close_feed(ri_feed *feed) {
    table_feed *self = feed->context;
    ri_table_reader_close(self->reader);
    free(self);
}

ri_status ri_feed_table(const char *path, const ri_matrix_options *options, ri_feed *out,
                        ri_error *err) {
    *out = (ri_feed){.order = options->transpose ? RI_FEED_FEATURES : RI_FEED_SAMPLES,
                     .n = -1,
                     .p = -1,
                     .features_first = options->transpose,
                     .restart = restart,
                     .next = next,
                     .close = close_feed};
    RI_TRY(ri_feed_begin(out, path, sizeof(table_feed), err));
    table_feed *self = out->context;
    self->path = out->place;
    RI_TRY(ri_table_reader_open(path, &self->reader, err));
    return read_header(out, err);
}
