/* SPDX-License-Identifier: BSD-3-Clause
 * Arithmetic on raw arrays: one table of functions per instruction set, equal to the last bit.
 *
 * Order of every sum: lane l of 8 takes elements l, l+8, l+16, ... by fused multiply-add from zero
 * (a tail shorter than 8 goes to the first lanes), then the lanes are added as
 * ((0+4)+(2+6)) + ((1+5)+(3+7)). The plain C table does the same through fma() and is the truth.
 * Nothing here allocates or can fail. Arrays may have any alignment and must not overlap. */
#ifndef RI_KERNEL_KERNEL_H
#define RI_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* How the elements of a column are stored. */
typedef enum ri_storage {
    RI_F64,     /* NaN is missing */
    RI_F32,     /* NaN is missing */
    RI_I8,      /* -128 is missing */
    RI_DOSAGE,  /* u8, value / 100; 255 is missing */
    RI_PACKED2, /* 2 bits, .bed order, low bits first: 00 -> 2, 10 -> 1, 11 -> 0, 01 missing */
    RI_CSC,     /* the entries that are not 0: a column is an ri_csc_column */
    RI_STORAGE_COUNT,
    RI_DENSE_COUNT = RI_CSC /* storages with a place for every sample */
} ri_storage;

/* A sparse column. It owns nothing: rows and values lie elsewhere. */
typedef struct ri_csc_column {
    int64_t entries;
    const int32_t *row; /* [entries] ascending */
    const void *value;  /* [entries] */
    ri_storage type;    /* of the values: RI_F64, RI_F32 or RI_I8 */
} ri_csc_column;

/* A column of at most four values: two bits a row, in the order of RI_PACKED2, say which. There are
 * bytes up to a multiple of 32 rows. */
typedef struct ri_tabled {
    const uint8_t *code;
    double value[4];
} ri_tabled;

/* Columns of -1, 0 and 1 as bits, 64 rows to a word: bits 2i and 2i + 1 are its rows i and 32 + i.
 */
typedef struct ri_signs {
    const uint64_t *some; /* where a value is not 0 */
    int64_t less;         /* words from there to the bits where it is -1 */
    int64_t apart;        /* words from a column to the next */
    int64_t count;
} ri_signs;

/* Whole numbers of 16 bits, one for each row: 256 h + l of signed bytes h and l. h of row i is byte
 * ri_digit_place(i) of its vector, l the 64th after it; rows past the end are 0 up to a multiple of
 * 256. */
typedef struct ri_digits {
    const int8_t *byte;
    int64_t apart; /* bytes from a vector to the next, ri_digit_bytes at least */
    int64_t count;
    bool high; /* l is 0 everywhere: half the work */
} ri_digits;

static inline int64_t ri_digit_bytes(int64_t n) {
    return (n + 255) / 256 * 512;
}

static inline int64_t ri_digit_place(int64_t row) {
    return (row / 256 * 4 + row % 4) * 128 + row % 256 / 4;
}

/* "f64", "f32", "i8", "dosage", "packed2", "csc". */
const char *ri_storage_name(ri_storage storage);

/* Bytes of one column of n samples; of an ri_csc_column alone for RI_CSC. */
size_t ri_storage_bytes(ri_storage storage, int64_t n);

typedef struct ri_kernel {
    const char *name; /* "plain", "avx2", "avx512" */

    double (*sum)(const double *a, int64_t n);
    double (*dot)(const double *a, const double *b, int64_t n);
    /* sum of w a b, as fma(w*a, b) */
    double (*dot3)(const double *w, const double *a, const double *b, int64_t n);
    /* y += s x, one fma per element */
    void (*axpy)(double s, const double *x, double *y, int64_t n);

    /* y += sum_k s[k] * x[k], fma in order k = 0 .. count-1 for each element; x[k] are pointers to
     * columns of n. */
    void (*axpy_many)(const double *const *x, const double *s, int64_t count, double *y, int64_t n);

    /* axpy_many for each of several vectors, to the last bit: y[v ldy ..] += sum_k s[k + v lds] *
     * x[k]. */
    void (*update)(const double *const *x, int64_t count, const double *s, int64_t lds, double *y,
                   int64_t ldy, int64_t vectors, int64_t n);

    /* The same for columns of floats, which are taken as doubles. */
    void (*update_single)(const float *const *x, int64_t count, const double *s, int64_t lds,
                          double *y, int64_t ldy, int64_t vectors, int64_t n);

    /* The multi-residual product: c[a + b * ldc] = dot(x[a], r + b * ldr) for a < columns,
     * b < residuals. x[a] are pointers to columns of n; each dot in the order above. Blocked for
     * registers and cache; any shape is legal and none changes a bit of the result. */
    void (*product)(const double *const *x, int64_t columns, const double *r, int64_t ldr,
                    int64_t residuals, int64_t n, double *c, int64_t ldc);

    /* The products of panels of 8 interleaved columns, `stride` apart, with another one:
     * c[64 k + i + 8 j] += sum over t of a[k stride + 8 t + i] b[8 t + j], each sum by fma from
     * zero in the order of t, then added. */
    void (*outer)(const double *a, int64_t stride, int64_t panels, const double *b, int64_t count,
                  double *c);

    /* Decodes rows [from, from + count) of a stored column to doubles: value - shift, and 0 where
     * missing. `from` is a multiple of 4. Returns the number of missing values seen. */
    int64_t (*decode[RI_STORAGE_COUNT])(const void *column, int64_t from, int64_t count,
                                        double shift, double *out);

    /* The product of columns as stored: c[a + b * ldc] = dot(x, r + b * ldr) for the x that decode
     * makes of column[a] with shift[a], to the last bit; shift may be NULL, all 0. With few
     * residuals nothing decoded is written to memory; with many, a few columns and rows at a time
     * are unpacked into cache. */
    void (*stored_product[RI_STORAGE_COUNT])(const void *const *column, const double *shift,
                                             int64_t columns, const double *r, int64_t ldr,
                                             int64_t residuals, int64_t n, double *c, int64_t ldc);

    /* The same for the squares of what decode makes of dense columns. */
    void (*stored_squares[RI_DENSE_COUNT])(const void *const *column, const double *shift,
                                           int64_t columns, const double *r, int64_t ldr,
                                           int64_t residuals, int64_t n, double *c, int64_t ldc);

    /* axpy_many of columns as stored: decode of column[k] with shift[k] (NULL: all 0) is x[k]. */
    void (*stored_axpy[RI_STORAGE_COUNT])(const void *const *column, const double *shift,
                                          const double *s, int64_t count, double *y, int64_t n);

    /* c[k] = dot(x[k], r); and axpy_many, both to the last bit. */
    void (*tabled_product)(const ri_tabled *const *x, int64_t count, const double *r, int64_t n,
                           double *c);
    void (*tabled_axpy)(const ri_tabled *const *x, const double *s, int64_t count, double *y,
                        int64_t n);

    /* Applies `rotations` plane rotations one after another to vector v against x[q]:
     *   t = c[q] * v + s[q] * x[q];  x[q] = c[q] * x[q] - s[q] * v;  v = t
     * for each element (products rounded once inside fma: t = fma(c, v, s*x), x = fma(c, x,
     * -(s*v))). */
    void (*rotate)(double *v, double *const *x, const double *c, const double *s, int64_t rotations,
                   int64_t n);

    /* The same for vectors of floats: doubles inside, each rounded where all rotations, at most 8,
     * are done. */
    void (*rotate_single)(float *v, float *const *x, const double *c, const double *s,
                          int64_t rotations, int64_t n);

    /* Rows [from, from + rows) of a packed2 column, less 1, as words of signs, missing ones 0; and
     * which of them are not missing. `from` is a multiple of 64. Rows past the end are neither. */
    void (*genotype_signs)(const void *column, int64_t from, int64_t rows, uint64_t *some,
                           uint64_t *less, uint64_t *called);

    /* c[i + k * ldc] += the sum of products of columns i of a and k of b over their first `words`
     * words. */
    void (*sign_products)(const ri_signs *a, const ri_signs *b, int64_t words, int64_t *c,
                          int64_t ldc);

    /* c[a + b * ldc] = the sum over rows of genotypes 0, 1 and 2 of a packed2 column, missing ones
     * 0, times whole numbers. */
    void (*digit_products)(const void *const *column, int64_t columns, const ri_digits *r,
                           int64_t n, int64_t *c, int64_t ldc);
} ri_kernel;

extern const ri_kernel ri_kernel_plain;

/* The table for this processor, chosen once. RIATA_SIMD=plain|avx2|avx512 forces one; where it
 * names an unknown one or one that this processor lacks, ri_kernel_check says so (call it once at
 * the start of a program) and the choice falls back to the best available. */
const ri_kernel *ri_kernel_get(void);
RI_MUST_USE ri_status ri_kernel_check(ri_error *err);

/* All tables that this processor can run, plain first; returns their number (at most 3). */
int ri_kernel_all(const ri_kernel *table[3]);

/* Row indices of the missing values of a stored column, ascending; `index` has room for n.
 * Returns their number. */
int64_t ri_missing_rows(ri_storage storage, const void *column, int64_t n, int32_t *index);

/* One element: its value, or NaN where missing. */
double ri_element(ri_storage storage, const void *column, int64_t i);

#endif
