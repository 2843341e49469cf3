/* SPDX-License-Identifier: BSD-3-Clause
 * How a column is stored: names, sizes, single elements and missing values. */
#include <math.h>

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

int64_t ri_missing_rows(ri_storage storage, const void *column, int64_t n, int32_t *index) {
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isnan(ri_element(storage, column, i)))
            index[count++] = (int32_t)i;
    return count;
}
