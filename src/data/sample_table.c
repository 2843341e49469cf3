/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/sample_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/lines.h"
#include "data/sample_index.h"
#include "data/wording.h"

typedef struct table_reader {
    ri_lines lines;
    const char *option;
    int64_t ids; /* columns that name the sample: 1, or 2 with FID */
    const ri_names *sample;
    ri_sample_index *index;
} table_reader;

void ri_sample_table_free(ri_sample_table *table) {
    for (int64_t k = 0; table->column && k < table->header.count; k++)
        ri_names_free(&table->column[k]);
    free(table->column);
    free(table->line_of);
    ri_names_free(&table->header);
    *table = (ri_sample_table){0};
}

int64_t ri_sample_table_find(const ri_sample_table *table, const char *name) {
    for (int64_t k = 0; k < table->header.count; k++)
        if (strcmp(ri_names_get(&table->header, k), name) == 0)
            return k;
    return -1;
}

const char *ri_sample_table_get(const ri_sample_table *table, int64_t column, int64_t sample) {
    int64_t line = table->line_of[sample];
    return line < 0 ? "" : ri_names_get(&table->column[column], line);
}

static bool names_a_sample(const char *text) {
    static const char *const known[] = {"IID", "sample", "sample_id", "id"};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcasecmp(text, known[k]) == 0)
            return true;
    return false;
}

static ri_status read_header(table_reader *reader, ri_sample_table *table, ri_error *err) {
    ri_lines *lines = &reader->lines;
    RI_TRY(ri_lines_next(lines, err));
    if (lines->count == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: %s: the file is empty", reader->option, lines->path);
    const char *first = lines->field[0] + (lines->field[0][0] == '#');
    const char *second = lines->count > 1 ? lines->field[1] : "";
    reader->ids = strcasecmp(first, "FID") == 0 && strcasecmp(second, "IID") == 0 ? 2 : 1;
    if (reader->ids == 1 && !names_a_sample(first))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s, line %" PRId64 ": a header that begins with 'FID IID', 'IID', "
                       "'sample' or 'id' is needed, not with '%s'",
                       reader->option, lines->path, lines->line, ri_excerpt_of(first).text);
    for (int64_t k = reader->ids; k < lines->count; k++) {
        if (ri_sample_table_find(table, lines->field[k]) >= 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: %s, line %" PRId64 ": two columns are named '%s'; rename one",
                           reader->option, lines->path, lines->line,
                           ri_excerpt_of(lines->field[k]).text);
        RI_TRY(ri_names_add(&table->header, lines->field[k], strlen(lines->field[k]), err));
    }
    if (table->header.count == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s, line %" PRId64 ": no column after the sample's name",
                       reader->option, lines->path, lines->line);
    table->column = ri_calloc((size_t)table->header.count, sizeof *table->column);
    return table->column ? RI_OK
                         : ri_fail_memory(err, "the columns of a table",
                                          (size_t)table->header.count * sizeof *table->column);
}

static ri_status read_entry(table_reader *reader, ri_sample_table *table, ri_error *err) {
    const ri_lines *lines = &reader->lines;
    int64_t expected = reader->ids + table->header.count, sample;
    if (lines->count != expected)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s, line %" PRId64 ": has %" PRId64 " fields, the header has %" PRId64,
                       reader->option, lines->path, lines->line, lines->count, expected);
    RI_TRY(ri_sample_index_find(reader->index, reader->ids == 2 ? lines->field[0] : NULL,
                                lines->field[reader->ids - 1], &sample, err));
    if (sample < 0) {
        table->unused++;
        return RI_OK;
    }
    if (table->line_of[sample] >= 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s, line %" PRId64 ": sample '%s' comes a second time; keep one line",
                       reader->option, lines->path, lines->line,
                       ri_excerpt_of(ri_names_get(reader->sample, sample)).text);
    table->line_of[sample] = table->lines++;
    for (int64_t k = 0; k < table->header.count; k++) {
        const char *text = lines->field[reader->ids + k];
        RI_TRY(ri_names_add(&table->column[k], text, strlen(text), err));
    }
    return RI_OK;
}

static ri_status read_entries(table_reader *reader, ri_sample_table *table, ri_error *err) {
    table->samples = reader->sample->count;
    table->line_of = ri_alloc((size_t)table->samples, sizeof *table->line_of);
    if (!table->line_of)
        return ri_fail_memory(err, "the lines of a table", 8ULL * (size_t)table->samples);
    for (int64_t i = 0; i < table->samples; i++)
        table->line_of[i] = -1;
    RI_TRY(ri_lines_next(&reader->lines, err));
    while (reader->lines.count > 0) {
        RI_TRY(read_entry(reader, table, err));
        RI_TRY(ri_lines_next(&reader->lines, err));
    }
    table->unmatched = table->samples - table->lines;
    if (table->lines == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s: none of its samples is in the dataset, whose first sample is '%s'; "
                       "are the IDs those of another file?",
                       reader->option, reader->lines.path,
                       ri_excerpt_of(ri_names_get(reader->sample, 0)).text);
    return RI_OK;
}

ri_status ri_sample_table_read(const char *path, const char *option, const ri_names *sample,
                               ri_sample_table *out, ri_error *err) {
    ri_status status;
    table_reader reader = {.option = option, .sample = sample};
    *out = (ri_sample_table){.path = path};
    RI_GO(ri_lines_open(path, RI_SPLIT_HEADER, &reader.lines, err));
    RI_GO(ri_sample_index_new(sample, NULL, &reader.index, err));
    RI_GO(read_header(&reader, out, err));
    RI_GO(read_entries(&reader, out, err));
done:
    ri_lines_close(&reader.lines);
    ri_sample_index_free(reader.index);
    if (status != RI_OK)
        ri_sample_table_free(out);
    return status;
}
