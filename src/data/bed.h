/* SPDX-License-Identifier: BSD-3-Clause
 * The genotypes of a PLINK 1 .bed file, variant after variant: ceil(n/4) bytes each, 2 bits a
 * sample, low bits first: 00 -> 2 copies of A1, 10 -> 1, 11 -> 0, 01 missing. */
#ifndef RI_DATA_BED_H
#define RI_DATA_BED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* The first bytes of the file; the third says variant-major. */
enum { RI_BED_HEADER = 3 };
extern const unsigned char ri_bed_magic[RI_BED_HEADER];

typedef struct ri_bed {
    const char *path; /* as given; must stay valid */
    int file;         /* open only where column_bytes > 0 */
    int64_t n, p;
    size_t column_bytes;
} ri_bed;

/* Checks the header, and the size against `n` samples and `p` variants. */
RI_MUST_USE ri_status ri_bed_open(const char *path, int64_t n, int64_t p, ri_bed *out,
                                  ri_error *err);
void ri_bed_close(ri_bed *bed); /* accepts an all-zero one */

/* Variants [from, from + count), `stride` bytes apart (at least column_bytes). Padding bits of the
 * last byte of each, which PLINK leaves open, become 0, so that equal genotypes are equal bytes. */
RI_MUST_USE ri_status ri_bed_read(const ri_bed *bed, int64_t from, int64_t count, void *columns,
                                  size_t stride, ri_error *err);

/* Whether the start of this variant is in the system's cache. */
bool ri_bed_cached(const ri_bed *bed, int64_t variant);

/* Has the system read variants [from, from + count) into its cache. */
void ri_bed_ahead(const ri_bed *bed, int64_t from, int64_t count);

/* How many samples have 0, 1, 2 copies and a missing genotype. */
void ri_bed_count(const unsigned char *column, int64_t n, int64_t copies[3], int64_t *missing);

/* Copies of A1 as one byte a sample, -128 where missing. */
void ri_bed_decode(const unsigned char *column, int64_t n, int8_t *out);

#endif
