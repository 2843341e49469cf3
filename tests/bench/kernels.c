/* SPDX-License-Identifier: BSD-3-Clause
 * riata-bench-kernels [--rows N] [--tsv FILE] [--picture FILE.svg]: speed of the kernels on columns
 * as stored, for every instruction set and storage type, on one core, beside what the core can do
 * in the same run: reading memory, and fused multiply-adds between registers; and beside dgemm.
 *
 * X is 64 MB of columns, walked through again and again, so that every column comes from memory;
 * residuals stay in cache. The limit of a line is that of its flops or that of the bytes of X,
 * whichever takes longer; a single column is held against reading one stream. A star marks doubles
 * taken as they are, as the solver has them; dot* reads both sides from memory. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "bench.h"
#include "kernel/limits.h"

enum {
    X_DOUBLES = 8 << 20, /* 64 MB */
    LONG_ROWS = 20000,   /* of single dots */
    MOST_RESIDUALS = 66,
    MOST_LINES = 256,
    BLAS_COLUMNS = 256,
};

typedef struct bench {
    const ri_kernel *kernel;
    ri_storage storage;
    unsigned char *x; /* 64 MB in the storage's format */
    double *r;        /* [n * MOST_RESIDUALS] */
    double *c;        /* results, or rows decoded */
    double *shift;    /* [64] */
    dgemm *dgemm;
    int64_t n, columns, residuals, at; /* `at`: the next column */
    double sink;
    measured line[MOST_LINES];
    int lines;
} bench;

static int64_t bench_columns(const bench *b) {
    return (int64_t)(X_DOUBLES * sizeof(double) / ri_storage_bytes(b->storage, b->n));
}

/* The next few columns of X, from the first again after the last. */
static void take_columns(bench *b, const void **column) {
    if (b->at + b->columns > bench_columns(b))
        b->at = 0;
    for (int64_t a = 0; a < b->columns; a++)
        column[a] = b->x + (size_t)(b->at + a) * ri_storage_bytes(b->storage, b->n);
    b->at += b->columns;
}

static int64_t multiply_stored(void *context) {
    bench *b = context;
    const void *column[64];
    take_columns(b, column);
    b->kernel->stored_product[b->storage](column, b->shift, b->columns, b->r, b->n, b->residuals,
                                          b->n, b->c, b->columns);
    return b->columns * b->n;
}

static int64_t multiply_doubles(void *context) {
    bench *b = context;
    const void *column[64];
    take_columns(b, column);
    b->kernel->product((const double *const *)column, b->columns, b->r, b->n, b->residuals, b->n,
                       b->c, b->columns);
    return b->columns * b->n;
}

static int64_t add_stored(void *context) {
    bench *b = context;
    const void *column[64];
    take_columns(b, column);
    b->kernel->stored_axpy[b->storage](column, b->shift, b->shift, b->columns, b->c, b->n);
    return b->columns * b->n;
}

/* Weighted sum of squares of a column: how a fold's moments are made. */
static int64_t take_moments(void *context) {
    bench *b = context;
    const void *column[64];
    take_columns(b, column);
    for (int64_t a = 0; a < b->columns; a++) {
        b->kernel->decode[b->storage](column[a], 0, b->n, b->shift[a], b->c);
        b->sink += b->kernel->dot3(b->r, b->c, b->c, b->n);
    }
    return b->columns * b->n;
}

/* Both columns from memory; an element is one of either. */
static int64_t dot_doubles(void *context) {
    bench *b = context;
    const void *column[64];
    take_columns(b, column);
    int64_t other = (b->at + bench_columns(b) / 2) % bench_columns(b);
    b->sink += b->kernel->dot(column[0], (const double *)(const void *)b->x + other * b->n, b->n);
    return 2 * b->n;
}

/* The same by dgemm, more columns in one call: it packs them. */
static int64_t multiply_blas(void *context) {
    enum { COLUMN_MAJOR = 102, NO_TRANSPOSE = 111, TRANSPOSE = 112 };
    bench *b = context;
    const void *column[BLAS_COLUMNS];
    take_columns(b, column);
    int p = (int)b->columns, n = (int)b->n;
    b->dgemm(COLUMN_MAJOR, TRANSPOSE, NO_TRANSPOSE, p, (int)b->residuals, n, 1.0, column[0], n,
             b->r, n, 0.0, b->c, p);
    return b->columns * b->n;
}

static void fill(bench *b) {
    const size_t bytes = X_DOUBLES * sizeof(double);
    for (size_t i = 0; i < X_DOUBLES; i++) {
        double v = ri_random_uniform(1, 1, i) - 0.5;
        float f[2] = {(float)v, (float)-v};
        if (b->storage == RI_F64)
            memcpy(b->x + 8 * i, &v, sizeof v);
        else if (b->storage == RI_F32)
            memcpy(b->x + 8 * i, f, sizeof f);
        else
            break;
    }
    for (size_t i = 0; b->storage > RI_F32 && i < bytes; i += 8) {
        uint64_t bits = ri_random_bits(1, 2, i);
        memcpy(b->x + i, &bits, sizeof bits);
    }
}

/* Measures one line. `flops` of each element and residual. */
static void measure(bench *b, const limits *roof, const char *what, work *run, int64_t n,
                    int64_t columns, int64_t residuals, double flops) {
    b->n = n;
    b->columns = columns;
    b->residuals = residuals;
    b->at = 0;
    double rate = best_rate(run, b) * 1e-9;
    double bytes = (double)ri_storage_bytes(b->storage, n) / (double)n;
    double each = flops * (double)residuals;
    double fastest = (columns == 1 && run != dot_doubles ? roof->line : roof->read) / bytes;
    if (roof->peak > 0 && roof->peak / each < fastest)
        fastest = roof->peak / each;
    measured *line = &b->line[b->lines++];
    *line = (measured){.table = run == multiply_blas ? "OpenBLAS" : b->kernel->name,
                       .storage = ri_storage_name(b->storage),
                       .what = what,
                       .n = n,
                       .columns = columns,
                       .residuals = residuals,
                       .gflops = rate * each,
                       .gbytes = rate * bytes,
                       .limit = roof->peak > 0 ? fastest * each : 0};
    printf("%-8s %-8s %-9s %6d %5d %4d %8.2f %8.2f", line->table, line->storage, what, (int)n,
           (int)line->columns, (int)residuals, line->gbytes, line->gflops);
    if (line->limit > 0)
        printf(" %8.2f %5.1f %%", line->limit, 100 * line->gflops / line->limit);
    printf("\n");
    fflush(stdout);
}

static void measure_storage(bench *b, const limits *roof, int64_t n) {
    static const int64_t residuals[] = {1, 6, 16, 66};
    measure(b, roof, "dot", multiply_stored, LONG_ROWS, 1, 1, 2);
    measure(b, roof, "axpy", add_stored, n, 64, 1, 2);
    measure(b, roof, "moments", take_moments, n, 64, 1, 3);
    for (size_t k = 0; k < sizeof residuals / sizeof residuals[0]; k++)
        measure(b, roof, "product", multiply_stored, n, 64, residuals[k], 2);
}

/* Doubles as they are, as the solver has them, and the yardstick. */
static void measure_doubles(bench *b, const limits *roof, int64_t n) {
    static const int64_t residuals[] = {1, 6, 16, 66};
    measure(b, roof, "dot*", dot_doubles, LONG_ROWS, 1, 1, 1);
    for (size_t k = 0; k < sizeof residuals / sizeof residuals[0]; k++)
        measure(b, roof, "product*", multiply_doubles, n, 64, residuals[k], 2);
    for (size_t k = 0; b->dgemm != NULL && k < sizeof residuals / sizeof residuals[0]; k++)
        measure(b, roof, "dgemm", multiply_blas, n, BLAS_COLUMNS, residuals[k], 2);
}

static int write_tsv(const bench *b, const char *path) {
    FILE *out = fopen(path, "w");
    if (out == NULL)
        return 1;
    fprintf(out, "table\tstorage\twhat\trows\tcolumns\tresiduals\tgbytes\tgflops\tlimit_gflops\n");
    for (int k = 0; k < b->lines; k++) {
        const measured *l = &b->line[k];
        fprintf(out, "%s\t%s\t%s\t%d\t%d\t%d\t%.4g\t%.4g\t%.4g\n", l->table, l->storage, l->what,
                (int)l->n, (int)l->columns, (int)l->residuals, l->gbytes, l->gflops, l->limit);
    }
    return fclose(out) != 0;
}

static void run_all(bench *b, int64_t n, limits *best) {
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    printf("table    storage  what        rows  cols  res     GB/s  GFLOP/s    limit   of it\n");
    for (int s = 0; s < RI_DENSE_COUNT; s++) {
        b->storage = (ri_storage)s;
        fill(b);
        for (int t = tables - 1; t >= 0; t--) {
            limits roof = {ri_limit_gflops(table[t]->name), best->read, best->line};
            if (t == tables - 1)
                best->peak = roof.peak;
            b->kernel = table[t];
            measure_storage(b, &roof, n);
            if (s == RI_F64 && t == tables - 1)
                measure_doubles(b, &roof, n);
        }
    }
}

static bool read_options(int argc, char **argv, int64_t *n, const char **tsv,
                         const char **picture) {
    for (int k = 1; k < argc; k += 2) {
        if (k + 1 == argc)
            return false;
        if (strcmp(argv[k], "--rows") == 0)
            *n = strtoll(argv[k + 1], NULL, 10);
        else if (strcmp(argv[k], "--tsv") == 0)
            *tsv = argv[k + 1];
        else if (strcmp(argv[k], "--picture") == 0)
            *picture = argv[k + 1];
        else
            return false;
    }
    return *n >= 8 && *n <= LONG_ROWS;
}

int main(int argc, char **argv) {
    int64_t n = 2000;
    const char *tsv = NULL, *picture = NULL, *core;
    int status = EXIT_FAILURE;
    if (!read_options(argc, argv, &n, &tsv, &picture)) {
        fprintf(stderr, "usage: riata-bench-kernels [--rows 8..%d] [--tsv FILE] [--picture FILE]\n",
                (int)LONG_ROWS);
        return EXIT_FAILURE;
    }
    static bench b;
    limits best = {0};
    size_t doubles = (size_t)LONG_ROWS * MOST_RESIDUALS;
    size_t results = (size_t)(LONG_ROWS + BLAS_COLUMNS * MOST_RESIDUALS);
    b.x = ri_alloc(X_DOUBLES, sizeof(double));
    b.r = ri_alloc(doubles, sizeof *b.r);
    b.c = ri_calloc(results, sizeof *b.c);
    b.shift = ri_alloc(64, sizeof *b.shift);
    b.dgemm = find_dgemm(&core);
    if (b.x == NULL || b.r == NULL || b.c == NULL || b.shift == NULL) {
        fprintf(stderr, "riata-bench-kernels: not enough memory\n");
        goto done;
    }
    for (size_t i = 0; i < doubles; i++)
        b.r[i] = ri_random_uniform(1, 3, i) - 0.5;
    for (size_t i = 0; i < 64; i++)
        b.shift[i] = ri_random_uniform(1, 4, i) - 0.5;
    memset(b.x, 1, X_DOUBLES * sizeof(double));
    best.line = ri_limit_gbytes(b.x, X_DOUBLES * sizeof(double), 1);
    best.read = ri_limit_gbytes(b.x, X_DOUBLES * sizeof(double), 4);
    printf("reading memory: %.2f GB/s as one stream, %.2f as four; OpenBLAS: %s\n", best.line,
           best.read, b.dgemm ? core : "not found");
    run_all(&b, n, &best);
    printf("peak of fused multiply-adds: %.2f GFLOP/s\n", best.peak);
    if (tsv != NULL && write_tsv(&b, tsv) != 0)
        fprintf(stderr, "%s: cannot be written\n", tsv);
    else if (picture != NULL && draw_roofline(picture, b.line[0].table, b.line, b.lines, best) != 0)
        fprintf(stderr, "%s: gnuplot did not draw it\n", picture);
    else
        status = b.sink != b.sink ? EXIT_FAILURE : EXIT_SUCCESS; /* uses every result */
done:
    free(b.x);
    free(b.r);
    free(b.c);
    free(b.shift);
    return status;
}
