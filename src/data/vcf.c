/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/vcf.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/dataset_file.h"
#include "data/lists.h"
#include "data/plink_text.h"
#include "data/utf8.h"
#include "data/vcf_reader.h"
#include "data/vcf_values.h"

static ri_status read_x(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                        size_t stride, ri_error *err) {
    return ri_spool_read(&dataset->file->spool, from, count, out, stride, err);
}

static ri_status read_group(const ri_dataset *dataset, const char *name, ri_names *label,
                            ri_error *err) {
    (void)label;
    return ri_dataset_unknown_name(dataset, "group column", name, &dataset->group_names, err);
}

static void close_file(ri_dataset_file *file) {
    ri_spool_close(&file->spool);
}

static const ri_backing backing = {.read = read_x, .group = read_group, .close = close_file};

/* One file on its way into a dataset. */
typedef struct vcf_import {
    const ri_vcf_options *options;
    ri_vcf_report *report;
    ri_vcf_reader reader;
    ri_vcf_values values;
    ri_dataset *dataset;
    ri_plink_variants variants;
    ri_names raw; /* IDs as they are */
    void *column;
    /* names that are wanted; NULL: all */
    ri_names chromosomes, extract;
    ri_name_index *on_chromosome, *extracted;
} vcf_import;

static ri_status add_text(ri_names *names, const vcf_import *import, const char *text,
                          ri_error *err) {
    size_t length = strlen(text);
    if (!ri_utf8_valid(text, length))
        return ri_fail(err, RI_BAD_INPUT, "%s: a name is not UTF-8 text", import->reader.path);
    return ri_names_add(names, text, length, err);
}

/* --- samples --------------------------------------------------------------------------------- */

/* Tells HTSlib which samples are wanted: the others are then not even parsed. */
static ri_status narrow_header(vcf_import *import, ri_error *err) {
    ri_dataset *dataset = import->dataset;
    int64_t all = bcf_hdr_nsamples(import->reader.header);
    if (dataset->n == all)
        return RI_OK;
    char *list = ri_alloc(dataset->sample.byte_count + 1, 1);
    if (!list)
        return ri_fail_memory(err, "a list of samples", dataset->sample.byte_count);
    size_t used = 0;
    for (int64_t i = 0; i < dataset->n; i++)
        used +=
            (size_t)sprintf(list + used, "%s%s", i ? "," : "", ri_names_get(&dataset->sample, i));
    int bad = bcf_hdr_set_samples(import->reader.header, list, 0);
    free(list);
    if (bad != 0 || bcf_hdr_nsamples(import->reader.header) != dataset->n)
        return ri_fail(
            err, RI_BAD_INPUT,
            "%s: its samples cannot be selected by --keep and --remove; is there a comma "
            "in a name?",
            import->reader.path);
    free(dataset->file->row); /* the temporary file will hold these samples only */
    dataset->file->row = NULL;
    return RI_OK;
}

static ri_status take_samples(vcf_import *import, ri_error *err) {
    const bcf_hdr_t *header = import->reader.header;
    ri_dataset *dataset = import->dataset;
    dataset->n = dataset->file->rows = bcf_hdr_nsamples(header);
    dataset->sample_named = dataset->feature_named = true;
    if (dataset->n < 1)
        return ri_fail(err, RI_BAD_INPUT, "%s: no samples", import->reader.path);
    for (int64_t i = 0; i < dataset->n; i++)
        RI_TRY(add_text(&dataset->sample, import, header->samples[i], err));
    if (import->options->selection) {
        ri_selection samples = {.keep = import->options->selection->keep,
                                .remove = import->options->selection->remove,
                                .geno = NAN,
                                .maf = NAN};
        RI_TRY(ri_dataset_select(dataset, &samples, &import->report->selection, err));
        RI_TRY(narrow_header(import, err));
    }
    dataset->file->rows = dataset->n;
    return RI_OK;
}

/* --- variants -------------------------------------------------------------------------------- */

static ri_status prepare_lists(vcf_import *import, ri_error *err) {
    const ri_selection *selection = import->options->selection;
    if (selection && selection->chr) {
        RI_TRY(ri_chromosomes_parse(selection->chr, &import->chromosomes, err));
        RI_TRY(ri_name_index_new(&import->chromosomes, &import->on_chromosome, NULL, err));
    }
    if (selection && selection->extract) {
        RI_TRY(ri_list_read(selection->extract, &import->extract, err));
        RI_TRY(ri_name_index_new(&import->extract, &import->extracted, NULL, err));
    }
    return RI_OK;
}

/* False where --chr, or --extract under whatever name the feature will get, drops it anyway. What
 * is kept here in vain is dropped later. */
static bool is_wanted(const vcf_import *import, int allele) {
    const ri_vcf_reader *reader = &import->reader;
    const bcf1_t *record = reader->record;
    const char *chrom = bcf_seqname(reader->header, record);
    if (import->on_chromosome &&
        ri_name_index_find(import->on_chromosome, ri_chromosome_plain(chrom)) < 0)
        return false;
    if (!import->extracted || ri_name_index_find(import->extracted, record->d.id) >= 0)
        return true;
    char place[512];
    int length =
        snprintf(place, sizeof place, "%s:%lld:%s:%s", chrom, (long long)record->pos + 1,
                 allele < record->n_allele ? record->d.allele[allele] : ".", record->d.allele[0]);
    return length >= (int)sizeof place || ri_name_index_find(import->extracted, place) >= 0 ||
           memchr(import->extract.bytes, '#', import->extract.byte_count) != NULL;
}

/* Alleles that stand for others, or for none, are no features. */
static bool is_allele(const char *text) {
    static const char *const not_one[] = {"*", "<*>", "<NON_REF>", "<X>"};
    for (size_t k = 0; k < sizeof not_one / sizeof *not_one; k++)
        if (strcmp(text, not_one[k]) == 0)
            return false;
    return true;
}

static ri_status add_feature(vcf_import *import, int allele, ri_error *err) {
    const ri_vcf_reader *reader = &import->reader;
    const bcf1_t *record = reader->record;
    ri_plink_variants *variants = &import->variants;
    size_t needed = (size_t)import->raw.count + 1;
    if (!ri_grow(&variants->pos, &variants->pos_capacity, needed, sizeof *variants->pos))
        return ri_fail_memory(err, "the variants", needed * sizeof *variants->pos);
    if (needed > INT32_MAX)
        return ri_fail(err, RI_BAD_INPUT, "%s: more than %d features", reader->path, INT32_MAX);
    RI_TRY(ri_vcf_values_column(&import->values, allele, import->column, err));
    variants->pos[needed - 1] = record->pos + 1;
    RI_TRY(add_text(&import->raw, import, record->d.id, err));
    RI_TRY(add_text(&variants->chrom, import, bcf_seqname(reader->header, record), err));
    RI_TRY(add_text(&variants->a1, import,
                    allele < record->n_allele ? record->d.allele[allele] : ".", err));
    RI_TRY(add_text(&variants->a2, import, record->d.allele[0], err));
    return ri_spool_add(&import->dataset->file->spool, import->column, err);
}

static ri_status take_record(vcf_import *import, ri_error *err) {
    const bcf1_t *record = import->reader.record;
    int kept = 0, last = record->n_allele < 2 ? 1 : record->n_allele - 1;
    bool loaded = false;
    if (record->n_allele < 1)
        return ri_fail(err, RI_BAD_INPUT, "%s: has no alleles",
                       ri_vcf_reader_place(&import->reader).text);
    for (int a = 1; a < record->n_allele; a++)
        kept += is_allele(record->d.allele[a]);
    if (kept > 1 && import->options->skip_multiallelic) {
        import->report->skipped_sites++;
        return RI_OK;
    }
    import->report->split_sites += kept > 1;
    for (int a = 1; a <= last; a++) {
        if ((a < record->n_allele && !is_allele(record->d.allele[a])) || !is_wanted(import, a))
            continue;
        if (!loaded)
            RI_TRY(ri_vcf_values_load(&import->values, err));
        loaded = true;
        RI_TRY(add_feature(import, a, err));
    }
    return RI_OK;
}

/* --- the whole ------------------------------------------------------------------------------- */

static ri_status choose_field(vcf_import *import, ri_error *err) {
    const ri_vcf_options *options = import->options;
    const bcf_hdr_t *header = import->reader.header;
    int id = bcf_hdr_id2int(header, BCF_DT_ID, "DS");
    bool declared = id >= 0 && bcf_hdr_idinfo_exists(header, BCF_HL_FMT, id);
    bool dosage = options->field == RI_VCF_DS || (options->field == RI_VCF_AUTO && declared);
    ri_storage storage = options->storage;
    if (storage == RI_STORAGE_COUNT)
        storage = dosage ? RI_DOSAGE : RI_PACKED2;
    if (options->field == RI_VCF_DS && !declared)
        return ri_fail(err, RI_BAD_INPUT, "%s: --dosage DS: the header declares no DS",
                       import->reader.path);
    if (dosage ? storage != RI_DOSAGE && storage != RI_F32 : storage != RI_PACKED2)
        return ri_fail(err, RI_BAD_INPUT, "--storage: '%s' is not allowed for %s; give %s",
                       ri_storage_name(storage), dosage ? "dosages (DS)" : "genotypes (GT)",
                       dosage ? "dosage or f32, or --dosage GT" : "packed2 or i8");
    import->values =
        (ri_vcf_values){.reader = &import->reader, .dosage = dosage, .storage = storage};
    import->dataset->storage = storage;
    import->dataset->genotype = true;
    import->report->dosage = dosage;
    return RI_OK;
}

/* Moves names and counts into the dataset. */
static ri_status finish(vcf_import *import, ri_error *err) {
    ri_dataset *dataset = import->dataset;
    ri_plink_variants *variants = &import->variants;
    if (import->raw.count == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: no variants%s", import->reader.path,
                       import->reader.number > 0 ? " are left of its records" : "");
    RI_TRY(ri_spool_finish(&dataset->file->spool, err));
    RI_TRY(ri_plink_variants_name(&import->raw, variants, &import->report->renamed, err));
    dataset->p = variants->id.count;
    dataset->feature = variants->id;
    dataset->chrom = variants->chrom;
    dataset->a1 = variants->a1;
    dataset->a2 = variants->a2;
    dataset->pos = variants->pos;
    *variants = (ri_plink_variants){0};
    dataset->file_bytes = (uint64_t)dataset->file->spool.column_bytes * (uint64_t)dataset->p;
    import->report->from_gt = import->values.from_gt;
    import->report->half_calls = import->values.half_calls;
    import->report->haploid = import->values.haploid;
    return RI_OK;
}

static ri_status read_all(vcf_import *import, const char *beside, ri_error *err) {
    ri_dataset *dataset = import->dataset;
    bool more;
    RI_TRY(choose_field(import, err));
    RI_TRY(take_samples(import, err));
    RI_TRY(prepare_lists(import, err));
    if (import->options->region)
        RI_TRY(ri_vcf_reader_region(&import->reader, import->options->region, err));
    size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    import->column = ri_alloc(bytes, 1);
    dataset->x_path = strdup("genotypes");
    if (!import->column || !dataset->x_path)
        return ri_fail_memory(err, "a feature", bytes);
    RI_TRY(ri_spool_open(beside, bytes, &dataset->file->spool, err));
    for (;;) {
        RI_TRY(ri_vcf_reader_next(&import->reader, &more, err));
        if (!more)
            break;
        RI_TRY(take_record(import, err));
    }
    return finish(import, err);
}

ri_status ri_vcf_open(const char *path, const ri_vcf_options *options, const char *beside,
                      ri_dataset **out, ri_vcf_report *report, ri_error *err) {
    vcf_import import = {.options = options, .report = report};
    ri_status status;
    *out = NULL;
    *report = (ri_vcf_report){0};
    RI_GO(ri_dataset_new(path, &backing, &import.dataset, err));
    RI_GO(ri_vcf_reader_open(path, &import.reader, err));
    RI_GO(read_all(&import, beside, err));
    *out = import.dataset;
    import.dataset = NULL;
done:
    ri_dataset_close(import.dataset);
    ri_vcf_values_free(&import.values);
    ri_vcf_reader_close(&import.reader);
    ri_plink_variants_free(&import.variants);
    ri_names_free(&import.raw);
    ri_names_free(&import.chromosomes);
    ri_names_free(&import.extract);
    ri_name_index_free(import.on_chromosome);
    ri_name_index_free(import.extracted);
    free(import.column);
    return status;
}
