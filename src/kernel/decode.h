/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: stored columns to doubles. All but packed2 are plain loops, vectorised by the
 * compiler for the including file's instruction set: no element depends on another. */

/* Values and count of a short block, in two loops: each vectorises alone, and the second finds the
 * block in L1. */
enum { DECODE_BLOCK = 1024 };

/* a, or 0 if not `keep`, by its bits: a branch would keep the loop from being vectorised. */
ALWAYS_INLINE double keep_if(int keep, double a) {
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    bits &= 0 - (uint64_t)keep;
    memcpy(&a, &bits, sizeof a);
    return a;
}

#define DECODE_ELEMENTWISE(name, type, counter, is_missing, value)                                 \
    static int64_t name(const void *column, int64_t from, int64_t count, double shift,             \
                        double *out) {                                                             \
        const type *stored = (const type *)column + from;                                          \
        int64_t missing = 0;                                                                       \
        for (int64_t begin = 0; begin < count; begin += DECODE_BLOCK) {                            \
            int length = (int)(count - begin < DECODE_BLOCK ? count - begin : DECODE_BLOCK);       \
            const type *restrict block = stored + begin;                                           \
            double *restrict decoded = out + begin;                                                \
            counter found = 0;                                                                     \
            for (int i = 0; i < length; i++) {                                                     \
                type v = block[i];                                                                 \
                double shifted = (value)-shift;                                                    \
                decoded[i] = keep_if(!(is_missing), shifted);                                      \
            }                                                                                      \
            for (int i = 0; i < length; i++) {                                                     \
                type v = block[i];                                                                 \
                found += (is_missing);                                                             \
            }                                                                                      \
            missing += found;                                                                      \
        }                                                                                          \
        return missing;                                                                            \
    }

DECODE_ELEMENTWISE(decode_f64, double, int64_t, v != v, v)
DECODE_ELEMENTWISE(decode_f32, float, int32_t, v != v, (double)v)
DECODE_ELEMENTWISE(decode_i8, int8_t, int32_t, v == INT8_MIN, (double)v)
DECODE_ELEMENTWISE(decode_dosage, uint8_t, int32_t, v == UINT8_MAX, (double)v / 100.0)

static int64_t decode_packed2(const void *column, int64_t from, int64_t count, double shift,
                              double *out) {
    const unsigned char *byte = (const unsigned char *)column + from / 4;
    const double value[4] = {2.0 - shift, 0.0, 1.0 - shift, 0.0 - shift};
    const part table = part_table(value);
    int64_t missing = 0, i = 0;
    for (; i + 8 <= count; i += 8, byte += 2) {
        unsigned codes = byte[0] | (unsigned)byte[1] << 8;
        missing += __builtin_popcount(codes & ~(codes >> 1) & 0x5555);
        EACH_PART part_store(out + i + h * PART_LANES, part_pick(table, codes, h * PART_LANES));
    }
    for (; i < count; i++) {
        unsigned code = (unsigned)byte[i % 8 / 4] >> (2 * (i % 4)) & 3;
        missing += code == 1;
        out[i] = value[code];
    }
    return missing;
}
