/* SPDX-License-Identifier: BSD-3-Clause
 * NumPy's .npy: a header that says type, order and shape, and the numbers behind it. */
#ifndef RI_DATA_NPY_H
#define RI_DATA_NPY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/status.h"

typedef struct ri_npy {
    const char *path; /* as given; must stay valid */
    FILE *file;
    char kind; /* 'f', 'i', 'u', or 'b' for truth values */
    int size;  /* bytes of a number */
    bool fortran;
    int rank;        /* 1 or 2 */
    int64_t dims[2]; /* 1 where the rank ends */
    int64_t start;   /* of the numbers */
} ri_npy;

/* The file must be as long as its header says. */
RI_MUST_USE ri_status ri_npy_open(const char *path, ri_npy *out, ri_error *err);
void ri_npy_close(ri_npy *npy); /* accepts an all-zero one */

/* Numbers [from, from + count) in file order. 64-bit integers beyond 2^53 are refused. */
RI_MUST_USE ri_status ri_npy_read(ri_npy *npy, int64_t from, int64_t count, double *out,
                                  ri_error *err);

#endif
