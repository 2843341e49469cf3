/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/plink.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/c_locale.h"
#include "data/covariates.h"
#include "data/dataset_file.h"
#include "data/plink_text.h"

enum { BED, BIM, FAM, FILES };
static const char *const SUFFIX[FILES] = {".bed", ".bim", ".fam"};

static ri_status read_x(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                        size_t stride, ri_error *err) {
    return ri_bed_read(&dataset->file->bed, from, count, out, stride, err);
}

static ri_status read_group(const ri_dataset *dataset, const char *name, ri_names *label,
                            ri_error *err) {
    if (strcmp(name, "FID") != 0)
        return ri_dataset_unknown_name(dataset, "group column", name, &dataset->group_names, err);
    return ri_names_copy(label, &dataset->file->family, err);
}

/* There is but one, RI_SEX. */
static ri_status read_covariate(const ri_dataset *dataset, const char *name, ri_names *text,
                                ri_error *err) {
    (void)name;
    return ri_names_copy(text, &dataset->file->sex, err);
}

static void close_file(ri_dataset_file *file) {
    ri_bed_close(&file->bed);
    ri_names_free(&file->family);
    ri_names_free(&file->sex);
}

static bool always(const ri_dataset *dataset) {
    (void)dataset;
    return true;
}

static bool variant_cached(const ri_dataset *dataset, int64_t feature) {
    return ri_bed_cached(&dataset->file->bed, feature);
}

static void variants_ahead(const ri_dataset *dataset, int64_t from, int64_t count) {
    ri_bed_ahead(&dataset->file->bed, from, count);
}

const ri_backing ri_backing_bed = {.read = read_x,
                                   .group = read_group,
                                   .covariate = read_covariate,
                                   .close = close_file,
                                   .parallel = always,
                                   .plain = always,
                                   .cached = variant_cached,
                                   .ahead = variants_ahead};

static ri_status name_files(const char *prefix, char *path[FILES], ri_error *err) {
    size_t length = strlen(prefix);
    for (int k = 0; k < FILES; k++) {
        if (length > 4 && strcmp(prefix + length - 4, SUFFIX[k]) == 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "--bfile %s: give the common prefix of .bed, .bim and .fam, without %s",
                           prefix, SUFFIX[k]);
        path[k] = ri_alloc(length + 5, 1);
        if (!path[k])
            return ri_fail_memory(err, "file names", length);
        memcpy(path[k], prefix, length);
        memcpy(path[k] + length, SUFFIX[k], 5);
    }
    return RI_OK;
}

/* Moves what the .fam says into the dataset. */
static ri_status take_samples(ri_dataset *dataset, const char *fam, ri_error *err) {
    ri_plink_samples samples;
    RI_TRY(ri_plink_samples_read(fam, &samples, err));
    dataset->n = dataset->file->rows = samples.id.count;
    dataset->sample = samples.id;
    dataset->sample_named = true;
    dataset->file->family = samples.family;
    dataset->file->sex = samples.sex;
    dataset->y = samples.y;
    dataset->response = strdup("phenotype");
    if (!dataset->response)
        return ri_fail_memory(err, "a name", 16);
    RI_TRY(ri_names_add(&dataset->response_names, "phenotype", 9, err));
    if (samples.sexed > 0)
        RI_TRY(ri_names_add(&dataset->covariate_names, RI_SEX, strlen(RI_SEX), err));
    return ri_names_add(&dataset->group_names, "FID", 3, err);
}

static ri_status take_variants(ri_dataset *dataset, const char *bim, int64_t *renamed,
                               ri_error *err) {
    ri_plink_variants variants;
    int64_t count;
    RI_TRY(ri_plink_variants_read(bim, &variants, &count, err));
    if (renamed)
        *renamed = count;
    dataset->p = variants.id.count;
    dataset->feature = variants.id;
    dataset->feature_named = true;
    dataset->chrom = variants.chrom;
    dataset->a1 = variants.a1;
    dataset->a2 = variants.a2;
    dataset->pos = variants.pos;
    return RI_OK;
}

static ri_status open_files(ri_dataset *dataset, char *path[FILES], int64_t *renamed,
                            ri_error *err) {
    ri_bed *bed = &dataset->file->bed;
    dataset->storage = RI_PACKED2;
    dataset->genotype = true;
    dataset->x_path = strdup("genotypes");
    if (!dataset->x_path)
        return ri_fail_memory(err, "a name", 16);
    RI_TRY(take_samples(dataset, path[FAM], err));
    RI_TRY(take_variants(dataset, path[BIM], renamed, err));
    RI_TRY(ri_bed_open(dataset->path, dataset->n, dataset->p, bed, err));
    dataset->file_bytes = (uint64_t)bed->column_bytes * (uint64_t)dataset->p;
    return RI_OK;
}

ri_status ri_plink_open(const char *prefix, ri_dataset **out, int64_t *renamed, ri_error *err) {
    char *path[FILES] = {NULL};
    ri_dataset *dataset = NULL;
    ri_c_locale locale = ri_c_locale_enter();
    ri_status status;
    *out = NULL;
    RI_GO(name_files(prefix, path, err));
    RI_GO(ri_dataset_new(path[BED], &ri_backing_bed, &dataset, err));
    RI_GO(open_files(dataset, path, renamed, err));
    *out = dataset;
    dataset = NULL;
done:
    ri_dataset_close(dataset);
    for (int k = 0; k < FILES; k++)
        free(path[k]);
    ri_c_locale_leave(locale);
    return status;
}
