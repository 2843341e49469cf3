/* SPDX-License-Identifier: BSD-3-Clause
 * How a column is stored: names, sizes, single elements and missing values. */
#include <math.h>
#include <string.h>

#include "kernel/kernel.h"

/* Value of a two-bit code of a .bed file. */
static const double PACKED2_VALUE[4] = {2.0, (double)NAN, 1.0, 0.0};

const char *ri_storage_name(ri_storage storage) {
    static const char *const NAME[RI_STORAGE_COUNT] = {
        [RI_F64] = "f64",       [RI_F32] = "f32",         [RI_I8] = "i8",
        [RI_DOSAGE] = "dosage", [RI_PACKED2] = "packed2",
    };
    return NAME[storage];
}

size_t ri_storage_bytes(ri_storage storage, int64_t n) {
    static const size_t WIDTH[RI_STORAGE_COUNT] = {
        [RI_F64] = sizeof(double),
        [RI_F32] = sizeof(float),
        [RI_I8] = 1,
        [RI_DOSAGE] = 1,
    };
    return storage == RI_PACKED2 ? ((size_t)n + 3) / 4 : (size_t)n * WIDTH[storage];
}

double ri_element(ri_storage storage, const void *column, int64_t i) {
    switch (storage) {
    case RI_F64:
        return ((const double *)column)[i];
    case RI_F32:
        return (double)((const float *)column)[i];
    case RI_I8: {
        int8_t v = ((const int8_t *)column)[i];
        return v == INT8_MIN ? (double)NAN : (double)v;
    }
    case RI_DOSAGE: {
        uint8_t v = ((const uint8_t *)column)[i];
        return v == UINT8_MAX ? (double)NAN : (double)v / 100.0;
    }
    case RI_PACKED2:
        return PACKED2_VALUE[((const uint8_t *)column)[i / 4] >> (2 * (i % 4)) & 3];
    case RI_STORAGE_COUNT:
        break;
    }
    return (double)NAN;
}

/* 32 genotypes at a time: code 01 has the low bit of its pair set and the high bit clear. */
static int64_t missing_packed(const uint8_t *column, int64_t n, int32_t *index) {
    const uint64_t LOW = 0x5555555555555555u;
    int64_t count = 0;
    for (int64_t from = 0; from < n; from += 32) {
        uint64_t word = 0;
        int64_t left = n - from < 32 ? n - from : 32;
        memcpy(&word, column + from / 4, (size_t)(left + 3) / 4);
        uint64_t found = word & ~(word >> 1) & LOW;
        if (left < 32)
            found &= ((uint64_t)1 << (2 * left)) - 1;
        for (; found; found &= found - 1)
            index[count++] = (int32_t)(from + __builtin_ctzll(found) / 2);
    }
    return count;
}

int64_t ri_missing_rows(ri_storage storage, const void *column, int64_t n, int32_t *index) {
    if (storage == RI_PACKED2)
        return missing_packed(column, n, index);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isnan(ri_element(storage, column, i)))
            index[count++] = (int32_t)i;
    return count;
}
