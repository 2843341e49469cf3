/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels for AVX-512 (F, BW, DQ, VL): 8 lanes are one register. */
#include "kernel/tables.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* 24 of the 32 registers hold sums. */
enum { PARTS = 1, PART_LANES = 8, ACCUMULATORS = 24 };
/* Columns are fetched from memory into L2, 4 lines every 8 rows. Beside 512-bit multiply-adds f64
 * is decoded for nothing; with few residuals it waits for memory, less so in short chunks. */
enum { FETCHES = 4, TURNS = 1, FETCH_LEVEL = 2, TILES_DECODE = 1, DOUBLE_ROWS = 256 };
/* Most columns beside 1, 2, ... residuals; EACH_TILE has every number up to that. */
enum { TILE_RESIDUALS = 6 };
static const int TILE_COLUMNS[TILE_RESIDUALS] = {8, 8, 6, 4, 4, 4};
#define EACH_TILE(T)                                                                               \
    COLUMNS_8(T, 1)                                                                                \
    COLUMNS_8(T, 2) COLUMNS_6(T, 3) COLUMNS_4(T, 4) COLUMNS_4(T, 5) COLUMNS_4(T, 6)

typedef __m512d part;

static inline __mmask8 mask_some(int64_t count) {
    return (__mmask8)((1u << count) - 1);
}

static inline part part_set(double s) {
    return _mm512_set1_pd(s);
}

static inline part part_load(const double *p) {
    return _mm512_loadu_pd(p);
}

/* `from` is 0: there is one part. */
static inline part part_load_some(const double *p, int64_t count, int from) {
    return _mm512_maskz_loadu_pd(mask_some(count), p + from);
}

static inline void part_store(double *p, part a) {
    _mm512_storeu_pd(p, a);
}

static inline void part_store_some(double *p, part a, int64_t count, int from) {
    _mm512_mask_storeu_pd(p + from, mask_some(count), a);
}

static inline part part_add(part a, part b) {
    return _mm512_add_pd(a, b);
}

static inline part part_mul(part a, part b) {
    return _mm512_mul_pd(a, b);
}

static inline part part_fma(part a, part b, part c) {
    return _mm512_fmadd_pd(a, b, c);
}

static inline part part_fms(part a, part b, part c) {
    return _mm512_fmsub_pd(a, b, c);
}

static inline part part_sub(part a, part b) {
    return _mm512_sub_pd(a, b);
}

static inline part part_load_f32(const float *p) {
    return _mm512_cvtps_pd(_mm256_loadu_ps(p));
}

static inline void part_store_f32(float *p, part a) {
    _mm256_storeu_ps(p, _mm512_cvtpd_ps(a));
}

static inline part part_load_i8(const int8_t *p) {
    return _mm512_cvtepi32_pd(
        _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}

static inline part part_load_u8(const uint8_t *p) {
    return _mm512_cvtepi32_pd(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)p)));
}

/* a, and 0 in the lanes where v is NaN. */
static inline part part_clear_nan(part a, part v) {
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(v, v, _CMP_ORD_Q), a);
}

/* a, and 0 in the lanes where v is `code`. */
static inline part part_clear_code(part a, part v, double code) {
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(v, _mm512_set1_pd(code), _CMP_NEQ_UQ), a);
}

/* Lane l is value[two bits of `codes` from bit 2 (from + l) on], table = part_table(value). The
 * permutation looks at 3 bits: both halves of the table hold the four values, so that the third
 * does not matter. */
static inline part part_table(const double value[4]) {
    return _mm512_broadcast_f64x4(_mm256_loadu_pd(value));
}

static inline part part_pick(part table, unsigned codes, int from) {
    __m512i shift = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    __m512i code = _mm512_srlv_epi64(_mm512_set1_epi64((long long)(codes >> (2 * from))), shift);
    return _mm512_permutexvar_pd(code, table);
}

/* The codes of 32 rows, in every lane; and the same of group g of 8 of these rows. */
typedef __m512i codes;

static inline codes codes_load(const uint8_t *byte) {
    int64_t all;
    memcpy(&all, byte, sizeof all);
    return _mm512_set1_epi64(all);
}

static inline part part_pick_group(part table, codes all, int g, int from) {
    (void)from; /* 0 */
    __m512i first = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    __m512i shift = _mm512_add_epi64(first, _mm512_set1_epi64(16 * g));
    return _mm512_permutexvar_pd(_mm512_srlv_epi64(all, shift), table);
}

/* The same of genotypes as they are. */
static inline part part_genotypes(codes all, int g, int from) {
    static const double value[4] = {2, 0, 1, 0};
    return part_pick_group(part_table(value), all, g, from);
}

static inline double reduce_parts(const part a[PARTS]) {
    __m256d four = _mm256_add_pd(_mm512_castpd512_pd256(a[0]), _mm512_extractf64x4_pd(a[0], 1));
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* reduce_parts of 8 times 8 lanes, `stride` doubles apart. Each step adds what are halves of the
 * lanes of a pair, and leaves a pair in one register. */
static inline void reduce_eight(const double *from, int64_t stride, double out[8]) {
    __m512d half[4], quarter[2];
    for (int k = 0; k < 4; k++) { /* lanes 0 to 3 of k and k + 4 */
        __m512d a = _mm512_loadu_pd(from + k * stride),
                b = _mm512_loadu_pd(from + (k + 4) * stride);
        half[k] = _mm512_add_pd(_mm512_shuffle_f64x2(a, b, 0x44), _mm512_shuffle_f64x2(a, b, 0xee));
    }
    for (int k = 0; k < 2; k++) /* lanes 0 and 1 of k, k + 2, k + 4, k + 6 */
        quarter[k] = _mm512_add_pd(_mm512_shuffle_f64x2(half[k], half[k + 2], 0x88),
                                   _mm512_shuffle_f64x2(half[k], half[k + 2], 0xdd));
    /* Of 0, 1, 4, 5, 2, 3, 6, 7. */
    __m512d sums = _mm512_add_pd(_mm512_unpacklo_pd(quarter[0], quarter[1]),
                                 _mm512_unpackhi_pd(quarter[0], quarter[1]));
    _mm512_storeu_pd(out, _mm512_permutexvar_pd(_mm512_setr_epi64(0, 1, 4, 5, 2, 3, 6, 7), sums));
}

#include "kernel/body.h"

/* Columns that a column is multiplied with at once. */
enum { SIGNS_TOGETHER = 4 };

/* For processors that count the bits of 8 words at once: a column with `count` others, a constant.
 */
__attribute__((target("avx512vpopcntdq"), always_inline)) static inline void
signs_with_few(const uint64_t *a, int64_t less_a, const ri_signs *b, int64_t first, int count,
               int64_t words, int64_t *c, int64_t ldc) {
    const uint64_t *right = b->some + first * b->apart;
    __m512i both[SIGNS_TOGETHER], turned[SIGNS_TOGETHER];
    UNROLL
    for (int k = 0; k < count; k++)
        both[k] = turned[k] = _mm512_setzero_si512();
    for (int64_t w = 0; w < words; w += 8) {
        const __mmask8 there = words - w < 8 ? mask_some(words - w) : mask_some(8);
        __m512i some = _mm512_maskz_loadu_epi64(there, a + w);
        __m512i less = _mm512_maskz_loadu_epi64(there, a + less_a + w);
        UNROLL
        for (int k = 0; k < count; k++) {
            const uint64_t *at = right + k * b->apart + w;
            __m512i met = _mm512_and_si512(some, _mm512_maskz_loadu_epi64(there, at));
            __m512i other = _mm512_maskz_loadu_epi64(there, at + b->less);
            __m512i apart = _mm512_and_si512(met, _mm512_xor_si512(less, other));
            both[k] = _mm512_add_epi64(both[k], _mm512_popcnt_epi64(met));
            turned[k] = _mm512_add_epi64(turned[k], _mm512_popcnt_epi64(apart));
        }
    }
    UNROLL
    for (int k = 0; k < count; k++) {
        __m512i sum = _mm512_sub_epi64(both[k], _mm512_add_epi64(turned[k], turned[k]));
        c[(first + k) * ldc] += _mm512_reduce_add_epi64(sum);
    }
}

__attribute__((target("avx512vpopcntdq"))) static void
sign_products_of_words(const ri_signs *a, const ri_signs *b, int64_t words, int64_t *c,
                       int64_t ldc) {
    int64_t k = 0;
    for (; k + SIGNS_TOGETHER <= b->count; k += SIGNS_TOGETHER)
        for (int64_t i = 0; i < a->count; i++)
            signs_with_few(a->some + i * a->apart, a->less, b, k, SIGNS_TOGETHER, words, c + i,
                           ldc);
    for (; k < b->count; k++)
        for (int64_t i = 0; i < a->count; i++)
            signs_with_few(a->some + i * a->apart, a->less, b, k, 1, words, c + i, ldc);
}

/* 24 sums of 4 columns and 3 vectors, two for each, in registers. */
enum { DIGIT_PARTS = 1, DIGIT_VECTORS = 3 };

typedef __m512i bytes;

/* Of its own type, so that it stays in its register from one instruction to the next. */
typedef int32_t sums __attribute__((vector_size(64)));

static inline sums digit_zero(void) {
    return (sums)_mm512_setzero_si512();
}

static inline bytes digit_load(const uint8_t *at) {
    return _mm512_loadu_si512(at);
}

static inline void digit_store(uint8_t *at, bytes x) {
    _mm512_storeu_si512(at, x);
}

static inline bytes digit_genotypes(bytes x, int k) {
    const bytes value = _mm512_set1_epi32(0x00010002); /* of code 0 in the first byte */
    x = k == 1   ? _mm512_srli_epi16(x, 2)
        : k == 2 ? _mm512_srli_epi16(x, 4)
        : k == 3 ? _mm512_srli_epi16(x, 6)
                 : x;
    return _mm512_shuffle_epi8(value, _mm512_and_si512(x, _mm512_set1_epi8(3)));
}

static inline sums digit_add(sums s, bytes g, bytes q) {
    bytes pairs = _mm512_maddubs_epi16(g, q); /* 512 at most */
    return (sums)_mm512_add_epi32((__m512i)s, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
}

static inline int64_t digit_total(sums high, sums low) {
    return _mm512_reduce_add_epi32(
        _mm512_add_epi32(_mm512_slli_epi32((__m512i)high, 8), (__m512i)low));
}

#define DIGITS(name) name
#define DIGITS_TARGET
#include "kernel/digits.h"
#undef DIGITS
#undef DIGITS_TARGET

/* For processors that add four products of bytes at once. */
#define DIGITS(name) name##_by_fours
#define DIGITS_TARGET __attribute__((target("avx512vnni")))

DIGITS_TARGET ALWAYS_INLINE sums DIGITS(digit_add)(sums s, bytes g, bytes q) {
    return (sums)_mm512_dpbusd_epi32((__m512i)s, g, q);
}

#include "kernel/digits.h"

static const ri_kernel TABLE = KERNEL_TABLE("avx512", sign_products, digit_products),
                       COUNTING = KERNEL_TABLE("avx512", sign_products_of_words, digit_products),
                       DOTTING =
                           KERNEL_TABLE("avx512", sign_products_of_words, digit_products_by_fours);

const ri_kernel *ri_kernel_avx512(void) {
    if (!__builtin_cpu_supports("avx512vpopcntdq"))
        return &TABLE;
    return __builtin_cpu_supports("avx512vnni") ? &DOTTING : &COUNTING;
}

#else

const ri_kernel *ri_kernel_avx512(void) {
    return NULL;
}

#endif
