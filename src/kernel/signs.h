/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: columns of -1, 0 and 1 as bits, 64 rows to a word. A product of two columns is a
 * difference of two counts of bits then: whole and exact, in whatever order. */

enum { SIGN_ROWS = 64, HALF_ROWS = SIGN_ROWS / 2 };

typedef uint64_t any_word __attribute__((may_alias, aligned(1)));

/* The codes of up to 32 rows, and the lower bit of each of their pairs. */
ALWAYS_INLINE uint64_t sign_codes(const uint8_t *byte, int64_t rows, uint64_t *used) {
    uint64_t word = 0;
    *used = rows < HALF_ROWS ? ((uint64_t)1 << (2 * rows)) - 1 : ~(uint64_t)0;
    if (rows < HALF_ROWS)
        memcpy(&word, byte, (size_t)(rows + 3) / 4);
    else
        memcpy(&word, byte, sizeof word);
    *used &= 0x5555555555555555u;
    return word;
}

/* Codes 00 and 11 are 1 and -1, 10 is 0, 01 missing. Two words of pairs become one of single bits.
 */
ALWAYS_INLINE void split_codes(uint64_t low, uint64_t high, uint64_t used_low, uint64_t used_high,
                               uint64_t *some, uint64_t *less, uint64_t *called) {
    uint64_t low_up = low >> 1, high_up = high >> 1;
    *some = (~(low ^ low_up) & used_low) | (~(high ^ high_up) & used_high) << 1;
    *less = (low & low_up & used_low) | (high & high_up & used_high) << 1;
    *called = ((low_up | ~low) & used_low) | ((high_up | ~high) & used_high) << 1;
}

static void genotype_signs(const void *column, int64_t from, int64_t rows, uint64_t *restrict some,
                           uint64_t *restrict less, uint64_t *restrict called) {
    const uint8_t *byte = (const uint8_t *)column + from / 4;
    const any_word *pair = (const any_word *)(const void *)byte;
    const uint64_t all = 0x5555555555555555u;
    int64_t whole = rows / SIGN_ROWS, left = rows % SIGN_ROWS;
    for (int64_t w = 0; w < whole; w++)
        split_codes(pair[2 * w], pair[2 * w + 1], all, all, &some[w], &less[w], &called[w]);
    if (left > 0) {
        uint64_t used_low, used_high = 0;
        uint64_t low = sign_codes(byte + 16 * whole, left, &used_low), high = 0;
        if (left > HALF_ROWS)
            high = sign_codes(byte + 16 * whole + 8, left - HALF_ROWS, &used_high);
        split_codes(low, high, used_low, used_high, &some[whole], &less[whole], &called[whole]);
    }
}

static void sign_products(const ri_signs *a, const ri_signs *b, int64_t words, int64_t *c,
                          int64_t ldc) {
    for (int64_t k = 0; k < b->count; k++)
        for (int64_t i = 0; i < a->count; i++) {
            const uint64_t *left = a->some + i * a->apart, *right = b->some + k * b->apart;
            int64_t found = 0;
            for (int64_t w = 0; w < words; w++) {
                uint64_t both = left[w] & right[w];
                uint64_t turned = both & (left[w + a->less] ^ right[w + b->less]);
                found += __builtin_popcountll(both) - 2 * __builtin_popcountll(turned);
            }
            c[i + k * ldc] += found;
        }
}
