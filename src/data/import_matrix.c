/* SPDX-License-Identifier: BSD-3-Clause
 * A matrix with its names to a dataset: one pass looks at every value, the next ones write. What is
 * known of the samples comes from the obs of the file, from a table matched by sample ID, or from a
 * vector in row order. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/annotation.h"
#include "data/c_locale.h"
#include "data/feed_hdf5.h"
#include "data/hdf5_common.h"
#include "data/levels.h"
#include "data/name_file.h"
#include "data/npy.h"
#include "data/truth.h"
#include "data/unique_names.h"
#include "data/wording.h"
#include "data/writer.h"

/* A sparse matrix stays sparse below this share of values that are not 0: a product with an entry
 * costs about as much as with ten places of a dense column. */
static const double SPARSE = 0.1;

typedef struct matrix_import {
    const ri_matrix_options *options;
    ri_import_report *report;
    ri_feed feed;
    ri_feed_survey survey;
    ri_names feature; /* unique */
    ri_sheet *sheet;
    ri_truth truth;
    ri_writer *writer;
    ri_storage storage; /* of the values */
    bool sparse;
} matrix_import;

ri_matrix_format ri_matrix_format_of(const char *path) {
    static const struct {
        const char *suffix;
        ri_matrix_format format;
    } known[] = {
        {".h5ad", RI_MATRIX_H5AD},    {".h5", RI_MATRIX_10X},  {".mtx", RI_MATRIX_MTX},
        {".npy", RI_MATRIX_NPY},      {".svm", RI_MATRIX_SVM}, {".libsvm", RI_MATRIX_SVM},
        {".svmlight", RI_MATRIX_SVM},
    };
    size_t length = strlen(path);
    if (length > 3 && strcasecmp(path + length - 3, ".gz") == 0)
        length -= 3;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        size_t suffix = strlen(known[k].suffix);
        if (length > suffix && strncasecmp(path + length - suffix, known[k].suffix, suffix) == 0)
            return known[k].format;
    }
    return RI_MATRIX_NONE;
}

static ri_status open_feed(matrix_import *import, const char *path, ri_error *err) {
    static ri_status (*const open[RI_MATRIX_NONE])(const char *, const ri_matrix_options *,
                                                   ri_feed *, ri_error *) = {
        [RI_MATRIX_H5AD] = ri_feed_h5ad, [RI_MATRIX_10X] = ri_feed_10x,
        [RI_MATRIX_MTX] = ri_feed_mtx,   [RI_MATRIX_NPY] = ri_feed_npy,
        [RI_MATRIX_SVM] = ri_feed_svm,   [RI_MATRIX_TABLE] = ri_feed_table,
    };
    return open[import->options->format](path, import->options, &import->feed, err);
}

/* --- names ---------------------------------------------------------------------------------- */

static ri_status number_names(ri_names *names, int64_t count, ri_error *err) {
    for (int64_t i = 1; i <= count; i++) {
        char text[24];
        int length = snprintf(text, sizeof text, "%lld", (long long)i);
        RI_TRY(ri_names_add(names, text, (size_t)length, err));
    }
    return RI_OK;
}

/* Names from the file of the option, which must be as many as there are. */
static ri_status take_names(const ri_feed *feed, const char *option, const char *path,
                            int64_t count, const char *unit, ri_names *names, ri_error *err) {
    if (path) {
        ri_names_free(names);
        RI_TRY(ri_name_file_read(path, 0, names, err));
    }
    if (names->count == 0)
        return number_names(names, count, err);
    if (names->count == count)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT, "%s: %s%s names %lld %s, but there are %lld%s", feed->place,
                   option, path ? "" : " (the file beside it)", (long long)names->count, unit,
                   (long long)count,
                   path && (names->count == feed->n || names->count == feed->p)
                       ? "; --transpose takes the matrix the other way round"
                       : "");
}

static ri_status check_samples(const matrix_import *import, ri_error *err) {
    ri_name_index *index;
    int64_t twice;
    const ri_names *sample = &import->feed.sample;
    RI_TRY(ri_name_index_new(sample, &index, &twice, err));
    ri_status status = RI_OK;
    if (twice >= 0) {
        const char *name = ri_names_get(sample, twice);
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: samples %lld and %lld have the same name '%s'; rename or remove one",
                         import->feed.place, (long long)ri_name_index_find(index, name) + 1,
                         (long long)twice + 1, ri_excerpt_of(name).text);
    }
    ri_name_index_free(index);
    return status;
}

static ri_status settle_names(matrix_import *import, ri_error *err) {
    ri_feed *feed = &import->feed;
    const ri_matrix_options *options = import->options;
    RI_TRY(take_names(feed, "--sample-names", options->sample_names, feed->n, "samples",
                      &feed->sample, err));
    RI_TRY(take_names(feed, "--feature-names", options->feature_names, feed->p, "features",
                      &feed->feature, err));
    RI_TRY(check_samples(import, err));
    return ri_names_unique(&feed->feature, &import->feature, &import->report->renamed_features,
                           err);
}

/* --- what is known of the samples ---------------------------------------------------------------
 */

/* Column `name` from the samples' table or from obs. */
static ri_status take_column(const matrix_import *import, const char *option, const char *name,
                             ri_annotation *out, ri_error *err) {
    if (import->sheet)
        return ri_sheet_column(import->sheet, option, name, out, err);
    if (import->options->format == RI_MATRIX_H5AD)
        return ri_obs_column(ri_feed_hdf5_source(&import->feed), name, import->feed.n, out, err);
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: %s '%s' is not in this file; give the table that has it with --samples "
                   "FILE",
                   import->feed.place, option, ri_excerpt_of(name).text);
}

static ri_status put_response(matrix_import *import, const char *name, const double *y,
                              const char *place, ri_error *err) {
    bool first = import->report->response[0] == '\0';
    const ri_feed *feed = &import->feed;
    int64_t missing = 0;
    for (int64_t i = 0; i < feed->n; i++) {
        if (isinf(y[i]))
            return ri_fail(err, RI_BAD_INPUT, "%s: the response of sample '%s' is infinite", place,
                           ri_excerpt_of(ri_names_get(&feed->sample, i)).text);
        missing += isnan(y[i]);
    }
    if (first) {
        snprintf(import->report->response, sizeof import->report->response, "%s", name);
        import->report->missing_responses = missing;
    }
    return ri_writer_response(import->writer, name, y, first, err);
}

/* Names of classes. */
static ri_status put_response_text(matrix_import *import, const char *name,
                                   const ri_annotation *column, ri_error *err) {
    bool first = import->report->response[0] == '\0';
    ri_names level = {0};
    int64_t missing = 0;
    double *y = ri_alloc((size_t)column->label.count, sizeof *y);
    if (!y)
        return ri_fail_memory(err, "a response", 8ULL * (size_t)column->label.count);
    ri_status status = ri_levels_find(column->place, &column->label, y, &level, err);
    for (int64_t i = 0; status == RI_OK && i < column->label.count; i++)
        missing += isnan(y[i]);
    free(y);
    ri_names_free(&level);
    RI_TRY(status);
    if (first) {
        snprintf(import->report->response, sizeof import->report->response, "%s", name);
        import->report->missing_responses = missing;
    }
    return ri_writer_response_text(import->writer, name, &column->label, first, err);
}

static ri_status put_response_column(matrix_import *import, const char *name, ri_error *err) {
    ri_annotation column;
    RI_TRY(take_column(import, "--response", name, &column, err));
    ri_status status = column.value ? put_response(import, name, column.value, column.place, err)
                                    : put_response_text(import, name, &column, err);
    ri_annotation_free(&column);
    return status;
}

static ri_status put_covariate(matrix_import *import, const char *name, ri_error *err) {
    ri_annotation column;
    RI_TRY(take_column(import, "--covariates", name, &column, err));
    ri_status status = ri_writer_covariate(import->writer, name, column.value,
                                           column.value ? NULL : &column.label, err);
    ri_annotation_free(&column);
    return status;
}

/* Numbers as labels, "" where missing. */
static ri_status label_numbers(ri_annotation *column, int64_t n, ri_error *err) {
    for (int64_t i = 0; column->value && i < n; i++) {
        char text[RI_NUMBER_TEXT] = "";
        if (!isnan(column->value[i]))
            ri_format_number(column->value[i], text);
        RI_TRY(ri_names_add(&column->label, text, strlen(text), err));
    }
    return RI_OK;
}

static ri_status put_group(matrix_import *import, const char *name, ri_error *err) {
    ri_status status;
    ri_annotation column;
    RI_TRY(take_column(import, "--group", name, &column, err));
    RI_GO(label_numbers(&column, import->feed.n, err));
    for (int64_t i = 0; i < import->feed.n; i++)
        if (*ri_names_get(&column.label, i) == '\0') {
            status =
                ri_fail(err, RI_BAD_INPUT, "%s: the group of sample '%s' is missing", column.place,
                        ri_excerpt_of(ri_names_get(&import->feed.sample, i)).text);
            goto done;
        }
    status = ri_writer_group(import->writer, name, &column.label, err);
done:
    ri_annotation_free(&column);
    return status;
}

static ri_status put_weights(matrix_import *import, const char *name, ri_error *err) {
    ri_annotation column;
    RI_TRY(take_column(import, "--weight-column", name, &column, err));
    ri_status status = RI_OK;
    for (int64_t i = 0; i < import->feed.n && status == RI_OK; i++)
        if (!column.value || !(column.value[i] >= 0) || isinf(column.value[i]))
            status = ri_fail(
                err, RI_BAD_INPUT, "%s: sample '%s' has no weight; a weight is a number, 0 or more",
                column.place, ri_excerpt_of(ri_names_get(&import->feed.sample, i)).text);
    if (status == RI_OK)
        status = ri_writer_weights(import->writer, column.value, err);
    ri_annotation_free(&column);
    return status;
}

/* One call for each name of a comma-separated list. */
static ri_status for_each_name(matrix_import *import, const char *list,
                               ri_status (*put)(matrix_import *, const char *, ri_error *),
                               ri_error *err) {
    char *copy = strdup(list), *rest = copy;
    ri_status status = copy ? RI_OK : ri_fail_memory(err, "a list of names", strlen(list));
    for (char *name = strsep(&rest, ","); name && status == RI_OK; name = strsep(&rest, ","))
        status = put(import, name, err);
    free(copy);
    return status;
}

/* A response in row order: .npy or one number a line. */
static ri_status read_vector(const char *path, double **y, int64_t *count, ri_error *err) {
    ri_npy npy;
    if (ri_matrix_format_of(path) != RI_MATRIX_NPY)
        return ri_number_file_read(path, y, count, err);
    *y = NULL;
    RI_TRY(ri_npy_open(path, &npy, err));
    ri_status status = RI_OK;
    *count = npy.dims[0] * npy.dims[1];
    if (npy.dims[0] != *count && npy.dims[1] != *count)
        status = ri_fail(err, RI_BAD_INPUT, "%s: is a matrix; a response is a vector", path);
    else if (!(*y = ri_alloc((size_t)*count, sizeof **y)))
        status = ri_fail_memory(err, "a response", (unsigned long long)*count * 8);
    else
        status = ri_npy_read(&npy, 0, *count, *y, err);
    ri_npy_close(&npy);
    return status;
}

static ri_status put_vector(matrix_import *import, ri_error *err) {
    const char *path = import->options->y;
    double *y;
    int64_t count;
    ri_status status = read_vector(path, &y, &count, err);
    if (status == RI_OK && count != import->feed.n)
        status = ri_fail(err, RI_BAD_INPUT, "%s: has %lld values, but %s has %lld samples", path,
                         (long long)count, import->feed.place, (long long)import->feed.n);
    if (status == RI_OK)
        status = put_response(import, import->options->response ? import->options->response : "y",
                              y, path, err);
    free(y);
    return status;
}

/* The labels of the file itself. */
static ri_status put_labels(matrix_import *import, ri_error *err) {
    ri_feed *feed = &import->feed;
    double *y = ri_alloc((size_t)feed->n, sizeof *y);
    if (!y)
        return ri_fail_memory(err, "a response", (unsigned long long)feed->n * sizeof *y);
    ri_status status = feed->response(feed, y, err);
    if (status == RI_OK)
        status = put_response(import, import->options->response ? import->options->response : "y",
                              y, feed->place, err);
    free(y);
    return status;
}

static ri_status put_samples(matrix_import *import, ri_error *err) {
    const ri_matrix_options *options = import->options;
    if (options->y)
        RI_TRY(put_vector(import, err));
    else if (options->response && (import->sheet || !import->feed.response))
        RI_TRY(for_each_name(import, options->response, put_response_column, err));
    else if (import->feed.response)
        RI_TRY(put_labels(import, err));
    if (options->covariates)
        RI_TRY(for_each_name(import, options->covariates, put_covariate, err));
    if (options->group_column)
        RI_TRY(put_group(import, options->group_column, err));
    return options->weight_column ? put_weights(import, options->weight_column, err) : RI_OK;
}

/* --- all of it
 * ------------------------------------------------------------------------------------ */

static ri_status choose_storage(matrix_import *import, ri_error *err) {
    const ri_feed_survey *survey = &import->survey;
    ri_storage asked = import->options->storage;
    const ri_feed *feed = &import->feed;
    import->storage = survey->fits_i8 ? RI_I8 : survey->fits_f32 ? RI_F32 : RI_F64;
    if (asked == RI_CSC && feed->order != RI_FEED_ENTRIES)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: --storage csc is for sparse matrices, and this file is dense",
                       feed->place);
    double filled = (double)(survey->entries + survey->missing);
    import->sparse = feed->order == RI_FEED_ENTRIES &&
                     (asked == RI_CSC || (asked == RI_STORAGE_COUNT &&
                                          filled < SPARSE * (double)feed->n * (double)feed->p));
    if (asked == RI_STORAGE_COUNT || asked == RI_CSC)
        return RI_OK;
    if (asked == RI_I8 && !survey->fits_i8)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: --storage i8 holds whole numbers from -127 to 127, and X has others; "
                       "without the option the narrowest type that fits is taken",
                       import->feed.place);
    if (asked != RI_I8 && asked != RI_F32 && asked != RI_F64)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: --storage %s is for genotypes; give f64, f32, i8 or csc",
                       import->feed.place, ri_storage_name(asked));
    import->storage = asked;
    return RI_OK;
}

static ri_status write_all(matrix_import *import, const char *output, ri_error *err) {
    const ri_feed *feed = &import->feed;
    int64_t entries = import->survey.entries + import->survey.missing;
    RI_TRY(import->sparse ? ri_writer_open_sparse(output, feed->n, feed->p, entries,
                                                  import->storage, &import->writer, err)
                          : ri_writer_open(output, feed->n, feed->p, import->storage, false,
                                           &import->writer, err));
    RI_TRY(ri_writer_samples(import->writer, &feed->sample, err));
    RI_TRY(ri_writer_features(import->writer, &import->feature, NULL, NULL, NULL, NULL, err));
    RI_TRY(put_samples(import, err));
    if (import->truth.count > 0)
        RI_TRY(ri_writer_truth(import->writer, &import->truth, err));
    return ri_feed_copy(&import->feed, &import->survey, import->writer, import->storage,
                        import->sparse, err);
}

static ri_status run_steps(matrix_import *import, const char *path, const char *output,
                           ri_error *err) {
    const ri_matrix_options *options = import->options;
    ri_import_report *report = import->report;
    RI_TRY(ri_output_prepare(output, err));
    RI_TRY(open_feed(import, path, err));
    RI_TRY(ri_feed_scan(&import->feed, options->allow_missing, &import->survey, err));
    RI_TRY(choose_storage(import, err));
    RI_TRY(settle_names(import, err));
    report->samples = import->feed.n;
    report->features = import->feed.p;
    report->missing_values = import->survey.missing;
    report->constant_features = import->survey.constant;
    report->nonzero = import->survey.entries;
    report->storage = import->storage;
    report->sparse = import->sparse;
    report->features_first = import->feed.features_first;
    if (options->samples) {
        RI_TRY(ri_sheet_open(options->samples, options->id_column, &import->feed.sample,
                             &import->sheet, &report->matched_samples, &report->unused_lines, err));
        report->unlisted_samples = report->samples - report->matched_samples;
    }
    if (options->truth)
        RI_TRY(ri_truth_read(options->truth, &import->feature, NULL, &import->truth, err));
    return write_all(import, output, err);
}

ri_status ri_import_matrix(const char *path, const ri_matrix_options *options, const char *output,
                           ri_import_report *report, ri_error *err) {
    matrix_import import = {.options = options, .report = report};
    *report = (ri_import_report){0};
    ri_c_locale locale = ri_c_locale_enter();
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_status status = run_steps(&import, path, output, err);
    /* after a failure its own sentence stands; closing only removes the temporary file */
    ri_status closed =
        ri_writer_close(import.writer, status == RI_OK, status == RI_OK ? err : NULL);
    if (status == RI_OK)
        status = closed;
    ri_feed_close(&import.feed);
    ri_feed_survey_free(&import.survey);
    ri_sheet_close(import.sheet);
    ri_names_free(&import.feature);
    ri_truth_clear(&import.truth);
    ri_hdf5_restore(before);
    ri_c_locale_leave(locale);
    return status;
}
