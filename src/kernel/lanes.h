/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: 8 lanes made of PARTS registers. The including file has defined `part`, PARTS,
 * PART_LANES and the operations on one part; here they are applied to each. */

#define EACH_PART for (int h = 0; h < PARTS; h++)

typedef struct v8 {
    part of[PARTS];
} v8;

ALWAYS_INLINE v8 v8_set(double s) {
    v8 out;
    EACH_PART out.of[h] = part_set(s);
    return out;
}

ALWAYS_INLINE v8 v8_load(const double *p) {
    v8 out;
    EACH_PART out.of[h] = part_load(p + h * PART_LANES);
    return out;
}

/* The first `count` < 8 lanes from memory, the others 0. */
ALWAYS_INLINE v8 v8_load_some(const double *p, int64_t count) {
    v8 out;
    EACH_PART out.of[h] = part_load_some(p, count, h * PART_LANES);
    return out;
}

ALWAYS_INLINE void v8_store(double *p, v8 a) {
    EACH_PART part_store(p + h * PART_LANES, a.of[h]);
}

ALWAYS_INLINE void v8_store_some(double *p, v8 a, int64_t count) {
    EACH_PART part_store_some(p, a.of[h], count, h * PART_LANES);
}

/* Floats, taken as doubles and rounded to the nearest. */
ALWAYS_INLINE v8 v8_load_single(const float *p) {
    v8 out;
    EACH_PART out.of[h] = part_load_f32(p + h * PART_LANES);
    return out;
}

ALWAYS_INLINE v8 v8_load_single_some(const float *p, int64_t count) {
    float copy[8] = {0};
    memcpy(copy, p, (size_t)count * sizeof *p);
    return v8_load_single(copy);
}

ALWAYS_INLINE void v8_store_single(float *p, v8 a) {
    EACH_PART part_store_f32(p + h * PART_LANES, a.of[h]);
}

ALWAYS_INLINE void v8_store_single_some(float *p, v8 a, int64_t count) {
    float copy[8];
    v8_store_single(copy, a);
    memcpy(p, copy, (size_t)count * sizeof *p);
}

ALWAYS_INLINE v8 v8_add(v8 a, v8 b) {
    EACH_PART a.of[h] = part_add(a.of[h], b.of[h]);
    return a;
}

ALWAYS_INLINE v8 v8_mul(v8 a, v8 b) {
    EACH_PART a.of[h] = part_mul(a.of[h], b.of[h]);
    return a;
}

/* a b + c */
ALWAYS_INLINE v8 v8_fma(v8 a, v8 b, v8 c) {
    EACH_PART c.of[h] = part_fma(a.of[h], b.of[h], c.of[h]);
    return c;
}

/* a b - c */
ALWAYS_INLINE v8 v8_fms(v8 a, v8 b, v8 c) {
    EACH_PART c.of[h] = part_fms(a.of[h], b.of[h], c.of[h]);
    return c;
}

/* A single column is a stream that processors follow at two thirds of the bandwidth: AHEAD bytes
 * before its rows are read they are fetched into L2, each line asked for twice, and later into L1.
 * `at` lies at least AHEAD_ALL bytes before the end of the column. */
enum { AHEAD_L1 = 1024, AHEAD = 8192, AHEAD_ALL = AHEAD + 128 };

/* Whether it pays: other storages are bound by their decoding, and doubles in two registers gain
 * nothing. */
ALWAYS_INLINE bool is_fetched_ahead(ri_storage storage) {
    return storage == RI_F32 || (storage == RI_F64 && PARTS == 1);
}

ALWAYS_INLINE void fetch_ahead(const void *at) {
    const unsigned char *byte = at;
    __builtin_prefetch(byte + AHEAD, 0, 2);
    __builtin_prefetch(byte + AHEAD + 64, 0, 2);
    __builtin_prefetch(byte + AHEAD_L1, 0, 3);
}

ALWAYS_INLINE double v8_reduce(v8 a) {
    return reduce_parts(a.of);
}
