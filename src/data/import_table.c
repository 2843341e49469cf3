/* SPDX-License-Identifier: BSD-3-Clause
 * Tables to a dataset in two passes: the first checks every cell and counts the rows, the second
 * writes the features in blocks of rows. Only what is one number or name a row stays in memory. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/c_locale.h"
#include "data/import.h"
#include "data/levels.h"
#include "data/table_plan.h"
#include "data/table_reader.h"
#include "data/truth.h"
#include "data/wording.h"
#include "data/writer.h"

enum {
    BLOCK_BYTES = 1 << 25,
    FEATURES_IN_ROWS = 4, /* so many times more rows than columns are no samples in rows */
};

typedef struct table_import {
    const char *path;
    const ri_table_options *options;
    ri_import_report *report;
    ri_table_plan plan;
    const ri_names *row; /* the row being read, and where it starts */
    int64_t row_line;
    double *lowest, *highest; /* [features], over the values that are not missing */
    /* one entry a row */
    ri_names sample, group;
    int64_t *line;
    double *y, *weight;
    ri_names class_name;  /* texts of a response that is names of classes */
    bool response_number; /* some response is a number */
    ri_error not_number;  /* what to say of the first that is none */
    size_t line_capacity, y_capacity, weight_capacity;
    ri_truth truth;
    ri_writer *writer;
} table_import;

/* "FILE, line L, column K ('NAME')" starts every sentence about a cell. */
#define CELL_FORMAT "%s, line %" PRId64 ", column %" PRId64 " ('%s'): "
#define CELL_ARGUMENTS(import, k)                                                                  \
    (import)->path, (import)->row_line, (k) + 1,                                                   \
        ri_excerpt_of(ri_names_get(&(import)->plan.header, k)).text

static ri_status fail_not_number(const table_import *import, int64_t k, ri_error *err) {
    const char *text = ri_names_get(import->row, k);
    const char *advice = "recode it as a number, or leave the column out with --drop";
    if (import->plan.role[k] == RI_ROLE_RESPONSE)
        advice = "recode the response as numbers (two classes as 0 and 1), and write NA where it "
                 "is missing";
    else if (k == 0 && !import->plan.has_id)
        advice = "if these are sample names, use --id-column; else recode it or use --drop";
    return ri_fail(err, RI_BAD_INPUT, CELL_FORMAT "'%s' is not a number; %s",
                   CELL_ARGUMENTS(import, k), ri_excerpt_of(text).text, advice);
}

/* The number in field `k`, NaN where it is missing. */
static ri_status parse_cell(const table_import *import, int64_t k, double *value, ri_error *err) {
    const char *text = ri_names_get(import->row, k);
    if (!ri_parse_number(text, value)) {
        if (!ri_is_missing_text(text))
            return fail_not_number(import, k, err);
        *value = NAN;
    }
    if (isinf(*value))
        return ri_fail(err, RI_BAD_INPUT, CELL_FORMAT "'%s' is not finite; correct it%s",
                       CELL_ARGUMENTS(import, k), ri_excerpt_of(text).text,
                       import->plan.role[k] == RI_ROLE_FEATURE ? " or remove the row" : "");
    if (import->options->storage == RI_F32 && isinf((float)*value) &&
        import->plan.role[k] == RI_ROLE_FEATURE)
        return ri_fail(err, RI_BAD_INPUT, CELL_FORMAT "'%s' is too large for f32; use f64",
                       CELL_ARGUMENTS(import, k), ri_excerpt_of(text).text);
    return RI_OK;
}

/* --- first pass --------------------------------------------------------------------------- */

static ri_status scan_feature(table_import *import, int64_t k, int64_t feature, ri_error *err) {
    double value;
    RI_TRY(parse_cell(import, k, &value, err));
    if (isnan(value)) {
        if (!import->options->allow_missing)
            return ri_fail(
                err, RI_BAD_INPUT,
                CELL_FORMAT "a missing value ('%s'); --missing mean accepts it and takes "
                            "the mean of each fit's training rows, or remove the row",
                CELL_ARGUMENTS(import, k), ri_excerpt_of(ri_names_get(import->row, k)).text);
        import->report->missing_values++;
        return RI_OK;
    }
    if (import->options->storage == RI_F32)
        value = (float)value;
    import->lowest[feature] = fmin(import->lowest[feature], value);
    import->highest[feature] = fmax(import->highest[feature], value);
    return RI_OK;
}

static ri_status scan_response(table_import *import, int64_t k, ri_error *err) {
    size_t row = (size_t)import->report->samples;
    if (!ri_grow(&import->y, &import->y_capacity, row + 1, sizeof *import->y))
        return ri_fail_memory(err, "the response", (row + 1) * sizeof *import->y);
    const char *text = ri_names_get(import->row, k);
    bool missing = ri_is_missing_text(text);
    if (!import->response_number)
        RI_TRY(ri_names_add(&import->class_name, text, strlen(text), err));
    import->report->missing_responses += missing;
    import->y[row] = NAN;
    if (!ri_parse_number(text, &import->y[row]) && !missing) {
        if (import->not_number.text[0] == '\0')
            (void)fail_not_number(import, k, &import->not_number);
    } else {
        RI_TRY(parse_cell(import, k, &import->y[row], err));
        import->response_number |= !missing;
    }
    if (!import->response_number)
        return RI_OK;
    ri_names_free(&import->class_name);
    return import->not_number.text[0] == '\0' /* texts and numbers do not go together */
               ? RI_OK
               : ri_fail(err, RI_BAD_INPUT, "%s", import->not_number.text);
}

static ri_status scan_weight(table_import *import, int64_t k, ri_error *err) {
    size_t row = (size_t)import->report->samples;
    if (!ri_grow(&import->weight, &import->weight_capacity, row + 1, sizeof *import->weight))
        return ri_fail_memory(err, "the weights", (row + 1) * sizeof *import->weight);
    RI_TRY(parse_cell(import, k, &import->weight[row], err));
    if (!(import->weight[row] >= 0.0))
        return ri_fail(err, RI_BAD_INPUT, CELL_FORMAT "'%s' is not a weight; it must be 0 or more",
                       CELL_ARGUMENTS(import, k), ri_excerpt_of(ri_names_get(import->row, k)).text);
    return RI_OK;
}

static ri_status scan_label(const table_import *import, int64_t k, ri_names *labels,
                            ri_error *err) {
    const char *text = ri_names_get(import->row, k);
    if (*text == '\0')
        return ri_fail(err, RI_BAD_INPUT, CELL_FORMAT "the %s is empty", CELL_ARGUMENTS(import, k),
                       import->plan.role[k] == RI_ROLE_ID ? "sample name" : "group");
    return ri_names_add(labels, text, strlen(text), err);
}

static ri_status check_width(const table_import *import, ri_error *err) {
    int64_t expected = import->plan.header.count;
    int64_t found = import->row->count;
    if (found == expected)
        return RI_OK;
    bool unnamed = found == expected + 1 && import->report->samples == 0;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ": %" PRId64 " fields, but the header has %" PRId64 "%s",
                   import->path, import->row_line, found, expected,
                   unnamed ? "; if the first field is the sample name, the header must name it too"
                           : "");
}

static ri_status scan_row(table_import *import, ri_error *err) {
    RI_TRY(check_width(import, err));
    size_t row = (size_t)import->report->samples;
    if (!ri_grow(&import->line, &import->line_capacity, row + 1, sizeof *import->line))
        return ri_fail_memory(err, "the rows of a table", (row + 1) * sizeof *import->line);
    import->line[row] = import->row_line;
    int64_t feature = 0;
    for (int64_t k = 0; k < import->plan.header.count; k++) {
        switch ((ri_role)import->plan.role[k]) {
        case RI_ROLE_FEATURE:
            RI_TRY(scan_feature(import, k, feature++, err));
            break;
        case RI_ROLE_RESPONSE:
            RI_TRY(scan_response(import, k, err));
            break;
        case RI_ROLE_ID:
            RI_TRY(scan_label(import, k, &import->sample, err));
            break;
        case RI_ROLE_GROUP:
            RI_TRY(scan_label(import, k, &import->group, err));
            break;
        case RI_ROLE_WEIGHT:
            RI_TRY(scan_weight(import, k, err));
            break;
        case RI_ROLE_DROPPED:
            break;
        }
    }
    import->report->samples++;
    return RI_OK;
}

static ri_status prepare_scan(table_import *import, ri_error *err) {
    int64_t features = import->plan.feature.count;
    import->report->features = features;
    import->report->renamed_features = import->plan.renamed;
    import->report->dropped_columns = import->plan.dropped;
    snprintf(import->report->response, sizeof import->report->response, "%s",
             import->options->response);
    import->lowest = ri_alloc((size_t)features, sizeof *import->lowest);
    import->highest = ri_alloc((size_t)features, sizeof *import->highest);
    if (!import->lowest || !import->highest)
        return ri_fail_memory(err, "the range of each feature", (size_t)features * 16);
    for (int64_t j = 0; j < features; j++) {
        import->lowest[j] = INFINITY;
        import->highest[j] = -INFINITY;
    }
    return RI_OK;
}

/* Sample names as in the file, which must differ, or "1", "2", ... */
static ri_status finish_samples(table_import *import, ri_error *err) {
    ri_name_index *index;
    int64_t twice;
    if (!import->plan.has_id) {
        for (int64_t i = 1; i <= import->report->samples; i++) {
            char text[24];
            int length = snprintf(text, sizeof text, "%" PRId64, i);
            RI_TRY(ri_names_add(&import->sample, text, (size_t)length, err));
        }
        return RI_OK;
    }
    RI_TRY(ri_name_index_new(&import->sample, &index, &twice, err));
    const char *name = twice < 0 ? NULL : ri_names_get(&import->sample, twice);
    int64_t first = name ? ri_name_index_find(index, name) : -1;
    ri_name_index_free(index);
    if (!name)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: lines %" PRId64 " and %" PRId64
                   " have the same sample name '%s'; rename or remove one",
                   import->path, import->line[first], import->line[twice],
                   ri_excerpt_of(name).text);
}

static bool has_response(const table_import *import) {
    for (int64_t k = 0; k < import->row->count; k++)
        if (strcmp(ri_names_get(import->row, k), import->options->response) == 0)
            return true;
    return false;
}

/* After a failure to make sense of the header: a table without the response and with far more rows
 * than columns is likely one of an expression matrix, the other way round. */
static void explain_header(const table_import *import, ri_table_reader *reader, int64_t columns,
                           ri_error *err) {
    int64_t rows = -1, line;
    const ri_names *row;
    ri_status status;
    do {
        status = ri_table_reader_next(reader, &row, &line, NULL);
        rows++;
    } while (status == RI_OK && row);
    if (status == RI_OK && rows / FEATURES_IN_ROWS >= columns)
        ri_fail(err, RI_BAD_INPUT,
                "%s: --response '%s': no such column, and %" PRId64 " rows of %" PRId64
                " columns look like features in rows; import it with --transpose, and with "
                "--samples FILE, the table that has the response of each sample",
                import->path, ri_excerpt_of(import->options->response).text, rows, columns);
}

/* Decides from the header, in `import->row`, what each column is. */
static ri_status plan_table(table_import *import, ri_table_reader *reader, ri_error *err) {
    int64_t columns = import->row->count;
    bool found = has_response(import);
    ri_status status =
        ri_table_plan_make(import->path, import->row, import->options, &import->plan, err);
    if (status == RI_BAD_INPUT && !found)
        explain_header(import, reader, columns, err);
    return status;
}

static ri_status scan_table(table_import *import, ri_error *err) {
    ri_status status;
    ri_table_reader *reader = NULL;
    RI_GO(ri_table_reader_open(import->path, &reader, err));
    RI_GO(ri_table_reader_next(reader, &import->row, &import->row_line, err));
    if (!import->row) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: the file is empty", import->path);
        goto done;
    }
    RI_GO(plan_table(import, reader, err));
    RI_GO(prepare_scan(import, err));
    RI_GO(ri_table_reader_next(reader, &import->row, &import->row_line, err));
    while (import->row) {
        RI_GO(scan_row(import, err));
        RI_GO(ri_table_reader_next(reader, &import->row, &import->row_line, err));
    }
    if (import->report->samples == 0) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: a header, but no rows", import->path);
        goto done;
    }
    RI_GO(finish_samples(import, err));
    for (int64_t j = 0; j < import->plan.feature.count; j++)
        import->report->constant_features += !(import->lowest[j] < import->highest[j]);
done:
    ri_table_reader_close(reader);
    return status;
}

/* --- second pass -------------------------------------------------------------------------- */

static ri_status fail_changed(const table_import *import, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s: the file changed while it was read; import it again",
                   import->path);
}

/* The features of the row in file order. */
static ri_status decode_row(table_import *import, double *values, ri_error *err) {
    if (import->row->count != import->plan.header.count)
        return fail_changed(import, err);
    for (int64_t k = 0; k < import->plan.header.count; k++)
        if (import->plan.role[k] == RI_ROLE_FEATURE)
            RI_TRY(parse_cell(import, k, values++, err));
    return RI_OK;
}

static ri_status copy_rows(table_import *import, ri_table_reader *reader, double *block,
                           int64_t block_rows, ri_error *err) {
    int64_t n = import->report->samples;
    int64_t p = import->report->features;
    int64_t written = 0;
    int64_t filled = 0;
    RI_TRY(ri_table_reader_next(reader, &import->row, &import->row_line, err));
    while (written < n) {
        RI_TRY(ri_table_reader_next(reader, &import->row, &import->row_line, err));
        if (!import->row)
            return fail_changed(import, err);
        RI_TRY(decode_row(import, block + filled * p, err));
        filled++;
        if (filled == block_rows || written + filled == n) {
            RI_TRY(ri_writer_rows(import->writer, written, filled, block, err));
            written += filled;
            filled = 0;
        }
    }
    return RI_OK;
}

static ri_status copy_features(table_import *import, ri_error *err) {
    ri_status status;
    ri_table_reader *reader = NULL;
    size_t row_bytes = (size_t)import->report->features * sizeof(double);
    int64_t rows = 1 + (int64_t)(BLOCK_BYTES / row_bytes);
    if (rows > import->report->samples)
        rows = import->report->samples;
    double *block = ri_alloc((size_t)rows, row_bytes);
    if (!block) {
        status = ri_fail_memory(err, "a block of rows", (size_t)rows * row_bytes);
        goto done;
    }
    RI_GO(ri_table_reader_open(import->path, &reader, err));
    RI_GO(copy_rows(import, reader, block, rows, err));
done:
    ri_table_reader_close(reader);
    free(block);
    return status;
}

/* Numbers, or the names of classes. */
static ri_status write_response(table_import *import, ri_error *err) {
    const char *name = import->options->response;
    char place[512];
    if (import->not_number.text[0] == '\0')
        return ri_writer_response(import->writer, name, import->y, true, err);
    ri_names level = {0};
    snprintf(place, sizeof place, "%.300s, column '%.200s'", import->path, name);
    ri_status status = ri_levels_find(place, &import->class_name, import->y, &level, err);
    ri_names_free(&level);
    RI_TRY(status);
    return ri_writer_response_text(import->writer, name, &import->class_name, true, err);
}

static ri_status write_dataset(table_import *import, const char *output, ri_error *err) {
    const ri_import_report *report = import->report;
    const ri_table_options *options = import->options;
    RI_TRY(ri_writer_open(output, report->samples, report->features, options->storage, false,
                          &import->writer, err));
    RI_TRY(ri_writer_samples(import->writer, &import->sample, err));
    RI_TRY(ri_writer_features(import->writer, &import->plan.feature, NULL, NULL, NULL, NULL, err));
    RI_TRY(write_response(import, err));
    if (import->plan.has_group)
        RI_TRY(ri_writer_group(import->writer, options->group_column, &import->group, err));
    if (import->plan.has_weight)
        RI_TRY(ri_writer_weights(import->writer, import->weight, err));
    if (import->truth.count > 0)
        RI_TRY(ri_writer_truth(import->writer, &import->truth, err));
    return copy_features(import, err);
}

static ri_status check_options(const ri_table_options *options, ri_error *err) {
    if (!options->response || *options->response == '\0')
        return ri_fail(err, RI_BAD_INPUT,
                       "which column is the response? name it with --response NAME");
    if (options->storage != RI_F64 && options->storage != RI_F32)
        return ri_fail(err, RI_BAD_INPUT, "tables are stored as f64 or f32, not as %s",
                       ri_storage_name(options->storage));
    return RI_OK;
}

static void free_import(table_import *import) {
    ri_table_plan_free(&import->plan);
    ri_names_free(&import->sample);
    ri_names_free(&import->group);
    ri_truth_clear(&import->truth);
    free(import->lowest);
    free(import->highest);
    free(import->line);
    free(import->y);
    ri_names_free(&import->class_name);
    free(import->weight);
}

ri_status ri_import_table(const char *table, const ri_table_options *options, const char *output,
                          ri_import_report *report, ri_error *err) {
    ri_status status, closed;
    table_import import = {.path = table, .options = options, .report = report};
    ri_c_locale locale = ri_c_locale_enter();
    *report = (ri_import_report){0};
    RI_GO(check_options(options, err));
    RI_GO(ri_output_prepare(output, err));
    RI_GO(scan_table(&import, err));
    if (options->truth)
        RI_GO(ri_truth_read(options->truth, &import.plan.feature, NULL, &import.truth, err));
    RI_GO(write_dataset(&import, output, err));
done:
    /* after a failure its own sentence stands; closing only removes the temporary file */
    closed = ri_writer_close(import.writer, status == RI_OK, status == RI_OK ? err : NULL);
    if (status == RI_OK)
        status = closed;
    free_import(&import);
    ri_c_locale_leave(locale);
    return status;
}
