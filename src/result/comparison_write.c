/* SPDX-License-Identifier: BSD-3-Clause
 * A comparison as JSON and tables. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "base/text.h"
#include "result/comparison.h"
#include "result/view.h"

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
        json_object_set_new(object, ri_compared_name((ri_compared)k), array);
        ri_comparison_mean(c, m, (ri_compared)k, &mean, &error);
        snprintf(key, sizeof key, "%s_mean", ri_compared_name((ri_compared)k));
        json_object_set_new(object, key, real_or_null(mean));
        snprintf(key, sizeof key, "%s_se", ri_compared_name((ri_compared)k));
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
        fprintf(file, "\t%s%s%s", ri_compared_name((ri_compared)k),
                k == RI_COMPARED_RMSE ? "\t" : "", k == RI_COMPARED_RMSE ? "rmse_se" : "");
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
        fprintf(file, "\t%s", ri_compared_name((ri_compared)k));
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
    RI_TRY(ri_comparison_store(c, prefix, err));
    RI_TRY(write_file(c, prefix, ".json", write_json, err));
    RI_TRY(write_file(c, prefix, ".comparison.tsv", write_means, err));
    return write_file(c, prefix, ".repeats.tsv", write_repeats, err);
}
