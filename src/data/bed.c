/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/bed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cached.h"

const unsigned char ri_bed_magic[RI_BED_HEADER] = {0x6C, 0x1B, 0x01};

static ri_status check_header(const ri_bed *bed, ri_error *err) {
    unsigned char header[RI_BED_HEADER] = {0};
    ssize_t got = pread(bed->file, header, sizeof header, 0);
    if (got < 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be read: %s", bed->path, strerror(errno));
    if (got < (ssize_t)sizeof header || memcmp(header, ri_bed_magic, 2) != 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a PLINK 1 .bed file (it starts with %02x %02x %02x in place of "
                       "6c 1b 01)",
                       bed->path, header[0], header[1], header[2]);
    if (header[2] == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: an individual-major .bed file; convert it to the variant-major form "
                       "with plink2 --bfile PREFIX --make-bed --out NEW",
                       bed->path);
    if (header[2] != ri_bed_magic[2])
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: a .bed file of an unknown kind (third byte %02x in place of 01)",
                       bed->path, header[2]);
    return RI_OK;
}

static ri_status check_size(const ri_bed *bed, ri_error *err) {
    struct stat info;
    if (fstat(bed->file, &info) != 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be read: %s", bed->path, strerror(errno));
    int64_t expected;
    int64_t found = (int64_t)info.st_size;
    if (__builtin_mul_overflow((int64_t)bed->column_bytes, bed->p, &expected) ||
        __builtin_add_overflow(expected, (int64_t)RI_BED_HEADER, &expected))
        expected = INT64_MAX;
    if (found == expected)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: %" PRId64 " bytes, but %" PRId64 " samples of the .fam and %" PRId64
                   " variants of the .bim need %" PRId64 "; %s",
                   bed->path, found, bed->n, bed->p, expected,
                   found < expected ? "the file is truncated, or belongs to another .fam or .bim"
                                    : "the file belongs to another .fam or .bim");
}

ri_status ri_bed_open(const char *path, int64_t n, int64_t p, ri_bed *out, ri_error *err) {
    *out = (ri_bed){.path = path, .n = n, .p = p, .column_bytes = (size_t)((n + 3) / 4)};
    out->file = open(path, O_RDONLY | O_CLOEXEC);
    ri_status status;
    if (out->file < 0)
        status = ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    else
        status = check_header(out, err);
    if (status == RI_OK)
        status = check_size(out, err);
    if (status != RI_OK)
        ri_bed_close(out);
    return status;
}

void ri_bed_close(ri_bed *bed) {
    if (bed->column_bytes > 0 && bed->file >= 0)
        close(bed->file);
    *bed = (ri_bed){0};
}

static ri_status read_bytes(const ri_bed *bed, off_t at, char *out, size_t wanted, ri_error *err) {
    while (wanted > 0) {
        ssize_t got = pread(bed->file, out, wanted, at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", bed->path,
                           got < 0 ? strerror(errno) : "it became shorter meanwhile");
        out += got;
        at += got;
        wanted -= (size_t)got;
    }
    return RI_OK;
}

ri_status ri_bed_read(const ri_bed *bed, int64_t from, int64_t count, void *columns, size_t stride,
                      ri_error *err) {
    const size_t bytes = bed->column_bytes;
    const unsigned mask = bed->n % 4 ? (1u << (2 * (bed->n % 4))) - 1 : 0xFF;
    RI_TRY(read_bytes(bed, (off_t)(RI_BED_HEADER + (size_t)from * bytes), columns,
                      (size_t)count * bytes, err));
    for (int64_t j = count - 1; j >= 0; j--) { /* the last one moves first */
        unsigned char *column = (unsigned char *)columns + (size_t)j * stride;
        memmove(column, (unsigned char *)columns + (size_t)j * bytes, bytes);
        column[bytes - 1] = (unsigned char)(column[bytes - 1] & mask);
    }
    return RI_OK;
}

bool ri_bed_cached(const ri_bed *bed, int64_t variant) {
    return ri_file_cached(bed->file, RI_BED_HEADER + (uint64_t)variant * bed->column_bytes);
}

void ri_bed_ahead(const ri_bed *bed, int64_t from, int64_t count) {
    ri_file_ahead(bed->file, RI_BED_HEADER + (uint64_t)from * bed->column_bytes,
                  (uint64_t)count * bed->column_bytes);
}

void ri_bed_count(const unsigned char *column, int64_t n, int64_t copies[3], int64_t *missing) {
    static const uint64_t low_bits = 0x5555555555555555u;
    size_t bytes = (size_t)((n + 3) / 4);
    int64_t none = 0, one = 0, absent = 0;
    for (size_t at = 0; at < bytes; at += 8) {
        uint64_t word = 0;
        memcpy(&word, column + at, bytes - at < 8 ? bytes - at : 8);
        int64_t left = n - 4 * (int64_t)at;
        if (left < 32)
            word &= ((uint64_t)1 << (2 * left)) - 1;
        uint64_t low = word & low_bits;
        uint64_t high = word >> 1 & low_bits;
        none += __builtin_popcountll(high & low);
        one += __builtin_popcountll(high & ~low);
        absent += __builtin_popcountll(low & ~high);
    }
    copies[0] = none;
    copies[1] = one;
    copies[2] = n - none - one - absent;
    *missing = absent;
}

void ri_bed_decode(const unsigned char *column, int64_t n, int8_t *out) {
    static const int8_t value[4] = {2, INT8_MIN, 1, 0};
    for (int64_t i = 0; i < n; i++)
        out[i] = value[column[i / 4] >> (2 * (i % 4)) & 3];
}
