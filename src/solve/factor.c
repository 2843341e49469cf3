/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/pages.h"
#include "kernel/kernel.h"

/* Columns of a triangular solve taken together, and rotations. */
enum { BLOCK = 16, ROTATIONS = 8, VECTORS = 48 };

/* A factor grows by a part of itself at least: 1 / GROWTH. */
enum { GROWTH = 12 };

static size_t bytes_of(const ri_factor *factor, int64_t room) {
    return (size_t)room * (size_t)(room + RI_FACTOR_PANEL) / 2 * ri_factor_width(factor);
}

static double get(const void *at, bool single) {
    return single ? (double)*(const float *)at : *(const double *)at;
}

static void put(void *at, bool single, double value) {
    if (single)
        *(float *)at = (float)value;
    else
        *(double *)at = value;
}

void ri_factor_free(ri_factor *factor) {
    ri_pages_free(factor->l, bytes_of(factor, factor->room));
    free(factor->z);
    *factor = (ri_factor){0};
}

void ri_factor_clear(ri_factor *factor) {
    factor->size = 0;
}

void ri_factor_restart(ri_factor *factor, bool single) {
    if (factor->single != single)
        ri_factor_free(factor);
    factor->single = single;
    factor->size = 0;
}

/* In place: columns move to the right, the last first. */
ri_status ri_factor_reserve(ri_factor *factor, int64_t size, ri_error *err) {
    if (size <= factor->room)
        return RI_OK;
    ri_factor before = *factor;
    const int64_t least = before.room + before.room / GROWTH; /* growing moves every column */
    size = size > least ? size : least;
    int64_t room = (size + RI_FACTOR_PANEL - 1) / RI_FACTOR_PANEL * RI_FACTOR_PANEL;
    size_t bytes = bytes_of(factor, room);
    double *z = ri_alloc((size_t)room, sizeof *z);
    void *l = z ? ri_pages_resize(before.l, bytes_of(factor, before.room), bytes) : NULL;
    if (!l) {
        free(z);
        return ri_fail_memory(err, "the factor of the support", bytes);
    }
    if (before.z)
        memcpy(z, before.z, (size_t)before.size * sizeof *z);
    free(before.z);
    factor->room = room;
    factor->z = z;
    factor->l = before.l = l;
    for (int64_t c = before.size - 1; c > 0; c--)
        memmove(ri_factor_at(factor, c, c), ri_factor_at(&before, c, c),
                (size_t)(before.size - c) * ri_factor_width(factor));
    return RI_OK;
}

/* `width` columns of L beside each other: their entries in as many rows, column-major, and where
 * those below lie. */
typedef struct strip {
    double corner[BLOCK * BLOCK];
    const void *below[BLOCK];
} strip;

static void take_strip(const ri_factor *factor, int64_t from, int64_t width, strip *out) {
    for (int64_t c = 0; c < width; c++) {
        for (int64_t r = c; r < width; r++)
            out->corner[c * BLOCK + r] = ri_factor_entry(factor, from + r, from + c);
        out->below[c] = ri_factor_at(factor, from + width, from + c);
    }
}

/* What several vectors of `rows` entries lose by the columns of a strip: `negative` of what
 * multiplies them. */
static void update(const ri_factor *factor, const strip *l, int64_t width, const double *negative,
                   double *x, int64_t stride, int64_t vectors, int64_t rows) {
    const ri_kernel *kernel = ri_kernel_get();
    if (factor->single)
        kernel->update_single((const float *const *)l->below, width, negative, BLOCK, x, stride,
                              vectors, rows);
    else
        kernel->update((const double *const *)l->below, width, negative, BLOCK, x, stride, vectors,
                       rows);
}

/* sum[c] = the product of column c of a strip with x. */
static void product(const ri_factor *factor, const strip *l, int64_t width, const double *x,
                    int64_t rows, double *sum) {
    const ri_kernel *kernel = ri_kernel_get();
    if (factor->single)
        kernel->stored_product[RI_F32](l->below, NULL, width, x, rows, 1, rows, sum, BLOCK);
    else
        kernel->product((const double *const *)l->below, width, x, rows, 1, rows, sum, BLOCK);
}

/* Several right-hand sides at the columns of a strip, side by side in `row`: lanes are right-hand
 * sides, not the few rows. `negative` of what comes out. */
static void solve_together(const strip *l, int64_t width, double *x, int64_t stride, int64_t count,
                           double *negative) {
    double row[BLOCK][VECTORS], back[BLOCK];
    const double *above[BLOCK];
    for (int64_t c = 0; c < width; c++) {
        double *own = row[c];
        above[c] = own;
        for (int64_t v = 0; v < count; v++)
            own[v] = x[c + v * stride];
        for (int64_t k = 0; k < c; k++)
            back[k] = -l->corner[k * BLOCK + c];
        ri_kernel_get()->axpy_many(above, back, c, own, count);
        double pivot = l->corner[c * BLOCK + c];
        for (int64_t v = 0; v < count; v++) {
            own[v] /= pivot;
            x[c + v * stride] = own[v];
            negative[c + v * BLOCK] = -own[v];
        }
    }
}

/* One right-hand side at the columns of a strip; `negative` of what comes out. */
static void solve_block(const strip *l, int64_t width, double *x, double *negative) {
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t c = 0; c < width; c++) {
        const double *column = l->corner + c * BLOCK;
        x[c] /= column[c];
        negative[c] = -x[c];
        kernel->axpy(-x[c], column + c + 1, x + c + 1, width - c - 1);
    }
}

/* x <- L^-1 x for `count` right-hand sides of the leading block, `stride` apart, blocked by columns
 * so that a block of L serves all of them. Entries before `first` are 0. */
static void solve_many(const ri_factor *factor, double *x, int64_t stride, int64_t count,
                       int64_t first) {
    double negative[VECTORS * BLOCK];
    strip l;
    int64_t m = factor->size;
    for (int64_t from = first; from < m; from += BLOCK) {
        int64_t width = m - from < BLOCK ? m - from : BLOCK, below = from + width;
        take_strip(factor, from, width, &l);
        for (int64_t k = 0; k < count; k += VECTORS) {
            int64_t some = count - k < VECTORS ? count - k : VECTORS;
            double *at = x + k * stride;
            if (some > 1)
                solve_together(&l, width, at + from, stride, some, negative);
            else
                solve_block(&l, width, at + from, negative);
            update(factor, &l, width, negative, at + below, stride, some, m - below);
        }
    }
}

void ri_factor_forward(const ri_factor *factor, double *x) {
    int64_t first = 0;
    while (first < factor->size && x[first] == 0)
        first++;
    solve_many(factor, x, factor->size, 1, first);
}

void ri_factor_backward(const ri_factor *factor, double *x) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t m = factor->size;
    strip l;
    for (int64_t below = m; below > 0;) {
        int64_t from = (below - 1) / BLOCK * BLOCK, width = below - from;
        double sum[BLOCK];
        take_strip(factor, from, width, &l);
        product(factor, &l, width, x + below, m - below, sum);
        for (int64_t c = width - 1; c >= 0; c--) {
            const double *column = l.corner + c * BLOCK;
            double near = kernel->dot(column + c + 1, x + from + c + 1, width - c - 1);
            x[from + c] = (x[from + c] - sum[c] - near) / column[c];
        }
        below = from;
    }
}

void ri_factor_transposed(const ri_factor *factor, const double *x, double *y) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t m = factor->size;
    strip l;
    for (int64_t from = 0; from < m; from += BLOCK) {
        int64_t width = m - from < BLOCK ? m - from : BLOCK, below = from + width;
        double sum[BLOCK];
        take_strip(factor, from, width, &l);
        product(factor, &l, width, x + below, m - below, sum);
        for (int64_t c = 0; c < width; c++)
            y[from + c] += sum[c] + kernel->dot(l.corner + c * BLOCK + c, x + from + c, width - c);
    }
}

/* own <- own - cross' cross, lower triangle. */
static void downdate(double *own, const double *cross, int64_t size, int64_t count,
                     double *product) {
    const double *pointer[64];
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t from = 0; from < count; from += 64) {
        int64_t width = count - from < 64 ? count - from : 64;
        for (int64_t a = 0; a < width; a++)
            pointer[a] = cross + (from + a) * size;
        kernel->product(pointer, width, cross, size, from + width, size, product, 64);
        for (int64_t b = 0; b < from + width; b++)
            for (int64_t a = 0; a < width; a++)
                if (from + a >= b)
                    own[(from + a) + b * count] -= product[a + b * 64];
    }
}

/* Left-looking Cholesky of `own`, skipping dependent rows; returns the number of accepted ones. */
static int64_t factor_own(double *own, int64_t count, const double *floor, bool *accepted,
                          int64_t *keep) {
    int64_t kept = 0;
    for (int64_t a = 0; a < count; a++) {
        double *ca = own + a * count;
        for (int64_t c = 0; c < kept; c++) {
            const double *cc = own + keep[c] * count;
            for (int64_t i = a; i < count; i++)
                ca[i] -= cc[a] * cc[i];
        }
        accepted[a] = ca[a] > floor[a];
        if (!accepted[a])
            continue;
        double pivot = sqrt(ca[a]);
        for (int64_t i = a; i < count; i++)
            ca[i] /= pivot;
        keep[kept++] = a;
    }
    return kept;
}

ri_status ri_factor_append(ri_factor *factor, double *cross, double *own, int64_t count,
                           double least, bool *accepted, ri_error *err) {
    int64_t m = factor->size;
    RI_TRY(ri_factor_reserve(factor, m + count, err));
    int64_t *keep = ri_alloc((size_t)count, sizeof *keep);
    double *floor = ri_alloc((size_t)count, sizeof *floor);
    double *product = ri_alloc(64 * (size_t)count + 4096, sizeof *product);
    if (!keep || !floor || !product) {
        free(keep);
        free(floor);
        free(product);
        return ri_fail_memory(err, "the factor of the support", 600ULL * (size_t)count);
    }
    for (int64_t k = 0; k < count; k++)
        floor[k] = least * own[k + k * count];
    if (m > 0) {
        solve_many(factor, cross, m, count, 0);
        downdate(own, cross, m, count, product);
    }
    int64_t kept = factor_own(own, count, floor, accepted, keep);
    for (int64_t c = 0; c < m; c++)
        for (int64_t a = 0; a < kept; a++)
            put(ri_factor_at(factor, m + a, c), factor->single, cross[keep[a] * m + c]);
    for (int64_t a = 0; a < kept; a++)
        for (int64_t i = a; i < kept; i++)
            put(ri_factor_at(factor, m + i, m + a), factor->single, own[keep[a] * count + keep[i]]);
    factor->size = m + kept;
    free(keep);
    free(floor);
    free(product);
    return RI_OK;
}

/* Rows [begin, end) that stay, between ones that are dropped; they move up by as many as that. */
typedef struct run {
    int64_t begin, end, up;
} run;

/* Moves the kept entries of a column, which lie from row `first` on at `from`, to their new rows:
 * `to` is the place of new row `place`. */
static void compact(const char *from, int64_t first, char *to, int64_t place, const run *kept,
                    int64_t runs, size_t width) {
    for (int64_t k = 0; k < runs; k++) {
        int64_t begin = kept[k].begin > first ? kept[k].begin : first;
        if (begin < kept[k].end)
            memmove(to + (size_t)(begin - kept[k].up - place) * width,
                    from + (size_t)(begin - first) * width, (size_t)(kept[k].end - begin) * width);
    }
}

/* Lists the runs of kept rows behind the first dropped one; returns their number. */
static int64_t list_runs(const bool *drop, int64_t size, run *kept) {
    int64_t runs = 0, up = 0;
    for (int64_t i = 0; i < size; i++) {
        if (drop[i]) {
            up++;
            continue;
        }
        if (up == 0)
            continue;
        if (drop[i - 1])
            kept[runs++] = (run){.begin = i, .up = up};
        kept[runs - 1].end = i + 1;
    }
    return runs;
}

/* Rotates the dropped columns met so far out of new column j. */
static void rotate_out(ri_factor *factor, int64_t j, int64_t size, char *const *spare,
                       double *spare_z, int64_t spares) {
    const ri_kernel *kernel = ri_kernel_get();
    const size_t width = ri_factor_width(factor);
    const bool single = factor->single;
    char *l = ri_factor_at(factor, j, j);
    for (int64_t from = 0; from < spares; from += ROTATIONS) {
        int64_t count = spares - from < ROTATIONS ? spares - from : ROTATIONS;
        double cosine[ROTATIONS], sine[ROTATIONS];
        void *tail[ROTATIONS];
        for (int64_t q = 0; q < count; q++) {
            char *other = spare[from + q] + (size_t)j * width;
            double a = get(l, single), b = get(other, single), length = sqrt(a * a + b * b);
            cosine[q] = length > 0 ? a / length : 1;
            sine[q] = length > 0 ? b / length : 0;
            put(l, single, length);
            tail[q] = other + width;
            double z = factor->z[j], x = spare_z[from + q];
            factor->z[j] = cosine[q] * z + sine[q] * x;
            spare_z[from + q] = cosine[q] * x - sine[q] * z;
        }
        if (single)
            kernel->rotate_single((float *)(void *)(l + width), (float *const *)tail, cosine, sine,
                                  count, size - j - 1);
        else
            kernel->rotate((double *)(void *)(l + width), (double *const *)tail, cosine, sine,
                           count, size - j - 1);
    }
}

ri_status ri_factor_delete(ri_factor *factor, const bool *drop, ri_error *err) {
    int64_t m = factor->size, dropped = 0;
    for (int64_t i = 0; i < m; i++)
        dropped += drop[i];
    if (dropped == 0)
        return RI_OK;
    int64_t size = m - dropped, spares = 0;
    run *kept = ri_alloc((size_t)dropped, sizeof *kept);
    const size_t width = ri_factor_width(factor);
    char *store = ri_alloc((size_t)(dropped * (size + 1)), width);
    double *spare_z = ri_alloc((size_t)dropped, sizeof *spare_z);
    char **spare = ri_alloc((size_t)dropped, sizeof *spare);
    if (!kept || !store || !spare_z || !spare) {
        free(kept);
        free(store);
        free(spare_z);
        free(spare);
        return ri_fail_memory(err, "a smaller factor", 8ULL * (size_t)(dropped * size));
    }
    int64_t runs = list_runs(drop, m, kept);
    for (int64_t c = 0; c < m; c++) {
        const char *from = ri_factor_at(factor, c, c);
        if (drop[c]) {
            spare[spares] = store + (size_t)(spares * (size + 1)) * width;
            compact(from, c, spare[spares], 0, kept, runs, width);
            spare_z[spares++] = factor->z[c];
            continue;
        }
        int64_t j = c - spares;
        compact(from, c, ri_factor_at(factor, j, j), j, kept, runs, width);
        factor->z[j] = factor->z[c];
        if (spares > 0)
            rotate_out(factor, j, size, spare, spare_z, spares);
    }
    factor->size = size;
    free(kept);
    free(store);
    free(spare_z);
    free(spare);
    return RI_OK;
}
