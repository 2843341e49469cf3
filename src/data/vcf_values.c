/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/vcf_values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/wording.h"

static int64_t samples(const ri_vcf_values *values) {
    return bcf_hdr_nsamples(values->reader->header);
}

static const char *sample_name(const ri_vcf_values *values, int64_t i) {
    return values->reader->header->samples[i];
}

/* HTSlib ends the program where a damaged record stores FORMAT/`tag` as what holds no numbers. */
static ri_status check_type(const ri_vcf_reader *reader, const char *tag, ri_error *err) {
    const bcf_fmt_t *format = bcf_get_fmt(reader->header, reader->record, tag);
    bool number = !format || format->type == BCF_BT_INT8 || format->type == BCF_BT_INT16 ||
                  format->type == BCF_BT_INT32 || format->type == BCF_BT_FLOAT;
    return number ? RI_OK
                  : ri_fail(err, RI_BAD_INPUT, "%s: its %s are no numbers; the file is damaged",
                            ri_vcf_reader_place(reader).text, tag);
}

ri_status ri_vcf_values_load(ri_vcf_values *values, ri_error *err) {
    const ri_vcf_reader *reader = values->reader;
    const bcf_hdr_t *header = reader->header;
    int64_t n = samples(values);
    values->gt_each = values->ds_each = 0;
    RI_TRY(check_type(reader, "GT", err));
    if (values->dosage) {
        RI_TRY(check_type(reader, "DS", err));
        int got = bcf_get_format_float(header, reader->record, "DS", &values->ds, &values->ds_room);
        if (got == -2)
            return ri_fail(err, RI_BAD_INPUT, "%s: the header says that DS is no Float",
                           reader->path);
        if (got < -3)
            return ri_fail_memory(err, "dosages", (unsigned long long)n * sizeof *values->ds);
        values->ds_each = got > 0 ? (int)(got / n) : 0;
    }
    int got = bcf_get_genotypes(header, reader->record, &values->gt, &values->gt_room);
    if (got < -3)
        return ri_fail_memory(err, "genotypes", (unsigned long long)n * sizeof *values->gt);
    values->gt_each = got > 0 ? (int)(got / n) : 0;
    if (values->ds_each > 0 && values->ds_each < (int)reader->record->n_allele - 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %d DS a sample for %d alternative alleles; use --multiallelic skip, "
                       "or --dosage GT",
                       ri_vcf_reader_place(reader).text, values->ds_each,
                       (int)reader->record->n_allele - 1);
    if (values->gt_each == 0 && values->ds_each == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: has no %s", ri_vcf_reader_place(reader).text,
                       values->dosage ? "DS and no GT" : "GT");
    return RI_OK;
}

/* Copies of an allele that sample i has, -1: missing, -2: more than two alleles. A single allele
 * counts twice, as in a .bed. */
static int count_copies(ri_vcf_values *values, int64_t i, int allele) {
    const int32_t *call = values->gt + i * values->gt_each;
    int ploidy = 0, copies = 0, missing = 0;
    for (int k = 0; k < values->gt_each && call[k] != bcf_int32_vector_end; k++, ploidy++) {
        missing += bcf_gt_is_missing(call[k]) || call[k] == bcf_int32_missing;
        copies += bcf_gt_allele(call[k]) == allele;
    }
    if (ploidy > 2)
        return -2;
    if (allele == 1) { /* each call is counted once */
        values->half_calls += ploidy == 2 && missing == 1;
        values->haploid += ploidy == 1 && missing == 0;
    }
    if (missing > 0 || ploidy == 0)
        return -1;
    return ploidy == 1 ? 2 * copies : copies;
}

static ri_status fail_ploidy(const ri_vcf_values *values, int64_t i, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: sample '%s' has more than two alleles; only haploid and "
                   "diploid calls can be counted",
                   ri_vcf_reader_place(values->reader).text,
                   ri_excerpt_of(sample_name(values, i)).text);
}

static ri_status pack_copies(ri_vcf_values *values, int allele, uint8_t *column, ri_error *err) {
    static const unsigned code[3] = {3, 2, 0};
    int64_t n = samples(values);
    memset(column, 0, ri_storage_bytes(RI_PACKED2, n));
    for (int64_t i = 0; i < n; i++) {
        int copies = count_copies(values, i, allele);
        if (copies == -2)
            return fail_ploidy(values, i, err);
        unsigned two = copies < 0 ? 1u : code[copies];
        column[i / 4] = (uint8_t)(column[i / 4] | two << (2 * (i % 4)));
    }
    return RI_OK;
}

/* The dosage of a sample, NaN where it has neither that nor a call. */
static ri_status find_dosage(ri_vcf_values *values, int64_t i, int allele, double *dosage,
                             ri_error *err) {
    *dosage = NAN;
    if (values->ds_each > 0) {
        float value = values->ds[i * values->ds_each + allele - 1];
        bool ends = false; /* the sample's list is shorter */
        for (int k = 0; k < allele; k++)
            ends |= bcf_float_is_vector_end(values->ds[i * values->ds_each + k]) != 0;
        if (!ends && !bcf_float_is_missing(value) && !isnan(value))
            *dosage = (double)value;
    }
    if (isnan(*dosage) && values->gt_each > 0) {
        int copies = count_copies(values, i, allele);
        if (copies == -2)
            return fail_ploidy(values, i, err);
        if (copies >= 0)
            *dosage = copies;
        values->from_gt += copies >= 0;
    }
    if (*dosage < 0 || *dosage > 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: sample '%s' has a DS of %g; a dosage is between 0 and 2",
                       ri_vcf_reader_place(values->reader).text,
                       ri_excerpt_of(sample_name(values, i)).text, *dosage);
    return RI_OK;
}

ri_status ri_vcf_values_column(ri_vcf_values *values, int allele, void *column, ri_error *err) {
    int64_t n = samples(values);
    if (values->storage == RI_PACKED2)
        return pack_copies(values, allele, column, err);
    for (int64_t i = 0; i < n; i++) {
        double dosage;
        RI_TRY(find_dosage(values, i, allele, &dosage, err));
        if (values->storage == RI_F32)
            ((float *)column)[i] = (float)dosage;
        else
            ((uint8_t *)column)[i] = isnan(dosage) ? UINT8_MAX : (uint8_t)lround(dosage * 100);
    }
    return RI_OK;
}

void ri_vcf_values_free(ri_vcf_values *values) {
    free(values->gt);
    free(values->ds);
    *values = (ri_vcf_values){0};
}
