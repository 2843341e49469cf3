/* SPDX-License-Identifier: BSD-3-Clause
 * Genotypes in every storage, and numbered names. Include cmocka.h before. */
#ifndef RI_SUPPORT_ENCODE_H
#define RI_SUPPORT_ENCODE_H

#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "data/matrix.h"

/* Value `i` of a column that is all zero bytes so far: 0, 1, 2 or missing. */
static inline void encode_genotype(ri_storage storage, void *column, int64_t i, double value) {
    static const unsigned code[3] = {3, 2, 0}; /* copies 0, 1, 2 in .bed's code */
    uint8_t *bytes = column;
    bool missing = isnan(value);
    switch (storage) {
    case RI_F64:
        ((double *)column)[i] = value;
        break;
    case RI_F32:
        ((float *)column)[i] = (float)value;
        break;
    case RI_I8:
        ((int8_t *)column)[i] = (int8_t)(missing ? -128 : value);
        break;
    case RI_DOSAGE:
        bytes[i] = (uint8_t)(missing ? 255 : value * 100);
        break;
    default:
        bytes[i / 4] = (uint8_t)(bytes[i / 4] | (missing ? 1u : code[(int)value]) << 2 * (i % 4));
    }
}

/* Adds the stem with its number behind it. */
static inline void add_numbered(ri_names *names, const char *stem, int64_t number) {
    char text[32];
    int length = snprintf(text, sizeof text, "%s%lld", stem, (long long)number);
    assert_int_equal(ri_names_add(names, text, (size_t)length, NULL), RI_OK);
}

#endif
