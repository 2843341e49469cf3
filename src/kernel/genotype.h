/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: packed genotypes as sets of bits, two for each of the 32 rows of a word. A
 * product of two columns is a number of common bits then: whole and exact, in whatever order. */

enum { GENOTYPE_ROWS = 32 };

/* Of the rows whose lower bit is set in `used`. */
ALWAYS_INLINE void split_word(uint64_t word, uint64_t used, uint64_t *dosage, uint64_t *called) {
    uint64_t high = word >> 1, some = ~word & used, there = (high | ~word) & used;
    *dosage = some | (some & ~high) << 1;
    *called = there | there << 1;
}

static void genotype_bits(const void *column, int64_t from, int64_t rows, uint64_t *restrict dosage,
                          uint64_t *restrict called) {
    const uint64_t LOW = 0x5555555555555555u;
    const uint8_t *byte = (const uint8_t *)column + from / 4;
    int64_t whole = rows / GENOTYPE_ROWS, left = rows % GENOTYPE_ROWS;
    for (int64_t w = 0; w < whole; w++) {
        uint64_t word;
        memcpy(&word, byte + 8 * w, sizeof word);
        split_word(word, LOW, &dosage[w], &called[w]);
    }
    if (left > 0) {
        uint64_t word = 0;
        memcpy(&word, byte + 8 * whole, (size_t)(left + 3) / 4);
        split_word(word, LOW & (((uint64_t)1 << (2 * left)) - 1), &dosage[whole], &called[whole]);
    }
}

static void common_bits(const uint64_t *a, int64_t columns, const uint64_t *b, int64_t ldb,
                        int64_t vectors, int64_t words, int64_t *c) {
    for (int64_t k = 0; k < vectors; k++)
        for (int64_t i = 0; i < columns; i++) {
            const uint64_t *left = a + i * words, *right = b + k * ldb;
            int64_t found = 0;
            for (int64_t w = 0; w < words; w++)
                found += __builtin_popcountll(left[w] & right[w]);
            c[i + k * columns] += found;
        }
}
