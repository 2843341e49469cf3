/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/vcf_reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/wording.h"

/* A text file whose last line has no end was cut, and that line may look whole. */
static ri_status check_end(const ri_vcf_reader *reader, ri_error *err) {
    char last = '\n';
    if (hts_get_format(reader->file)->compression == no_compression &&
        hts_get_format(reader->file)->format == vcf) {
        FILE *file = fopen(reader->path, "rbe");
        if (!file || fseek(file, -1, SEEK_END) != 0 || fread(&last, 1, 1, file) != 1)
            last = '\n';
        if (file)
            fclose(file);
    }
    if (last != '\n' || hts_check_EOF(reader->file) == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: its end is missing; the file is truncated",
                       reader->path);
    return RI_OK;
}

ri_status ri_vcf_reader_open(const char *path, ri_vcf_reader *out, ri_error *err) {
    *out = (ri_vcf_reader){.path = path, .log_level = hts_get_log_level()};
    struct stat info;
    ri_status status = RI_OK;
    hts_set_log_level(HTS_LOG_OFF);
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        status = ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    else if (!S_ISREG(info.st_mode))
        status = ri_fail(err, RI_BAD_INPUT, "%s: is not a file", path);
    if (status != RI_OK)
        goto done;
    out->file = hts_open(path, "r");
    enum htsExactFormat format = out->file ? hts_get_format(out->file)->format : unknown_format;
    if (format != vcf && format != bcf) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: is not a VCF or BCF file", path);
        goto done;
    }
    RI_GO(check_end(out, err));
    out->header = bcf_hdr_read(out->file);
    out->record = bcf_init();
    if (!out->header)
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: its header cannot be read; it is damaged, or a sample is named twice",
                         path);
    else if (!out->record)
        status = ri_fail_memory(err, "a VCF record", sizeof *out->record);
done:
    if (status != RI_OK)
        ri_vcf_reader_close(out);
    return status;
}

ri_status ri_vcf_reader_region(ri_vcf_reader *reader, const char *region, ri_error *err) {
    bool binary = hts_get_format(reader->file)->format == bcf;
    if (binary) {
        reader->bcf_index = bcf_index_load(reader->path);
        if (reader->bcf_index)
            reader->iterator = bcf_itr_querys(reader->bcf_index, reader->header, region);
    } else {
        reader->text_index = tbx_index_load(reader->path);
        if (reader->text_index)
            reader->iterator = tbx_itr_querys(reader->text_index, region);
    }
    if (!reader->bcf_index && !reader->text_index)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: --region needs an index beside it: make one with 'bcftools index', of "
                       "a file compressed by bgzip",
                       reader->path);
    if (!reader->iterator)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: --region '%s': no such place; write CHROMOSOME or "
                       "CHROMOSOME:FROM-TO, with the file's name of the chromosome",
                       reader->path, ri_excerpt_of(region).text);
    return RI_OK;
}

/* As bcf_read: 0 a record, -1 the end, less an error. */
static int read_record(ri_vcf_reader *reader) {
    if (!reader->iterator)
        return bcf_read(reader->file, reader->header, reader->record);
    if (reader->bcf_index) {
        int code = bcf_itr_next(reader->file, reader->iterator, reader->record);
        return code < 0                       ? code
               : reader->header->keep_samples ? bcf_subset_format(reader->header, reader->record)
                                              : 0;
    }
    int code = tbx_itr_next(reader->file, reader->text_index, reader->iterator, &reader->line);
    if (code < 0)
        return code;
    return vcf_parse(&reader->line, reader->header, reader->record) < 0 ? -2 : 0;
}

ri_status ri_vcf_reader_next(ri_vcf_reader *reader, bool *more, ri_error *err) {
    /* What HTSlib mends itself: a contig or field that the header does not declare. */
    const int harmless = BCF_ERR_CTG_UNDEF | BCF_ERR_TAG_UNDEF;
    *more = false;
    int code = read_record(reader);
    if (code == -1)
        return RI_OK;
    if (code < -1 || (reader->record->errcode & ~harmless))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: record %lld cannot be read; the file is truncated or damaged",
                       reader->path, (long long)reader->number + 1);
    if (bcf_unpack(reader->record, BCF_UN_STR) != 0 || !bcf_seqname(reader->header, reader->record))
        return ri_fail(err, RI_BAD_INPUT, "%s: record %lld is damaged", reader->path,
                       (long long)reader->number + 1);
    reader->number++;
    *more = true;
    return RI_OK;
}

ri_vcf_place ri_vcf_reader_place(const ri_vcf_reader *reader) {
    ri_vcf_place place;
    snprintf(place.text, sizeof place.text, "%.60s, record %lld (%s:%lld)", reader->path,
             (long long)reader->number,
             ri_excerpt_of(bcf_seqname(reader->header, reader->record)).text,
             (long long)reader->record->pos + 1);
    return place;
}

void ri_vcf_reader_close(ri_vcf_reader *reader) {
    if (!reader->path)
        return;
    if (reader->iterator)
        hts_itr_destroy(reader->iterator);
    if (reader->bcf_index)
        hts_idx_destroy(reader->bcf_index);
    if (reader->text_index)
        tbx_destroy(reader->text_index);
    if (reader->record)
        bcf_destroy(reader->record);
    if (reader->header)
        bcf_hdr_destroy(reader->header);
    if (reader->file)
        hts_close(reader->file);
    free(ks_release(&reader->line));
    hts_set_log_level(reader->log_level);
    *reader = (ri_vcf_reader){0};
}
