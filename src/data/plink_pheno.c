/* SPDX-License-Identifier: BSD-3-Clause
 * Phenotypes of a --pheno file, matched to the samples of the .fam by FID and IID, or by IID alone
 * where the file has no FID column. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/lines.h"
#include "data/plink_text.h"
#include "data/wording.h"

typedef struct pheno_reader {
    ri_lines lines;
    int64_t columns, at_value;
    bool by_family;       /* columns FID IID; else only IID */
    ri_name_index *index; /* of FID<tab>IID, or of IID */
    int64_t *line;        /* [n] of the .fam: where its phenotype was read, 0: not yet */
    bool has_missing;     /* options->missing_phenotype as a number */
    double missing;
    char *key;
    size_t key_capacity;
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

static ri_status read_header(pheno_reader *reader, const ri_plink_options *options,
                             ri_import_report *report, ri_error *err) {
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
    RI_TRY(find_value(reader, options->pheno_name, err));
    snprintf(report->response, sizeof report->response, "%s", lines->field[reader->at_value]);
    return RI_OK;
}

static ri_status index_samples(pheno_reader *reader, const ri_plink_samples *samples,
                               ri_error *err) {
    int64_t twice;
    const ri_names *names = reader->by_family ? &samples->pair : &samples->iid;
    RI_TRY(ri_name_index_new(names, &reader->index, &twice, err));
    if (twice >= 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has no FID column, but IID '%s' occurs more than once in the .fam; add "
                       "the FID column",
                       reader->lines.path, ri_excerpt_of(ri_names_get(names, twice)).text);
    return RI_OK;
}

/* Index of the sample of this line, -1 where the .fam has no such sample. */
static ri_status find_sample(pheno_reader *reader, int64_t *sample, ri_error *err) {
    char **field = reader->lines.field;
    if (!reader->by_family) {
        *sample = ri_name_index_find(reader->index, field[0]);
        return RI_OK;
    }
    size_t room = strlen(field[0]) + strlen(field[1]) + 2;
    if (!ri_grow(&reader->key, &reader->key_capacity, room, 1))
        return ri_fail_memory(err, "a sample name", room);
    snprintf(reader->key, room, "%s\t%s", field[0], field[1]);
    *sample = ri_name_index_find(reader->index, reader->key);
    return RI_OK;
}

static ri_status parse_phenotype(const pheno_reader *reader, const ri_import_report *report,
                                 double *value, ri_error *err) {
    const char *text = reader->lines.field[reader->at_value];
    if (!ri_parse_number(text, value)) {
        if (!ri_is_missing_text(text))
            return ri_fail(err, RI_BAD_INPUT,
                           "%s, line %" PRId64 ", column '%s': '%s' is not a number; recode it, or "
                           "write NA where it is missing",
                           reader->lines.path, reader->lines.line, report->response,
                           ri_excerpt_of(text).text);
        *value = NAN;
    }
    if (isinf(*value))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ", column '%s': '%s' is not finite; write NA where it "
                       "is missing",
                       reader->lines.path, reader->lines.line, report->response,
                       ri_excerpt_of(text).text);
    if (reader->has_missing && *value == reader->missing)
        *value = NAN;
    return RI_OK;
}

static ri_status read_entry(pheno_reader *reader, ri_plink_samples *samples,
                            ri_import_report *report, ri_error *err) {
    const ri_lines *lines = &reader->lines;
    int64_t sample = -1;
    double value;
    if (lines->count != reader->columns)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": %" PRId64 " fields, but the header has %" PRId64,
                       lines->path, lines->line, lines->count, reader->columns);
    RI_TRY(find_sample(reader, &sample, err));
    RI_TRY(parse_phenotype(reader, report, &value, err));
    if (sample < 0) {
        report->unused_phenotypes++;
        return RI_OK;
    }
    if (reader->line[sample] > 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: lines %" PRId64 " and %" PRId64
                       " are the same sample ('%s'); remove one",
                       lines->path, reader->line[sample], lines->line,
                       ri_excerpt_of(ri_names_get(&samples->iid, sample)).text);
    reader->line[sample] = lines->line;
    samples->y[sample] = value;
    report->minus_nine += value == -9.0;
    return RI_OK;
}

static ri_status read_entries(pheno_reader *reader, ri_plink_samples *samples,
                              ri_import_report *report, ri_error *err) {
    int64_t n = samples->iid.count;
    reader->line = ri_calloc((size_t)n, sizeof *reader->line);
    if (!reader->line)
        return ri_fail_memory(err, "phenotypes", (size_t)n * sizeof *reader->line);
    for (int64_t i = 0; i < n; i++)
        samples->y[i] = NAN;
    RI_TRY(ri_lines_next(&reader->lines, err));
    while (reader->lines.count > 0) {
        RI_TRY(read_entry(reader, samples, report, err));
        RI_TRY(ri_lines_next(&reader->lines, err));
    }
    for (int64_t i = 0; i < n; i++)
        report->unmatched_samples += reader->line[i] == 0;
    if (report->unmatched_samples == n)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: none of its samples is in the .fam, whose first IID is '%s'; are the "
                       "IDs those of another file?",
                       reader->lines.path, ri_excerpt_of(ri_names_get(&samples->iid, 0)).text);
    return RI_OK;
}

ri_status ri_plink_pheno_read(const ri_plink_options *options, ri_plink_samples *samples,
                              ri_import_report *report, ri_error *err) {
    ri_status status;
    pheno_reader reader = {0};
    if (options->missing_phenotype) {
        reader.has_missing = true;
        if (!ri_parse_number(options->missing_phenotype, &reader.missing))
            return ri_fail(err, RI_BAD_INPUT, "--missing-phenotype '%s' is not a number",
                           ri_excerpt_of(options->missing_phenotype).text);
    }
    RI_GO(ri_lines_open(options->pheno, RI_SPLIT_HEADER, &reader.lines, err));
    RI_GO(read_header(&reader, options, report, err));
    RI_GO(index_samples(&reader, samples, err));
    RI_GO(read_entries(&reader, samples, report, err));
done:
    ri_lines_close(&reader.lines);
    ri_name_index_free(reader.index);
    free(reader.line);
    free(reader.key);
    return status;
}
