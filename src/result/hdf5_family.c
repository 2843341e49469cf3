/* SPDX-License-Identifier: BSD-3-Clause
 * What the family of the response brings to the result file: its words and classes, and the errors
 * by its metrics. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "result/hdf5_facts.h"

static const char *family_word(int family) {
    return ri_loss_of((ri_family)family)->name;
}

static const char *metric_word(int metric) {
    return ri_metric_name((ri_metric)metric);
}

ri_status ri_h5_walk_family(const ri_h5 *h5, hid_t at, ri_record *record) {
    int family = (int)record->settings.family, metric = (int)record->settings.metric;
    RI_TRY(ri_h5_walk_word(h5, at, "family", RI_FAMILIES, family_word, &family));
    RI_TRY(ri_h5_walk_word(h5, at, "metric", RI_METRICS, metric_word, &metric));
    record->settings.family = (ri_family)family;
    record->settings.metric = (ri_metric)metric;
    if (!ri_metric_fits(record->settings.metric, record->settings.family))
        return ri_h5_damaged(h5, at, "metric", "its family does not have this metric");
    return h5->way->names(h5, at, "class", 2, record->settings.family != RI_BINOMIAL,
                          &record->classes);
}

/* True for a metric that not every family has. */
static bool only_some_have(ri_metric metric, ri_family family) {
    return metric > RI_MAE && ri_metric_fits(metric, family);
}

ri_status ri_h5_walk_null_errors(const ri_h5 *h5, hid_t at, ri_family family, ri_fit *fit) {
    RI_TRY(h5->way->number(h5, at, "null_mse", RI_H5_F64, &fit->null_mse));
    RI_TRY(h5->way->number(h5, at, "null_mae", RI_H5_F64, &fit->null_mae));
    for (int m = 0; m < RI_METRICS; m++) {
        char name[32];
        if (!only_some_have((ri_metric)m, family))
            continue;
        snprintf(name, sizeof name, "null_%s", ri_metric_name((ri_metric)m));
        RI_TRY(h5->way->number(h5, at, name, RI_H5_F64, &fit->null_more[m]));
    }
    return RI_OK;
}

/* Where a fit keeps its errors by a metric. */
static double **place_of(ri_fit *fit, ri_metric metric) {
    return metric == RI_MSE ? &fit->mse : metric == RI_MAE ? &fit->mae : &fit->more[metric];
}

/* The errors of all folds are one matrix in the file, and an array of each fit in memory. */
static ri_status walk_fold_errors(const ri_h5 *h5, hid_t at, ri_metric metric, int32_t folds,
                                  ri_path *path) {
    size_t alphas = (size_t)path->alphas, bytes = alphas * sizeof(double);
    hsize_t dims[2] = {(hsize_t)folds, (hsize_t)alphas};
    char name[32];
    double *matrix = NULL;
    ri_status status = RI_OK;
    snprintf(name, sizeof name, "fold_%s", ri_metric_name(metric));
    if (!h5->way->reading) {
        matrix = ri_alloc((size_t)folds * alphas, sizeof *matrix);
        for (int32_t k = 0; matrix && k < folds; k++)
            memcpy(matrix + (size_t)k * alphas, *place_of(&path->fit[k], metric), bytes);
        if (!matrix)
            return ri_fail_memory(h5->err, name, (size_t)folds * bytes);
    }
    if (folds > 0)
        RI_GO(h5->way->array(h5, at, name, RI_H5_F64, 2, dims, false, &matrix));
    for (int32_t k = 0; h5->way->reading && k <= folds; k++) {
        double *row = ri_alloc(alphas, sizeof *row);
        if (!row) {
            status = ri_fail_memory(h5->err, name, bytes);
            goto done;
        }
        *place_of(&path->fit[k], metric) = row;
        for (size_t a = 0; a < alphas; a++)
            row[a] = k < folds ? matrix[(size_t)k * alphas + a] : NAN;
    }
done:
    free(matrix);
    return status;
}

ri_status ri_h5_walk_errors(const ri_h5 *h5, hid_t at, const ri_record *record, ri_path *path) {
    hsize_t points = (hsize_t)path->alphas;
    for (int m = 0; m < RI_METRICS; m++) {
        ri_metric metric = (ri_metric)m;
        char name[32];
        if (!ri_metric_fits(metric, record->settings.family))
            continue;
        RI_TRY(walk_fold_errors(h5, at, metric, record->folds, path));
        if (!only_some_have(metric, record->settings.family) || record->folds == 0)
            continue;
        snprintf(name, sizeof name, "%s_mean", ri_metric_name(metric));
        RI_TRY(h5->way->array(h5, at, name, RI_H5_F64, 1, &points, false, &path->more_mean[m]));
        snprintf(name, sizeof name, "%s_se", ri_metric_name(metric));
        RI_TRY(h5->way->array(h5, at, name, RI_H5_F64, 1, &points, false, &path->more_se[m]));
    }
    return RI_OK;
}
