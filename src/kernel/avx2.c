/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels for AVX2 and FMA: 8 lanes are two registers of 4. */
#include "kernel/tables.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>
#include <string.h>

/* 2 x 3 tiles of two registers each leave 4 of the 16 registers to operands. */
enum { TILE_COLUMNS = 2, TILE_RESIDUALS = 3 };

typedef struct v8 {
    __m256d lo, hi; /* lanes 0-3 and 4-7 */
} v8;

/* Eight words from MASK + 8 - count on select the first `count` lanes. */
static const int64_t MASK[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

static inline __m256i mask_part(int64_t count, int from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)(MASK + 8 - count + from));
}

static inline v8 v8_set(double s) {
    return (v8){_mm256_set1_pd(s), _mm256_set1_pd(s)};
}

static inline v8 v8_load(const double *p) {
    return (v8){_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)};
}

static inline v8 v8_load_part(const double *p, int64_t count) {
    return (v8){_mm256_maskload_pd(p, mask_part(count, 0)),
                _mm256_maskload_pd(p + 4, mask_part(count, 4))};
}

static inline void v8_store(double *p, v8 a) {
    _mm256_storeu_pd(p, a.lo);
    _mm256_storeu_pd(p + 4, a.hi);
}

static inline void v8_store_part(double *p, v8 a, int64_t count) {
    _mm256_maskstore_pd(p, mask_part(count, 0), a.lo);
    _mm256_maskstore_pd(p + 4, mask_part(count, 4), a.hi);
}

static inline v8 v8_add(v8 a, v8 b) {
    return (v8){_mm256_add_pd(a.lo, b.lo), _mm256_add_pd(a.hi, b.hi)};
}

static inline v8 v8_mul(v8 a, v8 b) {
    return (v8){_mm256_mul_pd(a.lo, b.lo), _mm256_mul_pd(a.hi, b.hi)};
}

/* a b + c */
static inline v8 v8_fma(v8 a, v8 b, v8 c) {
    return (v8){_mm256_fmadd_pd(a.lo, b.lo, c.lo), _mm256_fmadd_pd(a.hi, b.hi, c.hi)};
}

/* a b - c */
static inline v8 v8_fms(v8 a, v8 b, v8 c) {
    return (v8){_mm256_fmsub_pd(a.lo, b.lo, c.lo), _mm256_fmsub_pd(a.hi, b.hi, c.hi)};
}

static inline double v8_reduce(v8 a) {
    __m256d four = _mm256_add_pd(a.lo, a.hi);
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* A code shifted to bits 1-2 is the number of its value's low 32-bit half among the 8 of `value`;
 * bit 0 tells the halves apart. */
static inline __m256d pick_four(__m256 value, unsigned codes) {
    __m256i shift = _mm256_setr_epi32(0, 0, 2, 2, 4, 4, 6, 6);
    __m256i half = _mm256_setr_epi32(0, 1, 0, 1, 0, 1, 0, 1);
    __m256i code = _mm256_srlv_epi32(_mm256_set1_epi32((int)(codes << 1)), shift);
    code = _mm256_and_si256(code, _mm256_set1_epi32(6));
    return _mm256_castps_pd(_mm256_permutevar8x32_ps(value, _mm256_or_si256(code, half)));
}

/* Lane l is value[two bits of `codes` from bit 2 l on]. */
static inline v8 v8_pick(const double value[4], unsigned codes) {
    __m256 all = _mm256_castpd_ps(_mm256_loadu_pd(value));
    return (v8){pick_four(all, codes & 0xff), pick_four(all, codes >> 8 & 0xff)};
}

#include "kernel/body.h"

static const ri_kernel TABLE = KERNEL_TABLE("avx2");

const ri_kernel *ri_kernel_avx2(void) {
    return &TABLE;
}

#else

const ri_kernel *ri_kernel_avx2(void) {
    return NULL;
}

#endif
