/* SPDX-License-Identifier: BSD-3-Clause
 * A comparison as HDF5, JSON and tables. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/text.h"
#include "result/comparison.h"
#include "result/hdf5_io.h"
#include "result/view.h"

/* Names of columns in every file; those of the machine's are no part of /comparison. */
static const char *const COLUMN[RI_COMPARED_COLUMNS] = {
    "rmse", "mae", "r2", "features", "true_features", "alpha", "l1_ratio", "certified", "seconds"};

/* --- HDF5 ------------------------------------------------------------------------------------- */

/* [models, repeats] of a column. */
static ri_status write_column(const ri_h5 *h5, hid_t at, const ri_comparison *c, ri_compared k) {
    hsize_t dims[2] = {(hsize_t)c->models, (hsize_t)c->repeats};
    size_t repeats = (size_t)c->repeats;
    double *table = ri_alloc((size_t)c->models * repeats, sizeof *table);
    if (!table)
        return ri_fail_memory(h5->err, COLUMN[k], 8 * (size_t)c->models * repeats);
    for (int m = 0; m < c->models; m++)
        memcpy(table + (size_t)m * repeats, ri_comparison_column(c, (ri_model)m, k),
               repeats * sizeof *table);
    ri_status status = h5->way->array(h5, at, COLUMN[k], RI_H5_F64, 2, dims, false, &table);
    free(table);
    return status;
}

static ri_status write_facts(const ri_h5 *h5, hid_t at, ri_comparison *c) {
    const ri_h5_way *way = h5->way;
    RI_TRY(way->text(h5, at, "dataset", c->dataset, sizeof c->dataset));
    RI_TRY(way->text(h5, at, "response", c->response, sizeof c->response));
    RI_TRY(way->text(h5, at, "test_chosen", c->test_chosen, sizeof c->test_chosen));
    RI_TRY(way->number(h5, at, "test_fraction", RI_H5_F64, &c->test_fraction));
    RI_TRY(way->number(h5, at, "fingerprint", RI_H5_U64, &c->fingerprint));
    RI_TRY(way->number(h5, at, "test_seed", RI_H5_U64, &c->test_seed));
    RI_TRY(way->number(h5, at, "seed", RI_H5_U64, &c->seed));
    RI_TRY(way->number(h5, at, "n", RI_H5_I64, &c->n));
    RI_TRY(way->number(h5, at, "p", RI_H5_I64, &c->p));
    RI_TRY(way->number(h5, at, "train", RI_H5_I64, &c->train));
    RI_TRY(way->number(h5, at, "folds", RI_H5_I64, &c->folds));
    RI_TRY(way->number(h5, at, "repeats", RI_H5_I64, &c->repeats));
    return way->number(h5, at, "truths", RI_H5_I64, &c->truths);
}

static ri_status write_groups(const ri_h5 *h5, hid_t file, void *context) {
    ri_comparison *c = context;
    ri_names model = {0};
    hid_t at, run;
    ri_status status = RI_OK;
    for (int m = 0; m < c->models && status == RI_OK; m++) {
        const char *name = ri_model_name((ri_model)m);
        status = ri_names_add(&model, name, strlen(name), h5->err);
    }
    if (status == RI_OK)
        status = h5->way->group(h5, file, "comparison", &at);
    if (status == RI_OK) {
        status = write_facts(h5, at, c);
        if (status == RI_OK)
            status = h5->way->names(h5, at, "model", c->models, false, &model);
        for (int k = 0; k < RI_COMPARED_SECONDS && status == RI_OK; k++)
            status = write_column(h5, at, c, (ri_compared)k);
        H5Gclose(at);
    }
    ri_names_free(&model);
    RI_TRY(status);
    RI_TRY(h5->way->group(h5, file, "run", &run));
    status = write_column(h5, run, c, RI_COMPARED_SECONDS);
    if (status == RI_OK)
        status = h5->way->text(h5, run, "command_line", c->command_line, sizeof c->command_line);
    H5Gclose(run);
    return status;
}

/* --- JSON ------------------------------------------------------------------------------------- */

static json_t *real_or_null(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *text_of(const char *text) {
    char *clean = ri_text_clean(text);
    json_t *out = clean ? json_string(clean) : NULL;
    free(clean);
    return out;
}

static json_t *describe_model(const ri_comparison *c, ri_model m) {
    json_t *object = json_object();
    json_object_set_new(object, "model", json_string(ri_model_name(m)));
    for (int k = 0; k < RI_COMPARED_COLUMNS; k++) {
        const double *value = ri_comparison_column(c, m, (ri_compared)k);
        json_t *array = json_array();
        double mean, error;
        char key[40];
        for (int64_t r = 0; r < c->repeats; r++)
            json_array_append_new(array, real_or_null(value[r]));
        json_object_set_new(object, COLUMN[k], array);
        ri_comparison_mean(c, m, (ri_compared)k, &mean, &error);
        snprintf(key, sizeof key, "%s_mean", COLUMN[k]);
        json_object_set_new(object, key, real_or_null(mean));
        snprintf(key, sizeof key, "%s_se", COLUMN[k]);
        json_object_set_new(object, key, real_or_null(error));
    }
    return object;
}

static json_t *describe(const ri_comparison *c) {
    json_t *root = json_object(), *models = json_array();
    json_object_set_new(root, "dataset", text_of(c->dataset));
    json_object_set_new(root, "response", text_of(c->response));
    json_object_set_new(root, "n", json_integer(c->n));
    json_object_set_new(root, "p", json_integer(c->p));
    json_object_set_new(root, "train", json_integer(c->train));
    json_object_set_new(root, "folds", json_integer(c->folds));
    json_object_set_new(root, "repeats", json_integer(c->repeats));
    json_object_set_new(root, "test_chosen", json_string(c->test_chosen));
    json_object_set_new(root, "test_fraction", real_or_null(c->test_fraction));
    json_object_set_new(root, "test_seed", json_integer((json_int_t)c->test_seed));
    json_object_set_new(root, "seed", json_integer((json_int_t)c->seed));
    for (int m = 0; m < c->models; m++)
        json_array_append_new(models, describe_model(c, (ri_model)m));
    json_object_set_new(root, "models", models);
    return root;
}

static void write_json(const ri_comparison *c, FILE *file) {
    json_t *root = describe(c);
    json_dumpf(root, file, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', file);
    json_decref(root);
}

/* --- tables ----------------------------------------------------------------------------------- */

static void put_number(FILE *file, double value) {
    char text[RI_NUMBER_TEXT];
    fprintf(file, "\t%s", isnan(value) ? "NA" : ri_format_number(value, text));
}

static void write_means(const ri_comparison *c, FILE *file) {
    fprintf(file, "model");
    for (int k = 0; k < RI_COMPARED_COLUMNS; k++)
        fprintf(file, "\t%s%s%s", COLUMN[k], k == RI_COMPARED_RMSE ? "\t" : "",
                k == RI_COMPARED_RMSE ? "rmse_se" : "");
    fputc('\n', file);
    for (int m = 0; m < c->models; m++) {
        fprintf(file, "%s", ri_model_name((ri_model)m));
        for (int k = 0; k < RI_COMPARED_COLUMNS; k++) {
            double mean, error;
            ri_comparison_mean(c, (ri_model)m, (ri_compared)k, &mean, &error);
            put_number(file, mean);
            if (k == RI_COMPARED_RMSE)
                put_number(file, error);
        }
        fputc('\n', file);
    }
}

static void write_repeats(const ri_comparison *c, FILE *file) {
    fprintf(file, "model\trepeat");
    for (int k = 0; k < RI_COMPARED_COLUMNS; k++)
        fprintf(file, "\t%s", COLUMN[k]);
    fputc('\n', file);
    for (int m = 0; m < c->models; m++)
        for (int64_t r = 0; r < c->repeats; r++) {
            fprintf(file, "%s\t%lld", ri_model_name((ri_model)m), (long long)r);
            for (int k = 0; k < RI_COMPARED_COLUMNS; k++)
                put_number(file, ri_comparison_column(c, (ri_model)m, (ri_compared)k)[r]);
            fputc('\n', file);
        }
}

static ri_status write_file(const ri_comparison *c, const char *prefix, const char *ending,
                            void (*write)(const ri_comparison *, FILE *), ri_error *err) {
    size_t room = strlen(prefix) + strlen(ending) + 1;
    char *path = ri_alloc(room, 1);
    ri_output output;
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    snprintf(path, room, "%s%s", prefix, ending);
    ri_status status = ri_output_open(path, &output, err);
    if (status == RI_OK) {
        write(c, output.file);
        status = ri_output_close(&output, 1, err);
    }
    free(path);
    return status;
}

ri_status ri_comparison_write(const ri_comparison *c, const char *prefix, ri_error *err) {
    ri_comparison copy = *c; /* whoever walks may fill; writing only looks */
    size_t room = strlen(prefix) + 4;
    char *path = ri_alloc(room, 1);
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    snprintf(path, room, "%s.h5", prefix);
    ri_status status = ri_h5_create(path, "riata_comparison_format", write_groups, &copy, err);
    free(path);
    RI_TRY(status);
    RI_TRY(write_file(c, prefix, ".json", write_json, err));
    RI_TRY(write_file(c, prefix, ".comparison.tsv", write_means, err));
    return write_file(c, prefix, ".repeats.tsv", write_repeats, err);
}
