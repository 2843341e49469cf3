/* SPDX-License-Identifier: BSD-3-Clause
 * X in memory: column-major, in its stored type. A view; whoever made the memory frees it. */
#ifndef RI_DATA_MATRIX_H
#define RI_DATA_MATRIX_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

typedef struct ri_matrix {
    ri_storage storage;
    int64_t n;          /* samples (rows) */
    int64_t p;          /* features (columns) */
    size_t stride;      /* bytes from one column to the next, >= ri_storage_bytes(storage, n) */
    const void *values; /* p columns */
} ri_matrix;

static inline const void *ri_matrix_column(const ri_matrix *x, int64_t j) {
    return (const char *)x->values + (size_t)j * x->stride;
}

#endif
