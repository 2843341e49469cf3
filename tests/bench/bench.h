/* SPDX-License-Identifier: BSD-3-Clause
 * riata-bench-kernels: what its files share. */
#ifndef RIATA_TESTS_BENCH_H
#define RIATA_TESTS_BENCH_H

#include <stdint.h>
#include <stdio.h>

#include "kernel/kernel.h"

/* One line of the table. `flops` and `bytes` (of X as stored, read once) are of one second. */
typedef struct measured {
    const char *table, *storage, *what;
    int64_t n, columns, residuals;
    double gflops, gbytes;
    double limit; /* GFLOP/s that peak and bandwidth allow; 0 where not known */
} measured;

/* What the core can do at most. */
typedef struct limits {
    double peak; /* GFLOP/s of fused multiply-adds between registers; 0 where not known */
    double read; /* GB/s of reading memory as several streams side by side */
    double line; /* the same as one stream */
} limits;

/* One call does a piece of work; returns the elements of X it went through. */
typedef int64_t work(void *context);

/* Elements of X a second, best of many short timings. */
double best_rate(work *run, void *context);

/* dgemm of an OpenBLAS found at run time, one thread; NULL where there is none. `core` is the name
 * of the processor it thinks it runs on. */
typedef void dgemm(int order, int trans_a, int trans_b, int m, int n, int k, double alpha,
                   const double *a, int lda, const double *b, int ldb, double beta, double *c,
                   int ldc);
dgemm *find_dgemm(const char **core);

/* Writes an SVG with the lines of one table of kernels under the roof; 0 if gnuplot did. */
int draw_roofline(const char *path, const char *table, const measured *line, int lines,
                  limits roof);

#endif
