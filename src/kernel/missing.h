/* SPDX-License-Identifier: BSD-3-Clause
 * Inside the kernel room: which of a few stored codes are missing, by arithmetic on a whole word.
 */
#ifndef RI_KERNEL_MISSING_H
#define RI_KERNEL_MISSING_H

#include <string.h>

#include "kernel/kernel.h"

/* Rows that one word of a storage holds: i8, dosage or packed2. */
static inline int64_t ri_word_rows(ri_storage storage) {
    return storage == RI_PACKED2 ? 32 : 8;
}

/* One bit for each missing one of `rows` <= ri_word_rows rows from `byte` on, within the 64 /
 * ri_word_rows bits of that row. Nothing behind the rows is read or counted. */
static inline uint64_t ri_missing_bits(ri_storage storage, const uint8_t *byte, int64_t rows) {
    const uint64_t LOW = 0x5555555555555555u, SEVEN = 0x7f7f7f7f7f7f7f7fu;
    uint64_t word = 0, found, used = ~(uint64_t)0;
    int64_t bits = 64 / ri_word_rows(storage) * rows;
    if (bits == 64)
        memcpy(&word, byte, sizeof word);
    else {
        memcpy(&word, byte, (size_t)(bits + 7) / 8);
        used = ((uint64_t)1 << bits) - 1;
    }
    if (storage == RI_PACKED2) { /* code 01: the low bit of the pair set, the high one clear */
        found = word & ~(word >> 1) & LOW;
    } else { /* bytes that differ from the code in no bit */
        uint64_t other = word ^ (storage == RI_I8 ? ~SEVEN : ~(uint64_t)0);
        found = ~(((other & SEVEN) + SEVEN) | other) & ~SEVEN;
    }
    return found & used;
}

#endif
