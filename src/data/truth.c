/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/truth.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/lines.h"
#include "data/wording.h"

typedef struct truth_reader {
    ri_lines lines;
    int64_t columns;
    int64_t at_feature, at_coefficient, at_allele, at_intercept, at_noise; /* -1: not there */
    const ri_names *feature, *a1;
    ri_name_index *index;
    bool *seen; /* [features] */
    size_t feature_capacity, coefficient_capacity;
} truth_reader;

static int64_t find_field(const ri_lines *lines, const char *name) {
    for (int64_t k = 0; k < lines->count; k++)
        if (strcmp(lines->field[k], name) == 0)
            return k;
    return -1;
}

static ri_status read_header(truth_reader *reader, ri_error *err) {
    ri_lines *lines = &reader->lines;
    RI_TRY(ri_lines_next(lines, err));
    reader->columns = lines->count;
    reader->at_feature = find_field(lines, "feature");
    reader->at_coefficient = find_field(lines, "coefficient");
    reader->at_allele = find_field(lines, "effect_allele");
    reader->at_intercept = find_field(lines, "intercept");
    reader->at_noise = find_field(lines, "noise_sd");
    if (reader->at_feature < 0 || reader->at_coefficient < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: a truth file needs a header line with the columns 'feature' and "
                       "'coefficient'",
                       lines->path);
    return RI_OK;
}

static ri_status read_number(const truth_reader *reader, int64_t at, const char *name,
                             double *value, ri_error *err) {
    const ri_lines *lines = &reader->lines;
    if (at < 0)
        return RI_OK;
    if (!ri_parse_number(lines->field[at], value) || !isfinite(*value))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ", column '%s': '%s' is not a finite number",
                       lines->path, lines->line, name, ri_excerpt_of(lines->field[at]).text);
    return RI_OK;
}

static ri_status find_feature(const truth_reader *reader, int64_t *feature, ri_error *err) {
    const ri_lines *lines = &reader->lines;
    const char *name = lines->field[reader->at_feature];
    *feature = ri_name_index_find(reader->index, name);
    if (*feature < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": feature '%s' is not among the %" PRId64
                       " features of the data",
                       lines->path, lines->line, ri_excerpt_of(name).text, reader->feature->count);
    if (reader->seen[*feature])
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": feature '%s' occurs a second time",
                       lines->path, lines->line, ri_excerpt_of(name).text);
    if (reader->a1 && reader->at_allele >= 0) {
        const char *allele = lines->field[reader->at_allele];
        const char *counted = ri_names_get(reader->a1, *feature);
        if (strcmp(allele, counted) != 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s, line %" PRId64 ": the effect allele of '%s' is %s, but the data "
                           "count %s; the truth belongs to another version of these files",
                           lines->path, lines->line, ri_excerpt_of(name).text,
                           ri_excerpt_of(allele).text, ri_excerpt_of(counted).text);
    }
    return RI_OK;
}

static ri_status read_entry(truth_reader *reader, ri_truth *truth, ri_error *err) {
    const ri_lines *lines = &reader->lines;
    int64_t feature;
    double coefficient;
    if (lines->count != reader->columns)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": %" PRId64 " fields, but the header has %" PRId64,
                       lines->path, lines->line, lines->count, reader->columns);
    RI_TRY(find_feature(reader, &feature, err));
    RI_TRY(read_number(reader, reader->at_coefficient, "coefficient", &coefficient, err));
    RI_TRY(read_number(reader, reader->at_intercept, "intercept", &truth->intercept, err));
    RI_TRY(read_number(reader, reader->at_noise, "noise_sd", &truth->noise_sd, err));
    size_t needed = (size_t)truth->count + 1;
    if (!ri_grow(&truth->feature, &reader->feature_capacity, needed, sizeof *truth->feature) ||
        !ri_grow(&truth->coefficient, &reader->coefficient_capacity, needed,
                 sizeof *truth->coefficient))
        return ri_fail_memory(err, "the truth", needed * sizeof *truth->coefficient);
    reader->seen[feature] = true;
    truth->feature[truth->count] = feature;
    truth->coefficient[truth->count++] = coefficient;
    return RI_OK;
}

ri_status ri_truth_read(const char *path, const ri_names *feature, const ri_names *a1,
                        ri_truth *out, ri_error *err) {
    ri_status status;
    truth_reader reader = {.feature = feature, .a1 = a1};
    *out = (ri_truth){.noise_sd = NAN};
    RI_GO(ri_lines_open(path, RI_SPLIT_HEADER, &reader.lines, err));
    RI_GO(read_header(&reader, err));
    RI_GO(ri_name_index_new(feature, &reader.index, NULL, err));
    reader.seen = ri_calloc((size_t)feature->count, sizeof *reader.seen);
    if (!reader.seen) {
        status = ri_fail_memory(err, "the truth", (size_t)feature->count);
        goto done;
    }
    RI_GO(ri_lines_next(&reader.lines, err));
    while (reader.lines.count > 0) {
        RI_GO(read_entry(&reader, out, err));
        RI_GO(ri_lines_next(&reader.lines, err));
    }
done:
    ri_lines_close(&reader.lines);
    ri_name_index_free(reader.index);
    free(reader.seen);
    if (status != RI_OK)
        ri_truth_clear(out);
    return status;
}

void ri_truth_clear(ri_truth *truth) {
    free(truth->feature);
    free(truth->coefficient);
    *truth = (ri_truth){0};
}
