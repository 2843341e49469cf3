/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels for AVX-512 (F, BW, DQ, VL): 8 lanes are one register. */
#include "kernel/tables.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

#include <immintrin.h>
#include <string.h>

/* 24 accumulators, 4 columns and a residual leave 3 of the 32 registers free. */
enum { TILE_COLUMNS = 4, TILE_RESIDUALS = 6 };

typedef __m512d v8;

static inline __mmask8 mask_part(int64_t count) {
    return (__mmask8)((1u << count) - 1);
}

static inline v8 v8_set(double s) {
    return _mm512_set1_pd(s);
}

static inline v8 v8_load(const double *p) {
    return _mm512_loadu_pd(p);
}

static inline v8 v8_load_part(const double *p, int64_t count) {
    return _mm512_maskz_loadu_pd(mask_part(count), p);
}

static inline void v8_store(double *p, v8 a) {
    _mm512_storeu_pd(p, a);
}

static inline void v8_store_part(double *p, v8 a, int64_t count) {
    _mm512_mask_storeu_pd(p, mask_part(count), a);
}

static inline v8 v8_add(v8 a, v8 b) {
    return _mm512_add_pd(a, b);
}

static inline v8 v8_mul(v8 a, v8 b) {
    return _mm512_mul_pd(a, b);
}

/* a b + c */
static inline v8 v8_fma(v8 a, v8 b, v8 c) {
    return _mm512_fmadd_pd(a, b, c);
}

/* a b - c */
static inline v8 v8_fms(v8 a, v8 b, v8 c) {
    return _mm512_fmsub_pd(a, b, c);
}

static inline double v8_reduce(v8 a) {
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* Lane l is value[two bits of `codes` from bit 2 l on]. The permutation looks at 3 bits: both
 * halves of the table hold the four values, so that the third does not matter. */
static inline v8 v8_pick(const double value[4], unsigned codes) {
    __m512d table = _mm512_broadcast_f64x4(_mm256_loadu_pd(value));
    __m512i shift = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    __m512i code = _mm512_srlv_epi64(_mm512_set1_epi64((long long)codes), shift);
    return _mm512_permutexvar_pd(code, table);
}

#include "kernel/body.h"

static const ri_kernel TABLE = KERNEL_TABLE("avx512");

const ri_kernel *ri_kernel_avx512(void) {
    return &TABLE;
}

#else

const ri_kernel *ri_kernel_avx512(void) {
    return NULL;
}

#endif
