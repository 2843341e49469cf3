/* SPDX-License-Identifier: BSD-3-Clause
 * What the first pass does beside products: sums of columns and of their squares. */
#include "design/pass_job.h"

#include <string.h>

#include "design/joint.h"
#include "kernel/kernel.h"

/* Sums of a tile of columns and of their squares with the weights of every view. */
static void sum_dense(const ri_pass_job *job, int64_t from, int64_t columns, double *s, double *q) {
    const ri_vectors weights = {job->weight, job->stride, job->count};
    ri_pass_multiply(job->columns, from, columns, &weights, s, RI_PASS_TILE);
    ri_pass_multiply_squares(job->columns, from, columns, &weights, q, RI_PASS_TILE);
}

bool ri_pass_sum_together(ri_pass_job *job, double *bytes) {
    const ri_matrix *x = &job->columns->x;
    const size_t size = (size_t)ri_matrix_features(x) * sizeof(double);
    if (x->storage == RI_CSC)
        return false;
    for (ri_joint_kind kind = RI_JOINT_VALUES; kind <= RI_JOINT_SQUARES; kind++) {
        const double *sum;
        if (!ri_joint_multiply(job->columns->joint, kind, job->weight, job->count, &sum, bytes))
            return false;
        for (int64_t b = 0; b < job->count; b++, sum += ri_matrix_features(x))
            memcpy(kind == RI_JOINT_VALUES ? job->view[b].mean : job->view[b].scale, sum, size);
        ri_joint_finish(job->columns->joint, bytes);
    }
    job->summed = true;
    return true;
}

/* Of a tile, to where those that are made here are. */
static void fetch_sums(const ri_pass_job *job, int64_t from, int64_t columns, double *s,
                       double *q) {
    for (int64_t b = 0; b < job->count; b++) {
        memcpy(s + b * RI_PASS_TILE, job->view[b].mean + from, (size_t)columns * sizeof *s);
        memcpy(q + b * RI_PASS_TILE, job->view[b].scale + from, (size_t)columns * sizeof *q);
    }
}

/* The same of at most RI_PASS_LEAST_TILE sparse columns, which are never shifted. */
static void sum_sparse(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w,
                       double *s, double *q) {
    const ri_matrix *x = &job->columns->x;
    int64_t n = x->n;
    ri_csc_column square[RI_PASS_TILE];
    const void *pointer[RI_PASS_TILE], *squared[RI_PASS_TILE];
    for (int64_t a = 0; a < columns; a++) {
        const ri_csc_column *column = pointer[a] = ri_matrix_column(x, from + a);
        double *out = w->squared + a * n;
        for (int64_t k = 0; k < column->entries; k++) {
            double v = ri_element(column->type, column->value, k);
            out[k] = v * v;
        }
        square[a] = (ri_csc_column){column->entries, column->row, out, RI_F64};
        squared[a] = &square[a];
    }
    const ri_kernel *kernel = ri_kernel_get();
    kernel->stored_product[RI_CSC](pointer, NULL, columns, job->weight, job->stride, job->count, n,
                                   s, RI_PASS_TILE);
    kernel->stored_product[RI_CSC](squared, NULL, columns, job->weight, job->stride, job->count, n,
                                   q, RI_PASS_TILE);
}

void ri_pass_sum_moments(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w) {
    double *s = w->moment, *q = w->moment + RI_PASS_TILE * job->count;
    if (job->summed)
        fetch_sums(job, from, columns, s, q);
    else if (job->columns->x.storage == RI_CSC)
        for (int64_t a = 0; a < columns; a += RI_PASS_LEAST_TILE)
            sum_sparse(job, from + a,
                       columns - a < RI_PASS_LEAST_TILE ? columns - a : RI_PASS_LEAST_TILE, w,
                       s + a, q + a);
    else
        sum_dense(job, from, columns, s, q);
    for (int64_t a = 0; a < columns; a++) {
        ri_pass_sum_missing(job, job->weight_transposed, from + a, w);
        for (int64_t b = 0; b < job->count; b++)
            ri_view_moments(&job->view[b], from + a, s[a + b * RI_PASS_TILE],
                            q[a + b * RI_PASS_TILE], w->missing_sum[b], w->scratch, &w->bytes);
    }
}
