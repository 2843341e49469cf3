/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/coded.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { VALUES = 4, PAD_ROWS = 32 };

/* States of a column after its first uses. */
enum { ONCE_USED = 1, CODED, DENSE };

void ri_coded_free(ri_coded *a) {
    free(a->column);
    free(a->state);
    free(a->code);
    free(a->chosen);
    *a = (ri_coded){0};
}

size_t ri_coded_bytes(int64_t rows) {
    return (size_t)((rows + PAD_ROWS - 1) / PAD_ROWS * (PAD_ROWS / 4));
}

bool ri_coded_make_room(ri_coded *a, int64_t size, int64_t rows) {
    size_t count = (size_t)size, had = a->room, same[3] = {had, had, had};
    a->rows = rows;
    if (!ri_renew(&a->column, &a->room, count, sizeof *a->column) ||
        !ri_renew(&a->chosen, &same[0], count, sizeof *a->chosen) ||
        !ri_renew(&a->state, &same[1], count, sizeof *a->state) ||
        !ri_renew(&a->code, &same[2], count, sizeof *a->code))
        return false;
    if (size > 0)
        memset(a->state, 0, count);
    return true;
}

static uint64_t bits_of(const double *z) {
    uint64_t v;
    memcpy(&v, z, sizeof v);
    return v;
}

/* The different values of z by their bits, the first one again where they are fewer; false where
 * they are more than VALUES. */
static bool find_values(const double *z, int64_t rows, uint64_t bits[VALUES]) {
    int found = 1;
    for (int i = 0; i < VALUES; i++)
        bits[i] = rows > 0 ? bits_of(z) : 0;
    for (int64_t from = 0; from < rows; from += PAD_ROWS) {
        int64_t to = from + PAD_ROWS < rows ? from + PAD_ROWS : rows;
        int fresh = 0;
        for (int64_t t = from; t < to; t++) {
            uint64_t v = bits_of(z + t);
            fresh |= (v != bits[0]) & (v != bits[1]) & (v != bits[2]) & (v != bits[3]);
        }
        for (int64_t t = from; fresh && t < to; t++) {
            uint64_t v = bits_of(z + t);
            if (v == bits[0] || v == bits[1] || v == bits[2] || v == bits[3])
                continue;
            if (found == VALUES)
                return false;
            bits[found++] = v;
        }
    }
    return true;
}

/* Any index of the value, where it stands there twice. */
static unsigned code_of(uint64_t v, const uint64_t bits[VALUES]) {
    return (unsigned)(v == bits[1]) | (unsigned)(v == bits[2]) << 1 | (unsigned)(v == bits[3]) * 3;
}

static void write_codes(const double *z, int64_t rows, const uint64_t bits[VALUES], uint8_t *code) {
    int64_t t = 0;
    for (; t + 4 <= rows; t += 4)
        code[t / 4] =
            (uint8_t)(code_of(bits_of(z + t), bits) | code_of(bits_of(z + t + 1), bits) << 2 |
                      code_of(bits_of(z + t + 2), bits) << 4 |
                      code_of(bits_of(z + t + 3), bits) << 6);
    for (; t < rows; t++)
        code[t / 4] = (uint8_t)(code[t / 4] | code_of(bits_of(z + t), bits) << (2 * (t % 4)));
}

static bool encode(ri_coded *a, int64_t k, const double *z) {
    uint64_t bits[VALUES];
    if (!find_values(z, a->rows, bits))
        return false;
    uint8_t *code = a->code[k];
    memset(code, 0, ri_coded_bytes(a->rows));
    write_codes(z, a->rows, bits, code);
    a->column[k].code = code;
    memcpy(a->column[k].value, bits, sizeof a->column[k].value);
    return true;
}

bool ri_coded_use(ri_coded *a, int64_t k, const double *z) {
    if (a->state[k] < ONCE_USED)
        a->state[k]++;
    else if (a->state[k] == ONCE_USED)
        a->state[k] = encode(a, k, z) ? CODED : DENSE;
    return a->state[k] == CODED;
}
