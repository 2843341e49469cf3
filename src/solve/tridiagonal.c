/* SPDX-License-Identifier: BSD-3-Clause
 * The rank-two update of a step waits for the next one, whose product needs the updated columns
 * anyway: the trailing matrix is read and written once a step, in its lower half only. */
#include "solve/tridiagonal.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

void ri_tridiagonal_free(ri_tridiagonal *t) {
    free(t->tau);
    free(t->diagonal);
    free(t->below);
    *t = (ri_tridiagonal){0};
}

/* An update A -= v w' + w v' that is due; vectors begin at the first row of the matrix. */
typedef struct update {
    const double *v; /* NULL: none */
    const double *w;
} update;

/* Rows `row` and below of column `column` of the matrix, updated. */
static void update_column(const update *due, double *at, int64_t row, int64_t column,
                          int64_t rows) {
    if (!due->v)
        return;
    const double *x[2] = {due->w + row, due->v + row};
    const double s[2] = {-due->v[column], -due->w[column]};
    ri_kernel_get()->axpy_many(x, s, 2, at, rows);
}

/* Makes x the v of a reflection I - tau v v', v[0] = 1, that maps it to `*length` times the first
 * unit vector. */
static double reflect(double *x, int64_t rows, double *length) {
    double first = x[0], rest = ri_kernel_get()->dot(x + 1, x + 1, rows - 1);
    if (!(rest > 0)) {
        *length = first;
        x[0] = 1;
        return 0;
    }
    double beta = sqrt(first * first + rest);
    beta = first > 0 ? -beta : beta;
    for (int64_t i = 1; i < rows; i++)
        x[i] /= first - beta;
    x[0] = 1;
    *length = beta;
    return (beta - first) / beta;
}

/* product = A v over the rows and columns from `from` on, A updated on the way. */
static void sweep(double *matrix, int64_t size, int64_t stride, int64_t from, const update *due,
                  const double *v, double *product) {
    const ri_kernel *kernel = ri_kernel_get();
    memset(product + from, 0, (size_t)(size - from) * sizeof *product);
    for (int64_t j = from; j < size; j++) {
        double *column = matrix + j * stride + j;
        int64_t rows = size - j;
        update_column(due, column, j, j, rows);
        product[j] += kernel->dot(column, v + j, rows);
        kernel->axpy(v[j], column + 1, product + j + 1, rows - 1);
    }
}

/* False where it was interrupted. */
static bool decompose(double *matrix, ri_tridiagonal *t, ri_poll poll, double *work) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t size = t->size;
    update due = {0};
    for (int64_t k = 0; k < size; k++) {
        double *column = matrix + k * t->stride, *w = work + (k % 2) * size;
        int64_t next = k + 1, rows = size - next;
        update_column(&due, column + k, k, k, size - k);
        t->diagonal[k] = column[k];
        if (rows == 0)
            break;
        if (poll.ask && poll.ask(poll.context))
            return false;
        t->tau[k] = reflect(column + next, rows, &t->below[k]);
        sweep(matrix, size, t->stride, next, &due, column, w);
        double half = 0.5 * t->tau[k] * t->tau[k] * kernel->dot(w + next, column + next, rows);
        for (int64_t i = next; i < size; i++)
            w[i] = t->tau[k] * w[i] - half * column[i];
        due = (update){.v = column, .w = w};
    }
    return true;
}

ri_status ri_tridiagonal_new(double *matrix, int64_t size, int64_t stride, ri_poll poll,
                             ri_tridiagonal *out, ri_error *err) {
    size_t n = (size_t)size;
    *out = (ri_tridiagonal){.size = size, .stride = stride, .reflector = matrix};
    out->tau = ri_calloc(2 * n, sizeof *out->tau);
    out->diagonal = ri_calloc(n, sizeof *out->diagonal);
    out->below = ri_calloc(n, sizeof *out->below);
    double *work = ri_calloc(2 * n, sizeof *work);
    if (!out->tau || !out->diagonal || !out->below || !work) {
        free(work);
        ri_tridiagonal_free(out);
        return ri_fail_memory(err, "a tridiagonal matrix", 40 * n);
    }
    bool whole = decompose(matrix, out, poll, work);
    free(work);
    return whole ? RI_OK : ri_fail(err, RI_INTERRUPTED, "interrupted");
}

/* Applies reflection k to every vector. */
static void turn(const ri_tridiagonal *t, int64_t k, int64_t count, double *const *vector) {
    const ri_kernel *kernel = ri_kernel_get();
    const double *v = t->reflector + k * t->stride + k + 1;
    int64_t rows = t->size - k - 1;
    for (int64_t i = 0; i < count && t->tau[k] != 0; i++) {
        double *x = vector[i] + k + 1;
        kernel->axpy(-t->tau[k] * kernel->dot(v, x, rows), v, x, rows);
    }
}

/* x <- (T + shift)^-1 x by elimination from the top; `pivot` is scratch. */
static void solve_shifted(const ri_tridiagonal *t, double shift, double *x, double *pivot) {
    double largest = 0;
    for (int64_t k = 0; k < t->size; k++)
        largest = fmax(largest, fabs(t->diagonal[k]) + shift);
    double least = largest > 0 ? DBL_EPSILON * largest : 1;
    for (int64_t k = 0; k < t->size; k++) {
        pivot[k] = t->diagonal[k] + shift;
        if (k > 0) {
            double ratio = t->below[k - 1] / pivot[k - 1];
            pivot[k] -= ratio * t->below[k - 1];
            x[k] -= ratio * x[k - 1];
        }
        pivot[k] = fmax(pivot[k], fmax(shift, least));
    }
    for (int64_t k = t->size - 1; k >= 0; k--) {
        double after = k + 1 < t->size ? t->below[k] * x[k + 1] : 0;
        x[k] = (x[k] - after) / pivot[k];
    }
}

void ri_tridiagonal_solve(const ri_tridiagonal *t, const double *shift, int64_t count,
                          double *const *vector) {
    for (int64_t k = 0; k + 1 < t->size; k++)
        turn(t, k, count, vector);
    double *pivot = t->tau + t->size;
    for (int64_t i = 0; i < count; i++)
        solve_shifted(t, shift[i], vector[i], pivot);
    for (int64_t k = t->size - 2; k >= 0; k--)
        turn(t, k, count, vector);
}
