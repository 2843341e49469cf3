/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/bed.h"
#include "data/c_locale.h"
#include "data/generator.h"
#include "data/writer.h"

enum { BLOCK_BYTES = 1 << 24 };

ri_simulate_options ri_simulate_defaults(void) {
    return (ri_simulate_options){.n = 1000,
                                 .p = 20000,
                                 .support = 20,
                                 .snr = 3.0,
                                 .correlation = RI_AR1,
                                 .rho = 0.5,
                                 .block = 20,
                                 .maf_min = 0.01,
                                 .seed = 1,
                                 .storage = RI_F64};
}

/* --- columns, wherever they go ------------------------------------------------------------- */

typedef ri_status take_columns(void *sink, const ri_generator *generator, int64_t from,
                               int64_t count, const void *columns, ri_error *err);

static ri_status generate(ri_generator *generator, take_columns *take, void *sink, ri_error *err) {
    ri_status status = RI_OK;
    int64_t p = generator->options.p;
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / generator->column_bytes);
    if (block > p)
        block = p;
    void *columns = ri_alloc((size_t)block, generator->column_bytes);
    if (!columns)
        return ri_fail_memory(err, "a block of simulated features",
                              (size_t)block * generator->column_bytes);
    for (int64_t from = 0; from < p && status == RI_OK; from += block) {
        int64_t count = p - from < block ? p - from : block;
        ri_generator_columns(generator, count, columns);
        status = take(sink, generator, from, count, columns, err);
    }
    free(columns);
    return status;
}

static ri_status name_feature(const ri_simulate_options *options, int64_t feature, ri_names *names,
                              ri_error *err) {
    char text[32];
    int length =
        snprintf(text, sizeof text, "%s%" PRId64, options->genotype ? "snp" : "x", feature + 1);
    return ri_names_add(names, text, (size_t)length, err);
}

/* --- HDF5 ---------------------------------------------------------------------------------- */

static ri_status write_columns(void *sink, const ri_generator *generator, int64_t from,
                               int64_t count, const void *columns, ri_error *err) {
    return ri_writer_columns(sink, from, count, columns, generator->column_bytes, err);
}

static ri_status count_entries(void *sink, const ri_generator *generator, int64_t from,
                               int64_t count, const void *columns, ri_error *err) {
    const int8_t *value = columns;
    int64_t *entries = sink;
    (void)from, (void)err;
    for (int64_t k = 0; k < count * generator->options.n; k++)
        *entries += value[k] != 0;
    return RI_OK;
}

/* Entries of a block, feature after feature. */
static ri_status write_entries(void *sink, const ri_generator *generator, int64_t from,
                               int64_t count, const void *columns, ri_error *err) {
    const int64_t n = generator->options.n;
    const int8_t *column = columns;
    int64_t entries = 0, at = 0;
    RI_TRY(count_entries(&entries, generator, from, count, columns, err));
    int64_t *each = ri_calloc((size_t)count, sizeof *each);
    int32_t *row = ri_alloc((size_t)entries, sizeof *row);
    int8_t *value = ri_alloc((size_t)entries, 1);
    ri_status status = RI_OK;
    if (!each || !row || !value)
        status = ri_fail_memory(err, "a block of entries", (size_t)entries * 5);
    for (int64_t j = 0; j < count && status == RI_OK; j++, column += n)
        for (int64_t i = 0; i < n; i++)
            if (column[i] != 0) {
                row[at] = (int32_t)i;
                value[at++] = column[i];
                each[j]++;
            }
    if (status == RI_OK)
        status = ri_writer_entries(sink, count, each, row, value, err);
    free(each);
    free(row);
    free(value);
    return status;
}

/* A sparse file must know how many entries come: the features are generated once to count them. */
static ri_status open_sparse(const ri_simulate_options *options, const char *output,
                             ri_writer **writer, ri_error *err) {
    ri_generator generator = {0};
    int64_t entries = 0;
    RI_TRY(ri_generator_open(options, &generator, err));
    ri_status status = generate(&generator, count_entries, &entries, err);
    ri_generator_close(&generator);
    RI_TRY(status);
    return ri_writer_open_sparse(output, options->n, options->p, entries, RI_I8, writer, err);
}

static ri_status write_samples(ri_writer *writer, int64_t n, ri_error *err) {
    ri_names id = {0};
    ri_status status = RI_OK;
    for (int64_t i = 1; i <= n && status == RI_OK; i++) {
        char text[32];
        int length = snprintf(text, sizeof text, "s%" PRId64, i);
        status = ri_names_add(&id, text, (size_t)length, err);
    }
    if (status == RI_OK)
        status = ri_writer_samples(writer, &id, err);
    ri_names_free(&id);
    return status;
}

static ri_status write_features(ri_writer *writer, const ri_simulate_options *options,
                                ri_error *err) {
    ri_status status = RI_OK;
    ri_names id = {0}, chrom = {0}, a1 = {0}, a2 = {0};
    int64_t *pos = ri_alloc((size_t)options->p, sizeof *pos);
    if (!pos) {
        status = ri_fail_memory(err, "feature positions", (size_t)options->p * sizeof *pos);
        goto done;
    }
    for (int64_t j = 0; j < options->p; j++) {
        RI_GO(name_feature(options, j, &id, err));
        if (!options->genotype)
            continue;
        char alleles[2], text[24];
        int length = snprintf(text, sizeof text, "%" PRId64, ri_generator_chromosome(options, j));
        ri_generator_alleles(options, j, alleles);
        pos[j] = ri_generator_position(options, j);
        RI_GO(ri_names_add(&chrom, text, (size_t)length, err));
        RI_GO(ri_names_add(&a1, &alleles[0], 1, err));
        RI_GO(ri_names_add(&a2, &alleles[1], 1, err));
    }
    if (options->genotype)
        status = ri_writer_features(writer, &id, &chrom, &a1, &a2, pos, err);
    else
        status = ri_writer_features(writer, &id, NULL, NULL, NULL, NULL, err);
done:
    ri_names_free(&id);
    ri_names_free(&chrom);
    ri_names_free(&a1);
    ri_names_free(&a2);
    free(pos);
    return status;
}

ri_status ri_simulate_dataset(const ri_simulate_options *options, const char *output,
                              ri_error *err) {
    ri_status status, closed;
    ri_generator generator = {0};
    ri_writer *writer = NULL;
    RI_GO(ri_generator_open(options, &generator, err));
    bool sparse = options->storage == RI_CSC;
    RI_GO(sparse ? open_sparse(options, output, &writer, err)
                 : ri_writer_open(output, options->n, options->p, options->storage,
                                  options->genotype, &writer, err));
    RI_GO(write_samples(writer, options->n, err));
    RI_GO(write_features(writer, options, err));
    RI_GO(generate(&generator, sparse ? write_entries : write_columns, writer, err));
    ri_generator_response(&generator, generator.signal);
    RI_GO(ri_writer_response(writer, "y", generator.signal, true, err));
    RI_GO(ri_writer_truth(writer, &generator.truth, err));
done:
    /* after a failure its own sentence stands; closing only removes the temporary file */
    closed = ri_writer_close(writer, status == RI_OK, status == RI_OK ? err : NULL);
    if (status == RI_OK)
        status = closed;
    ri_generator_close(&generator);
    return status;
}

/* --- PLINK --------------------------------------------------------------------------------- */

enum { BED, BIM, FAM, TRUTH, FILES };

typedef struct plink_files {
    char *path[FILES];
    ri_output output[FILES];
} plink_files;

static ri_status open_files(plink_files *files, const char *prefix, ri_error *err) {
    static const char *const suffix[FILES] = {".bed", ".bim", ".fam", ".truth.tsv"};
    size_t room = strlen(prefix) + 16;
    for (int k = 0; k < FILES; k++) {
        files->path[k] = ri_alloc(room, 1);
        if (!files->path[k])
            return ri_fail_memory(err, "a file name", room);
        snprintf(files->path[k], room, "%s%s", prefix, suffix[k]);
        RI_TRY(ri_output_prepare(files->path[k], err));
        RI_TRY(ri_output_open(files->path[k], &files->output[k], err));
    }
    return RI_OK;
}

/* All are renamed after all are written, the .bed first. */
static ri_status close_files(plink_files *files, ri_status status, ri_error *err) {
    for (int k = 0; k < FILES; k++) {
        ri_status closed =
            ri_output_close(&files->output[k], status == RI_OK, status == RI_OK ? err : NULL);
        if (status == RI_OK)
            status = closed;
        free(files->path[k]);
    }
    return status;
}

static ri_status check_file(const ri_output *output, ri_error *err) {
    if (fflush(output->file) == 0 && !ferror(output->file))
        return RI_OK;
    return ri_fail(err, RI_SYSTEM, "%s: cannot be written: %s", output->path, strerror(errno));
}

static ri_status write_variants(void *sink, const ri_generator *generator, int64_t from,
                                int64_t count, const void *columns, ri_error *err) {
    const plink_files *files = sink;
    const ri_simulate_options *options = &generator->options;
    fwrite(columns, generator->column_bytes, (size_t)count, files->output[BED].file);
    for (int64_t j = from; j < from + count; j++) {
        char alleles[2];
        ri_generator_alleles(options, j, alleles);
        fprintf(files->output[BIM].file, "%" PRId64 "\tsnp%" PRId64 "\t0\t%" PRId64 "\t%c\t%c\n",
                ri_generator_chromosome(options, j), j + 1, ri_generator_position(options, j),
                alleles[0], alleles[1]);
    }
    RI_TRY(check_file(&files->output[BED], err));
    return check_file(&files->output[BIM], err);
}

static ri_status write_fam(const plink_files *files, const double *y, int64_t n, ri_error *err) {
    for (int64_t i = 0; i < n; i++) {
        char text[RI_NUMBER_TEXT];
        fprintf(files->output[FAM].file, "s%" PRId64 "\ts%" PRId64 "\t0\t0\t0\t%s\n", i + 1, i + 1,
                ri_format_number(y[i], text));
    }
    return check_file(&files->output[FAM], err);
}

static ri_status write_truth(const plink_files *files, const ri_generator *generator,
                             ri_error *err) {
    const ri_truth *truth = &generator->truth;
    FILE *file = files->output[TRUTH].file;
    char intercept[RI_NUMBER_TEXT], noise[RI_NUMBER_TEXT];
    ri_format_number(truth->intercept, intercept);
    ri_format_number(truth->noise_sd, noise);
    fputs("feature\tcoefficient\teffect_allele\tallele_frequency\tintercept\tnoise_sd\n", file);
    for (int64_t k = 0; k < truth->count; k++) {
        int64_t j = truth->feature[k];
        char coefficient[RI_NUMBER_TEXT], frequency[RI_NUMBER_TEXT], alleles[2];
        ri_generator_alleles(&generator->options, j, alleles);
        fprintf(file, "snp%" PRId64 "\t%s\t%c\t%s\t%s\t%s\n", j + 1,
                ri_format_number(truth->coefficient[k], coefficient), alleles[0],
                ri_format_number(ri_generator_frequency(&generator->options, j), frequency),
                intercept, noise);
    }
    return check_file(&files->output[TRUTH], err);
}

static ri_status write_plink(plink_files *files, ri_generator *generator, ri_error *err) {
    fwrite(ri_bed_magic, 1, RI_BED_HEADER, files->output[BED].file);
    RI_TRY(generate(generator, write_variants, files, err));
    ri_generator_response(generator, generator->signal);
    RI_TRY(write_fam(files, generator->signal, generator->options.n, err));
    return write_truth(files, generator, err);
}

ri_status ri_simulate_plink(const ri_simulate_options *options, const char *prefix, ri_error *err) {
    ri_status status;
    ri_generator generator = {0};
    plink_files files = {0};
    ri_c_locale locale = ri_c_locale_enter();
    if (!options->genotype || options->storage != RI_PACKED2) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: PLINK files hold genotypes, stored as packed2; gaussian features go "
                         "to an HDF5 dataset",
                         prefix);
        goto done;
    }
    RI_GO(ri_generator_open(options, &generator, err));
    RI_GO(open_files(&files, prefix, err));
    RI_GO(write_plink(&files, &generator, err));
done:
    status = close_files(&files, status, err);
    ri_generator_close(&generator);
    ri_c_locale_leave(locale);
    return status;
}
