/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/pheno.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/levels.h"
#include "data/lines.h"
#include "data/sample_index.h"
#include "data/wording.h"

typedef struct pheno_reader {
    ri_lines lines;
    int64_t columns, at_value;
    bool by_family; /* columns FID IID; else only IID */
    ri_sample_index *index;
    int64_t *line;    /* [n] of the dataset: where its value was read, 0: not yet */
    bool has_missing; /* options->missing as a number */
    double missing;
    ri_names class_name; /* values that are no numbers: names of classes */
    int64_t *class_of;   /* [n] of the dataset: place in class_name, or -1 */
    bool some_number;
    ri_error not_number; /* what to say of the first value that is none */
    char *name;          /* of the response */
    double *y;           /* [n] */
} pheno_reader;

static ri_status find_value(pheno_reader *reader, const char *name, ri_error *err) {
    ri_status status = RI_OK;
    const ri_lines *lines = &reader->lines;
    int64_t ids = reader->by_family ? 2 : 1;
    ri_names columns = {0};
    reader->at_value = name ? -1 : ids;
    for (int64_t k = ids; k < lines->count; k++) {
        const char *field = lines->field[k];
        if (name && reader->at_value < 0 && strcmp(field, name) == 0)
            reader->at_value = k;
        else if (name && strcmp(field, name) == 0)
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s, line %" PRId64 ": two columns are named '%s'; rename one",
                             lines->path, lines->line, ri_excerpt_of(name).text);
        if (status == RI_OK)
            status = ri_names_add(&columns, field, strlen(field), err);
    }
    if (status == RI_OK && lines->count <= ids)
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s, line %" PRId64 ": no phenotype column after the sample IDs",
                         lines->path, lines->line);
    else if (status == RI_OK && reader->at_value < 0)
        status = ri_fail_unknown_column(err, lines->path, "--pheno-name", name, &columns);
    ri_names_free(&columns);
    return status;
}

static ri_status read_header(pheno_reader *reader, const ri_pheno_options *options, ri_error *err) {
    ri_lines *lines = &reader->lines;
    RI_TRY(ri_lines_next(lines, err));
    if (lines->count == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: the file is empty", lines->path);
    const char *first = lines->field[0] + (lines->field[0][0] == '#');
    const char *second = lines->count > 1 ? lines->field[1] : "";
    reader->by_family = strcmp(first, "FID") == 0 && strcmp(second, "IID") == 0;
    if (!reader->by_family && strcmp(first, "IID") != 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": a header '#FID IID NAME...' or '#IID NAME...' is "
                       "needed, not '%s'",
                       lines->path, lines->line, ri_excerpt_of(lines->field[0]).text);
    reader->columns = lines->count;
    RI_TRY(find_value(reader, options->name, err));
    reader->name = strdup(lines->field[reader->at_value]);
    return reader->name ? RI_OK : ri_fail_memory(err, "a name", 64);
}

static ri_status fail_value(const pheno_reader *reader, const char *what, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ", column '%s': '%s' %s",
                   reader->lines.path, reader->lines.line, reader->name,
                   ri_excerpt_of(reader->lines.field[reader->at_value]).text, what);
}

/* `*value` is NaN where it is missing, and where it is the name of a class. */
static ri_status parse_value(pheno_reader *reader, double *value, bool *class_name, ri_error *err) {
    const char *text = reader->lines.field[reader->at_value];
    bool number = ri_parse_number(text, value);
    *class_name = !number && !ri_is_missing_text(text);
    if (number && isinf(*value))
        return fail_value(reader, "is not finite; write NA where it is missing", err);
    if (!number || (reader->has_missing && *value == reader->missing))
        *value = NAN;
    reader->some_number |= !isnan(*value);
    if (*class_name && reader->not_number.text[0] == '\0')
        (void)fail_value(reader, "is not a number; recode it, or write NA where it is missing",
                         &reader->not_number);
    return reader->some_number && reader->not_number.text[0] != '\0'
               ? ri_fail(err, RI_BAD_INPUT, "%s", reader->not_number.text)
               : RI_OK;
}

static ri_status read_entry(pheno_reader *reader, const ri_names *sample, ri_pheno_report *report,
                            ri_error *err) {
    const ri_lines *lines = &reader->lines;
    int64_t at;
    double value;
    bool class_name;
    if (lines->count != reader->columns)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": %" PRId64 " fields, but the header has %" PRId64,
                       lines->path, lines->line, lines->count, reader->columns);
    RI_TRY(ri_sample_index_find(reader->index, reader->by_family ? lines->field[0] : NULL,
                                lines->field[reader->by_family], &at, err));
    RI_TRY(parse_value(reader, &value, &class_name, err));
    if (at < 0) {
        report->unused_lines++;
        return RI_OK;
    }
    if (reader->line[at] > 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: lines %" PRId64 " and %" PRId64
                       " are the same sample ('%s'); remove one",
                       lines->path, reader->line[at], lines->line,
                       ri_excerpt_of(ri_names_get(sample, at)).text);
    reader->line[at] = lines->line;
    reader->y[at] = value;
    const char *text = lines->field[reader->at_value];
    if (class_name) {
        reader->class_of[at] = reader->class_name.count;
        RI_TRY(ri_names_add(&reader->class_name, text, strlen(text), err));
    }
    return RI_OK;
}

static ri_status read_entries(pheno_reader *reader, const ri_dataset *dataset,
                              ri_pheno_report *report, ri_error *err) {
    int64_t n = dataset->n;
    reader->line = ri_calloc((size_t)n, sizeof *reader->line);
    reader->y = ri_alloc((size_t)n, sizeof *reader->y);
    reader->class_of = ri_alloc((size_t)n, sizeof *reader->class_of);
    if (!reader->line || !reader->y || !reader->class_of)
        return ri_fail_memory(err, "phenotypes", (size_t)n * sizeof *reader->line);
    for (int64_t i = 0; i < n; i++) {
        reader->y[i] = NAN;
        reader->class_of[i] = -1;
    }
    RI_TRY(ri_lines_next(&reader->lines, err));
    while (reader->lines.count > 0) {
        RI_TRY(read_entry(reader, &dataset->sample, report, err));
        RI_TRY(ri_lines_next(&reader->lines, err));
    }
    for (int64_t i = 0; i < n; i++)
        report->unmatched_samples += reader->line[i] == 0;
    if (report->unmatched_samples == n)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: none of its samples is in %s, whose first sample is '%s'; are the IDs "
                       "those of another file, or is an FID column needed?",
                       reader->lines.path, dataset->path,
                       ri_excerpt_of(ri_names_get(&dataset->sample, 0)).text);
    return RI_OK;
}

/* A response of names: y becomes their numbers. */
static ri_status number_classes(pheno_reader *reader, int64_t n, ri_names *level, ri_error *err) {
    char place[512];
    snprintf(place, sizeof place, "%.300s, column '%.150s'", reader->lines.path, reader->name);
    double *number = ri_alloc((size_t)reader->class_name.count, sizeof *number);
    if (!number)
        return ri_fail_memory(err, "phenotypes", 8ULL * (size_t)reader->class_name.count);
    ri_status status = ri_levels_find(place, &reader->class_name, number, level, err);
    for (int64_t i = 0; status == RI_OK && i < n; i++)
        if (reader->class_of[i] >= 0)
            reader->y[i] = number[reader->class_of[i]];
    free(number);
    return status;
}

ri_status ri_pheno_check(const ri_pheno_options *options, ri_error *err) {
    double number;
    if (options->name && !options->file)
        return ri_fail(err, RI_BAD_INPUT, "--pheno-name '%s' needs --pheno FILE",
                       ri_excerpt_of(options->name).text);
    if (options->missing && !options->file)
        return ri_fail(err, RI_BAD_INPUT,
                       "--missing-phenotype is for a --pheno file; in the .fam, -9 and text that "
                       "is no number are always missing");
    if (options->missing && !ri_parse_number(options->missing, &number))
        return ri_fail(err, RI_BAD_INPUT, "--missing-phenotype '%s' is not a number",
                       ri_excerpt_of(options->missing).text);
    return RI_OK;
}

static ri_status read_file(ri_dataset *dataset, const ri_pheno_options *options,
                           ri_pheno_report *report, ri_error *err) {
    ri_status status;
    pheno_reader reader = {0};
    ri_names family = {0}, level = {0};
    if (options->missing)
        reader.has_missing = ri_parse_number(options->missing, &reader.missing);
    RI_GO(ri_dataset_families(dataset, &family, err));
    RI_GO(ri_sample_index_new(&dataset->sample, family.count > 0 ? &family : NULL, &reader.index,
                              err));
    RI_GO(ri_lines_open(options->file, RI_SPLIT_HEADER, &reader.lines, err));
    RI_GO(read_header(&reader, options, err));
    RI_GO(read_entries(&reader, dataset, report, err));
    for (int64_t i = 0; i < dataset->n; i++)
        report->minus_nine += reader.y[i] == -9.0;
    RI_GO(number_classes(&reader, dataset->n, &level, err));
    report->from_file = true;
    ri_names_free(&dataset->level);
    dataset->level = level;
    level = (ri_names){0};
    free(dataset->response);
    free(dataset->y);
    dataset->response = reader.name;
    dataset->y = reader.y;
    reader.name = NULL;
    reader.y = NULL;
done:
    ri_lines_close(&reader.lines);
    ri_sample_index_free(reader.index);
    ri_names_free(&family);
    ri_names_free(&level);
    ri_names_free(&reader.class_name);
    free(reader.class_of);
    free(reader.line);
    free(reader.name);
    free(reader.y);
    return status;
}

/* --- cases and controls ---------------------------------------------------------------------- */

static ri_status decode_binary(ri_dataset *dataset, ri_pheno_report *report, ri_error *err) {
    if (dataset->level.count > 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--binary-coding: response '%s' is text ('%s'), not 1 and 2; leave the "
                       "option out",
                       dataset->response, ri_excerpt_of(ri_names_get(&dataset->level, 0)).text);
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = dataset->y[i];
        if (isnan(value))
            continue;
        if (value != 1 && value != 2 && value != 0 && value != -9)
            return ri_fail(err, RI_BAD_INPUT,
                           "--binary-coding: response '%s' of sample '%s' is %g; only 1 (control), "
                           "2 (case), 0 and -9 (missing) are legal; a quantitative response needs "
                           "no such option",
                           dataset->response, ri_excerpt_of(ri_names_get(&dataset->sample, i)).text,
                           value);
        report->cases += value == 2;
        report->controls += value == 1;
        dataset->y[i] = value == 2 ? 1 : value == 1 ? 0 : (double)NAN;
    }
    report->minus_nine = 0;
    return RI_OK;
}

static bool looks_binary(const ri_dataset *dataset) {
    if (dataset->level.count > 0)
        return false;
    int64_t ones = 0, twos = 0;
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = dataset->y[i];
        ones += value == 1;
        twos += value == 2;
        if (!isnan(value) && value != 0 && value != 1 && value != 2 && value != -9)
            return false;
    }
    return ones > 0 && twos > 0;
}

ri_status ri_dataset_take_pheno(ri_dataset *dataset, const ri_pheno_options *options,
                                ri_pheno_report *report, ri_error *err) {
    *report = (ri_pheno_report){0};
    RI_TRY(ri_pheno_check(options, err));
    if (options->file)
        RI_TRY(read_file(dataset, options, report, err));
    if (!dataset->y)
        return RI_OK;
    if (options->binary_coding)
        return decode_binary(dataset, report, err);
    report->looks_binary = looks_binary(dataset);
    return RI_OK;
}
