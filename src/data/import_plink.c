/* SPDX-License-Identifier: BSD-3-Clause
 * PLINK 1 files to a dataset. The .bed is read once, in blocks of columns that are written on. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/bed.h"
#include "data/c_locale.h"
#include "data/import.h"
#include "data/plink_text.h"
#include "data/truth.h"
#include "data/wording.h"
#include "data/writer.h"

enum { BLOCK_BYTES = 1 << 25 };

typedef struct plink_import {
    const ri_plink_options *options;
    ri_import_report *report;
    char *bed_path, *bim_path, *fam_path;
    ri_plink_samples samples;
    ri_plink_variants variants;
    ri_truth truth;
    ri_bed bed;
    ri_writer *writer;
} plink_import;

static char *with_suffix(const char *prefix, const char *suffix) {
    size_t length = strlen(prefix);
    char *path = ri_alloc(length + strlen(suffix) + 1, 1);
    if (path) {
        memcpy(path, prefix, length);
        memcpy(path + length, suffix, strlen(suffix) + 1);
    }
    return path;
}

static ri_status name_files(plink_import *import, const char *prefix, ri_error *err) {
    size_t length = strlen(prefix);
    static const char *const suffix[] = {".bed", ".bim", ".fam"};
    for (int k = 0; k < 3; k++)
        if (length > 4 && strcmp(prefix + length - 4, suffix[k]) == 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "--bfile %s: give the common prefix of .bed, .bim and .fam, without %s",
                           prefix, suffix[k]);
    import->bed_path = with_suffix(prefix, suffix[0]);
    import->bim_path = with_suffix(prefix, suffix[1]);
    import->fam_path = with_suffix(prefix, suffix[2]);
    if (!import->bed_path || !import->bim_path || !import->fam_path)
        return ri_fail_memory(err, "file names", length);
    return RI_OK;
}

static ri_status check_options(const ri_plink_options *options, ri_error *err) {
    if (options->storage != RI_PACKED2 && options->storage != RI_I8)
        return ri_fail(err, RI_BAD_INPUT, "genotypes are stored as packed2 or i8, not as %s",
                       ri_storage_name(options->storage));
    if (options->pheno_name && !options->pheno)
        return ri_fail(err, RI_BAD_INPUT, "--pheno-name '%s' needs --pheno FILE",
                       ri_excerpt_of(options->pheno_name).text);
    if (options->missing_phenotype && !options->pheno)
        return ri_fail(err, RI_BAD_INPUT,
                       "--missing-phenotype is for a --pheno file; in the .fam, -9 and text that "
                       "is no number are always missing");
    return RI_OK;
}

static ri_status read_texts(plink_import *import, ri_error *err) {
    const ri_plink_options *options = import->options;
    ri_import_report *report = import->report;
    RI_TRY(ri_plink_samples_read(import->fam_path, options, &import->samples, report, err));
    RI_TRY(ri_plink_variants_read(import->bim_path, &import->variants, &report->renamed_features,
                                  err));
    report->features = import->variants.id.count;
    RI_TRY(ri_bed_open(import->bed_path, report->samples, report->features, &import->bed, err));
    if (options->truth)
        RI_TRY(ri_truth_read(options->truth, &import->variants.id, &import->variants.a1,
                             &import->truth, err));
    return RI_OK;
}

static void count_block(const ri_bed *bed, const unsigned char *columns, int64_t count,
                        ri_import_report *report) {
    for (int64_t j = 0; j < count; j++) {
        int64_t copies[3];
        int64_t missing;
        ri_bed_count(columns + (size_t)j * bed->column_bytes, bed->n, copies, &missing);
        int kinds = (copies[0] > 0) + (copies[1] > 0) + (copies[2] > 0);
        report->constant_features += kinds < 2;
        report->missing_values += missing;
    }
}

static ri_status write_block(plink_import *import, int64_t from, int64_t count,
                             const unsigned char *columns, int8_t *decoded, ri_error *err) {
    const ri_bed *bed = &import->bed;
    if (!decoded)
        return ri_writer_columns(import->writer, from, count, columns, bed->column_bytes, err);
    for (int64_t j = 0; j < count; j++)
        ri_bed_decode(columns + (size_t)j * bed->column_bytes, bed->n, decoded + j * bed->n);
    return ri_writer_columns(import->writer, from, count, decoded, (size_t)bed->n, err);
}

static ri_status copy_genotypes(plink_import *import, ri_error *err) {
    ri_status status = RI_OK;
    ri_bed *bed = &import->bed;
    bool decode = import->options->storage == RI_I8;
    size_t bytes = decode ? (size_t)bed->n : bed->column_bytes;
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / bytes);
    if (block > bed->p)
        block = bed->p;
    unsigned char *columns = ri_alloc((size_t)block, bed->column_bytes);
    int8_t *decoded = decode ? ri_alloc((size_t)block, (size_t)bed->n) : NULL;
    if (!columns || (decode && !decoded)) {
        status = ri_fail_memory(err, "a block of genotypes", (size_t)block * bytes);
        goto done;
    }
    for (int64_t from = 0; from < bed->p; from += block) {
        int64_t count = bed->p - from < block ? bed->p - from : block;
        RI_GO(ri_bed_read(bed, count, columns, err));
        count_block(bed, columns, count, import->report);
        RI_GO(write_block(import, from, count, columns, decoded, err));
    }
done:
    free(columns);
    free(decoded);
    return status;
}

static ri_status write_dataset(plink_import *import, const char *output, ri_error *err) {
    const ri_plink_variants *variants = &import->variants;
    const ri_plink_samples *samples = &import->samples;
    const ri_import_report *report = import->report;
    RI_TRY(ri_writer_open(output, report->samples, report->features, import->options->storage, true,
                          &import->writer, err));
    RI_TRY(ri_writer_samples(import->writer, &samples->id, err));
    RI_TRY(ri_writer_features(import->writer, &variants->id, &variants->chrom, &variants->a1,
                              &variants->a2, variants->pos, err));
    RI_TRY(ri_writer_response(import->writer, report->response, samples->y, true, err));
    RI_TRY(ri_writer_group(import->writer, "FID", &samples->family, err));
    if (import->truth.count > 0)
        RI_TRY(ri_writer_truth(import->writer, &import->truth, err));
    return copy_genotypes(import, err);
}

ri_status ri_import_plink(const char *prefix, const ri_plink_options *options, const char *output,
                          ri_import_report *report, ri_error *err) {
    ri_status status, closed;
    plink_import import = {.options = options, .report = report};
    ri_c_locale locale = ri_c_locale_enter();
    *report = (ri_import_report){0};
    RI_GO(check_options(options, err));
    RI_GO(name_files(&import, prefix, err));
    RI_GO(ri_output_prepare(output, err));
    RI_GO(read_texts(&import, err));
    RI_GO(write_dataset(&import, output, err));
done:
    /* after a failure its own sentence stands; closing only removes the temporary file */
    closed = ri_writer_close(import.writer, status == RI_OK, status == RI_OK ? err : NULL);
    if (status == RI_OK)
        status = closed;
    ri_bed_close(&import.bed);
    ri_truth_clear(&import.truth);
    ri_plink_samples_free(&import.samples);
    ri_plink_variants_free(&import.variants);
    free(import.bed_path);
    free(import.bim_path);
    free(import.fam_path);
    ri_c_locale_leave(locale);
    return status;
}
