/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum {
    TILE = 64,     /* columns taken together, by a thread, */
    ENTERING = 16, /* entering ones beside them, */
    WORDS = 64,    /* and words of their rows, all in L2 */
    ROWS = 32,     /* of a word */
};

/* 4 n^3 fits 63 bits. */
static const int64_t MOST_ROWS = 1000000;

/* Entering columns over the training rows: dosage, the same with the bits of each row exchanged,
 * and called rows, [count * words] each; and the training rows. */
typedef struct entering_bits {
    const ri_held *held;
    int64_t words;
    uint64_t *dosage, *exchanged, *called, *training;
    bool missing;
} entering_bits;

/* What a tile has in common with a few entering columns: sums of products, of the dosage of either
 * over the rows that the other is called at, and twice the number of rows that both are. */
typedef struct common {
    int64_t product[TILE * ENTERING], tile[TILE * ENTERING], entering[TILE * ENTERING],
        called[TILE * ENTERING];
    int64_t sum[TILE], twice[TILE]; /* dosage and called training rows, twice */
} common;

void ri_counts_free(ri_counts *counts) {
    free(counts->bits);
    *counts = (ri_counts){0};
}

bool ri_counts_apply(const ri_held *held) {
    const ri_columns *columns = held->view->columns;
    if (!columns->centered || held->view->weighted || columns->x.n > MOST_ROWS)
        return false;
    for (int64_t i = 0; i < held->count; i++)
        if (ri_matrix_storage(&columns->x, held->feature[i]) != RI_PACKED2)
            return false;
    return true;
}

static bool any_missing(const ri_held *held, int64_t from, int64_t count) {
    for (int64_t i = from; i < from + count; i++)
        if (ri_pool_at(held->pool, held->feature[i])->missing > 0)
            return true;
    return false;
}

static ri_status take_entering(ri_counts *counts, const ri_held *held, entering_bits *out,
                               ri_error *err) {
    const uint64_t LOW = 0x5555555555555555u;
    const ri_view *view = held->view;
    int64_t n = view->columns->x.n, words = (n + ROWS - 1) / ROWS, all = words * held->count;
    size_t room = (size_t)(3 * all + words);
    if (!ri_renew(&counts->bits, &counts->room, room, sizeof *counts->bits))
        return ri_fail_memory(err, "entering features", 8ULL * room);
    uint64_t *bits = counts->bits;
    *out = (entering_bits){held,
                           words,
                           bits,
                           bits + all,
                           bits + 2 * all,
                           bits + 3 * all,
                           any_missing(held, 0, held->count)};
    memset(out->training, 0, (size_t)words * sizeof *bits);
    for (int64_t t = 0; t < view->train; t++)
        out->training[view->row[t] / ROWS] |= (uint64_t)3 << (2 * (view->row[t] % ROWS));
    for (int64_t k = 0; k < held->count; k++) {
        uint64_t *dosage = out->dosage + k * words, *called = out->called + k * words;
        const void *column = ri_pool_at(held->pool, held->feature[k])->column;
        ri_kernel_get()->genotype_bits(column, 0, n, dosage, called);
        for (int64_t w = 0; w < words; w++) {
            dosage[w] &= out->training[w];
            called[w] &= out->training[w];
            out->exchanged[k * words + w] = (dosage[w] & LOW) << 1 | (dosage[w] >> 1 & LOW);
        }
    }
    return RI_OK;
}

/* Columns `first` to first + count - 1 of `held`, with `some` entering ones from k on. */
static void count_common(const ri_held *held, int64_t first, int64_t count,
                         const entering_bits *with, int64_t k, int64_t some, common *out) {
    uint64_t dosage[TILE * WORDS], called[TILE * WORDS];
    const ri_kernel *kernel = ri_kernel_get();
    const bool missing = with->missing || any_missing(held, first, count);
    int64_t n = held->view->columns->x.n, apart = with->words;
    memset(out, 0, sizeof *out);
    for (int64_t word = 0; word < apart; word += WORDS) {
        int64_t words = apart - word < WORDS ? apart - word : WORDS, row = word * ROWS;
        int64_t rows = n - row < words * ROWS ? n - row : words * ROWS;
        int64_t at = k * apart + word;
        for (int64_t i = 0; i < count; i++)
            kernel->genotype_bits(ri_pool_at(held->pool, held->feature[first + i])->column, row,
                                  rows, dosage + i * words, called + i * words);
        kernel->common_bits(dosage, count, with->training + word, apart, 1, words, out->sum);
        kernel->common_bits(called, count, with->training + word, apart, 1, words, out->twice);
        kernel->common_bits(dosage, count, with->dosage + at, apart, some, words, out->product);
        kernel->common_bits(dosage, count, with->exchanged + at, apart, some, words, out->product);
        if (!missing)
            continue;
        kernel->common_bits(dosage, count, with->called + at, apart, some, words, out->tile);
        kernel->common_bits(called, count, with->dosage + at, apart, some, words, out->entering);
        kernel->common_bits(called, count, with->called + at, apart, some, words, out->called);
    }
    for (int64_t j = 0; !missing && j < count * some; j++) {
        out->tile[j] = out->sum[j % count];
        out->called[j] = out->twice[j % count];
    }
}

static int64_t count_bits(const uint64_t *bits, int64_t words) {
    int64_t one = 0;
    const ri_kernel *kernel = ri_kernel_get();
    kernel->common_bits(bits, 1, bits, words, 1, words, &one);
    return one;
}

/* Part of ri_count_products: columns `first` to first + count - 1. */
static void multiply_tile(const ri_held *held, int64_t first, int64_t count,
                          const entering_bits *with, double *out, int64_t stride) {
    const double *scale = held->view->scale;
    common c;
    for (int64_t from = 0; from < with->held->count; from += ENTERING) {
        int64_t left = with->held->count - from, some = left < ENTERING ? left : ENTERING;
        count_common(held, first, count, with, from, some, &c);
        for (int64_t k = 0; k < some; k++) {
            int64_t sum = count_bits(with->dosage + (from + k) * with->words, with->words);
            int64_t called = count_bits(with->called + (from + k) * with->words, with->words) / 2;
            double own = scale[with->held->feature[from + k]];
            for (int64_t i = 0, j = k * count; i < count; i++, j++) {
                int64_t rows = c.twice[i] / 2, both = c.called[j] / 2;
                int64_t across = both == rows && both == called ? sum : c.entering[j];
                int64_t ratio = rows * called * c.product[j] - called * c.sum[i] * across -
                                rows * sum * c.tile[j] + sum * c.sum[i] * both;
                double parts = (double)rows * (double)called;
                out[i + (from + k) * stride] =
                    parts > 0 ? own * scale[held->feature[first + i]] * (double)ratio / parts : 0;
            }
        }
    }
}

ri_status ri_count_products(ri_counts *counts, const ri_held *held, const ri_held *entering,
                            double *out, int64_t stride, ri_error *err) {
    entering_bits with;
    RI_TRY(take_entering(counts, entering, &with, err));
#pragma omp taskgroup
    for (int64_t first = 0; first < held->count; first += TILE) {
        int64_t left = held->count - first;
#pragma omp task default(none) firstprivate(first, left)                                           \
    shared(held, with, out, stride) if (held->count > TILE)
        multiply_tile(held, first, left < TILE ? left : TILE, &with, out + first, stride);
    }
    return RI_OK;
}
