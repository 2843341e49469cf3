/* SPDX-License-Identifier: BSD-3-Clause
 * Format: https://anndata.readthedocs.io/en/latest/fileformat-prose.html; what a column is shows in
 * the members it has, so that no attribute need be believed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/annotation.h"

enum { PATH_TEXT = 512 };

void ri_annotation_free(ri_annotation *annotation) {
    free(annotation->value);
    ri_names_free(&annotation->label);
    *annotation = (ri_annotation){0};
}

static bool has_member(const ri_source *source, const char *group, const char *name,
                       char path[PATH_TEXT]) {
    return snprintf(path, PATH_TEXT, "%s/%s", group, name) < PATH_TEXT &&
           ri_source_has(source, path);
}

/* Numbers or text of one dataset; `*count` as for ri_source_doubles. */
static ri_status read_values(const ri_source *source, const char *path, int64_t *count,
                             double **value, ri_names *label, ri_error *err) {
    ri_source_set set;
    RI_TRY(ri_source_dataset(source, path, &set, err));
    bool text = set.class == H5T_STRING;
    ri_source_set_close(&set);
    if (!text)
        return ri_source_doubles(source, path, count, "samples", value, err);
    RI_TRY(ri_source_names(source, path, *count, "samples", label, err));
    *count = label->count;
    return RI_OK;
}

/* Codes into a list of categories, -1 missing. */
static ri_status read_categories(const ri_source *source, const char *codes, const char *categories,
                                 int64_t n, ri_annotation *out, ri_error *err) {
    ri_status status;
    int64_t *code = NULL, count = -1;
    double *number = NULL;
    ri_names text = {0};
    RI_GO(ri_source_integers(source, codes, &n, "samples", &code, err));
    RI_GO(read_values(source, categories, &count, &number, &text, err));
    out->value = number ? ri_alloc((size_t)n, sizeof *out->value) : NULL;
    if (number && !out->value) {
        status = ri_fail_memory(err, codes, (unsigned long long)n * 8);
        goto done;
    }
    for (int64_t i = 0; i < n; i++) {
        if (code[i] < -1 || code[i] >= count) {
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s:%s: sample %lld has code %lld, but there are %lld categories",
                             source->name, codes, (long long)i + 1, (long long)code[i],
                             (long long)count);
            goto done;
        }
        const char *name = number || code[i] < 0 ? "" : ri_names_get(&text, code[i]);
        if (number)
            out->value[i] = code[i] < 0 ? (double)NAN : number[code[i]];
        else
            RI_GO(ri_names_add(&out->label, name, strlen(name), err));
    }
done:
    free(code);
    free(number);
    ri_names_free(&text);
    return status;
}

/* Values of which a mask says which are missing. */
static ri_status read_masked(const ri_source *source, const char *values, const char *mask,
                             int64_t n, ri_annotation *out, ri_error *err) {
    ri_status status;
    int64_t *missing = NULL;
    ri_names text = {0};
    RI_GO(ri_source_integers(source, mask, &n, "samples", &missing, err));
    RI_GO(read_values(source, values, &n, &out->value, &text, err));
    for (int64_t i = 0; i < n; i++) {
        const char *label = out->value || missing[i] ? "" : ri_names_get(&text, i);
        if (!out->value)
            RI_GO(ri_names_add(&out->label, label, strlen(label), err));
        else if (missing[i])
            out->value[i] = (double)NAN;
    }
done:
    free(missing);
    ri_names_free(&text);
    return status;
}

static ri_status fail_unknown(const ri_source *source, const char *name, ri_error *err) {
    char list[400] = "";
    size_t used = 0;
    hid_t group = H5Gopen2(source->file, "/obs", H5P_DEFAULT);
    H5G_info_t info = {0};
    if (group >= 0)
        H5Gget_info(group, &info);
    for (hsize_t k = 0; k < info.nlinks && used < sizeof list - 64; k++) {
        char member[50] = "";
        if (H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, k, member, sizeof member,
                               H5P_DEFAULT) > 0 &&
            member[0] != '_')
            used +=
                (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", member);
    }
    if (group >= 0)
        H5Gclose(group);
    return ri_fail(err, RI_BAD_INPUT, "%s:/obs: has no column '%.100s'; it has %s", source->name,
                   name, used ? list : "none");
}

ri_status ri_obs_column(const ri_source *source, const char *name, int64_t n, ri_annotation *out,
                        ri_error *err) {
    char path[PATH_TEXT], first[PATH_TEXT], second[PATH_TEXT];
    ri_status status;
    *out = (ri_annotation){0};
    snprintf(out->place, sizeof out->place, "%.150s:/obs/%.90s", source->name, name);
    if (strchr(name, '/') || *name == '\0' || *name == '.' ||
        !has_member(source, "/obs", name, path))
        return fail_unknown(source, name, err);
    if (has_member(source, path, "codes", first) && has_member(source, path, "categories", second))
        status = read_categories(source, first, second, n, out, err);
    else if (has_member(source, path, "values", first) && has_member(source, path, "mask", second))
        status = read_masked(source, first, second, n, out, err);
    else if (has_member(source, "/obs/__categories", name, second)) /* anndata before 0.8 */
        status = read_categories(source, path, second, n, out, err);
    else
        status = read_values(source, path, &n, &out->value, &out->label, err);
    if (status != RI_OK)
        ri_annotation_free(out);
    return status;
}
