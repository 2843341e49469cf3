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

static size_t bytes_of(int64_t room) {
    return (size_t)room * (size_t)(room + RI_FACTOR_PANEL) / 2 * sizeof(double);
}

void ri_factor_free(ri_factor *factor) {
    ri_pages_free(factor->l, bytes_of(factor->room));
    free(factor->z);
    *factor = (ri_factor){0};
}

void ri_factor_clear(ri_factor *factor) {
    factor->size = 0;
}

/* In place: columns move to the right, the last first. */
ri_status ri_factor_reserve(ri_factor *factor, int64_t size, ri_error *err) {
    if (size <= factor->room)
        return RI_OK;
    const ri_factor old = *factor;
    const int64_t least = old.room + old.room / GROWTH; /* growing moves every column */
    size = size > least ? size : least;
    int64_t room = (size + RI_FACTOR_PANEL - 1) / RI_FACTOR_PANEL * RI_FACTOR_PANEL;
    double *z = ri_alloc((size_t)room, sizeof *z);
    double *l = z ? ri_pages_resize(old.l, bytes_of(old.room), bytes_of(room)) : NULL;
    if (!l) {
        free(z);
        return ri_fail_memory(err, "the factor of the support", bytes_of(room));
    }
    if (old.z)
        memcpy(z, old.z, (size_t)old.size * sizeof *z);
    free(old.z);
    *factor = (ri_factor){.size = old.size, .room = room, .l = l, .z = z};
    for (int64_t c = old.size - 1; c > 0; c--) {
        const ri_factor before = {.room = old.room, .l = l};
        memmove(ri_factor_column(factor, c) + c, ri_factor_column(&before, c) + c,
                (size_t)(old.size - c) * sizeof *l);
    }
    return RI_OK;
}

/* Several right-hand sides at the columns [from, next) of L, side by side in `row`: lanes are
 * right-hand sides, not the few rows. `negative` of what comes out. */
static void solve_together(const ri_factor *factor, int64_t from, int64_t next, double *x,
                           int64_t stride, int64_t count, double *negative) {
    double row[BLOCK][VECTORS], back[BLOCK];
    const double *above[BLOCK];
    for (int64_t c = from; c < next; c++) {
        double *own = row[c - from];
        above[c - from] = own;
        for (int64_t v = 0; v < count; v++)
            own[v] = x[c + v * stride];
        for (int64_t k = from; k < c; k++)
            back[k - from] = -ri_factor_column(factor, k)[c];
        ri_kernel_get()->axpy_many(above, back, c - from, own, count);
        double pivot = ri_factor_column(factor, c)[c];
        for (int64_t v = 0; v < count; v++) {
            own[v] /= pivot;
            x[c + v * stride] = own[v];
            negative[c - from + v * BLOCK] = -own[v];
        }
    }
}

/* One right-hand side at the columns [from, next) of L; `negative` of what comes out. */
static void solve_block(const ri_factor *factor, int64_t from, int64_t next, double *x,
                        double *negative) {
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t c = from; c < next; c++) {
        const double *l = ri_factor_column(factor, c);
        x[c] /= l[c];
        negative[c - from] = -x[c];
        kernel->axpy(-x[c], l + c + 1, x + c + 1, next - c - 1);
    }
}

/* x <- L^-1 x for `count` right-hand sides of the leading block, `stride` apart, blocked by columns
 * so that a block of L serves all of them. Entries before `first` are 0. */
static void solve_many(const ri_factor *factor, double *x, int64_t stride, int64_t count,
                       int64_t first) {
    double negative[VECTORS * BLOCK];
    int64_t m = factor->size;
    for (int64_t from = first; from < m; from += BLOCK) {
        int64_t width = m - from < BLOCK ? m - from : BLOCK, below = from + width;
        const double *part[BLOCK];
        for (int64_t c = 0; c < width; c++)
            part[c] = ri_factor_column(factor, from + c) + below;
        for (int64_t k = 0; k < count; k += VECTORS) {
            int64_t some = count - k < VECTORS ? count - k : VECTORS;
            double *at = x + k * stride;
            if (some > 1)
                solve_together(factor, from, below, at, stride, some, negative);
            else
                solve_block(factor, from, below, at, negative);
            ri_kernel_get()->update(part, width, negative, BLOCK, at + below, stride, some,
                                    m - below);
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
    for (int64_t below = m; below > 0;) {
        int64_t from = (below - 1) / BLOCK * BLOCK, width = below - from;
        const double *part[BLOCK];
        double sum[BLOCK];
        for (int64_t c = 0; c < width; c++)
            part[c] = ri_factor_column(factor, from + c) + below;
        kernel->product(part, width, x + below, m - below, 1, m - below, sum, BLOCK);
        for (int64_t c = below - 1; c >= from; c--) {
            const double *l = ri_factor_column(factor, c);
            double near = kernel->dot(l + c + 1, x + c + 1, below - c - 1);
            x[c] = (x[c] - sum[c - from] - near) / l[c];
        }
        below = from;
    }
}

void ri_factor_transposed(const ri_factor *factor, const double *x, double *y) {
    const ri_kernel *kernel = ri_kernel_get();
    for (int64_t c = 0; c < factor->size; c++)
        y[c] += kernel->dot(ri_factor_column(factor, c) + c, x + c, factor->size - c);
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
    for (int64_t a = 0; a < kept; a++) {
        for (int64_t c = 0; c < m; c++)
            ri_factor_column(factor, c)[m + a] = cross[keep[a] * m + c];
        for (int64_t i = a; i < kept; i++)
            ri_factor_column(factor, m + a)[m + i] = own[keep[a] * count + keep[i]];
    }
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

/* Moves the kept entries from `first` on of an old column to their new rows. */
static void compact(const double *from, double *to, int64_t first, const run *kept, int64_t runs) {
    for (int64_t k = 0; k < runs; k++) {
        int64_t begin = kept[k].begin > first ? kept[k].begin : first;
        if (begin < kept[k].end)
            memmove(to + begin - kept[k].up, from + begin,
                    (size_t)(kept[k].end - begin) * sizeof *to);
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
static void rotate_out(ri_factor *factor, int64_t j, int64_t size, double **spare, double *spare_z,
                       int64_t spares) {
    const ri_kernel *kernel = ri_kernel_get();
    double *l = ri_factor_column(factor, j);
    for (int64_t from = 0; from < spares; from += ROTATIONS) {
        int64_t count = spares - from < ROTATIONS ? spares - from : ROTATIONS;
        double cosine[ROTATIONS], sine[ROTATIONS], *tail[ROTATIONS];
        for (int64_t q = 0; q < count; q++) {
            double a = l[j], b = spare[from + q][j], length = sqrt(a * a + b * b);
            cosine[q] = length > 0 ? a / length : 1;
            sine[q] = length > 0 ? b / length : 0;
            l[j] = length;
            tail[q] = spare[from + q] + j + 1;
            double z = factor->z[j], x = spare_z[from + q];
            factor->z[j] = cosine[q] * z + sine[q] * x;
            spare_z[from + q] = cosine[q] * x - sine[q] * z;
        }
        kernel->rotate(l + j + 1, tail, cosine, sine, count, size - j - 1);
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
    double *store = ri_alloc((size_t)(dropped * (size + 1)), sizeof *store);
    double *spare_z = ri_alloc((size_t)dropped, sizeof *spare_z);
    double **spare = ri_alloc((size_t)dropped, sizeof *spare);
    if (!kept || !store || !spare_z || !spare) {
        free(kept);
        free(store);
        free(spare_z);
        free(spare);
        return ri_fail_memory(err, "a smaller factor", 8ULL * (size_t)(dropped * size));
    }
    int64_t runs = list_runs(drop, m, kept);
    for (int64_t c = 0; c < m; c++) {
        double *from = ri_factor_column(factor, c);
        if (drop[c]) {
            spare[spares] = store + spares * (size + 1);
            compact(from, spare[spares], c, kept, runs);
            spare_z[spares++] = factor->z[c];
            continue;
        }
        int64_t j = c - spares;
        double *to = ri_factor_column(factor, j);
        compact(from, to, c, kept, runs);
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
