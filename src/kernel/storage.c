/* SPDX-License-Identifier: BSD-3-Clause
 * How a column is stored: names, sizes, single elements and missing values. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/missing.h"

/* Value of a two-bit code of a .bed file. */
static const double PACKED2_VALUE[4] = {2.0, (double)NAN, 1.0, 0.0};

const char *ri_storage_name(ri_storage storage) {
    static const char *const NAME[RI_STORAGE_COUNT] = {
        [RI_F64] = "f64",       [RI_F32] = "f32",         [RI_I8] = "i8",
        [RI_DOSAGE] = "dosage", [RI_PACKED2] = "packed2", [RI_CSC] = "csc",
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
    if (storage == RI_CSC)
        return sizeof(ri_csc_column);
    return storage == RI_PACKED2 ? ((size_t)n + 3) / 4 : (size_t)n * WIDTH[storage];
}

static double sparse_element(const ri_csc_column *column, int64_t i) {
    int64_t low = 0, high = column->entries;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (column->row[middle] < i)
            low = middle + 1;
        else
            high = middle;
    }
    bool stored = low < column->entries && column->row[low] == i;
    return stored ? ri_element(column->type, column->value, low) : 0.0;
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
    case RI_CSC:
        return sparse_element(column, i);
    case RI_STORAGE_COUNT:
        break;
    }
    return (double)NAN;
}

/* A word at a time: 32 genotypes or 8 bytes. */
static int64_t find_missing_codes(ri_storage storage, const uint8_t *byte, int64_t n,
                                  int32_t *index) {
    const int64_t step = ri_word_rows(storage), bits = 64 / step;
    int64_t count = 0;
    for (int64_t from = 0; from < n; from += step, byte += 8) {
        uint64_t found = ri_missing_bits(storage, byte, n - from < step ? n - from : step);
        for (; found; found &= found - 1)
            index[count++] = (int32_t)(from + __builtin_ctzll(found) / bits);
    }
    return count;
}

/* A block at a time, which is searched only if it has any; finding that out is vectorised. */
#define DEFINE_FIND_NAN(name, type)                                                                \
    static int64_t name(const type *v, int64_t n, int32_t *index) {                                \
        enum { BLOCK = 64 };                                                                       \
        int64_t count = 0;                                                                         \
        for (int64_t from = 0; from < n; from += BLOCK) {                                          \
            int64_t end = n - from < BLOCK ? n : from + BLOCK;                                     \
            int any = 0;                                                                           \
            for (int64_t i = from; i < end; i++)                                                   \
                any |= v[i] != v[i];                                                               \
            for (int64_t i = from; any && i < end; i++)                                            \
                if (v[i] != v[i])                                                                  \
                    index[count++] = (int32_t)i;                                                   \
        }                                                                                          \
        return count;                                                                              \
    }

DEFINE_FIND_NAN(find_nan_f64, double)
DEFINE_FIND_NAN(find_nan_f32, float)

static int64_t find_missing_sparse(const ri_csc_column *column, int32_t *index) {
    int64_t count = 0;
    for (int64_t k = 0; k < column->entries; k++)
        if (isnan(ri_element(column->type, column->value, k)))
            index[count++] = column->row[k];
    return count;
}

int64_t ri_missing_rows(ri_storage storage, const void *column, int64_t n, int32_t *index) {
    switch (storage) {
    case RI_F64:
        return find_nan_f64(column, n, index);
    case RI_F32:
        return find_nan_f32(column, n, index);
    case RI_I8:
    case RI_DOSAGE:
    case RI_PACKED2:
        return find_missing_codes(storage, column, n, index);
    case RI_CSC:
        return find_missing_sparse(column, index);
    case RI_STORAGE_COUNT:
        break;
    }
    return 0;
}
