/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/pseudoinverse.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

enum { TILE = 64 };
static const double LEAST_SQUARED = 1e-14; /* pivot of L'L, of its diagonal */

static double least_pivot(int64_t size) {
    return 1e-12 * (1 + (double)size / 1000);
}

void ri_pseudoinverse_free(ri_pseudoinverse *inverse) {
    free(inverse->l);
    free(inverse->work);
    ri_factor_free(&inverse->squared);
    *inverse = (ri_pseudoinverse){0};
}

/* What a pivoted factorisation goes by. */
typedef struct pivoting {
    const double *matrix;
    int64_t stride;
    double *left;           /* [size] what is left of the diagonal */
    bool *taken;            /* [size] */
    const double **pointer; /* [size] columns of L so far */
    double *part;           /* [size] minus their entries in the pivot's row */
} pivoting;

static int64_t largest_left(const pivoting *p, int64_t size) {
    int64_t best = -1;
    for (int64_t i = 0; i < size; i++)
        if (!p->taken[i] && (best < 0 || p->left[i] > p->left[best]))
            best = i;
    return best;
}

/* The next column of L, of the pivot in row i. */
static void add_column(ri_pseudoinverse *out, pivoting *p, int64_t i) {
    double *column = out->l + out->rank * out->stride, root = sqrt(p->left[i]);
    memcpy(column, p->matrix + i * p->stride, (size_t)out->size * sizeof *column);
    for (int64_t k = 0; k < out->rank; k++) {
        p->pointer[k] = out->l + k * out->stride;
        p->part[k] = -p->pointer[k][i];
    }
    ri_kernel_get()->axpy_many(p->pointer, p->part, out->rank, column, out->size);
    for (int64_t r = 0; r < out->size; r++) {
        column[r] = p->taken[r] ? 0 : r == i ? root : column[r] / root;
        p->left[r] -= column[r] * column[r];
    }
    p->taken[i] = true;
    out->rank++;
}

static ri_status factorise(ri_pseudoinverse *out, pivoting *p, ri_error *err) {
    size_t room = 0;
    double first = 0;
    for (int64_t r = 0; r < out->size; r++)
        first = fmax(first, p->left[r] = p->matrix[r * (p->stride + 1)]);
    while (out->rank < out->size) {
        int64_t i = largest_left(p, out->size);
        if (!(p->left[i] > least_pivot(out->size) * first))
            break;
        size_t need = (size_t)((out->rank + 1) * out->stride);
        if (!ri_grow(&out->l, &room, need, sizeof *out->l))
            return ri_fail_memory(err, "the factor of a Gram matrix", 8ULL * need);
        add_column(out, p, i);
    }
    return RI_OK;
}

/* Appends rows [from, from + width) of `own`, the matrix L'L, to its factor. Where one depends on
 * the rows before it to rounding, the rank ends there. */
static ri_status append_rows(ri_pseudoinverse *out, const double *own, int64_t stride, int64_t from,
                             int64_t width, ri_error *err) {
    double corner[TILE * TILE];
    bool accepted[TILE];
    double *cross = ri_alloc((size_t)(from * width), sizeof *cross);
    if (!cross)
        return ri_fail_memory(err, "the factor of a Gram matrix", 8ULL * (size_t)(from * width));
    for (int64_t k = 0; k < width; k++) {
        const double *column = own + (from + k) * stride;
        memcpy(cross + k * from, column, (size_t)from * sizeof *cross);
        memcpy(corner + k * width, column + from, (size_t)width * sizeof *corner);
    }
    ri_status status =
        ri_factor_append(&out->squared, cross, corner, width, LEAST_SQUARED, accepted, err);
    for (int64_t k = 0; k < width && status == RI_OK; k++)
        if (!accepted[k]) {
            out->squared.size = out->rank = from + k;
            break;
        }
    free(cross);
    return status;
}

/* Factor of L'L; `p` lends its pointers. */
static ri_status square(ri_pseudoinverse *out, pivoting *p, ri_error *err) {
    int64_t rank = out->rank;
    size_t entries = (size_t)rank * (size_t)rank;
    double *own = ri_alloc(entries, sizeof *own);
    if (!own)
        return ri_fail_memory(err, "the factor of a Gram matrix", 8ULL * entries);
    for (int64_t k = 0; k < rank; k++)
        p->pointer[k] = out->l + k * out->stride;
    ri_kernel_get()->product(p->pointer, rank, out->l, out->stride, rank, out->size, own, rank);
    ri_status status = ri_factor_reserve(&out->squared, rank, err);
    for (int64_t from = 0; from < out->rank && status == RI_OK; from += TILE)
        status = append_rows(out, own, rank, from, rank - from < TILE ? rank - from : TILE, err);
    free(own);
    return status;
}

ri_status ri_pseudoinverse_new(const double *matrix, int64_t size, int64_t stride,
                               ri_pseudoinverse *out, ri_error *err) {
    size_t n = (size_t)size;
    *out = (ri_pseudoinverse){.size = size, .stride = (size + 7) / 8 * 8};
    pivoting p = {.matrix = matrix, .stride = stride};
    p.left = ri_alloc(n, sizeof *p.left);
    p.taken = ri_calloc(n, sizeof *p.taken);
    p.pointer = ri_alloc(n, sizeof *p.pointer);
    p.part = ri_alloc(n, sizeof *p.part);
    out->work = ri_alloc(n, sizeof *out->work);
    ri_status status = RI_OK;
    if (!p.left || !p.taken || !p.pointer || !p.part || !out->work)
        status = ri_fail_memory(err, "the pivots of a Gram matrix", 33 * n);
    if (status == RI_OK)
        status = factorise(out, &p, err);
    if (status == RI_OK)
        status = square(out, &p, err);
    free(p.left);
    free(p.taken);
    free(p.pointer);
    free(p.part);
    if (status != RI_OK)
        ri_pseudoinverse_free(out);
    return status;
}

void ri_pseudoinverse_apply(const ri_pseudoinverse *inverse, double *vector) {
    const ri_kernel *kernel = ri_kernel_get();
    int64_t size = inverse->size;
    for (int64_t k = 0; k < inverse->rank; k++)
        inverse->work[k] = kernel->dot(inverse->l + k * inverse->stride, vector, size);
    for (int times = 0; times < 2; times++) {
        ri_factor_forward(&inverse->squared, inverse->work);
        ri_factor_backward(&inverse->squared, inverse->work);
    }
    memset(vector, 0, (size_t)size * sizeof *vector);
    for (int64_t k = 0; k < inverse->rank; k++)
        kernel->axpy(inverse->work[k], inverse->l + k * inverse->stride, vector, size);
}
