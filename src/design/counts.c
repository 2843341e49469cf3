/* SPDX-License-Identifier: BSD-3-Clause
 * A genotype g is taken as e = g - 1, which is -1, 0 or 1, and 0 where it is missing; c is 1 where
 * it is called. Every sum is a product of such columns: sum e_i e_k, of e_i c_k, c_i e_k and c_i
 * c_k, and with the column of ones on the training rows. */
#include "design/counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum {
    TILE = 32,                  /* columns taken together, by a thread, */
    ENTERING = 32,              /* entering ones beside them, */
    WORDS = 64,                 /* and words of their rows, all in L2 */
    ROWS = 64,                  /* of a word */
    VECTORS = 2 * ENTERING + 1, /* e of entering columns, the ones, and c */
    TILE_COLUMNS = 2 * TILE,    /* e and c */
    COLUMN_WORDS = 2 * WORDS,   /* of signs */
};

/* 4 n^3 fits 63 bits. */
static const int64_t MOST_ROWS = 1000000;

/* A few entering columns on the training rows. */
typedef struct entering_columns {
    const ri_view *view;
    int64_t count, vectors;
    bool missing;             /* any has a missing call: there are c */
    int64_t place[ENTERING];  /* in the list they are from */
    int64_t sum[ENTERING];    /* of e */
    int64_t called[ENTERING]; /* training rows */
    double factor[ENTERING];  /* scale / called */
    ri_signs signs;           /* e of [count], ones, c of [count] if `missing` */
    const double *vector;     /* [vectors * apart] the same; NULL where nobody needs it */
    int64_t apart;
    double total[VECTORS]; /* of `vector` */
} entering_columns;

/* Genotypes of one storage, and their products with `with->vectors` vectors. */
typedef struct tile {
    int64_t count;
    bool missing; /* any has a missing call: there are products of c */
    ri_storage storage;
    int64_t place[TILE];
    const ri_pool_slot *slot[TILE];
    const void *column[TILE];
    int64_t e[TILE * VECTORS], c[TILE * VECTORS];
} tile;

void ri_counts_free(ri_counts *counts) {
    free(counts->bits);
    free(counts->vector);
    *counts = (ri_counts){0};
}

bool ri_counts_apply(const ri_view *view) {
    return view->columns->centered && !view->weighted && view->columns->x.n <= MOST_ROWS;
}

static bool is_genotype(const ri_held *held, int64_t i) {
    return held->view->columns->integer[held->feature[i]] == RI_GENOTYPES;
}

static const void *packed_at(const ri_held *held, int64_t i) {
    return ri_pool_packed(held->pool, held->feature[i]);
}

static ri_storage storage_of(const ri_held *held, int64_t i) {
    return ri_matrix_storage(&held->view->columns->x, held->feature[i]);
}

static int64_t words_of(const ri_view *view) {
    return (view->columns->x.n + ROWS - 1) / ROWS;
}

/* The next genotypes of a list, from `from` on; returns where the ones after them begin. */
static int64_t list_entering(const ri_held *entering, int64_t from, entering_columns *out) {
    *out = (entering_columns){.view = entering->view};
    for (; from < entering->count && out->count < ENTERING; from++)
        if (is_genotype(entering, from)) {
            out->place[out->count++] = from;
            out->missing |= ri_pool_at(entering->pool, entering->feature[from])->missing > 0;
        }
    out->vectors = (out->missing ? 2 : 1) * out->count + 1;
    return from;
}

/* Whether some genotypes are there packed, and some are not. */
static void look_for_packed(const ri_held *held, bool *packed, bool *others) {
    for (int64_t i = 0; i < held->count; i++) {
        *packed |= is_genotype(held, i) && packed_at(held, i);
        *others |= is_genotype(held, i) && !packed_at(held, i);
    }
}

/* e, ones and c as doubles. */
static ri_status write_vectors(ri_counts *counts, const ri_held *entering, entering_columns *out,
                               ri_error *err) {
    const ri_view *view = out->view;
    const int64_t n = view->columns->x.n, apart = (n + 7) / 8 * 8;
    size_t room = (size_t)(out->vectors * apart);
    if (!ri_renew(&counts->vector, &counts->vector_room, room, sizeof *counts->vector))
        return ri_fail_memory(err, "entering features", 8ULL * room);
    memset(counts->vector, 0, room * sizeof *counts->vector);
    double *one = counts->vector + out->count * apart;
    for (int64_t t = 0; t < view->train; t++)
        one[view->row[t]] = 1;
    for (int64_t k = 0; k < out->count; k++) {
        int64_t at = out->place[k];
        const ri_pool_slot *slot = ri_pool_at(entering->pool, entering->feature[at]);
        double *e = counts->vector + k * apart, *c = one + (k + 1) * apart;
        ri_kernel_get()->decode[storage_of(entering, at)](slot->column, 0, n, 1, e);
        for (int64_t i = 0; i < n; i++)
            e[i] = one[i] == 0 ? 0 : e[i]; /* other rows may hold anything */
        if (out->missing)
            memcpy(c, one, (size_t)n * sizeof *c);
        for (int32_t m = 0; m < slot->missing; m++)
            c[slot->row[m]] = 0;
    }
    for (int64_t v = 0; v < out->vectors; v++)
        out->total[v] = ri_kernel_get()->sum(counts->vector + v * apart, n);
    out->vector = counts->vector;
    out->apart = apart;
    return RI_OK;
}

static uint64_t bit_of(int64_t row) {
    int64_t in_word = row % ROWS;
    return (uint64_t)1 << (2 * (in_word % (ROWS / 2)) + in_word / (ROWS / 2));
}

/* Bits of a vector of -1, 0 and 1. */
static void pack_vector(const double *vector, int64_t n, uint64_t *some, uint64_t *less) {
    for (int64_t i = 0; i < n; i++) {
        some[i / ROWS] |= vector[i] != 0 ? bit_of(i) : 0;
        less[i / ROWS] |= vector[i] < 0 ? bit_of(i) : 0;
    }
}

/* The same as bits. */
static ri_status write_signs(ri_counts *counts, const ri_held *entering, entering_columns *out,
                             ri_error *err) {
    const ri_view *view = out->view;
    const int64_t n = view->columns->x.n, words = words_of(view), apart = 2 * words;
    size_t room = (size_t)((2 * out->count + 1) * apart);
    if (!ri_renew(&counts->bits, &counts->bits_room, room, sizeof *counts->bits))
        return ri_fail_memory(err, "entering features", 8ULL * room);
    memset(counts->bits, 0, room * sizeof *counts->bits);
    uint64_t *one = counts->bits + out->count * apart;
    for (int64_t t = 0; t < view->train; t++)
        one[view->row[t] / ROWS] |= bit_of(view->row[t]);
    for (int64_t k = 0; k < out->count; k++) {
        int64_t at = out->place[k];
        uint64_t *e = counts->bits + k * apart, *c = one + (k + 1) * apart;
        const void *packed = packed_at(entering, at);
        if (!packed) {
            pack_vector(out->vector + k * out->apart, n, e, e + words);
            if (out->missing)
                pack_vector(out->vector + (out->count + 1 + k) * out->apart, n, c, c + words);
            continue;
        }
        ri_kernel_get()->genotype_signs(packed, 0, n, e, e + words, c);
        for (int64_t w = 0; w < words; w++) {
            e[w] &= one[w];
            e[words + w] &= one[w];
            c[w] &= one[w];
        }
    }
    out->signs = (ri_signs){counts->bits, words, apart, out->vectors};
    return RI_OK;
}

/* Sums and called rows of entering columns. */
static void count_entering(const ri_held *entering, entering_columns *out) {
    const ri_view *view = out->view;
    const int64_t count = out->count, words = words_of(view);
    int64_t sum[VECTORS] = {0};
    if (out->signs.some) {
        ri_signs ones = out->signs;
        ones.some += count * ones.apart;
        ones.count = 1;
        ri_kernel_get()->sign_products(&out->signs, &ones, words, sum, VECTORS);
    } else {
        for (int64_t v = 0; v < out->vectors; v++)
            sum[v] = (int64_t)out->total[v];
    }
    for (int64_t k = 0; k < count; k++) {
        out->sum[k] = sum[k];
        out->called[k] = out->missing ? sum[count + 1 + k] : sum[count];
        double scale = view->scale[entering->feature[out->place[k]]];
        out->factor[k] = out->called[k] > 0 ? scale / (double)out->called[k] : 0;
    }
}

/* The next genotypes of one storage in [from, end); returns where those after them begin. */
static int64_t take_tile(const ri_held *held, int64_t from, int64_t end, tile *out) {
    out->count = 0;
    out->missing = false;
    for (; from < end; from++) {
        if (!is_genotype(held, from))
            continue;
        const ri_pool_slot *slot = ri_pool_at(held->pool, held->feature[from]);
        const void *packed = packed_at(held, from);
        const ri_storage storage = packed ? RI_PACKED2 : storage_of(held, from);
        if (out->count > 0 && storage != out->storage)
            break;
        out->storage = storage;
        out->place[out->count] = from;
        out->column[out->count] = packed ? packed : slot->column;
        out->slot[out->count++] = slot;
        out->missing |= slot->missing > 0;
    }
    return from;
}

/* Products of packed genotypes. */
static void count_bits(const entering_columns *with, tile *out) {
    uint64_t bits[TILE_COLUMNS * COLUMN_WORDS], unused[WORDS];
    const ri_kernel *kernel = ri_kernel_get();
    const int64_t n = with->view->columns->x.n, all = words_of(with->view);
    memset(out->e, 0, (size_t)(TILE * with->vectors) * sizeof *out->e);
    if (out->missing)
        memset(out->c, 0, (size_t)(TILE * with->vectors) * sizeof *out->c);
    for (int64_t word = 0; word < all; word += WORDS) {
        int64_t words = all - word < WORDS ? all - word : WORDS, row = word * ROWS;
        int64_t rows = n - row < words * ROWS ? n - row : words * ROWS;
        ri_signs e = {bits, words, 2 * words, out->count}, c = e, part = with->signs;
        c.some += out->count * e.apart;
        part.some += word;
        for (int64_t i = 0; i < out->count; i++) {
            uint64_t *at = bits + i * e.apart, *called = at + out->count * e.apart;
            kernel->genotype_signs(out->column[i], row, rows, at, at + words,
                                   out->missing ? called : unused);
            if (out->missing)
                memset(called + words, 0, (size_t)words * sizeof *called);
        }
        kernel->sign_products(&e, &part, words, out->e, TILE);
        if (out->missing)
            kernel->sign_products(&c, &part, words, out->c, TILE);
    }
}

/* Products of genotypes that are not there packed, sparse ones: whole numbers too. */
static void sum_exactly(const entering_columns *with, tile *out) {
    double product[TILE * VECTORS];
    ri_kernel_get()->stored_product[out->storage](out->column, NULL, out->count, with->vector,
                                                  with->apart, with->vectors,
                                                  with->view->columns->x.n, product, TILE);
    for (int64_t v = 0; v < with->vectors; v++)
        for (int64_t i = 0; i < out->count; i++) {
            const ri_pool_slot *slot = out->slot[i];
            const double *vector = with->vector + v * with->apart;
            double c = with->total[v];
            for (int32_t m = 0; m < slot->missing; m++)
                c -= vector[slot->row[m]];
            out->c[i + v * TILE] = (int64_t)c;
            out->e[i + v * TILE] = (int64_t)(product[i + v * TILE] - c);
        }
}

/* Over the rows that both are called at, the sum of (e_i - mean e_i)(e_k - mean e_k), times the
 * scales. */
static void write_products(const ri_held *held, const entering_columns *with, const tile *t,
                           double *out, int64_t stride) {
    const int64_t one = with->count * TILE, train = with->view->train;
    for (int64_t i = 0; i < t->count; i++) {
        int64_t rows = t->missing ? t->c[i + one] : train, own = t->e[i + one];
        double scale = with->view->scale[held->feature[t->place[i]]];
        double factor = rows > 0 ? scale / (double)rows : 0;
        for (int64_t k = 0; k < with->count; k++) {
            int64_t at = i + k * TILE, c_k = with->missing ? at + one + TILE : i + one;
            int64_t other = with->sum[k], called = with->called[k];
            int64_t own_there = t->e[c_k], other_there = t->missing ? t->c[at] : other;
            int64_t both = t->missing ? t->c[c_k] : called;
            int64_t ratio = rows * (called * t->e[at] - other * own_there) -
                            own * (called * other_there - other * both);
            out[t->place[i] + with->place[k] * stride] = factor * with->factor[k] * (double)ratio;
        }
    }
}

/* Columns [first, end) of `held`. */
static void multiply_part(const ri_held *held, int64_t first, int64_t end,
                          const entering_columns *with, double *out, int64_t stride) {
    tile t;
    for (int64_t from = first; from < end;) {
        from = take_tile(held, from, end, &t);
        if (t.count == 0)
            continue;
        if (t.storage == RI_PACKED2)
            count_bits(with, &t);
        else
            sum_exactly(with, &t);
        write_products(held, with, &t, out, stride);
    }
}

ri_status ri_count_products(ri_counts *counts, const ri_held *held, const ri_held *entering,
                            double *out, int64_t stride, ri_error *err) {
    entering_columns with;
    bool packed = false, others = false, unused = false;
    look_for_packed(held, &packed, &others);
    if (!packed && !others)
        return RI_OK;
    bool vectors = others;
    look_for_packed(entering, &unused, &vectors);
    for (int64_t from = 0; from < entering->count;) {
        from = list_entering(entering, from, &with);
        if (with.count == 0)
            break;
        if (vectors)
            RI_TRY(write_vectors(counts, entering, &with, err));
        if (packed)
            RI_TRY(write_signs(counts, entering, &with, err));
        count_entering(entering, &with);
#pragma omp taskgroup
        for (int64_t first = 0; first < held->count; first += TILE) {
            int64_t left = held->count - first, end = first + (left < TILE ? left : TILE);
#pragma omp task default(none) firstprivate(first, end)                                            \
    shared(held, with, out, stride) if (held->count > TILE)
            multiply_part(held, first, end, &with, out, stride);
        }
    }
    return RI_OK;
}
