/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels for AVX2 and FMA: 8 lanes are two registers of 4. */
#include "kernel/tables.h"

#if defined(__AVX2__) && defined(__FMA__)

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* 12 of the 16 registers hold sums: 4 x 3 halves, or fewer residuals with both halves at once. The
 * residuals come from L2: 3 of them beside 4 columns are few enough for its bandwidth. */
enum { PARTS = 2, PART_LANES = 4, ACCUMULATORS = 12 };
/* Columns are fetched from memory into L1, from two places by turns. */
enum { FETCHES = 2, TURNS = 2, FETCH_LEVEL = 3, TILES_DECODE = 0, DOUBLE_ROWS = 512 };
/* Most columns beside 1, 2, ... residuals; EACH_TILE has every number up to that. */
enum { TILE_RESIDUALS = 3 };
static const int TILE_COLUMNS[TILE_RESIDUALS] = {6, 6, 4};
#define EACH_TILE(T) COLUMNS_6(T, 1) COLUMNS_6(T, 2) COLUMNS_4(T, 3)

typedef __m256d part;

/* The four words from MASK + 8 - count + from on select the lanes from .. from + 3 below count. */
static const int64_t MASK[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

static inline __m256i mask_some(int64_t count, int from) {
    return _mm256_loadu_si256((const __m256i *)(const void *)(MASK + 8 - count + from));
}

/* What OF makes of each code of a byte, for all 256 of them. */
#define ROW(OF, byte) {OF((byte)&3), OF((byte) >> 2 & 3), OF((byte) >> 4 & 3), OF((byte) >> 6)},
#define ROWS_4(OF, byte) ROW(OF, byte) ROW(OF, (byte) + 1) ROW(OF, (byte) + 2) ROW(OF, (byte) + 3)
#define ROWS_16(OF, byte)                                                                          \
    ROWS_4(OF, byte) ROWS_4(OF, (byte) + 4) ROWS_4(OF, (byte) + 8) ROWS_4(OF, (byte) + 12)
#define ROWS_64(OF, byte)                                                                          \
    ROWS_16(OF, byte) ROWS_16(OF, (byte) + 16) ROWS_16(OF, (byte) + 32) ROWS_16(OF, (byte) + 48)
#define ROWS_256(OF) ROWS_64(OF, 0) ROWS_64(OF, 64) ROWS_64(OF, 128) ROWS_64(OF, 192)

/* The halves that make up its value, two for each; and genotypes, missing ones 0. */
#define PAIR(code) 2 * (code), 2 * (code) + 1
#define GENOTYPE(code) (code) == 0 ? 2 : (code) == 2 ? 1 : 0
static const int32_t PAIRS[256][8] __attribute__((aligned(32))) = {ROWS_256(PAIR)};
static const double GENOTYPES[256][4] __attribute__((aligned(32))) = {ROWS_256(GENOTYPE)};

static inline part part_set(double s) {
    return _mm256_set1_pd(s);
}

static inline part part_load(const double *p) {
    return _mm256_loadu_pd(p);
}

static inline part part_load_some(const double *p, int64_t count, int from) {
    return _mm256_maskload_pd(p + from, mask_some(count, from));
}

static inline void part_store(double *p, part a) {
    _mm256_storeu_pd(p, a);
}

static inline void part_store_some(double *p, part a, int64_t count, int from) {
    _mm256_maskstore_pd(p + from, mask_some(count, from), a);
}

static inline part part_add(part a, part b) {
    return _mm256_add_pd(a, b);
}

static inline part part_mul(part a, part b) {
    return _mm256_mul_pd(a, b);
}

static inline part part_fma(part a, part b, part c) {
    return _mm256_fmadd_pd(a, b, c);
}

static inline part part_fms(part a, part b, part c) {
    return _mm256_fmsub_pd(a, b, c);
}

static inline part part_sub(part a, part b) {
    return _mm256_sub_pd(a, b);
}

static inline part part_load_f32(const float *p) {
    return _mm256_cvtps_pd(_mm_loadu_ps(p));
}

static inline void part_store_f32(float *p, part a) {
    _mm_storeu_ps(p, _mm256_cvtpd_ps(a));
}

static inline part part_load_i8(const int8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_cvtepi32_pd(_mm_cvtepi8_epi32(_mm_cvtsi32_si128(four)));
}

static inline part part_load_u8(const uint8_t *p) {
    int32_t four;
    memcpy(&four, p, sizeof four);
    return _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four)));
}

/* a, and 0 in the lanes where v is NaN. */
static inline part part_clear_nan(part a, part v) {
    return _mm256_and_pd(_mm256_cmp_pd(v, v, _CMP_ORD_Q), a);
}

/* a, and 0 in the lanes where v is `code`. */
static inline part part_clear_code(part a, part v, double code) {
    return _mm256_andnot_pd(_mm256_cmp_pd(v, _mm256_set1_pd(code), _CMP_EQ_OQ), a);
}

/* Lane l is value[two bits of `codes` from bit 2 (from + l) on], table = part_table(value). The
 * values are 8 halves of 32 bits; PAIRS has the two that each code of a byte asks for. */
static inline part part_table(const double value[4]) {
    return _mm256_loadu_pd(value);
}

static inline part part_pick(part table, unsigned codes, int from) {
    __m256i pair = _mm256_load_si256((const __m256i *)PAIRS[codes >> (2 * from) & 255]);
    return _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(table), pair));
}

/* The codes of 32 rows; and the same of group g of 8 of these rows. */
typedef uint64_t codes;

static inline codes codes_load(const uint8_t *byte) {
    codes all;
    memcpy(&all, byte, sizeof all);
    return all;
}

static inline part part_pick_group(part table, codes all, int g, int from) {
    return part_pick(table, (unsigned)(all >> (16 * g) & 0xffff), from);
}

/* part_pick_group of genotypes as they are: what a table for all columns holds is loaded in one
 * instruction, without a permutation. */
static inline part part_genotypes(codes all, int g, int from) {
    return _mm256_load_pd(GENOTYPES[all >> (16 * g + 2 * from) & 255]);
}

static inline double reduce_parts(const part a[PARTS]) {
    __m256d four = _mm256_add_pd(a[0], a[1]);
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

/* reduce_parts of 8 times 8 lanes, `stride` doubles apart; each step leaves a pair in a register.
 */
static inline void reduce_eight(const double *from, int64_t stride, double out[8]) {
    for (int k = 0; k < 8; k += 4, from += 4 * stride) {
        __m256d half[4], quarter[2];
        for (int q = 0; q < 4; q++)
            half[q] = _mm256_add_pd(_mm256_loadu_pd(from + q * stride),
                                    _mm256_loadu_pd(from + q * stride + 4));
        for (int q = 0; q < 2; q++) /* lanes 0 and 1 of q and q + 2 */
            quarter[q] = _mm256_add_pd(_mm256_permute2f128_pd(half[q], half[q + 2], 0x20),
                                       _mm256_permute2f128_pd(half[q], half[q + 2], 0x31));
        _mm256_storeu_pd(out + k, _mm256_add_pd(_mm256_unpacklo_pd(quarter[0], quarter[1]),
                                                _mm256_unpackhi_pd(quarter[0], quarter[1])));
    }
}

#include "kernel/body.h"

enum { DIGIT_PARTS = 2, DIGIT_VECTORS = 1 };

typedef __m256i bytes, sums;

static inline sums digit_zero(void) {
    return _mm256_setzero_si256();
}

static inline bytes digit_load(const uint8_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

static inline void digit_store(uint8_t *at, bytes x) {
    _mm256_storeu_si256((__m256i *)(void *)at, x);
}

static inline bytes digit_genotypes(bytes x, int k) {
    const bytes value = _mm256_set1_epi32(0x00010002); /* of code 0 in the first byte */
    x = k == 1   ? _mm256_srli_epi16(x, 2)
        : k == 2 ? _mm256_srli_epi16(x, 4)
        : k == 3 ? _mm256_srli_epi16(x, 6)
                 : x;
    return _mm256_shuffle_epi8(value, _mm256_and_si256(x, _mm256_set1_epi8(3)));
}

/* Sums of 16 bits: one of them takes 64 pairs of DIGIT_ROWS rows, from -512 to 508 each. */
static inline sums digit_add(sums s, bytes g, bytes q) {
    return _mm256_add_epi16(s, _mm256_maddubs_epi16(g, q));
}

static inline int64_t digit_total(sums high, sums low) {
    high = _mm256_madd_epi16(high, _mm256_set1_epi16(1));
    low = _mm256_madd_epi16(low, _mm256_set1_epi16(1));
    bytes all = _mm256_add_epi32(_mm256_slli_epi32(high, 8), low);
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
    __m128i two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 1)));
}

#define DIGITS(name) name
#define DIGITS_TARGET
#include "kernel/digits.h"

/* Counts of bits by a table of 16: a byte of 8 rows has their sum, less twice that of the rows that
 * are turned. A byte holds the sums of 15 words. */
enum { SIGN_WORDS = 4, SIGN_RUN = 8 };

ALWAYS_INLINE __m256i sign_load(const uint64_t *at) {
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

ALWAYS_INLINE __m256i sign_count(__m256i table, __m256i bits, __m256i sum) {
    const __m256i low = _mm256_set1_epi8(15);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bits, 4), low);
    sum = _mm256_add_epi8(sum, _mm256_shuffle_epi8(table, _mm256_and_si256(bits, low)));
    return _mm256_add_epi8(sum, _mm256_shuffle_epi8(table, upper));
}

/* Sums of four words each, of bytes with a sign. */
ALWAYS_INLINE __m256i sign_widen(__m256i sum) {
    const __m256i most = _mm256_set1_epi8(INT8_MIN), zero = _mm256_setzero_si256();
    __m256i four = _mm256_sad_epu8(_mm256_xor_si256(sum, most), zero);
    return _mm256_sub_epi64(four, _mm256_set1_epi64x(8 * 128));
}

/* The products of `columns` columns from `a` on with as many from `b` on, a constant, over words
 * that are a multiple of SIGN_WORDS. */
ALWAYS_INLINE void sign_square(const ri_signs *a, const uint64_t *left, const ri_signs *b,
                               const uint64_t *right, int columns, int64_t words, int64_t *c,
                               int64_t ldc) {
    const __m256i plus = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                          2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i minus = _mm256_sub_epi8(_mm256_setzero_si256(), _mm256_add_epi8(plus, plus));
    __m256i all[4], sum[4];
    UNROLL
    for (int q = 0; q < columns * columns; q++)
        all[q] = _mm256_setzero_si256();
    for (int64_t from = 0; from < words; from += SIGN_RUN * SIGN_WORDS) {
        int64_t end = words - from < SIGN_RUN * SIGN_WORDS ? words : from + SIGN_RUN * SIGN_WORDS;
        UNROLL
        for (int q = 0; q < columns * columns; q++)
            sum[q] = _mm256_setzero_si256();
        for (int64_t w = from; w < end; w += SIGN_WORDS)
            UNROLL
        for (int q = 0; q < columns * columns; q++) {
            const uint64_t *l = left + q % columns * a->apart + w;
            const uint64_t *r = right + q / columns * b->apart + w;
            __m256i both = _mm256_and_si256(sign_load(l), sign_load(r));
            __m256i turned = _mm256_xor_si256(sign_load(l + a->less), sign_load(r + b->less));
            sum[q] = sign_count(plus, both, sum[q]);
            sum[q] = sign_count(minus, _mm256_and_si256(both, turned), sum[q]);
        }
        UNROLL
        for (int q = 0; q < columns * columns; q++)
            all[q] = _mm256_add_epi64(all[q], sign_widen(sum[q]));
    }
    UNROLL
    for (int q = 0; q < columns * columns; q++) {
        __m128i two =
            _mm_add_epi64(_mm256_castsi256_si128(all[q]), _mm256_extracti128_si256(all[q], 1));
        c[q % columns + q / columns * ldc] +=
            _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
    }
}

static void sign_products_by_tables(const ri_signs *a, const ri_signs *b, int64_t words, int64_t *c,
                                    int64_t ldc) {
    const int64_t whole = words / SIGN_WORDS * SIGN_WORDS;
    int64_t k = 0;
    for (int columns; k < b->count; k += columns) {
        const uint64_t *right = b->some + k * b->apart;
        int64_t i = 0;
        columns = k + 2 <= b->count ? 2 : 1;
        for (; columns == 2 && i + 2 <= a->count; i += 2)
            sign_square(a, a->some + i * a->apart, b, right, 2, whole, c + i + k * ldc, ldc);
        for (; i < a->count; i++)
            for (int q = 0; q < columns; q++)
                sign_square(a, a->some + i * a->apart, b, right + q * b->apart, 1, whole,
                            c + i + (k + q) * ldc, ldc);
    }
    ri_signs rest_a = *a, rest_b = *b;
    rest_a.some += whole;
    rest_b.some += whole;
    if (whole < words)
        sign_products(&rest_a, &rest_b, words - whole, c, ldc);
}

static const ri_kernel TABLE = KERNEL_TABLE("avx2", sign_products_by_tables, digit_products);

const ri_kernel *ri_kernel_avx2(void) {
    return &TABLE;
}

#else

const ri_kernel *ri_kernel_avx2(void) {
    return NULL;
}

#endif
