/* SPDX-License-Identifier: BSD-3-Clause
 * What riata's own layout keeps beside X and the responses. Lengths are held against X. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset_file.h"
#include "data/narrow.h"

/* "1", "2", ... `count`. */
static ri_status number_names(ri_names *names, int64_t count, ri_error *err) {
    char text[24];
    for (int64_t i = 0; i < count; i++) {
        int length = snprintf(text, sizeof text, "%lld", (long long)i + 1);
        RI_TRY(ri_names_add(names, text, (size_t)length, err));
    }
    return RI_OK;
}

/* Names at `path` if they are there; else made up where `needed`. */
static ri_status load_names(const ri_dataset *dataset, const char *path, int64_t count,
                            const char *unit, bool needed, ri_names *out, bool *stored,
                            ri_error *err) {
    const ri_source *source = &dataset->file->source;
    bool there = dataset->own_layout && ri_source_has(source, path);
    if (stored)
        *stored = there;
    if (there)
        return ri_source_names(source, path, count, unit, out, err);
    return needed ? number_names(out, count, err) : RI_OK;
}

static ri_status check_unique_samples(const ri_dataset *dataset, ri_error *err) {
    ri_name_index *index;
    int64_t later;
    if (!dataset->sample_named)
        return RI_OK;
    RI_TRY(ri_name_index_new(&dataset->sample, &index, &later, err));
    ri_status status = RI_OK;
    if (later >= 0) {
        const char *name = ri_names_get(&dataset->sample, later);
        status =
            ri_fail(err, RI_BAD_INPUT,
                    "%s:/samples/id: sample ID '%.200s' occurs in rows %lld and %lld; IDs must "
                    "be unique",
                    dataset->path, name, (long long)ri_name_index_find(index, name) + 1,
                    (long long)later + 1);
    }
    ri_name_index_free(index);
    return status;
}

static ri_status load_weights(ri_dataset *dataset, ri_error *err) {
    int64_t count = dataset->n;
    if (!ri_source_has(&dataset->file->source, "/weights"))
        return RI_OK;
    RI_TRY(ri_source_doubles(&dataset->file->source, "/weights", &count, "samples",
                             &dataset->weight, err));
    double sum = 0;
    for (int64_t i = 0; i < count; i++) {
        double weight = dataset->weight[i];
        if (!(weight >= 0) || isinf(weight))
            return ri_fail(err, RI_BAD_INPUT,
                           "%s:/weights: the weight of sample %lld ('%.200s') is %g; weights are "
                           "finite and not negative",
                           dataset->path, (long long)i + 1, ri_names_get(&dataset->sample, i),
                           weight);
        sum += weight;
    }
    if (!(sum > 0))
        return ri_fail(err, RI_BAD_INPUT, "%s:/weights: all weights are zero", dataset->path);
    return RI_OK;
}

static ri_status load_folds(ri_dataset *dataset, ri_error *err) {
    int64_t count = dataset->n, *fold = NULL;
    if (!ri_source_has(&dataset->file->source, "/folds"))
        return RI_OK;
    RI_TRY(ri_source_integers(&dataset->file->source, "/folds", &count, "samples", &fold, err));
    ri_status status = RI_OK;
    dataset->fold = ri_alloc((size_t)count, sizeof *dataset->fold);
    if (!dataset->fold)
        status = ri_fail_memory(err, "/folds", (unsigned long long)count * sizeof *dataset->fold);
    for (int64_t i = 0; i < count && status == RI_OK; i++) {
        if (fold[i] < INT32_MIN || fold[i] > INT32_MAX)
            status = ri_fail(err, RI_BAD_INPUT, "%s:/folds: sample %lld has fold %lld",
                             dataset->path, (long long)i + 1, (long long)fold[i]);
        dataset->fold[i] = (int32_t)fold[i];
    }
    free(fold);
    return status;
}

static ri_status check_truth(const ri_dataset *dataset, ri_error *err) {
    const ri_truth *truth = &dataset->truth;
    for (int64_t k = 0; k < truth->count; k++)
        if (truth->feature[k] < 0 || truth->feature[k] >= dataset->p ||
            !isfinite(truth->coefficient[k]))
            return ri_fail(err, RI_BAD_INPUT,
                           "%s:/truth: entry %lld says feature %lld has coefficient %g, but X has "
                           "features 0 to %lld",
                           dataset->path, (long long)k + 1, (long long)truth->feature[k],
                           truth->coefficient[k], (long long)dataset->p - 1);
    return RI_OK;
}

static ri_status load_truth(ri_dataset *dataset, ri_error *err) {
    const ri_source *source = &dataset->file->source;
    ri_truth *truth = &dataset->truth;
    int64_t count = -1;
    bool found;
    if (!ri_source_has(source, "/truth"))
        return RI_OK;
    RI_TRY(ri_source_integers(source, "/truth/features", &count, "entries", &truth->feature, err));
    int64_t coefficients = -1;
    RI_TRY(ri_source_doubles(source, "/truth/coefficients", &coefficients, "entries",
                             &truth->coefficient, err));
    if (coefficients != count)
        return ri_fail(err, RI_BAD_INPUT, "%s:/truth: has %lld features but %lld coefficients",
                       dataset->path, (long long)count, (long long)coefficients);
    truth->count = count;
    RI_TRY(check_truth(dataset, err));
    hid_t group = H5Oopen(source->file, "/truth", H5P_DEFAULT);
    if (group < 0)
        return ri_fail(err, RI_BAD_INPUT, "%s:/truth: cannot be read", dataset->path);
    ri_status status =
        ri_source_real(source, group, "/truth", "intercept", &truth->intercept, &found, err);
    if (status == RI_OK)
        status = ri_source_real(source, group, "/truth", "noise_sd", &truth->noise_sd, &found, err);
    H5Oclose(group);
    return status;
}

ri_status ri_dataset_load_annotations(ri_dataset *dataset, ri_error *err) {
    const int64_t n = dataset->n, p = dataset->p;
    const ri_source *source = &dataset->file->source;
    RI_TRY(load_names(dataset, "/samples/id", n, "samples", true, &dataset->sample,
                      &dataset->sample_named, err));
    RI_TRY(load_names(dataset, "/features/id", p, "features", true, &dataset->feature,
                      &dataset->feature_named, err));
    RI_TRY(check_unique_samples(dataset, err));
    if (!dataset->own_layout)
        return RI_OK;
    RI_TRY(
        load_names(dataset, "/features/chrom", p, "features", false, &dataset->chrom, NULL, err));
    RI_TRY(load_names(dataset, "/features/a1", p, "features", false, &dataset->a1, NULL, err));
    RI_TRY(load_names(dataset, "/features/a2", p, "features", false, &dataset->a2, NULL, err));
    int64_t count = p;
    if (ri_source_has(source, "/features/pos"))
        RI_TRY(ri_source_integers(source, "/features/pos", &count, "features", &dataset->pos, err));
    RI_TRY(load_weights(dataset, err));
    RI_TRY(load_folds(dataset, err));
    RI_TRY(ri_source_members(source, "/groups", &dataset->group_names, err));
    RI_TRY(ri_source_members(source, "/covariates", &dataset->covariate_names, err));
    return load_truth(dataset, err);
}

/* Numbers labels in order of first appearance. */
static ri_status number_labels(const ri_names *label, int32_t **group, int64_t *groups,
                               ri_error *err) {
    ri_name_index *index = NULL;
    int32_t *number = ri_alloc((size_t)label->count, sizeof *number);
    if (!number)
        return ri_fail_memory(err, "a group column",
                              (unsigned long long)label->count * sizeof *number);
    ri_status status = ri_name_index_new(label, &index, NULL, err);
    *groups = 0;
    for (int64_t i = 0; i < label->count && status == RI_OK; i++) {
        int64_t first = ri_name_index_find(index, ri_names_get(label, i));
        number[i] = first < i ? number[first] : (int32_t)(*groups)++;
    }
    ri_name_index_free(index);
    if (status == RI_OK)
        *group = number;
    else
        free(number);
    return status;
}

ri_status ri_dataset_labels(const ri_dataset *dataset, const char *name, ri_names *label,
                            ri_error *err) {
    RI_TRY(dataset->file->backing->group(dataset, name, label, err));
    return ri_narrow_names(dataset, label, err);
}

ri_status ri_dataset_families(const ri_dataset *dataset, ri_names *family, ri_error *err) {
    for (int64_t k = 0; k < dataset->group_names.count; k++)
        if (strcmp(ri_names_get(&dataset->group_names, k), "FID") == 0)
            return ri_dataset_labels(dataset, "FID", family, err);
    return RI_OK;
}

ri_status ri_dataset_group(const ri_dataset *dataset, const char *name, int32_t **group,
                           int64_t *groups, ri_error *err) {
    *group = NULL;
    ri_names label = {0};
    ri_status status = ri_dataset_labels(dataset, name, &label, err);
    if (status == RI_OK)
        status = number_labels(&label, group, groups, err);
    ri_names_free(&label);
    return status;
}
