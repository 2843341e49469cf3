/* SPDX-License-Identifier: BSD-3-Clause
 * riata-bench-kernels: speed of every kernel of every table on one core, beside what the core can
 * do at most: fused multiply-adds between registers, and reading an array larger than the caches.
 * Best of several timings each, in processor time; GB/s counts bytes read and written once. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/random.h"
#include "kernel/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { TIMINGS = 15, CHAINS = 12 };
static const double SECONDS_EACH = 0.005;
static const int64_t MATRIX_DOUBLES = 12 << 20; /* 96 MB */

typedef struct bench {
    const ri_kernel *kernel;
    double *x, *r, *c;     /* matrix, residuals, results */
    const double **column; /* columns of x */
    unsigned char *stored; /* bytes of a stored column */
    int64_t n, p, columns, residuals;
    ri_storage storage;
    double sink;
} bench;

/* One call does the work once; its flops and bytes are the caller's to know. */
typedef void work(bench *b);

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double best_seconds(work *run, bench *b) {
    double best = 1e300;
    for (int k = 0; k < TIMINGS; k++) {
        double begin = processor_seconds(), spent = 0;
        int64_t calls = 0;
        for (int64_t batch = 1; spent < SECONDS_EACH; batch *= 2) { /* few readings of the clock */
            for (int64_t i = 0; i < batch; i++)
                run(b);
            calls += batch;
            spent = processor_seconds() - begin;
        }
        if (spent / (double)calls < best)
            best = spent / (double)calls;
    }
    return best;
}

static void print_speed(const bench *b, const char *what, double seconds, double flops,
                        double bytes) {
    printf("%-7s %-34s", b->kernel->name, what);
    if (flops > 0)
        printf(" %8.2f GFLOP/s", flops / seconds * 1e-9);
    else
        printf(" %16s", "");
    printf(" %8.2f GB/s\n", bytes / seconds * 1e-9);
}

enum { PEAK_ROUNDS = 100000 };

#if defined(__x86_64__)
__attribute__((target("avx2,fma"))) static void chain_avx2(bench *b) {
    __m256d acc[CHAINS], s = _mm256_set1_pd(0.999), t = _mm256_set1_pd(0.001);
    for (int k = 0; k < CHAINS; k++)
        acc[k] = _mm256_set1_pd(k);
    for (int i = 0; i < PEAK_ROUNDS; i++)
        for (int k = 0; k < CHAINS; k++)
            acc[k] = _mm256_fmadd_pd(acc[k], s, t);
    for (int k = 0; k < CHAINS; k++)
        b->sink += _mm256_cvtsd_f64(acc[k]);
}

__attribute__((target("avx512f"))) static void chain_avx512(bench *b) {
    __m512d acc[CHAINS], s = _mm512_set1_pd(0.999), t = _mm512_set1_pd(0.001);
    for (int k = 0; k < CHAINS; k++)
        acc[k] = _mm512_set1_pd(k);
    for (int i = 0; i < PEAK_ROUNDS; i++)
        for (int k = 0; k < CHAINS; k++)
            acc[k] = _mm512_fmadd_pd(acc[k], s, t);
    for (int k = 0; k < CHAINS; k++)
        b->sink += _mm512_cvtsd_f64(acc[k]);
}
#endif

/* GFLOP/s of register-only fused multiply-adds of the table's width; 0 where not known. */
static double measure_peak(bench *b) {
#if defined(__x86_64__)
    double flops = 2.0 * PEAK_ROUNDS * CHAINS * 1e-9;
    if (b->kernel->name[0] == 'a' && b->kernel->name[3] == '2')
        return 4 * flops / best_seconds(chain_avx2, b);
    if (b->kernel->name[0] == 'a')
        return 8 * flops / best_seconds(chain_avx512, b);
#endif
    (void)b;
    return 0;
}

static void read_all(bench *b) {
    b->sink += b->kernel->sum(b->x, MATRIX_DOUBLES);
}

static void dot_once(bench *b) {
    b->sink += b->kernel->dot(b->x, b->r, b->n);
}

static void dot3_once(bench *b) {
    b->sink += b->kernel->dot3(b->x, b->r, b->r + b->n, b->n);
}

static void axpy_once(bench *b) {
    b->kernel->axpy(1e-9, b->x, b->r, b->n);
}

static void axpy_many_once(bench *b) {
    b->kernel->axpy_many(b->column, b->x, b->columns, b->r, b->n);
}

static void rotate_once(bench *b) {
    double cosine[8], sine[8], *x[8];
    for (int q = 0; q < 8; q++) {
        cosine[q] = 0.8;
        sine[q] = 0.6;
        x[q] = b->x + q * b->n;
    }
    b->kernel->rotate(b->r, x, cosine, sine, 8, b->n);
}

static void decode_once(bench *b) {
    b->sink += (double)b->kernel->decode[b->storage](b->stored, 0, b->n, 0.5, b->c);
}

/* The product of the whole matrix, `columns` at a time. */
static void multiply_all(bench *b) {
    for (int64_t a = 0; a + b->columns <= b->p; a += b->columns)
        b->kernel->product(b->column + a, b->columns, b->r, b->n, b->residuals, b->n, b->c,
                           b->columns);
}

static void point_to_columns(bench *b, int64_t n) {
    b->n = n;
    b->p = MATRIX_DOUBLES / n;
    for (int64_t a = 0; a < b->p; a++)
        b->column[a] = b->x + a * n;
}

static void run_small(bench *b) {
    const double n = 1000;
    point_to_columns(b, (int64_t)n);
    print_speed(b, "dot n=1000", best_seconds(dot_once, b), 2 * n, 16 * n);
    print_speed(b, "dot3 n=1000", best_seconds(dot3_once, b), 3 * n, 24 * n);
    print_speed(b, "axpy n=1000", best_seconds(axpy_once, b), 2 * n, 24 * n);
    b->columns = 64;
    print_speed(b, "axpy_many n=1000 columns=64", best_seconds(axpy_many_once, b), 128 * n,
                512 * n);
    print_speed(b, "rotate n=1000 rotations=8", best_seconds(rotate_once, b), 48 * n, 144 * n);
    for (int s = 0; s < RI_STORAGE_COUNT; s++) {
        char what[64];
        b->storage = (ri_storage)s;
        snprintf(what, sizeof what, "decode %s n=1000", ri_storage_name(b->storage));
        print_speed(b, what, best_seconds(decode_once, b), 0,
                    8 * n + (double)ri_storage_bytes(b->storage, (int64_t)n));
    }
}

static void run_products(bench *b, double peak) {
    static const int64_t rows[] = {500, 1001, 4096, 20000};
    static const int64_t shape[][2] = {{64, 1},  {64, 2},  {64, 3},  {64, 4},   {64, 6}, {64, 11},
                                       {64, 16}, {64, 36}, {64, 64}, {64, 100}, {8, 1},  {8, 64}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (size_t k = 0; k < sizeof shape / sizeof shape[0]; k++) {
            char what[64];
            point_to_columns(b, rows[i]);
            b->columns = shape[k][0];
            b->residuals = shape[k][1];
            double elements = (double)(b->p / b->columns * b->columns * b->n);
            double seconds = best_seconds(multiply_all, b);
            double flops = 2 * elements * (double)b->residuals;
            snprintf(what, sizeof what, "product n=%d %dx%d", (int)b->n, (int)b->columns,
                     (int)b->residuals);
            print_speed(b, what, seconds, flops, 8 * elements);
            if (peak > 0)
                printf("%58s %5.1f %% of peak\n", "", flops / seconds * 1e-7 / peak);
        }
}

int main(void) {
    enum { MOST_ROWS = 20000, MOST_RESIDUALS = 100, LEAST_ROWS = 500 };
    bench b = {0};
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table), status = EXIT_FAILURE;
    size_t residual_doubles = (size_t)MOST_ROWS * MOST_RESIDUALS;
    b.x = ri_alloc((size_t)MATRIX_DOUBLES, sizeof *b.x);
    b.r = ri_alloc(residual_doubles, sizeof *b.r);
    b.c = ri_alloc(residual_doubles, sizeof *b.c);
    b.column = ri_alloc((size_t)MATRIX_DOUBLES / LEAST_ROWS, sizeof *b.column);
    b.stored = ri_calloc(MOST_ROWS, sizeof(double));
    if (b.x == NULL || b.r == NULL || b.c == NULL || b.column == NULL || b.stored == NULL) {
        fprintf(stderr, "riata-bench-kernels: not enough memory\n");
        goto done;
    }
    for (int64_t i = 0; i < MATRIX_DOUBLES; i++)
        b.x[i] = ri_random_uniform(1, 1, (uint64_t)i) - 0.5;
    for (size_t i = 0; i < residual_doubles; i++)
        b.r[i] = ri_random_uniform(1, 2, i) - 0.5;
    for (int t = tables - 1; t >= 0; t--) {
        b.kernel = table[t];
        double peak = measure_peak(&b);
        if (peak > 0)
            print_speed(&b, "peak: register-only fma", 1, peak * 1e9, 0);
        print_speed(&b, "read 96 MB", best_seconds(read_all, &b), (double)MATRIX_DOUBLES,
                    8.0 * (double)MATRIX_DOUBLES);
        run_small(&b);
        if (t > 0 || tables == 1)
            run_products(&b, peak);
    }
    status = b.sink != b.sink ? EXIT_FAILURE : EXIT_SUCCESS; /* uses every result */
done:
    free(b.x);
    free(b.r);
    free(b.c);
    free(b.column);
    free(b.stored);
    return status;
}
