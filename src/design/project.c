/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/project.h"

#include "kernel/kernel.h"

enum {
    TOGETHER = 64,       /* columns handed to a kernel at a time */
    PART = 4 * TOGETHER, /* columns that a thread takes at a time */
};

typedef struct projection { /* what ri_project is asked for */
    const double *vector;
    int64_t apart, vectors;
    double *out;
    int64_t stride;
} projection;

/* A run of held columns of one storage. */
typedef struct run {
    int64_t count;
    ri_storage storage;
    const void *column[TOGETHER];
    double shift[TOGETHER];
} run;

/* Without a pool columns lie where X has them. */
static void take_run(const ri_held *held, int64_t from, run *out) {
    const ri_columns *columns = held->view->columns;
    out->storage = ri_matrix_storage(&columns->x, held->feature[from]);
    out->count = 0;
    for (int64_t i = from; i < held->count && out->count < TOGETHER; i++) {
        int64_t j = held->feature[i];
        if (ri_matrix_storage(&columns->x, j) != out->storage)
            break;
        out->column[out->count] =
            held->pool ? ri_pool_at(held->pool, j)->column : ri_matrix_column(&columns->x, j);
        out->shift[out->count++] = columns->shift[j];
    }
}

static double sum_rows(const int32_t *row, int64_t count, const double *vector) {
    double sum = 0;
    for (int64_t k = 0; k < count; k++)
        sum += vector[row[k]];
    return sum;
}

/* The product with column j as the view has it, from that with what is stored, and the sums of the
 * vector over all rows and over the missing ones. */
static double standardised(const ri_view *view, int64_t j, double product, double sum,
                           double missing) {
    double m = view->mean[j];
    product -= view->columns->centered ? m * (sum - missing) : -m * missing;
    return product * view->scale[j];
}

/* Part of ri_project: columns `first` to `end` - 1. */
static void project_part(const ri_held *held, int64_t first, int64_t end, const projection *job) {
    const ri_view *view = held->view;
    const ri_kernel *kernel = ri_kernel_get();
    bool centered = view->columns->centered;
    int64_t n = view->columns->x.n;
    const ri_held part = {view, held->pool, held->feature, end};
    run now;
    for (int64_t from = first; from < end; from += now.count) {
        take_run(&part, from, &now);
        kernel->stored_product[now.storage](now.column, now.shift, now.count, job->vector,
                                            job->apart, job->vectors, n, job->out + from,
                                            job->stride);
    }
    for (int64_t v = 0; v < job->vectors; v++) {
        const double *u = job->vector + v * job->apart;
        double sum = centered ? kernel->sum(u, n) : 0, *at = job->out + v * job->stride;
        for (int64_t i = first; i < end; i++) {
            int64_t j = held->feature[i];
            const ri_pool_slot *slot = ri_pool_at(held->pool, j);
            at[i] = standardised(view, j, at[i], sum, sum_rows(slot->row, slot->missing, u));
        }
    }
}

/* In parts that idle threads of the team may take: those whose walks are done early. */
void ri_project(const ri_held *held, const double *vector, int64_t apart, int64_t vectors,
                double *out, int64_t stride) {
    const projection job = {vector, apart, vectors, out, stride};
#pragma omp taskgroup
    for (int64_t first = 0; first < held->count; first += PART) {
        int64_t left = held->count - first;
#pragma omp task default(none) firstprivate(first, left) shared(held, job) if (held->count > PART)
        project_part(held, first, first + (left < PART ? left : PART), &job);
    }
}

void ri_project_where_stored(const ri_view *view, const int64_t *feature, int64_t count,
                             const double *vector, int32_t *row, double *out) {
    const ri_columns *columns = view->columns;
    const ri_kernel *kernel = ri_kernel_get();
    const ri_held all = {view, NULL, feature, count};
    int64_t n = columns->x.n;
    double sum = columns->centered ? kernel->sum(vector, n) : 0;
    run now;
    for (int64_t from = 0; from < count; from += now.count) {
        take_run(&all, from, &now);
        kernel->stored_product[now.storage](now.column, now.shift, now.count, vector, n, 1, n,
                                            out + from, count);
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t j = feature[i];
        int64_t missing = columns->missing[j] ? ri_matrix_missing(&columns->x, j, row) : 0;
        out[i] = standardised(view, j, out[i], sum, sum_rows(row, missing, vector));
    }
}

void ri_superpose(const ri_held *held, double *step, double *sum) {
    const ri_view *view = held->view;
    int64_t n = view->columns->x.n;
    double constant = 0;
    for (int64_t i = 0; i < held->count; i++) {
        int64_t j = held->feature[i];
        const ri_pool_slot *slot = ri_pool_at(held->pool, j);
        step[i] *= view->scale[j];
        double shift = step[i] * view->mean[j];
        constant -= shift;
        for (int32_t k = 0; k < slot->missing; k++)
            sum[slot->row[k]] += shift;
    }
    run now;
    for (int64_t from = 0; from < held->count; from += now.count) {
        take_run(held, from, &now);
        ri_kernel_get()->stored_axpy[now.storage](now.column, now.shift, step + from, now.count,
                                                  sum, n);
    }
    if (view->columns->centered)
        for (int64_t i = 0; i < n; i++)
            sum[i] += constant;
}

void ri_write_out(const ri_held *held, int64_t i, double *out) {
    const ri_columns *columns = held->view->columns;
    int64_t j = held->feature[i], n = columns->x.n;
    const ri_pool_slot *slot = ri_pool_at(held->pool, j);
    double mean = held->view->mean[j], scale = held->view->scale[j];
    double center = columns->centered ? mean : 0;
    ri_kernel_get()->decode[ri_matrix_storage(&columns->x, j)](slot->column, 0, n,
                                                               columns->shift[j], out);
    for (int32_t k = 0; k < slot->missing; k++)
        out[slot->row[k]] = mean;
    for (int64_t r = 0; r < n; r++)
        out[r] = (out[r] - center) * scale;
}
