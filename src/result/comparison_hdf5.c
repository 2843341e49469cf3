/* SPDX-License-Identifier: BSD-3-Clause
 * A comparison as HDF5, written and read by the same walk. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "result/comparison.h"
#include "result/hdf5_facts.h"

enum { MOST_REPEATS = 100000 };

/* [models, repeats] of a column. */
static ri_status walk_column(const ri_h5 *h5, hid_t at, const ri_comparison *c, ri_compared k) {
    const char *name = ri_compared_name(k);
    bool reading = h5->way->reading;
    hsize_t dims[2] = {(hsize_t)c->models, (hsize_t)c->repeats};
    size_t repeats = (size_t)c->repeats;
    double *table = reading ? NULL : ri_alloc((size_t)c->models * repeats, sizeof *table);
    if (!reading && !table)
        return ri_fail_memory(h5->err, name, 8 * (size_t)c->models * repeats);
    for (int m = 0; m < c->models && !reading; m++)
        memcpy(table + (size_t)m * repeats, ri_comparison_column(c, (ri_model)m, k),
               repeats * sizeof *table);
    ri_status status = h5->way->array(h5, at, name, RI_H5_F64, 2, dims, false, &table);
    for (int m = 0; m < c->models && reading && status == RI_OK; m++)
        memcpy(ri_comparison_column(c, (ri_model)m, k), table + (size_t)m * repeats,
               repeats * sizeof *table);
    free(table);
    return status;
}

static ri_status walk_facts(const ri_h5 *h5, hid_t at, ri_comparison *c) {
    static const ri_h5_fact fact[] = {
        RI_H5_FACT(ri_comparison, dataset),     RI_H5_FACT(ri_comparison, response),
        RI_H5_FACT(ri_comparison, test_chosen), RI_H5_FACT(ri_comparison, test_fraction),
        RI_H5_FACT(ri_comparison, fingerprint), RI_H5_FACT(ri_comparison, test_seed),
        RI_H5_FACT(ri_comparison, seed),        RI_H5_FACT(ri_comparison, n),
        RI_H5_FACT(ri_comparison, p),           RI_H5_FACT(ri_comparison, train),
        RI_H5_FACT(ri_comparison, folds),       RI_H5_FACT(ri_comparison, repeats),
        RI_H5_FACT(ri_comparison, truths)};
    return ri_h5_walk_facts(h5, at, fact, sizeof fact / sizeof *fact, c);
}

/* Reading: room for as many models as the file has, where its counts can be. */
static ri_status make_room(const ri_h5 *h5, hid_t at, ri_comparison *c) {
    RI_TRY(ri_h5_check_count(h5, at, "n", c->n, 1, INT64_MAX / 64));
    RI_TRY(ri_h5_check_count(h5, at, "p", c->p, 1, INT64_MAX / 64));
    RI_TRY(ri_h5_check_count(h5, at, "train", c->train, 1, c->n));
    RI_TRY(ri_h5_check_count(h5, at, "folds", c->folds, 0, INT32_MAX));
    RI_TRY(ri_h5_check_count(h5, at, "repeats", c->repeats, 1, MOST_REPEATS));
    RI_TRY(ri_h5_check_count(h5, at, "truths", c->truths, 0, c->p));
    hsize_t models = 0;
    hid_t set = H5Lexists(at, "model", H5P_DEFAULT) > 0 ? H5Dopen2(at, "model", H5P_DEFAULT)
                                                        : H5I_INVALID_HID;
    hid_t space = set >= 0 ? H5Dget_space(set) : H5I_INVALID_HID;
    if (space >= 0 && H5Sget_simple_extent_ndims(space) == 1)
        H5Sget_simple_extent_dims(space, &models, NULL);
    if (space >= 0)
        H5Sclose(space);
    if (set >= 0)
        H5Dclose(set);
    if (models != RI_MODELS && models != RI_MODEL_FIXED)
        return ri_h5_damaged(h5, at, "model", "missing, or not of 4 or 5 names");
    c->models = (int64_t)models;
    return ri_comparison_new(c, h5->err);
}

static ri_status walk_models(const ri_h5 *h5, hid_t at, const ri_comparison *c) {
    ri_names model = {0};
    ri_status status = RI_OK;
    for (int m = 0; m < c->models && !h5->way->reading && status == RI_OK; m++) {
        const char *name = ri_model_name((ri_model)m);
        status = ri_names_add(&model, name, strlen(name), h5->err);
    }
    if (status == RI_OK)
        status = h5->way->names(h5, at, "model", c->models, false, &model);
    for (int m = 0; m < c->models && status == RI_OK; m++)
        if (strcmp(ri_names_get(&model, m), ri_model_name((ri_model)m)) != 0)
            status = ri_h5_damaged(h5, at, "model", "not the names of the models, in their order");
    ri_names_free(&model);
    return status;
}

static ri_status walk_comparison(const ri_h5 *h5, hid_t at, ri_comparison *c) {
    RI_TRY(walk_facts(h5, at, c));
    if (h5->way->reading)
        RI_TRY(make_room(h5, at, c));
    RI_TRY(walk_models(h5, at, c));
    for (int k = 0; k < RI_COMPARED_SECONDS; k++)
        RI_TRY(walk_column(h5, at, c, (ri_compared)k));
    if (h5->way->reading && c->models > RI_MODEL_FIXED)
        c->fixed_alpha = ri_comparison_column(c, RI_MODEL_FIXED, RI_COMPARED_ALPHA)[0];
    return RI_OK;
}

static ri_status walk_groups(const ri_h5 *h5, hid_t file, void *context) {
    ri_comparison *c = context;
    hid_t at, run;
    RI_TRY(h5->way->group(h5, file, "comparison", &at));
    ri_status status = walk_comparison(h5, at, c);
    H5Gclose(at);
    RI_TRY(status);
    RI_TRY(h5->way->group(h5, file, "run", &run));
    status = walk_column(h5, run, c, RI_COMPARED_SECONDS);
    if (status == RI_OK)
        status = h5->way->text(h5, run, "command_line", c->command_line, sizeof c->command_line);
    H5Gclose(run);
    return status;
}

static ri_status read_groups(const ri_h5 *h5, hid_t file, void *context) {
    if (H5Aexists(file, "riata_comparison_format") <= 0)
        return ri_fail(
            h5->err, RI_BAD_INPUT,
            "%s: is not a comparison (it has no attribute riata_comparison_format); give "
            "the .h5 file written by riata compare",
            h5->path);
    RI_TRY(ri_h5_check_format(h5, file, "comparison"));
    return walk_groups(h5, file, context);
}

ri_status ri_comparison_read(const char *path, ri_comparison *c, ri_error *err) {
    *c = (ri_comparison){0};
    return ri_h5_load(path, read_groups, c, err);
}

ri_status ri_comparison_store(const ri_comparison *c, const char *prefix, ri_error *err) {
    ri_comparison copy = *c; /* whoever walks may fill; writing only looks */
    size_t room = strlen(prefix) + 4;
    char *path = ri_alloc(room, 1);
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    snprintf(path, room, "%s.h5", prefix);
    ri_status status = ri_h5_create(path, "riata_comparison_format", walk_groups, &copy, err);
    free(path);
    return status;
}
