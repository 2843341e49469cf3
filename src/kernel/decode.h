/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: stored columns to doubles, with the number of missing values. */

/* Values and count of a short block, in two loops: the second finds the block in L1. */
enum { DECODE_BLOCK = 1024 };

/* Of `count` floats or doubles: loops that the compiler vectorises. */
#define DEFINE_COUNT_NAN(name, type)                                                               \
    static int64_t name(const type *v, int64_t count) {                                            \
        int64_t found = 0;                                                                         \
        for (int64_t i = 0; i < count; i++)                                                        \
            found += v[i] != v[i];                                                                 \
        return found;                                                                              \
    }

DEFINE_COUNT_NAN(count_nan_f64, double)
DEFINE_COUNT_NAN(count_nan_f32, float)

/* Missing values of rows [from, from + count), `from` a multiple of 4. */
ALWAYS_INLINE int64_t count_missing(ri_storage storage, const void *column, int64_t from,
                                    int64_t count) {
    const uint8_t *byte = (const uint8_t *)column + ri_storage_bytes(storage, from);
    if (storage == RI_F64)
        return count_nan_f64((const double *)column + from, count);
    if (storage == RI_F32)
        return count_nan_f32((const float *)column + from, count);
    const int64_t step = ri_word_rows(storage);
    int64_t found = 0, i = 0;
    for (; i + step <= count; i += step, byte += 8)
        found += __builtin_popcountll(ri_missing_bits(storage, byte, step));
    if (i < count)
        found += __builtin_popcountll(ri_missing_bits(storage, byte, count - i));
    return found;
}

ALWAYS_INLINE int64_t decode_rows(ri_storage storage, const void *column, int64_t from,
                                  int64_t count, double shift, double *out) {
    int64_t missing = 0;
    for (int64_t begin = 0; begin < count; begin += DECODE_BLOCK) {
        int64_t rows = count - begin < DECODE_BLOCK ? count - begin : DECODE_BLOCK;
        const uint8_t *at = (const uint8_t *)column + ri_storage_bytes(storage, from + begin);
        unpack_rows(storage, at, shift, rows, out + begin);
        missing += count_missing(storage, column, from + begin, rows);
    }
    return missing;
}

#define DEFINE_DECODE(name, storage)                                                               \
    static int64_t decode_##name(const void *column, int64_t from, int64_t count, double shift,    \
                                 double *out) {                                                    \
        return decode_rows(storage, column, from, count, shift, out);                              \
    }

DEFINE_DECODE(f64, RI_F64)
DEFINE_DECODE(f32, RI_F32)
DEFINE_DECODE(i8, RI_I8)
DEFINE_DECODE(dosage, RI_DOSAGE)
DEFINE_DECODE(packed2, RI_PACKED2)
