/* SPDX-License-Identifier: BSD-3-Clause
 * The whole table stays in memory as text: it is one line a sample. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/annotation.h"
#include "data/table_reader.h"
#include "data/wording.h"

struct ri_sheet {
    char *path;
    ri_names header, cell; /* cell of line l and column k: l * header.count + k */
    ri_names id;           /* of each line */
    int64_t *line;         /* [lines] where it stands in the file */
    size_t line_capacity;
    int64_t *of_sample; /* [samples] its line, or -1 */
    int64_t samples;
};

void ri_sheet_close(ri_sheet *sheet) {
    if (!sheet)
        return;
    ri_names_free(&sheet->header);
    ri_names_free(&sheet->cell);
    ri_names_free(&sheet->id);
    free(sheet->line);
    free(sheet->of_sample);
    free(sheet->path);
    free(sheet);
}

static ri_status append(ri_names *to, const ri_names *from, ri_error *err) {
    for (int64_t k = 0; k < from->count; k++) {
        const char *text = ri_names_get(from, k);
        RI_TRY(ri_names_add(to, text, strlen(text), err));
    }
    return RI_OK;
}

static ri_status find_column(const ri_sheet *sheet, const char *option, const char *name,
                             int64_t *column, ri_error *err) {
    *column = -1;
    for (int64_t k = 0; k < sheet->header.count; k++) {
        if (strcmp(ri_names_get(&sheet->header, k), name) != 0)
            continue;
        if (*column >= 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: %s '%s': columns %" PRId64 " and %" PRId64
                           " both have this name; rename one",
                           sheet->path, option, ri_excerpt_of(name).text, *column + 1, k + 1);
        *column = k;
    }
    if (*column < 0)
        return ri_fail_unknown_column(err, sheet->path, option, name, &sheet->header);
    return RI_OK;
}

static ri_status add_line(ri_sheet *sheet, const ri_names *row, int64_t line, int64_t id,
                          ri_error *err) {
    if (row->count != sheet->header.count)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": %" PRId64 " fields, but the header has %" PRId64,
                       sheet->path, line, row->count, sheet->header.count);
    const char *name = ri_names_get(row, id);
    if (*name == '\0')
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": the sample name is empty",
                       sheet->path, line);
    size_t needed = (size_t)sheet->id.count + 1;
    if (!ri_grow(&sheet->line, &sheet->line_capacity, needed, sizeof *sheet->line))
        return ri_fail_memory(err, "the samples' table", needed * sizeof *sheet->line);
    sheet->line[sheet->id.count] = line;
    RI_TRY(ri_names_add(&sheet->id, name, strlen(name), err));
    return append(&sheet->cell, row, err);
}

static ri_status read_sheet(ri_sheet *sheet, const char *id_column, ri_error *err) {
    ri_status status;
    ri_table_reader *reader = NULL;
    const ri_names *row;
    int64_t line, id = 0;
    RI_GO(ri_table_reader_open(sheet->path, &reader, err));
    RI_GO(ri_table_reader_next(reader, &row, &line, err));
    if (!row) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: the file is empty", sheet->path);
        goto done;
    }
    RI_GO(append(&sheet->header, row, err));
    if (id_column)
        RI_GO(find_column(sheet, "--id-column", id_column, &id, err));
    RI_GO(ri_table_reader_next(reader, &row, &line, err));
    while (row) {
        RI_GO(add_line(sheet, row, line, id, err));
        RI_GO(ri_table_reader_next(reader, &row, &line, err));
    }
done:
    ri_table_reader_close(reader);
    return status;
}

static ri_status fail_no_match(const ri_sheet *sheet, const ri_names *sample, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: no sample of X has a line in it: X has '%s', ..., and the table '%s', ...; "
                   "the IDs are in its first column unless --id-column names another",
                   sheet->path, ri_excerpt_of(ri_names_get(sample, 0)).text,
                   sheet->id.count ? ri_excerpt_of(ri_names_get(&sheet->id, 0)).text : "");
}

static ri_status match_samples(ri_sheet *sheet, const ri_names *sample, int64_t *matched,
                               int64_t *unused, ri_error *err) {
    ri_name_index *index;
    int64_t twice;
    ri_status status = RI_OK;
    sheet->samples = sample->count;
    sheet->of_sample = ri_alloc((size_t)sample->count, sizeof *sheet->of_sample);
    if (!sheet->of_sample)
        return ri_fail_memory(err, "the samples' lines", (unsigned long long)sample->count * 8);
    RI_TRY(ri_name_index_new(&sheet->id, &index, &twice, err));
    *matched = 0;
    for (int64_t i = 0; i < sample->count; i++) {
        sheet->of_sample[i] = ri_name_index_find(index, ri_names_get(sample, i));
        *matched += sheet->of_sample[i] >= 0;
    }
    *unused = sheet->id.count - *matched;
    if (twice >= 0) {
        const char *name = ri_names_get(&sheet->id, twice);
        int64_t first = ri_name_index_find(index, name);
        status = ri_fail(
            err, RI_BAD_INPUT,
            "%s: lines %" PRId64 " and %" PRId64 " have the same sample name '%s'; remove one",
            sheet->path, sheet->line[first], sheet->line[twice], ri_excerpt_of(name).text);
    } else if (*matched == 0) {
        status = fail_no_match(sheet, sample, err);
    }
    ri_name_index_free(index);
    return status;
}

ri_status ri_sheet_open(const char *path, const char *id_column, const ri_names *sample,
                        ri_sheet **out, int64_t *matched, int64_t *unused, ri_error *err) {
    ri_status status;
    *out = NULL;
    ri_sheet *sheet = calloc(1, sizeof *sheet);
    if (!sheet || !(sheet->path = strdup(path))) {
        status = ri_fail_memory(err, "the samples' table", sizeof *sheet);
        goto done;
    }
    RI_GO(read_sheet(sheet, id_column, err));
    RI_GO(match_samples(sheet, sample, matched, unused, err));
    *out = sheet;
done:
    if (status != RI_OK)
        ri_sheet_close(sheet);
    return status;
}

static const char *cell(const ri_sheet *sheet, int64_t line, int64_t column) {
    return ri_names_get(&sheet->cell, line * sheet->header.count + column);
}

/* Every line counts, also those without a sample. */
static bool is_numeric(const ri_sheet *sheet, int64_t column) {
    double value;
    bool any = false;
    for (int64_t l = 0; l < sheet->id.count; l++) {
        const char *text = cell(sheet, l, column);
        bool number = ri_parse_number(text, &value);
        if (!number && !ri_is_missing_text(text))
            return false;
        any |= number;
    }
    return any;
}

ri_status ri_sheet_column(const ri_sheet *sheet, const char *option, const char *name,
                          ri_annotation *out, ri_error *err) {
    int64_t column;
    ri_status status = RI_OK;
    *out = (ri_annotation){0};
    RI_TRY(find_column(sheet, option, name, &column, err));
    snprintf(out->place, sizeof out->place, "%.180s, column '%.60s'", sheet->path, name);
    bool numeric = is_numeric(sheet, column);
    if (numeric) {
        out->value = ri_alloc((size_t)sheet->samples, sizeof *out->value);
        if (!out->value)
            return ri_fail_memory(err, name, (unsigned long long)sheet->samples * 8);
    }
    for (int64_t i = 0; i < sheet->samples && status == RI_OK; i++) {
        int64_t line = sheet->of_sample[i];
        const char *text = line < 0 ? "" : cell(sheet, line, column);
        if (numeric && !ri_parse_number(text, &out->value[i]))
            out->value[i] = (double)NAN;
        else if (!numeric)
            status = ri_names_add(&out->label, text, strlen(text), err);
    }
    if (status != RI_OK)
        ri_annotation_free(out);
    return status;
}
