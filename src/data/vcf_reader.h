/* SPDX-License-Identifier: BSD-3-Clause
 * Records of a VCF or BCF file, one after another, through HTSlib. */
#ifndef RI_DATA_VCF_READER_H
#define RI_DATA_VCF_READER_H

#include <stdbool.h>

#include <htslib/hts.h>
#include <htslib/kstring.h>
#include <htslib/tbx.h>
#include <htslib/vcf.h>

#include "base/status.h"

typedef struct ri_vcf_reader {
    const char *path; /* as given; must stay valid */
    htsFile *file;
    bcf_hdr_t *header;
    bcf1_t *record; /* the current one */
    int64_t number; /* of it, from 1; in a region, counted there */

    /* a region: one of the two kinds of index */
    hts_itr_t *iterator;
    hts_idx_t *bcf_index;
    tbx_t *text_index;
    kstring_t line;
    enum htsLogLevel log_level; /* of HTSlib, before; put back when closed */
} ri_vcf_reader;

/* Opens the file and reads its header. HTSlib, which prints, is silent until the reader is closed.
 */
RI_MUST_USE ri_status ri_vcf_reader_open(const char *path, ri_vcf_reader *out, ri_error *err);
/* Only records that lie in `region` ("19", "19:1000-2000"), by the index beside the file. */
RI_MUST_USE ri_status ri_vcf_reader_region(ri_vcf_reader *reader, const char *region,
                                           ri_error *err);
/* The next record; `*more` is false after the last one. */
RI_MUST_USE ri_status ri_vcf_reader_next(ri_vcf_reader *reader, bool *more, ri_error *err);
void ri_vcf_reader_close(ri_vcf_reader *reader); /* accepts an all-zero one */

/* "FILE, record 17 (19:1234)" */
typedef struct ri_vcf_place {
    char text[160];
} ri_vcf_place;
ri_vcf_place ri_vcf_reader_place(const ri_vcf_reader *reader);

#endif
