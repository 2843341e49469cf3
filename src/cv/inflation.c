/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/inflation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/memory.h"
#include "kernel/kernel.h"

/* A column of which less than this part is not in the span of those before it depends on them; and
 * the smallest weight with which one of those counts as part of that. */
static const double DEPENDS = 1e-10, TAKES_PART = 1e-5;

/* Correlations into the lower triangle of g. */
static void correlate(const double *z, int64_t n, int64_t count, int threads, double *g) {
    const ri_kernel *kernel = ri_kernel_get();
#pragma omp parallel for schedule(dynamic, 8) num_threads(threads)
    for (int64_t a = 0; a < count; a++)
        for (int64_t b = 0; b <= a; b++)
            g[a * count + b] = kernel->dot(z + a * n, z + b * n, n) / (double)n;
}

static double inner(const double *a, const double *b, int64_t count) {
    double sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Columns that depend on row `l` = (their coordinates in) the kept ones: solves L' c = l. */
static void mark_partners(const double *factor, const int64_t *kept, int64_t rank, int64_t count,
                          const double *l, double *work, double *vif) {
    memcpy(work, l, (size_t)rank * sizeof *work);
    for (int64_t i = rank - 1; i >= 0; i--) {
        work[i] /= factor[i * count + i];
        for (int64_t k = 0; k < i; k++)
            work[k] -= factor[i * count + k] * work[i];
    }
    for (int64_t i = 0; i < rank; i++)
        if (fabs(work[i]) > TAKES_PART)
            vif[kept[i]] = INFINITY;
}

/* Cholesky of the independent columns, in place, row i of it that of column kept[i]; their number.
 * Marks those that depend on each other. */
static int64_t factorise(double *g, int64_t count, int64_t *kept, double *work, double *vif) {
    int64_t rank = 0;
    for (int64_t a = 0; a < count; a++) {
        double *row = work + count;
        for (int64_t i = 0; i < rank; i++)
            row[i] = (g[a * count + kept[i]] - inner(g + i * count, row, i)) / g[i * count + i];
        double whole = g[a * count + a], rest = whole - inner(row, row, rank);
        if (!(rest > DEPENDS * whole)) {
            vif[a] = INFINITY;
            if (rank > 0)
                mark_partners(g, kept, rank, count, row, work, vif);
            continue;
        }
        row[rank] = sqrt(rest);
        memcpy(g + rank * count, row, (size_t)(rank + 1) * sizeof *row);
        kept[rank++] = a;
    }
    return rank;
}

/* Column i of the inverse of the factor; its square sums to the inverse's diagonal. */
static double inverse_diagonal(const double *factor, int64_t rank, int64_t count, int64_t i,
                               double *column) {
    double sum = 0;
    for (int64_t k = i; k < rank; k++) {
        double value = k == i;
        value -= inner(factor + k * count + i, column + i, k - i);
        column[k] = value / factor[k * count + k];
        sum += column[k] * column[k];
    }
    return sum;
}

ri_status ri_inflation_find(const double *z, int64_t n, int64_t count, int threads, double *vif,
                            ri_error *err) {
    size_t size = (size_t)count;
    double *g = ri_calloc(size * size, sizeof *g);
    double *work = ri_calloc(2 * size + 1, sizeof *work);
    int64_t *kept = ri_calloc(size, sizeof *kept);
    ri_status status = RI_OK;
    if (!g || !work || !kept) {
        status = ri_fail_memory(err, "the correlations of the selected features", 8 * size * size);
        goto done;
    }
    correlate(z, n, count, threads, g);
    for (int64_t a = 0; a < count; a++)
        vif[a] = NAN;
    int64_t rank = factorise(g, count, kept, work, vif);
    for (int64_t i = 0; i < rank; i++)
        if (isnan(vif[kept[i]]))
            vif[kept[i]] = fmax(1, inverse_diagonal(g, rank, count, i, work));
done:
    free(g);
    free(work);
    free(kept);
    return status;
}
